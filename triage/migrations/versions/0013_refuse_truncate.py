"""Refuse TRUNCATE of the audit trail on PostgreSQL, where it fires no trigger of rows. SQLite has no TRUNCATE."""

from alembic import op

revision = "0013"
down_revision = "0012"

NEVER_EMPTIED = ("audit_events", "audit_links", "audit_cuts")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION audit_is_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the audit trail is append only'; END $$"
    )
    for table in NEVER_EMPTIED:
        op.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_never_emptied()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in NEVER_EMPTIED:
        op.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")
    op.execute("DROP FUNCTION audit_is_never_emptied()")
