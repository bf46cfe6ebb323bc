"""Link audit_events into a hash chain, and refuse every change to them on both databases.

Deleting is allowed only up to the newest cut, for what has had its time. A later migration that rebuilds one of these
tables (SQLite does for some changes) has to make its triggers again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NEVER_CHANGED = ("audit_events", "audit_links", "audit_cuts")
# What a delete may take: the condition that still holds for a row that has to stay.
KEPT = {
    "audit_events": "NOT EXISTS (SELECT 1 FROM audit_links AS l JOIN audit_cuts AS c ON l.position <= c.position "
    "WHERE l.event_id = OLD.id)",
    "audit_links": "NOT EXISTS (SELECT 1 FROM audit_cuts AS c WHERE c.position >= OLD.position)",
    "audit_cuts": "NOT EXISTS (SELECT 1 FROM audit_cuts AS c WHERE c.position > OLD.position)",
}


def upgrade() -> None:
    op.create_table(
        "audit_links",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_links"),
        sa.UniqueConstraint("event_id", name="uq_audit_links_event_id"),
    )
    op.create_table(
        "audit_cuts",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_cuts"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    make = _make_postgres if op.get_bind().dialect.name == "postgresql" else _make_sqlite
    for table in NEVER_CHANGED:
        make(table)


def _make_sqlite(table: str) -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {KEPT[table]} {refuse}")


def _make_postgres(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' OR {KEPT[table]} THEN RAISE EXCEPTION 'the audit trail is append only'; END IF; "
        "RETURN OLD; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_stays()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in NEVER_CHANGED:
            op.execute(f"DROP TRIGGER {table}_stays ON {table}")
            op.execute(f"DROP FUNCTION {table}_stays()")
    else:
        for table in NEVER_CHANGED:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
    op.drop_index("ix_audit_events_at", "audit_events")
    op.drop_table("audit_cuts")
    op.drop_table("audit_links")
