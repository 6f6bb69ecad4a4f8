"""信用评价: rounds, the sheet of each institution, objections with their files, every change."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from feewatch.store.tables.base import at, belongs_to, count, day, key, metadata

#: The sheet of an institution for a period, as it stands; what it was before is in its events.
grade = Table(
    "grade",
    metadata,
    key(),
    belongs_to("institution", index=True),
    Column("uscc", String(18), nullable=False),
    Column("name", String(200), nullable=False),
    Column("district", String(6), nullable=False),
    Column("period", String(8), nullable=False),  # 2025, 2025H1, 2025Q3
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    Column("scheme", String(60), nullable=False),
    Column("scheme_hash", String(12), nullable=False),
    Column("status", String(12), nullable=False),  # draft, told, proposed, set
    Column("points", Integer, nullable=False),  # hundredths
    Column("computed", String(12), nullable=False),  # the grade; empty: facts are missing
    Column("lines", JSON, nullable=False),
    Column("missing", JSON, nullable=False),  # what is not on file, in both languages
    Column("computed_by", String(60), nullable=False),
    at("computed_at"),
    Column("told_by", String(60)),
    day("told_on"),
    day("objection_until"),
    Column("objection_provisional", Boolean),  # holidays of a year were not announced yet
    Column("grade", String(12), key="set_grade"),  # as set; stays while a correction waits
    Column("reason", Text),
    Column("proposed", String(12)),  # waits for a second person
    Column("proposed_reason", Text),
    Column("proposed_by", String(60)),
    Column("set_by", String(60)),
    day("set_on"),
    UniqueConstraint("institution_id", "period"),
    Index("ix_grade_district_period", "district", "period"),
)

grade_objection = Table(
    "grade_objection",
    metadata,
    key(),
    belongs_to("grade", index=True),
    Column("text", Text, nullable=False),
    Column("made_by", String(60), nullable=False),
    at("made_at"),
    Column("outcome", String(12)),  # upheld, partly, rejected; empty: not answered yet
    Column("answer", Text),
    Column("answered_by", String(60)),
    at("answered_at", nullable=True),
)

#: Files of an objection, kept under their hash.
grade_file = Table(
    "grade_file",
    metadata,
    key(),
    belongs_to("grade", index=True),
    belongs_to("grade_objection", "objection_id"),
    Column("name", String(255), nullable=False),
    Column("media_type", String(100), nullable=False),
    count("size", nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("by_institution", Boolean, nullable=False),
    Column("added_by", String(60), nullable=False),
    at("added_at"),
)

#: Every change: computed, told, objected, answered, proposed, set, corrected, redrawn.
grade_event = Table(
    "grade_event",
    metadata,
    key(),
    belongs_to("grade", index=True),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("change", String(12), nullable=False),
    Column("before", String(12), nullable=False),  # grade, empty where there was none
    Column("after", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)
