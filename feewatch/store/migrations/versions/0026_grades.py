"""信用评价: sheets of institutions by period, objections, files, every change."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("from_day", sa.BigInteger(), nullable=False),
        sa.Column("to_day", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.String(length=60), nullable=False),
        sa.Column("scheme_hash", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("computed", sa.String(length=12), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("computed_by", sa.String(length=60), nullable=False),
        sa.Column("computed_at", sa.String(length=32), nullable=False),
        sa.Column("told_by", sa.String(length=60), nullable=True),
        sa.Column("told_on", sa.BigInteger(), nullable=True),
        sa.Column("objection_until", sa.BigInteger(), nullable=True),
        sa.Column("objection_provisional", sa.Boolean(), nullable=True),
        sa.Column("grade", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed", sa.String(length=12), nullable=True),
        sa.Column("proposed_reason", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.String(length=60), nullable=True),
        sa.Column("set_by", sa.String(length=60), nullable=True),
        sa.Column("set_on", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_grade_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sa.UniqueConstraint(
            "institution_id", "period", name=op.f("uq_grade_institution_id_period")
        ),
    )
    op.create_index(op.f("ix_grade_institution_id"), "grade", ["institution_id"])
    op.create_index("ix_grade_district_period", "grade", ["district", "period"])
    op.create_table(
        "grade_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["grade_id"], ["grade.id"], name=op.f("fk_grade_objection_grade_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_objection")),
    )
    op.create_index(op.f("ix_grade_objection_grade_id"), "grade_objection", ["grade_id"])
    op.create_table(
        "grade_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.Integer(), nullable=False),
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by_institution", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_grade_file_grade_id")),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["grade_objection.id"], name=op.f("fk_grade_file_objection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_file")),
    )
    op.create_index(op.f("ix_grade_file_grade_id"), "grade_file", ["grade_id"])
    op.create_table(
        "grade_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("before", sa.String(length=12), nullable=False),
        sa.Column("after", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_grade_event_grade_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_event")),
    )
    op.create_index(op.f("ix_grade_event_grade_id"), "grade_event", ["grade_id"])
