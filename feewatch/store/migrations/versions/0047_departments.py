"""Departments of matters, cases and people; cases handed to another department (移送)."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

_OF_FACT = """MAX(CASE f.subject WHEN 'sports' THEN 'sports' WHEN 'arts' THEN 'culture'
    WHEN 'science' THEN 'science' ELSE 'education' END) FROM institution_fact f"""
#: By the rules of the book of then that another department than the institution's decides on.
_MATTERS = f"""
UPDATE matter SET department = CASE
    WHEN rule IN ('PRICE-EXTRA', 'PRICE-GUIDE', 'PRICE-POSTED', 'PRICE-PUBLISH', 'PRICE-REFERENCE')
    THEN 'market'
    WHEN rule = 'TIME-ACADEMIC' THEN 'education'
    ELSE COALESCE((SELECT {_OF_FACT} WHERE f.institution_id = matter.institution_id
        AND f.valid_from <= matter.last_day AND f.valid_to >= matter.last_day), 'education') END
"""
_ALERTS = """
UPDATE alert SET department =
    (SELECT matter.department FROM matter WHERE matter.id = alert.matter_id)
"""
_MEMBERS = """FROM case_matter c JOIN matter m ON m.id = c.matter_id
    WHERE c.case_file_id = case_file.id"""
_CASES = f"""
UPDATE case_file SET department = CASE
    WHEN (SELECT COUNT(DISTINCT m.department) {_MEMBERS}) = 1
    THEN (SELECT MIN(m.department) {_MEMBERS})
    ELSE COALESCE((SELECT {_OF_FACT} WHERE f.institution_id = case_file.institution_id
        AND f.valid_to = (SELECT MAX(g.valid_to) FROM institution_fact g
            WHERE g.institution_id = case_file.institution_id)), 'education') END
"""


def upgrade() -> None:
    """Apply; matters and cases on file get the department that is competent for them."""
    for table in ("matter", "alert", "case_file"):
        op.add_column(
            table,
            sa.Column("department", sa.String(12), nullable=False, server_default="education"),
        )
    op.add_column("app_user", sa.Column("department", sa.String(12), nullable=True))
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("case_file_id", sa.Integer(), nullable=False),
        sa.Column("from_department", sa.String(12), nullable=False),
        sa.Column("to_department", sa.String(12), nullable=True),
        sa.Column("unit", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("from_state", sa.String(12), nullable=False),
        sa.Column("bundle_sha256", sa.String(64), nullable=False),
        sa.Column("sent_by", sa.String(60), nullable=False),
        sa.Column("sent_at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("received_by", sa.String(120), nullable=True),
        sa.Column("received_on", sa.BigInteger(), nullable=True),
        sa.Column("receipt_no", sa.String(120), nullable=True),
        sa.Column("receipt_sha256", sa.String(64), nullable=True),
        sa.Column("receipt_name", sa.String(200), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.String(60), nullable=True),
        sa.Column("recorded_at", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_file_id"], ["case_file.id"], name=op.f("fk_transfer_case_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("number", name=op.f("uq_transfer_number")),
    )
    op.create_index(op.f("ix_transfer_case_file_id"), "transfer", ["case_file_id"])
    for statement in (_MATTERS, _ALERTS, _CASES):
        op.execute(statement)
