"""Index the messages that still have words: their keys outlive them, and retention reads none of those again."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_index(
        "ix_messages_with_words",
        "messages",
        ["created_at"],
        sqlite_where=sa.text("length(body) > 0"),
        postgresql_where=sa.text("length(body) > 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_with_words", "messages")
