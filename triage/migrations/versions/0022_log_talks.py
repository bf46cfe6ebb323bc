"""Add attempts.leg_id and awaits_outcome: a talk that the line saw, whose outcome is told later."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("leg_id", sa.Integer(), nullable=True))
    op.add_column(
        "attempts", sa.Column("awaits_outcome", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("attempts", "awaits_outcome")
    op.drop_column("attempts", "leg_id")
