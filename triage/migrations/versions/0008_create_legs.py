"""Create legs: the phones that we ring."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

CALLING_BACK = sa.text("purpose = 'call_back' AND ended_at IS NULL")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "legs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("dialled_by", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sid", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=True),
        sa.Column("answered_by", sa.String(length=24), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["callback_requests.id"], name="fk_legs_request_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_legs_person_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_legs_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_legs"),
        sa.UniqueConstraint("dedupe_key", name="uq_legs_dedupe_key"),
        sa.UniqueConstraint("sid", name="uq_legs_sid"),
    )
    for column in ("request_id", "person_id", "dialled_by"):
        op.create_index(f"ix_legs_{column}", "legs", [column], unique=False)
    op.create_index(
        "uq_legs_calling_back",
        "legs",
        ["person_id"],
        unique=True,
        sqlite_where=CALLING_BACK,
        postgresql_where=CALLING_BACK,
    )
    op.create_index("ix_legs_open", "legs", ["state", "due_at"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table("legs")
