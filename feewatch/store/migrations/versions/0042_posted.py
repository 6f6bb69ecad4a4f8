"""What public pages say of the latest edition of each district."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Apply. The site fills the tables when it starts."""
    op.create_table(
        "posted_district",
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("meanings", sa.Text(), nullable=False),
        sa.Column("meanings_seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("district", name=op.f("pk_posted_district")),
    )
    op.create_table(
        "posted",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=220), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted")),
        sa.UniqueConstraint(
            "district", "list", "place", name=op.f("uq_posted_district_list_place")
        ),
    )
    op.create_index(op.f("ix_posted_uscc"), "posted", ["uscc"])
