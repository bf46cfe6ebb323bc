"""Alembic runs this; the database comes from `triage.migrations`."""

from alembic import context

from triage.store.tables import metadata

with context.config.attributes["database"].write() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
    )
    with context.begin_transaction():
        context.run_migrations()
