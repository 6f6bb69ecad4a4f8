"""Editions of other offices, gathered and verified."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "gathered_source",
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("tried_at", sa.String(length=32), nullable=False),
        sa.Column("valid_at", sa.String(length=32), nullable=True),
        sa.Column("fresh_until", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("fault", sa.JSON(), nullable=True),
        sa.Column("failing_since", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("district", name=op.f("pk_gathered_source")),
    )
    op.create_table(
        "gathered_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("cut_off", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=True),
        sa.Column("rule_book", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("key_ids", sa.JSON(), nullable=False),
        sa.Column("gathered_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathered_edition")),
        sa.UniqueConstraint("district", "number", name=op.f("uq_gathered_edition_district_number")),
    )
    op.create_table(
        "gathered_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("list", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=220), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathered_entry")),
        sa.UniqueConstraint(
            "district", "list", "place", name=op.f("uq_gathered_entry_district_list_place")
        ),
    )
    op.create_index(op.f("ix_gathered_entry_uscc"), "gathered_entry", ["uscc"])
    op.create_table(
        "gathering_refusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("fault", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("first_at", sa.String(length=32), nullable=False),
        sa.Column("last_at", sa.String(length=32), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering_refusal")),
        sa.UniqueConstraint(
            "district", "digest", name=op.f("uq_gathering_refusal_district_digest")
        ),
    )
