"""What is let go at the end of its term or on request, and what was."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Apply; nothing was let go before."""
    op.create_table(
        "erasure_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_event")),
    )
    op.create_index(op.f("ix_erasure_event_mark"), "erasure_event", ["mark"])
    op.create_table(
        "erased",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased")),
    )
    op.create_index(op.f("ix_erased_mark"), "erased", ["mark"])
    op.create_index(op.f("ix_erased_name"), "erased", ["name"])
    op.add_column(
        "entry",
        sa.Column("is_erased", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
