"""Add crisis_ends and callback_requests.spoken_at: a crisis ends without being closed, and is red only till a talk."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("callback_requests", sa.Column("spoken_at", sa.DateTime(timezone=True)))
    op.create_table(
        "crisis_ends",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["callback_requests.id"], name="fk_crisis_ends_request_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_crisis_ends_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_crisis_ends"),
    )
    op.create_index("ix_crisis_ends_request_id", "crisis_ends", ["request_id"])


def downgrade() -> None:
    op.drop_table("crisis_ends")
    op.drop_column("callback_requests", "spoken_at")
