"""Index what is purged by age, so that no whole table of encrypted words is read for it."""

from alembic import op

revision = "0012"
down_revision = "0011"

BY_AGE = {"messages": "created_at", "notices": "created_at", "recordings": "created_at", "calls": "started_at"}


def upgrade() -> None:
    for table, column in BY_AGE.items():
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def downgrade() -> None:
    for table, column in BY_AGE.items():
        op.drop_index(f"ix_{table}_{column}", table)
