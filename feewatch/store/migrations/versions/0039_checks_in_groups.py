"""Checks that are at work or broke off; how often the data of each institution changed."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Apply; every check on record so far was written whole."""
    op.add_column(
        "check_run",
        sa.Column("is_unfinished", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("check_run", sa.Column("left_out", sa.JSON(), nullable=True))
    op.add_column(
        "institution_state",
        sa.Column("changes", sa.Integer(), nullable=False, server_default="0"),
    )
