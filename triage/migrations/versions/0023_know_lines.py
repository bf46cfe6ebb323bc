"""Add people.line_type and line_type_until: what the carrier says a number is, and how long that is taken for known."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("people", sa.Column("line_type", sa.String(length=20), nullable=True))
    op.add_column("people", sa.Column("line_type_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "line_type_until")
    op.drop_column("people", "line_type")
