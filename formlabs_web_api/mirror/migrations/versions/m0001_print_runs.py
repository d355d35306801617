"""Create the print runs and the state of their synchronization."""

import sqlalchemy as sa
from alembic import op

from formlabs_web_api.mirror.schema import UtcDateTime, json_type

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "print_runs",
        sa.Column("guid", sa.Text, primary_key=True, comment="Key of the print run"),
        sa.Column("name", sa.Text, comment="Name of the print job"),
        sa.Column("printer", sa.Text, comment="Serial of the printer"),
        sa.Column("status", sa.Text, comment="Status as the service names it"),
        sa.Column("outcome", sa.Text, comment="Derived from status and rating"),
        sa.Column("created_at", UtcDateTime, comment="When the service recorded it, UTC"),
        sa.Column("print_started_at", UtcDateTime, comment="Start, UTC"),
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
        sa.Column("raw", json_type(), comment="Received JSON without e-mails and signed addresses"),
        sa.Column(
            "content_hash", sa.Text, nullable=False, comment="BLAKE2b of the content, 128 bits"
        ),
        sa.Column("is_open", sa.Boolean, nullable=False, comment="Whether it may still go on"),
        sa.Column("first_seen_at", UtcDateTime, nullable=False, comment="First read, UTC"),
        sa.Column("changed_at", UtcDateTime, nullable=False, comment="Last change seen, UTC"),
        sa.Column("deleted_at", UtcDateTime, comment="When a full pass no longer found it, UTC"),
        sa.Column("seen_in", sa.BigInteger, comment="Number of the last full pass that read it"),
    )
    op.create_index("ix_print_runs_printer", "print_runs", ["printer"])
    op.create_index("ix_print_runs_created_at", "print_runs", ["created_at"])
    op.create_index("ix_print_runs_print_started_at", "print_runs", ["print_started_at"])
    op.create_table(
        "mirror_state",
        sa.Column("stream", sa.Text, primary_key=True, comment="Name of the table that is filled"),
        sa.Column("account", sa.Text, comment="The account whose rows these are"),
        sa.Column("covered_until", UtcDateTime, comment="Every row up to then was read, UTC"),
        sa.Column("deep_at", UtcDateTime, comment="When the whole look-back was last read, UTC"),
        sa.Column(
            "pass_started_at", UtcDateTime, comment="Start of the pass that is not done, UTC"
        ),
        sa.Column("pass_floor", UtcDateTime, comment="How far back that pass reads, UTC"),
        sa.Column(
            "pass_is_deep", sa.Boolean, comment="Whether that pass reads the whole look-back"
        ),
        sa.Column("next_page", sa.Integer, comment="Page at which that pass goes on"),
        sa.Column("full_number", sa.BigInteger, nullable=False, comment="Count of full passes"),
        sa.Column("full_at", UtcDateTime, comment="Start of the last complete full pass, UTC"),
    )
