"""Add once_marks: a form of the console that is sent several times is taken once."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "once_marks",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_once_marks"),
    )
    op.create_index("ix_once_marks_at", "once_marks", ["at"])


def downgrade() -> None:
    op.drop_table("once_marks")
