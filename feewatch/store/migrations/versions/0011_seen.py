"""What was on record when an institution was last checked, so that a check knows what came since."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply; who was checked before has seen nothing yet, and is told of no ending of its past."""
    op.add_column("institution_state", sa.Column("seen", sa.JSON(), nullable=True))
