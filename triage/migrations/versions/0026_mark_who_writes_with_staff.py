"""Add people.staff_wrote_at and callback_requests.wrote_at: the line stands back while staff write with a person."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("people", sa.Column("staff_wrote_at", sa.DateTime(timezone=True)))
    op.add_column("callback_requests", sa.Column("wrote_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("callback_requests", "wrote_at")
    op.drop_column("people", "staff_wrote_at")
