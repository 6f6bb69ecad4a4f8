"""Log-ins tried are counted in the database; a password that was reset is changed at log-in."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "log_in_attempt",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.String(length=32), nullable=True),
        sa.Column("passed_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("name", "address", name=op.f("pk_log_in_attempt")),
    )
    op.create_index(op.f("ix_log_in_attempt_address"), "log_in_attempt", ["address"])
    op.add_column(
        "app_user",
        sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
