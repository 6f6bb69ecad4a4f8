"""where each institution stood when the office was last checked."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "cover_standing",
        sa.Column("institution_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("check_run_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("standing", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("institution_id", name=op.f("pk_cover_standing")),
    )
    op.create_index(op.f("ix_cover_standing_district"), "cover_standing", ["district"])
