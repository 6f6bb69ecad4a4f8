"""answers of banks about some days of a statement."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply."""
    for name in ("answered_from", "answered_to"):
        op.add_column("confirmation_item", sa.Column(name, sa.BigInteger(), nullable=True))
    # so far an answer was about all that was asked
    op.execute(
        "UPDATE confirmation_item SET answered_from = from_day, answered_to = to_day "
        "WHERE status <> 'asked'"
    )
