"""why subjects could not be judged, kept with the counts of a check."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "check_result", sa.Column("reasons", sa.JSON(), nullable=False, server_default="[]")
    )
