"""the lease has a number and a beat; what jobs a scheduler knows; pauses of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Apply."""
    op.add_column("lease", sa.Column("number", sa.Integer(), server_default="0", nullable=False))
    op.add_column("lease", sa.Column("held_since", sa.String(length=32), nullable=True))
    op.add_column("lease", sa.Column("beat_at", sa.String(length=32), nullable=True))
    op.create_table(
        "scheduled_job",
        sa.Column("job", sa.String(length=24), nullable=False),
        sa.Column("line", sa.String(length=120), nullable=False),
        sa.Column("known_since", sa.String(length=32), nullable=False),
        sa.Column("beat_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_scheduled_job")),
    )
    op.create_table(
        "scheduler_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=24), nullable=False),
        sa.Column("begun_at", sa.String(length=32), nullable=False),
        sa.Column("begun_by", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduler_pause")),
    )
