"""charges, the end of a contract, sites, successions, premises, clues."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "clue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clue_no", sa.String(length=60), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.BigInteger(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answered_on", sa.BigInteger(), nullable=True),
        sa.Column("recorded_on", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_clue_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue")),
        sa.UniqueConstraint("clue_no", name=op.f("uq_clue_clue_no")),
    )
    op.create_index(op.f("ix_clue_district"), "clue", ["district"], unique=False)
    op.create_table(
        "premises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("premises_no", sa.String(length=60), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("found_on", sa.BigInteger(), nullable=False),
        sa.Column("found_by", sa.String(length=80), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("disposal", sa.String(length=12), nullable=False),
        sa.Column("disposed_on", sa.BigInteger(), nullable=True),
        sa.Column("recorded_on", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_premises_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_premises")),
        sa.UniqueConstraint("premises_no", name=op.f("uq_premises_premises_no")),
    )
    op.create_index(op.f("ix_premises_district"), "premises", ["district"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("site_no", sa.String(length=40), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("licence_no", sa.String(length=80), nullable=True),
        sa.Column("opened_on", sa.BigInteger(), nullable=True),
        sa.Column("closed_on", sa.BigInteger(), nullable=True),
        sa.Column("recorded_on", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_site_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint(
            "institution_id", "site_no", name=op.f("uq_site_institution_id_site_no")
        ),
    )
    op.create_index(op.f("ix_site_district"), "site", ["district"], unique=False)
    op.create_table(
        "succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("to_institution_id", sa.Integer(), nullable=False),
        sa.Column("to_uscc", sa.String(length=18), nullable=False),
        sa.Column("on_day", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=True),
        sa.Column("recorded_on", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_succession_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_institution_id"], ["institution.id"], name=op.f("fk_succession_to_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
        sa.UniqueConstraint(
            "institution_id",
            "to_institution_id",
            "on_day",
            name=op.f("uq_succession_institution_id_to_institution_id_on_day"),
        ),
    )
    op.create_index(
        op.f("ix_succession_to_institution_id"), "succession", ["to_institution_id"], unique=False
    )
    op.create_table(
        "charge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("charge_no", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("lessons", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.BigInteger(), nullable=True),
        sa.Column("ends_on", sa.BigInteger(), nullable=True),
        sa.Column("paid_on", sa.BigInteger(), nullable=True),
        sa.Column("recorded_on", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("begins_on", sa.BigInteger(), nullable=True),
        sa.Column("span_months", sa.BigInteger(), nullable=True),
        sa.Column("lead_months", sa.BigInteger(), nullable=True),
        sa.Column("lead_months_up", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_charge_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_charge_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint(
            "contract_id", "charge_no", name=op.f("uq_charge_contract_id_charge_no")
        ),
    )
    op.create_index(
        "ix_charge_institution_id_paid_on", "charge", ["institution_id", "paid_on"], unique=False
    )
    op.add_column("contract", sa.Column("site_no", sa.String(length=40), nullable=True))
    op.add_column("contract", sa.Column("ended_on", sa.BigInteger(), nullable=True))
    op.add_column("contract", sa.Column("settlement", sa.String(length=12), nullable=True))
