"""Entry point that Alembic runs: apply the migrations on the connection handed over."""

from alembic import context

from formlabs_web_api.mirror.database import VERSION_TABLE
from formlabs_web_api.mirror.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
