"""A change says which kinds of matches it is in, and a check keeps what only registers change."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    """Apply: of changes that no check has looked at yet nobody knows, so that all rules judge."""
    op.execute("UPDATE institution_state SET touched = 31 WHERE touched <> 0")
    op.add_column("institution_state", sa.Column("kept", sa.JSON(), nullable=True))
    with op.batch_alter_table("institution_state") as batch:
        batch.alter_column("touched", existing_type=sa.Integer(), server_default="31")
