"""A check writes only the standings that differ from those of the check before."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"

_KEPT = """
    UPDATE check_run SET has_standings = true WHERE id IN (
        SELECT check_run_id FROM cover_standing WHERE check_run_id > 0
    )
"""


def upgrade() -> None:
    """Apply; of standings of earlier checks than the last one nothing was kept."""
    mark = sa.Column("has_standings", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("check_run", mark)
    op.execute(_KEPT)
    op.drop_column("cover_standing", "as_of")
