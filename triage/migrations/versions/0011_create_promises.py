"""Create promises; add callback_requests.snoozed_until; index requests by when they closed and by phone."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

OPEN = sa.text("settled_at IS NULL")
CLOSED = sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=True),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("broken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["callback_requests.id"], name="fk_promises_request_id"),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name="fk_promises_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
    )
    op.create_index("ix_promises_request_id", "promises", ["request_id"], unique=False)
    # One promise at a time counts; a new one settles the one before.
    op.create_index(
        "uq_promises_one_open", "promises", ["request_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.add_column("callback_requests", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    # The open ones are not in it, or the queue would be read through it instead of through its own index.
    op.create_index(
        "ix_callback_requests_closed_at",
        "callback_requests",
        ["closed_at"],
        unique=False,
        sqlite_where=CLOSED,
        postgresql_where=CLOSED,
    )
    op.create_index("ix_callback_requests_phone_hash", "callback_requests", ["phone_hash"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_callback_requests_phone_hash", "callback_requests")
    op.drop_index("ix_callback_requests_closed_at", "callback_requests")
    op.drop_column("callback_requests", "snoozed_until")
    op.drop_table("promises")
