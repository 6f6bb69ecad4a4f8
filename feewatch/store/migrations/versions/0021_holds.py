"""white places on hold until an officer decides."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_RUNNING = sa.text("ended_on IS NULL")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "white_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("ended_on", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=12), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_white_hold")),
    )
    op.create_index(op.f("ix_white_hold_district"), "white_hold", ["district"])
    op.create_index(
        "ix_white_hold_running",
        "white_hold",
        ["uscc", "district"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
