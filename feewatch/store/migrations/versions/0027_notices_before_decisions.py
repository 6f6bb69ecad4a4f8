"""notices before decisions and objections."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "advance_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("premises_no", sa.String(length=60), nullable=True),
        sa.Column("authority", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("sanctions", sa.JSON(), nullable=False),
        sa.Column("class", sa.String(length=8), nullable=False),
        sa.Column("served_on", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("defend_until", sa.BigInteger(), nullable=False),
        sa.Column("hearing", sa.Boolean(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("record_name", sa.String(length=255), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance_notice")),
    )
    op.create_index(op.f("ix_advance_notice_district"), "advance_notice", ["district"])
    op.create_index(op.f("ix_advance_notice_number"), "advance_notice", ["number"])
    op.create_index(
        "ix_advance_notice_open",
        "advance_notice",
        ["number", "uscc", "name"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_advance_notice_uscc"), "advance_notice", ["uscc"])

    op.create_table(
        "decision_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advance_notice_id", sa.Integer(), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("decision_correction_id", sa.Integer(), nullable=True),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_on", sa.BigInteger(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("by_institution", sa.Boolean(), nullable=False),
        sa.Column("answer_due", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("hearing_on", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["advance_notice_id"],
            ["advance_notice.id"],
            name=op.f("fk_decision_objection_advance_notice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_correction_id"],
            ["decision_correction.id"],
            name=op.f("fk_decision_objection_decision_correction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_objection_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_objection")),
    )
    op.create_index(
        op.f("ix_decision_objection_advance_notice_id"), "decision_objection", ["advance_notice_id"]
    )
    op.create_index(
        op.f("ix_decision_objection_decision_id"), "decision_objection", ["decision_id"]
    )
    op.create_index(op.f("ix_decision_objection_district"), "decision_objection", ["district"])

    op.create_table(
        "decision_objection_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_objection_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_objection_id"],
            ["decision_objection.id"],
            name=op.f("fk_decision_objection_event_decision_objection_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_objection_event")),
    )
    op.create_index(
        op.f("ix_decision_objection_event_decision_objection_id"),
        "decision_objection_event",
        ["decision_objection_id"],
    )

    op.create_table(
        "decision_objection_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["decision_objection_event.id"],
            name=op.f("fk_decision_objection_file_event_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_objection_file")),
    )
    op.create_index(
        op.f("ix_decision_objection_file_event_id"), "decision_objection_file", ["event_id"]
    )

    for name in ("facts", "content", "licence"):
        op.add_column("decision", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("decision", sa.Column("fine_fen", sa.BigInteger(), nullable=True))
    op.add_column("decision", sa.Column("confiscated_fen", sa.BigInteger(), nullable=True))
    op.add_column("decision", sa.Column("reported_by", sa.String(length=60), nullable=True))
    # SQLite takes a reference with a new column, but would make the table anew for a constraint
    op.execute(
        "ALTER TABLE decision ADD COLUMN advance_notice_id INTEGER "
        "CONSTRAINT fk_decision_advance_notice_id REFERENCES advance_notice (id)"
    )
    op.create_index(op.f("ix_decision_advance_notice_id"), "decision", ["advance_notice_id"])
