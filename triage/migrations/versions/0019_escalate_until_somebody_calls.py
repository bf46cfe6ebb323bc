"""Add what escalation remembers: uncalled crises, phones of staff that refuse, what was told outside, and pace."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("callback_requests", sa.Column("uncalled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff", sa.Column("alerts_refused", sa.String(20), nullable=True))
    op.add_column("staff", sa.Column("alerts_refused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "told_outside",
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("about", name="pk_told_outside"),
    )
    op.create_table(
        "senders",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_senders"),
    )


def downgrade() -> None:
    op.drop_table("senders")
    op.drop_table("told_outside")
    op.drop_column("staff", "alerts_refused_at")
    op.drop_column("staff", "alerts_refused")
    op.drop_column("callback_requests", "uncalled_at")
