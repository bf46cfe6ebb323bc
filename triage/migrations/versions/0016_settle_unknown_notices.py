"""Add notices.look_at and looks: when the provider is asked next whether a text went out, how often it was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("notices", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notices", sa.Column("looks", sa.Integer(), server_default=sa.text("0"), nullable=False))
    asked = sa.text("look_at IS NOT NULL")
    op.create_index(
        "ix_notices_look_at", "notices", ["look_at"], unique=False, sqlite_where=asked, postgresql_where=asked
    )


def downgrade() -> None:
    op.drop_index("ix_notices_look_at", "notices")
    op.drop_column("notices", "looks")
    op.drop_column("notices", "look_at")
