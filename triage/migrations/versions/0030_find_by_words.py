"""Add search_words, by which names and last digits are found, and searches, so that a search has an address."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column(
        "callback_requests", sa.Column("to_index", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    waits = sa.text("to_index")
    op.create_index(
        "ix_callback_requests_to_index", "callback_requests", ["id"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "search_words",
        sa.Column("word_hash", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["callback_requests.id"], name="fk_search_words_request_id"),
        sa.PrimaryKeyConstraint("word_hash", "request_id", name="pk_search_words"),
    )
    op.create_index("ix_search_words_request_id", "search_words", ["request_id"])
    op.create_table(
        "searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_searches_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_searches"),
    )
    op.create_index("ix_searches_made_at", "searches", ["made_at"])


def downgrade() -> None:
    op.drop_table("searches")
    op.drop_table("search_words")
    op.drop_index("ix_callback_requests_to_index", "callback_requests")
    op.drop_column("callback_requests", "to_index")
