"""Once a quarter institutions confirm what the office holds of them, line by line."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "self_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("shown_sha256", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_self_report_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_report")),
        sa.UniqueConstraint(
            "institution_id", "quarter", name=op.f("uq_self_report_institution_id_quarter")
        ),
    )
    op.create_index(op.f("ix_self_report_institution_id"), "self_report", ["institution_id"])
    op.create_table(
        "self_report_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("self_report_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_self_report_line_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["self_report_id"], ["self_report.id"], name=op.f("fk_self_report_line_self_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_report_line")),
    )
    op.create_index(
        op.f("ix_self_report_line_self_report_id"), "self_report_line", ["self_report_id"]
    )
