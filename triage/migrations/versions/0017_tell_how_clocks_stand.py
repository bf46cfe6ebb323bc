"""Add clocks.ended_at and away_s: when each job last ended without an error, how far the wall clock was set."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("clocks", sa.Column("ended_at", sa.JSON(), nullable=True))
    op.add_column("clocks", sa.Column("away_s", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.drop_column("clocks", "away_s")
    op.drop_column("clocks", "ended_at")
