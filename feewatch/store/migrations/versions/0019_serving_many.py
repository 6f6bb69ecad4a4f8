"""one act by which many institutions are told."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "serving_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serving_run")),
    )
    op.create_table(
        "serving_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("serving_run_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("case_number", sa.String(length=40), nullable=True),
        sa.Column("paper_number", sa.String(length=60), nullable=True),
        sa.Column("fault", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["serving_run_id"], ["serving_run.id"], name=op.f("fk_serving_item_serving_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_serving_item_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serving_item")),
    )
    op.create_index(
        "ix_serving_item_serving_run_id_status", "serving_item", ["serving_run_id", "status"]
    )
