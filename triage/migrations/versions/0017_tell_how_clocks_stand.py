"""Each clock tells when its jobs ended well last, and how far its wall clock is away."""

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
