"""Add merges: who turned out to be one person under two phones, and which request went on as which."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kept_person_id", sa.Integer(), nullable=False),
        sa.Column("other_person_id", sa.Integer(), nullable=False),
        sa.Column("closed_other", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["callback_requests.id"], name="fk_merges_kept_id"),
        sa.ForeignKeyConstraint(["other_id"], ["callback_requests.id"], name="fk_merges_other_id"),
        sa.ForeignKeyConstraint(["kept_person_id"], ["people.id"], name="fk_merges_kept_person_id"),
        sa.ForeignKeyConstraint(["other_person_id"], ["people.id"], name="fk_merges_other_person_id"),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name="fk_merges_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
    )
    op.create_index("ix_merges_kept_person_id", "merges", ["kept_person_id"])
    op.create_index("ix_merges_other_person_id", "merges", ["other_person_id"])
    still = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_merges_one_each", "merges", ["other_id"], unique=True, sqlite_where=still, postgresql_where=still
    )


def downgrade() -> None:
    op.drop_table("merges")
