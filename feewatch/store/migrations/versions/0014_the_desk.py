"""the desk: owners, days of cases, answers, undertakings, papers, attachments, messages."""

import sqlalchemy as sa
from alembic import op

from feewatch.kernel.days import parse_day

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "desk_visit",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("before_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_desk_visit_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_desk_visit")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("object", sa.String(length=60), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("read_at", sa.String(length=32), nullable=True),
        sa.Column("mail", sa.String(length=12), nullable=False),
        sa.Column("mail_attempts", sa.Integer(), nullable=False),
        sa.Column("mail_next_at", sa.String(length=32), nullable=True),
        sa.Column("mail_fault", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_message_institution_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_institution_id"), "message", ["institution_id"])
    op.create_index(op.f("ix_message_user_id"), "message", ["user_id"])
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_file_id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_file_id"], ["case_file.id"], name=op.f("fk_objection_case_file_id")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_objection_matter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    op.create_index(op.f("ix_objection_case_file_id"), "objection", ["case_file_id"])
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("district", sa.String(length=6), nullable=False),
        sa.Column("case_file_id", sa.Integer(), nullable=True),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("template_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("voided_by", sa.String(length=60), nullable=True),
        sa.Column("voided_at", sa.String(length=32), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_file_id"], ["case_file.id"], name=op.f("fk_paper_case_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_paper_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_number")),
        sa.UniqueConstraint("series", "year", "ordinal", name=op.f("uq_paper_series_year_ordinal")),
    )
    op.create_index(op.f("ix_paper_case_file_id"), "paper", ["case_file_id"])
    op.create_index(op.f("ix_paper_district"), "paper", ["district"])
    op.create_index(op.f("ix_paper_institution_id"), "paper", ["institution_id"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "title", name=op.f("uq_saved_view_user_id_title")),
    )
    op.create_index(op.f("ix_saved_view_user_id"), "saved_view", ["user_id"])
    op.create_table(
        "undertaking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_file_id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("done_on", sa.BigInteger(), nullable=True),
        sa.Column("done_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_file_id"], ["case_file.id"], name=op.f("fk_undertaking_case_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_undertaking_matter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undertaking")),
    )
    op.create_index(op.f("ix_undertaking_case_file_id"), "undertaking", ["case_file_id"])
    op.create_index(op.f("ix_undertaking_due_on"), "undertaking", ["due_on"])
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_file_id", sa.Integer(), nullable=False),
        sa.Column("case_event_id", sa.Integer(), nullable=True),
        sa.Column("matter_id", sa.Integer(), nullable=True),
        sa.Column("objection_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by_institution", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_event_id"], ["case_event.id"], name=op.f("fk_attachment_case_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_file_id"], ["case_file.id"], name=op.f("fk_attachment_case_file_id")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_attachment_matter_id")),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_attachment_objection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_case_file_id"), "attachment", ["case_file_id"])
    op.create_table(
        "matter_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_file_id", sa.Integer(), nullable=False),
        sa.Column("case_event_id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_event_id"], ["case_event.id"], name=op.f("fk_matter_answer_case_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_file_id"], ["case_file.id"], name=op.f("fk_matter_answer_case_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_matter_answer_matter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_answer")),
    )
    op.create_index(op.f("ix_matter_answer_case_file_id"), "matter_answer", ["case_file_id"])
    op.create_index(op.f("ix_matter_answer_matter_id"), "matter_answer", ["matter_id"])
    op.create_table(
        "paper_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("served_on", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_service_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_service")),
    )
    op.create_index(op.f("ix_paper_service_paper_id"), "paper_service", ["paper_id"])
    op.create_table(
        "undertaking_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("undertaking_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("done_on", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_undertaking_item_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["undertaking_id"], ["undertaking.id"], name=op.f("fk_undertaking_item_undertaking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undertaking_item")),
    )
    op.create_index(
        op.f("ix_undertaking_item_undertaking_id"), "undertaking_item", ["undertaking_id"]
    )
    op.add_column("app_user", sa.Column("mail", sa.String(length=200), nullable=True))
    op.add_column("app_user", sa.Column("title", sa.String(length=60), nullable=True))
    op.add_column("case_event", sa.Column("standing", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("case_event", sa.Column("detail", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("case_file", sa.Column("owner", sa.String(length=60), nullable=True))
    op.add_column("case_file", sa.Column("closed_on", sa.BigInteger(), nullable=True))
    op.add_column("case_file", sa.Column("recheck_on", sa.BigInteger(), nullable=True))
    op.add_column("case_file", sa.Column("recurred_on", sa.BigInteger(), nullable=True))
    op.add_column("case_file", sa.Column("reminded_on", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_case_file_owner"), "case_file", ["owner"])
    op.add_column("matter", sa.Column("owner", sa.String(length=60), nullable=True))
    op.create_index(op.f("ix_matter_owner"), "matter", ["owner"])
    _date_closed_cases()


def _date_closed_cases() -> None:
    """The day of 销号 of cases that were closed before it was kept, from their history."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT case_file_id, max(at) FROM case_event WHERE step = 'close' GROUP BY case_file_id"
        )
    ).all()
    statement = sa.text(
        "UPDATE case_file SET closed_on = :day WHERE id = :id AND state IN ('closed', 'rechecked')"
    )
    for case_file_id, at in rows:
        connection.execute(statement, {"day": parse_day(at[:10]), "id": case_file_id})
