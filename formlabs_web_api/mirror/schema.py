"""Tables of a mirror, as the present version of the package writes and reads them.

The columns of the tables are described in ``docs/guides/mirror.md``; the comment of each column is
stored in PostgreSQL too.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A time in UTC: ``timestamptz`` in PostgreSQL; in SQLite a text, since it has no zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Optional[datetime], dialect: Any) -> Optional[datetime]:
        if value is None:
            return None
        value = value.astimezone(timezone.utc)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: Optional[datetime], dialect: object
    ) -> Optional[datetime]:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value.astimezone(timezone.utc)


def json_type() -> sa.types.TypeEngine[Any]:
    """Return the type of received JSON: ``jsonb`` in PostgreSQL, a text in SQLite."""
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(), "postgresql")


METADATA = sa.MetaData()
RAW = "Received JSON without e-mails and signed addresses"


def _table(name: str, *columns: sa.Column[Any], is_paged: bool = False) -> sa.Table:
    """Return a table of rows of the service, with the columns that the mirror keeps of each."""
    kept = [
        sa.Column("raw", json_type(), comment=RAW),
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
    return sa.Table(name, METADATA, *columns, *kept)


PRINT_RUNS = sa.Table(
    "print_runs",
    METADATA,
    sa.Column("guid", sa.Text, primary_key=True, comment="Key of the print run"),
    sa.Column("name", sa.Text, comment="Name of the print job"),
    sa.Column("printer", sa.Text, index=True, comment="Serial of the printer"),
    sa.Column("status", sa.Text, comment="Status as the service names it"),
    sa.Column("outcome", sa.Text, comment="Derived from status and rating"),
    sa.Column("created_at", UtcDateTime, index=True, comment="When the service recorded it, UTC"),
    sa.Column("print_started_at", UtcDateTime, index=True, comment="Start, UTC"),
    sa.Column("ended_at", UtcDateTime, comment="End, UTC; see ended_at_source"),
    sa.Column("ended_at_source", sa.Text, comment="reported, estimated, rated or unknown"),
    sa.Column("duration_s", sa.Float, comment="From start to ended_at, seconds"),
    sa.Column("progress", sa.Float, comment="Share of the layers printed, 0 to 1"),
    sa.Column("layer_count", sa.Integer, comment="Layers of the print"),
    sa.Column("currently_printing_layer", sa.Integer, comment="Layer last reported"),
    sa.Column("layer_thickness_mm", sa.Float, comment="Millimetres"),
    sa.Column("estimated_duration_ms", sa.BigInteger, comment="Milliseconds"),
    sa.Column("elapsed_duration_ms", sa.BigInteger, comment="Milliseconds at the last report"),
    sa.Column("volume_ml", sa.Float, comment="Volume as received, millilitres"),
    sa.Column("used_ml", sa.Float, comment="Volume times progress, millilitres, once it ended"),
    sa.Column("material", sa.Text, comment="Code of the material"),
    sa.Column("material_name", sa.Text, comment="Name of the material"),
    sa.Column("cartridge", sa.Text, comment="Serial of the cartridge"),
    sa.Column("front_cartridge", sa.Text, comment="Serial of the front cartridge"),
    sa.Column("back_cartridge", sa.Text, comment="Serial of the back cartridge"),
    sa.Column("tank", sa.Text, comment="Serial of the tank"),
    sa.Column("cylinder", sa.Text, comment="Serial of the cylinder"),
    sa.Column("rating", sa.Text, comment="SUCCESS, FAILURE or UNKNOWN as rated"),
    sa.Column("rated_at", UtcDateTime, comment="When it was rated, UTC"),
    sa.Column("raw", json_type(), comment=RAW),
    sa.Column("content_hash", sa.Text, nullable=False, comment="BLAKE2b of the content, 128 bits"),
    sa.Column("is_open", sa.Boolean, nullable=False, comment="Whether it may still go on"),
    sa.Column("first_seen_at", UtcDateTime, nullable=False, comment="First read, UTC"),
    sa.Column("changed_at", UtcDateTime, nullable=False, comment="Last change seen, UTC"),
    sa.Column("deleted_at", UtcDateTime, comment="When a full pass no longer found it, UTC"),
    sa.Column("seen_in", sa.BigInteger, comment="Number of the last full pass that read it"),
)
"""Each print run once, by guid."""

PARTS = sa.Table(
    "parts",
    METADATA,
    sa.Column("print_run", sa.Text, primary_key=True, comment="Guid of the print run"),
    sa.Column("position", sa.Integer, primary_key=True, comment="Place in the list, from 0"),
    sa.Column("guid", sa.Text, comment="Guid of the part"),
    sa.Column("display_name", sa.Text, comment="Name shown to people"),
    sa.Column("name", sa.Text, comment="Name of the file"),
    sa.Column("volume_ml", sa.Float, comment="Millilitres"),
    sa.Column("start_layer", sa.Integer, comment="First layer, from 0"),
    sa.Column("end_layer", sa.Integer, comment="Last layer"),
)
"""The parts of each print run, replaced when the print run changes."""

EVENTS = _table(
    "events",
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False, comment="Key"),
    sa.Column("created_at", UtcDateTime, index=True, comment="When it happened, UTC"),
    sa.Column("type", sa.Text, comment="Code of the kind"),
    sa.Column("type_label", sa.Text, comment="Name of the kind"),
    sa.Column("action", sa.Text, comment="What a person can do"),
    sa.Column("message", sa.Text, comment="Text of the service"),
    sa.Column("was_read", sa.Boolean, comment="Whether somebody opened it"),
    sa.Column("printer", sa.Text, index=True, comment="Serial of the printer"),
    sa.Column("print_run", sa.Text, comment="Guid of the print run"),
    sa.Column("tank", sa.Text, comment="Serial of the tank"),
    sa.Column("cartridge", sa.Text, comment="Serial of the cartridge"),
    sa.Column("group_id", sa.Text, comment="Id of the group"),
    is_paged=True,
)
"""Each event once, by id."""

PRINTERS = _table(
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
"""Each printer once, by serial, as it was at the last sync."""

PRINTER_SAMPLES = sa.Table(
    "printer_samples",
    METADATA,
    sa.Column("printer", sa.Text, primary_key=True, comment="Serial of the printer"),
    sa.Column("at", UtcDateTime, primary_key=True, comment="First seen like this, UTC"),
    sa.Column("seen_until", UtcDateTime, nullable=False, comment="Last seen like this, UTC"),
    sa.Column("status", sa.Text, comment="Status as the service names it"),
    sa.Column("state", sa.Text, comment="Derived from status, ping and print"),
    sa.Column("is_online", sa.Boolean, comment="Whether it pinged shortly before"),
    sa.Column("print_run", sa.Text, comment="Guid of the current print run"),
)
"""What each printer was seen to do: a row for each time without a change and without a gap."""

TANKS = _table(
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
"""Each resin tank once, by serial."""

CARTRIDGES = _table(
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
"""Each resin cartridge once, by serial."""

GROUPS = _table(
    "groups",
    sa.Column("id", sa.Text, primary_key=True, comment="Key"),
    sa.Column("name", sa.Text, comment="Name"),
    sa.Column("created_at", UtcDateTime, comment="UTC"),
    sa.Column("remote_print_enabled_override", sa.Boolean, comment="As received"),
    sa.Column("has_fleet_control", sa.Boolean, comment="As received"),
    sa.Column("printer_count", sa.Integer, comment="Printers in it"),
)
"""Each printer group once, by id."""

GROUP_MEMBERS = _table(
    "group_members",
    sa.Column("group_id", sa.Text, primary_key=True, comment="Id of the group"),
    sa.Column("user_id", sa.Text, primary_key=True, comment="Id of the member"),
    sa.Column("email", sa.Text, comment="E-mail"),
    sa.Column("first_name", sa.Text, comment="First name"),
    sa.Column("last_name", sa.Text, comment="Last name"),
    sa.Column("is_admin", sa.Boolean, comment="Whether an administrator of the group"),
)
"""Each member of each group."""

GROUP_INVITATIONS = _table(
    "group_invitations",
    sa.Column("group_id", sa.Text, primary_key=True, comment="Id of the group"),
    sa.Column("email", sa.Text, primary_key=True, comment="E-mail"),
    sa.Column("is_admin", sa.Boolean, comment="Whether invited as an administrator"),
)
"""Each open invitation to each group."""

QUEUE_ITEMS = _table(
    "queue_items",
    sa.Column("id", sa.Text, primary_key=True, comment="Key"),
    sa.Column("group_id", sa.Text, index=True, comment="Id of the group"),
    sa.Column("name", sa.Text, comment="Name of the job"),
    sa.Column("material_name", sa.Text, comment="Name of the material"),
    sa.Column("volume_ml", sa.Float, comment="Millilitres"),
    sa.Column("created_at", UtcDateTime, comment="When it was queued, UTC"),
    sa.Column("estimated_duration_ms", sa.BigInteger, comment="Milliseconds"),
)
"""Each job seen in a queue; it left the queue shortly before ``deleted_at``."""

TIMES = {
    PRINT_RUNS.name: ("created_at", "print_started_at"),
    EVENTS.name: ("created_at",),
}
"""Columns of times; the newest of them decides how far back a row lies."""

MIRROR_STATE = sa.Table(
    "mirror_state",
    METADATA,
    sa.Column("stream", sa.Text, primary_key=True, comment="Name of the table that is filled"),
    sa.Column("account", sa.Text, comment="The account whose rows these are"),
    sa.Column("covered_until", UtcDateTime, comment="Every row up to then was read, UTC"),
    sa.Column("deep_at", UtcDateTime, comment="When the whole look-back was last read, UTC"),
    sa.Column("pass_started_at", UtcDateTime, comment="Start of the pass that is not done, UTC"),
    sa.Column("pass_floor", UtcDateTime, comment="How far back that pass reads, UTC"),
    sa.Column("pass_is_deep", sa.Boolean, comment="Whether that pass reads the whole look-back"),
    sa.Column("next_page", sa.Integer, comment="Page at which that pass goes on"),
    sa.Column("full_number", sa.BigInteger, nullable=False, comment="Count of full passes"),
    sa.Column("full_at", UtcDateTime, comment="Start of the last complete full pass, UTC"),
    sa.Column("full_started_at", UtcDateTime, comment="Start of a full pass that is not done, UTC"),
    sa.Column("full_page", sa.Integer, comment="Page at which that full pass goes on"),
    sa.Column("full_count", sa.BigInteger, comment="Rows listed when that page was due"),
)
"""How far each stream was read; written in the transaction of the rows."""
