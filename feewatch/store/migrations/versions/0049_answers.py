"""Clues have a day by which they are to be answered, and an answer that may leave the office."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Apply."""
    op.add_column("clue", sa.Column("due_on", sa.BigInteger(), nullable=True))
    op.add_column("clue_event", sa.Column("answer", sa.Text(), nullable=True))
