"""Log-ins that somebody else reset are held for a day."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Apply; what was reset before is held no more."""
    op.add_column("app_user", sa.Column("held_until", sa.String(length=32), nullable=True))
    op.add_column("app_user", sa.Column("held_by", sa.String(length=60), nullable=True))
