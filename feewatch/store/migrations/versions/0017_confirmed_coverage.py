"""an officer's word on the days for which an institution declares a register whole."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "coverage_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=12), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("to_day", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_coverage_confirmation_institution_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_confirmation")),
    )
    op.create_index(
        op.f("ix_coverage_confirmation_institution_id"),
        "coverage_confirmation",
        ["institution_id"],
    )
