"""Add callback_requests.alarmed_at: a crisis waits since its words of danger, not since the first text."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("callback_requests", sa.Column("alarmed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("callback_requests", "alarmed_at")
