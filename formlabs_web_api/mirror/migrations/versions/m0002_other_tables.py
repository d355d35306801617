"""Create the tables of everything but print runs, and the position of a full pass."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from formlabs_web_api.mirror.schema import UtcDateTime, json_type

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    _create_parts()
    _create_events()
    _create_printers()
    _create_consumables()
    _create_groups()
    for column in (
        sa.Column(
            "full_started_at", UtcDateTime, comment="Start of a full pass that is not done, UTC"
        ),
        sa.Column("full_page", sa.Integer, comment="Page at which that full pass goes on"),
        sa.Column("full_count", sa.BigInteger, comment="Rows listed when that page was due"),
    ):
        op.add_column("mirror_state", column)


def _create(name: str, *columns: "sa.Column[Any]", is_paged: bool = False) -> None:
    raw = "Received JSON without e-mails and signed addresses"
    kept = [
        sa.Column("raw", json_type(), comment=raw),
        sa.Column(
            "content_hash", sa.Text, nullable=False, comment="BLAKE2b of the content, 128 bits"
        ),
        sa.Column("first_seen_at", UtcDateTime, nullable=False, comment="First read, UTC"),
        sa.Column("changed_at", UtcDateTime, nullable=False, comment="Last change seen, UTC"),
        sa.Column("deleted_at", UtcDateTime, comment="When it was no longer listed, UTC"),
    ]
    if is_paged:
        seen_in = "Number of the last full pass that read it"
        kept.append(sa.Column("seen_in", sa.BigInteger, comment=seen_in))
    op.create_table(name, *columns, *kept)


def _create_parts() -> None:
    op.create_table(
        "parts",
        sa.Column("print_run", sa.Text, primary_key=True, comment="Guid of the print run"),
        sa.Column("position", sa.Integer, primary_key=True, comment="Place in the list, from 0"),
        sa.Column("guid", sa.Text, comment="Guid of the part"),
        sa.Column("display_name", sa.Text, comment="Name shown to people"),
        sa.Column("name", sa.Text, comment="Name of the file"),
        sa.Column("volume_ml", sa.Float, comment="Millilitres"),
        sa.Column("start_layer", sa.Integer, comment="First layer, from 0"),
        sa.Column("end_layer", sa.Integer, comment="Last layer"),
    )


def _create_events() -> None:
    _create(
        "events",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False, comment="Key"),
        sa.Column("created_at", UtcDateTime, comment="When it happened, UTC"),
        sa.Column("type", sa.Text, comment="Code of the kind"),
        sa.Column("type_label", sa.Text, comment="Name of the kind"),
        sa.Column("action", sa.Text, comment="What a person can do"),
        sa.Column("message", sa.Text, comment="Text of the service"),
        sa.Column("was_read", sa.Boolean, comment="Whether somebody opened it"),
        sa.Column("printer", sa.Text, comment="Serial of the printer"),
        sa.Column("print_run", sa.Text, comment="Guid of the print run"),
        sa.Column("tank", sa.Text, comment="Serial of the tank"),
        sa.Column("cartridge", sa.Text, comment="Serial of the cartridge"),
        sa.Column("group_id", sa.Text, comment="Id of the group"),
        is_paged=True,
    )
    op.create_index("ix_events_created_at", "events", ["created_at"])
    op.create_index("ix_events_printer", "events", ["printer"])


def _create_printers() -> None:
    _create(
        "printers",
        sa.Column("serial", sa.Text, primary_key=True, comment="Serial"),
        sa.Column("alias", sa.Text, comment="Name; many printers have none"),
        sa.Column("model_name", sa.Text, comment="Name of the model"),
        sa.Column("machine_type_id", sa.Text, comment="Code of the model"),
        sa.Column("group_id", sa.Text, comment="Id of the group"),
        sa.Column("location", sa.Text, comment="Location as entered"),
        sa.Column("firmware_version", sa.Text, comment="Version"),
        sa.Column("status", sa.Text, comment="Status as the service names it"),
        sa.Column("state", sa.Text, comment="Derived from status, ping and print"),
        sa.Column("is_online", sa.Boolean, comment="Whether it pinged shortly before"),
        sa.Column("last_pinged_at", UtcDateTime, comment="Last contact, UTC; no change by itself"),
        sa.Column("print_run", sa.Text, comment="Guid of the current print run"),
        sa.Column("ready_to_print", sa.Text, comment="As received"),
        sa.Column("build_platform_contents", sa.Text, comment="As received"),
        sa.Column("temperature_c", sa.Float, comment="Degrees Celsius; no change by itself"),
        sa.Column("tank", sa.Text, comment="Serial of the tank inside"),
        sa.Column("remaining_ml", sa.Float, comment="Millilitres in all its cartridges"),
    )
    op.create_table(
        "printer_samples",
        sa.Column("printer", sa.Text, primary_key=True, comment="Serial of the printer"),
        sa.Column("at", UtcDateTime, primary_key=True, comment="First seen like this, UTC"),
        sa.Column("seen_until", UtcDateTime, nullable=False, comment="Last seen like this, UTC"),
        sa.Column("status", sa.Text, comment="Status as the service names it"),
        sa.Column("state", sa.Text, comment="Derived from status, ping and print"),
        sa.Column("is_online", sa.Boolean, comment="Whether it pinged shortly before"),
        sa.Column("print_run", sa.Text, comment="Guid of the current print run"),
    )


def _create_consumables() -> None:
    _create(
        "tanks",
        sa.Column("serial", sa.Text, primary_key=True, comment="Serial"),
        sa.Column("display_name", sa.Text, comment="Name as entered"),
        sa.Column("material", sa.Text, comment="Code of the material"),
        sa.Column("material_name", sa.Text, comment="Name of the material"),
        sa.Column("tank_type", sa.Text, comment="Type"),
        sa.Column("inside_printer", sa.Text, comment="Serial of the printer it is in"),
        sa.Column("group_id", sa.Text, comment="Id of the connected group"),
        sa.Column("layers", sa.Integer, comment="Layers printed with it"),
        sa.Column("print_time_s", sa.Float, comment="Time printed with it, seconds"),
        sa.Column("first_fill_date", UtcDateTime, comment="UTC"),
        sa.Column("last_print_date", UtcDateTime, comment="UTC"),
        sa.Column("created_at", UtcDateTime, comment="UTC"),
        sa.Column("lot_number", sa.Text, comment="Lot"),
    )
    _create(
        "cartridges",
        sa.Column("serial", sa.Text, primary_key=True, comment="Serial"),
        sa.Column("display_name", sa.Text, comment="Name as entered"),
        sa.Column("material", sa.Text, comment="Code of the material"),
        sa.Column("material_name", sa.Text, comment="Name of the material"),
        sa.Column("consumable_type", sa.Text, comment="Type"),
        sa.Column("machine_type_id", sa.Text, comment="Code of the printers it fits"),
        sa.Column("inside_printer", sa.Text, comment="Serial of the printer it is in"),
        sa.Column("group_id", sa.Text, comment="Id of the connected group"),
        sa.Column("initial_volume_ml", sa.Float, comment="Millilitres"),
        sa.Column("volume_dispensed_ml", sa.Float, comment="Millilitres"),
        sa.Column("remaining_ml", sa.Float, comment="Millilitres left, 0 or more"),
        sa.Column("remaining_fraction", sa.Float, comment="Share left, 0 to 1"),
        sa.Column("is_empty", sa.Boolean, comment="As received"),
        sa.Column("last_print_date", UtcDateTime, comment="UTC"),
        sa.Column("created_at", UtcDateTime, comment="UTC"),
        sa.Column("lot_number", sa.Text, comment="Lot"),
    )


def _create_groups() -> None:
    _create(
        "groups",
        sa.Column("id", sa.Text, primary_key=True, comment="Key"),
        sa.Column("name", sa.Text, comment="Name"),
        sa.Column("created_at", UtcDateTime, comment="UTC"),
        sa.Column("remote_print_enabled_override", sa.Boolean, comment="As received"),
        sa.Column("has_fleet_control", sa.Boolean, comment="As received"),
        sa.Column("printer_count", sa.Integer, comment="Printers in it"),
    )
    _create(
        "group_members",
        sa.Column("group_id", sa.Text, primary_key=True, comment="Id of the group"),
        sa.Column("user_id", sa.Text, primary_key=True, comment="Id of the member"),
        sa.Column("email", sa.Text, comment="E-mail"),
        sa.Column("first_name", sa.Text, comment="First name"),
        sa.Column("last_name", sa.Text, comment="Last name"),
        sa.Column("is_admin", sa.Boolean, comment="Whether an administrator of the group"),
    )
    _create(
        "group_invitations",
        sa.Column("group_id", sa.Text, primary_key=True, comment="Id of the group"),
        sa.Column("email", sa.Text, primary_key=True, comment="E-mail"),
        sa.Column("is_admin", sa.Boolean, comment="Whether invited as an administrator"),
    )
    _create(
        "queue_items",
        sa.Column("id", sa.Text, primary_key=True, comment="Key"),
        sa.Column("group_id", sa.Text, comment="Id of the group"),
        sa.Column("name", sa.Text, comment="Name of the job"),
        sa.Column("material_name", sa.Text, comment="Name of the material"),
        sa.Column("volume_ml", sa.Float, comment="Millilitres"),
        sa.Column("created_at", UtcDateTime, comment="When it was queued, UTC"),
        sa.Column("estimated_duration_ms", sa.BigInteger, comment="Milliseconds"),
    )
    op.create_index("ix_queue_items_group_id", "queue_items", ["group_id"])
