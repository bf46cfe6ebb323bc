"""Create inbox_marks: how far the provider's lists of what came in have been read."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "inbox_marks",
        sa.Column("list", sa.String(10), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("list", name="pk_inbox_marks"),
    )


def downgrade() -> None:
    op.drop_table("inbox_marks")
