"""institutions that successions tie to each other are matched together."""

from alembic import op

revision = "0016"
down_revision = "0015"

# what was matched before took the money of the institution succeeded first
_TIED = "SELECT institution_id FROM holding UNION SELECT holder_id FROM holding"


def upgrade() -> None:
    """Apply."""
    true = "1" if op.get_bind().dialect.name == "sqlite" else "TRUE"
    op.execute(
        f"UPDATE institution_state SET to_match = {true}, to_check = {true} "
        f"WHERE institution_id IN ({_TIED})"
    )
