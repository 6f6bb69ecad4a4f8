"""two clocks: the rule books used so far, the day each register row was put on file."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
_REGISTERS = (
    "institution_fact", "course", "contract", "lesson", "refund_request", "approval", "coverage",
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "rule_book",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("first_used_at", sa.String(length=32), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_book")),
    )
    op.create_table(
        "rule_book_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_rule_book_file")),
    )
    for name in _REGISTERS:
        op.add_column(name, sa.Column("recorded_on", sa.BigInteger(), nullable=True))
