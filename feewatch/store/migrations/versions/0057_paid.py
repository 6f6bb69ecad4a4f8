"""What was paid and paid back by each institution is read from an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    """Apply; SQLite has to count what is indexed anew, and without that would choose badly."""
    is_paid = sa.text("kind IN ('receipt', 'refund') AND merged_into IS NULL")
    columns = ["institution_id", "booked_on", "kind", "amount_fen", "matched_fen", "merged_into"]
    op.create_index(
        "ix_entry_paid", "entry", columns, sqlite_where=is_paid, postgresql_where=is_paid
    )
    if sa.inspect(op.get_bind()).has_table("sqlite_stat1"):
        op.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'entry'")
