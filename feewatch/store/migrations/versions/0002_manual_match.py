"""manual match; what matching finds anew, it finds for all institutions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "manual_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("undone_by", sa.String(length=60), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_manual_match_contract_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_manual_match_entry_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_manual_match_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_match")),
    )
    with op.batch_alter_table("manual_match", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_manual_match_institution_id"), ["institution_id"], unique=False
        )
    state = sa.table(
        "institution_state",
        sa.column("to_match", sa.Boolean()),
        sa.column("to_check", sa.Boolean()),
    )
    op.execute(sa.update(state).values(to_match=True, to_check=True))
