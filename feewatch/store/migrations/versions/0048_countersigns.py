"""Acts that may excuse a breach wait for a second officer."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"

_WAITS = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "countersign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_countersign_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countersign")),
    )
    op.create_index(op.f("ix_countersign_institution_id"), "countersign", ["institution_id"])
    op.create_index(
        "ix_countersign_waiting",
        "countersign",
        ["kind", "object"],
        unique=True,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
