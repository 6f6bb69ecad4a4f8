"""Sessions of people who are logged in lie in the database; those of before end."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "log_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        _text("word_hash", 64),
        sa.Column("epoch", sa.Integer(), nullable=False),
        _text("factor", 16),
        _text("stage", 8),
        _text("made_at", 32),
        _text("seen_at", 32),
        _text("ends_at", 32),
        _text("address", 64),
        _text("browser", 40),
        _text("ended_at", 32, nullable=True),
        _text("ended_by", 60, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_log_in_session_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in_session")),
        sa.UniqueConstraint("word_hash", name=op.f("uq_log_in_session_word_hash")),
    )
    op.create_index(op.f("ix_log_in_session_user_id"), "log_in_session", ["user_id"])
