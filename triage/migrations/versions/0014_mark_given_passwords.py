"""Add staff.password_given_out: a password that somebody else chose must be changed before anything is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column(
        "staff", sa.Column("password_given_out", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    # Whoever has changed theirs has one of their own; all others still use the one that they were given.
    op.execute(
        "UPDATE staff SET password_given_out = false WHERE id IN "
        "(SELECT staff_id FROM audit_events WHERE action = 'password_changed')"
    )


def downgrade() -> None:
    op.drop_column("staff", "password_given_out")
