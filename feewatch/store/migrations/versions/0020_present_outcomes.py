"""What the latest check says of each alert, and to which day statements were undertaken."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Apply; until the next check an alert stands unless it ended."""
    op.add_column(
        "alert",
        sa.Column("present", sa.String(length=12), nullable=False, server_default="breach"),
    )
    op.execute("UPDATE alert SET present = 'over' WHERE recovered_on IS NOT NULL")
    op.execute("UPDATE alert SET present = 'undetermined' WHERE held_on IS NOT NULL")
    op.add_column("undertaking_item", sa.Column("covers_to", sa.BigInteger(), nullable=True))
