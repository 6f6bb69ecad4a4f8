"""A mark that every transaction leaves which writes what pages rest on."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Apply; the first transaction that writes leaves the first mark."""
    op.create_table(
        "change_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_mark")),
    )
