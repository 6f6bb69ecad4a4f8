"""Checks of days that had not come can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Apply."""
    op.add_column("check_run", sa.Column("taken_back_at", sa.String(length=32), nullable=True))
