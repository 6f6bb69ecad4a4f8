"""三员分立: whether an office wants its administrators separate.

An office that exists has not asked for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "separation",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("asked_by", sa.String(60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.String(32), nullable=True),
        sa.Column("confirmed_by", sa.String(60), nullable=True),
        sa.Column("begun_at", sa.String(32), nullable=True),
        sa.Column("begun_by", sa.String(60), nullable=True),
    )
