"""Who published; second words, recalls and the standing order; receipts of subscribers."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    """Apply; who published the editions of before stands in the audit trail."""
    op.add_column("edition", _text("published_by", 60, nullable=True))
    op.execute(
        "UPDATE edition SET published_by = (SELECT audit.actor FROM audit "
        "WHERE audit.action = 'edition.publish' "
        "AND audit.object = edition.district || '/' || edition.number)"
    )
    op.add_column("outbox", _text("taken_at", 32, nullable=True))
    op.create_table(
        "paused_subscriber",
        _text("name", 60),
        _text("paused_by", 60),
        _text("paused_at", 32),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_paused_subscriber")),
    )
    op.create_table(
        "second_word",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("district", 6),
        sa.Column("base_number", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.BigInteger(), nullable=False),
        sa.Column("leaving", sa.JSON(), nullable=False),
        _text("digest", 64),
        _text("first_by", 60, nullable=True),
        _text("asked_at", 32),
        _text("second_by", 60, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _text("given_at", 32, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_word")),
        sa.UniqueConstraint(
            "district", "base_number", "digest",
            name=op.f("uq_second_word_district_base_number_digest"),
        ),
    )  # fmt: skip
    op.create_table(
        "recall",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("district", 6),
        sa.Column("edition_number", sa.Integer(), nullable=False),
        _text("list", 16),
        _text("uscc", 18),
        _text("name", 200),
        _text("document", 120),
        _text("cause", 12),
        sa.Column("reason", sa.Text(), nullable=False),
        _text("actor", 60),
        _text("at", 32),
        _text("due_at", 32),
        sa.Column("done_number", sa.Integer(), nullable=True),
        _text("done_at", 32, nullable=True),
        _text("lifted_by", 60, nullable=True),
        _text("lifted_at", 32, nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_district"), "recall", ["district"])
    op.create_table(
        "standing_order",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("given_by", 60),
        _text("given_at", 32),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_order")),
    )
