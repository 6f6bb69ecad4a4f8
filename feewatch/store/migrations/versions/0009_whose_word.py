"""Whose word files, statements, days and coverage are; for rows on file by who handed them in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

#: Whose word a file on file is: by its way in, else by who handed it in; one whom nobody knows
#: any more is believed least where only log-ins hand in.
_FILES = """
    UPDATE source_file SET provenance = CASE
        WHEN channel = 'feed' THEN 'bank'
        WHEN channel = 'inbox' THEN 'office'
        WHEN EXISTS (SELECT 1 FROM app_user AS u WHERE u.name = source_file.actor
                     AND (u.role = 'institution' OR u.institution_id IS NOT NULL))
            THEN 'institution'
        WHEN EXISTS (SELECT 1 FROM app_user AS u WHERE u.name = source_file.actor
                     AND u.role = 'api') THEN 'bank'
        WHEN channel = 'cli' OR EXISTS (SELECT 1 FROM app_user AS u
                                        WHERE u.name = source_file.actor) THEN 'office'
        ELSE 'institution' END
"""
#: Coverage that an institution's own import declared or implied, and no other one did.
_COVERAGE = """
    UPDATE coverage SET told_by = 'institution'
    WHERE EXISTS (SELECT 1 FROM register_import AS m JOIN app_user AS u ON u.name = m.actor
                  WHERE m.kind = coverage.register AND u.institution_id = coverage.institution_id)
"""


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "source_file",
        sa.Column("provenance", sa.String(length=12), nullable=False, server_default="office"),
    )
    op.execute(_FILES)
    op.add_column("statement", sa.Column("confirmed_on", sa.BigInteger(), nullable=True))
    for table in ("contract", "lesson"):
        op.add_column(table, sa.Column("told_by", sa.String(length=12), nullable=True))
    with op.batch_alter_table("coverage") as batch:
        batch.add_column(
            sa.Column("told_by", sa.String(length=12), nullable=False, server_default="office")
        )
        batch.drop_constraint(
            op.f("uq_coverage_institution_id_register_from_day_to_day_declared"), type_="unique"
        )
        batch.create_unique_constraint(
            "uq_coverage_told",
            ["institution_id", "register", "from_day", "to_day", "declared", "told_by"],
        )
    op.execute(_COVERAGE)
    op.add_column(
        "statement_link",
        sa.Column("contradicted_fen", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_table(
        "confirmation_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_draw")),
    )
    op.create_table(
        "confirmation_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("bank", sa.String(length=120), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["confirmation_draw.id"], name=op.f("fk_confirmation_letter_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
            name=op.f("fk_confirmation_letter_institution_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_letter")),
        sa.UniqueConstraint("number", name=op.f("uq_confirmation_letter_number")),
    )
    op.create_index(
        op.f("ix_confirmation_letter_institution_id"),
        "confirmation_letter",
        ["institution_id"],
        unique=False,
    )
    op.create_table(
        "proven_coverage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("to_day", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proven_coverage_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_proven_coverage_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proven_coverage")),
    )
    op.create_index(
        op.f("ix_proven_coverage_account_id"), "proven_coverage", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_proven_coverage_institution_id"),
        "proven_coverage",
        ["institution_id"],
        unique=False,
    )
    op.create_table(
        "told_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=12), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("to_day", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_told_days_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_told_days_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_days")),
    )
    op.create_index(op.f("ix_told_days_account_id"), "told_days", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_told_days_institution_id"), "told_days", ["institution_id"], unique=False
    )
    op.create_table(
        "confirmation_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("to_day", sa.BigInteger(), nullable=False),
        sa.Column("opening_fen", sa.BigInteger(), nullable=True),
        sa.Column("closing_fen", sa.BigInteger(), nullable=True),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("in_fen", sa.BigInteger(), nullable=False),
        sa.Column("out_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("answered_on", sa.BigInteger(), nullable=True),
        sa.Column("answer_sha256", sa.String(length=64), nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("confirmed_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["confirmation_letter.id"], name=op.f("fk_confirmation_item_letter_id")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_confirmation_item_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_item")),
    )
    op.create_index(
        op.f("ix_confirmation_item_letter_id"), "confirmation_item", ["letter_id"], unique=False
    )
    op.create_index(
        op.f("ix_confirmation_item_statement_id"),
        "confirmation_item",
        ["statement_id"],
        unique=False,
    )
    op.create_table(
        "proven_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.BigInteger(), nullable=False),
        sa.Column("missing_days", sa.BigInteger(), nullable=False),
        sa.Column("difference_fen", sa.BigInteger(), nullable=False),
        sa.Column("contradicted_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proven_link_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_proven_link_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["statement.id"], name=op.f("fk_proven_link_previous_id")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_proven_link_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proven_link")),
    )
    op.create_index(op.f("ix_proven_link_account_id"), "proven_link", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_proven_link_institution_id"), "proven_link", ["institution_id"], unique=False
    )
    op.add_column("alert", sa.Column("held_on", sa.BigInteger(), nullable=True))
