"""Count the changes of each request; index the open ones, so that it is cheap to see whether the queue changed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("callback_requests", sa.Column("changes", sa.Integer(), server_default=sa.text("0"), nullable=False))
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_callback_requests_changes",
        "callback_requests",
        ["id", "changes", "closed_at"],
        unique=False,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def downgrade() -> None:
    op.drop_index("ix_callback_requests_changes", "callback_requests")
    op.drop_column("callback_requests", "changes")
