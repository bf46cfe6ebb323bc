"""Add staff.password_given_at, sessions.device and shown_again_at: first passwords run out, sessions are told apart,
and a change of the staff needs the second step again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    # Without a time a given password counts as given when its owner was added.
    op.add_column("staff", sa.Column("password_given_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sessions", sa.Column("device", sa.String(length=40), nullable=True))
    op.add_column("sessions", sa.Column("shown_again_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "shown_again_at")
    op.drop_column("sessions", "device")
    op.drop_column("staff", "password_given_at")
