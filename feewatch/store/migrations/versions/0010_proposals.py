"""proposals of corrections, and whose word a change of a register is."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_IS_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("cancels", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voucher_sha256", sa.String(length=64), nullable=True),
        sa.Column("voucher_name", sa.String(length=255), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_proposal_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_institution_id"), "proposal", ["institution_id"])
    op.create_index(
        "ix_proposal_open",
        "proposal",
        ["kind", "record_id"],
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    )
    op.create_table(
        "proposal_alert",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_alert_proposal_id")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "alert_id", name=op.f("pk_proposal_alert")),
    )
    op.create_index(op.f("ix_proposal_alert_alert_id"), "proposal_alert", ["alert_id"])
    op.create_table(
        "proposal_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_event_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_event")),
    )
    op.create_index(op.f("ix_proposal_event_proposal_id"), "proposal_event", ["proposal_id"])
    op.add_column("register_change", sa.Column("word", sa.String(length=12), nullable=True))
    op.add_column("register_change", sa.Column("proposal_id", sa.Integer(), nullable=True))
