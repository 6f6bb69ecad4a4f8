"""opening statements of institutions, signed off by a second officer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "opening_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.Column("signed_by", sa.String(length=60), nullable=True),
        sa.Column("signed_reason", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_opening_statement_institution_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_statement")),
    )
    op.create_index(
        op.f("ix_opening_statement_institution_id"), "opening_statement", ["institution_id"]
    )
    op.create_table(
        "opening_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opening_statement_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opening_statement_id"],
            ["opening_statement.id"],
            name=op.f("fk_opening_row_opening_statement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_opening_row_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_opening_row_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_row")),
    )
    op.create_index(
        op.f("ix_opening_row_opening_statement_id"), "opening_row", ["opening_statement_id"]
    )
