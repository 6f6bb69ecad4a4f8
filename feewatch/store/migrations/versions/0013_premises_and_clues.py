"""what became of a clue, premises that a decision names; transfers of deposits read anew."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_HAS_DEPOSIT = "SELECT institution_id FROM account WHERE kind = 'deposit'"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "clue_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clue_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=True),
        sa.Column("case_number", sa.String(length=40), nullable=True),
        sa.Column("answered_on", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_clue_event_clue_id")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_clue_event_matter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue_event")),
    )
    op.create_index(op.f("ix_clue_event_clue_id"), "clue_event", ["clue_id"])
    op.create_index(op.f("ix_clue_event_matter_id"), "clue_event", ["matter_id"])
    op.add_column("decision", sa.Column("premises_no", sa.String(length=60), nullable=True))
    # kinds of entries are those of the day they were read: a deposit's transfer is internal now
    op.execute(
        "UPDATE institution_state SET to_match = true, to_check = true "
        f"WHERE institution_id IN ({_HAS_DEPOSIT})"
    )
