"""A statement says whether it has rows of days that it does not cover."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"

_MARK = """
    UPDATE statement SET has_outside = true WHERE EXISTS (
        SELECT 1 FROM entry WHERE entry.statement_id = statement.id
        AND (entry.booked_on < statement.from_day OR entry.booked_on > statement.to_day)
    )
"""


def upgrade() -> None:
    """Apply; what is in the ledger already is gone through once."""
    mark = sa.Column("has_outside", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("statement", mark)
    op.execute(_MARK)
