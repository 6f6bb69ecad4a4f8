"""Notices before a decision, and what is said against notices, decisions and corrections."""

from sqlalchemy import JSON, Boolean, Column, Index, String, Table, Text, text

from feewatch.store.tables.base import at, belongs_to, count, day, key, metadata

_IS_OPEN = text("state = 'open'")

#: 事先告知书: served before a decision; rows are ended, never deleted.
advance_notice = Table(
    "advance_notice",
    metadata,
    key(),
    Column("number", String(120), nullable=False, index=True),
    Column("uscc", String(18), nullable=False, index=True),  # empty for unlicensed premises
    Column("name", String(200), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("premises_no", String(60)),
    Column("authority", String(120), nullable=False),
    Column("facts", Text, nullable=False),
    Column("basis", JSON, nullable=False),  # {document, level, clause}
    Column("sanctions", JSON, nullable=False),  # intended, of credit_terms.toml
    Column("class", String(8), nullable=False, key="gravity"),
    day("served_on", nullable=False),
    Column("way", String(12), nullable=False),
    day("defend_until", nullable=False),
    Column("hearing", Boolean, nullable=False),  # whether it told of the right to one
    Column("file_name", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("record_name", String(255), nullable=False),  # 送达回证
    Column("record_sha256", String(64), nullable=False),
    Column("state", String(8), nullable=False),  # open, decided, dropped
    Column("recorded_by", String(60), nullable=False),
    at("recorded_at"),
    Column("end_reason", Text),
    Column("ended_by", String(60)),
    at("ended_at", nullable=True),
    Index(
        "ix_advance_notice_open",
        "number",
        "uscc",
        "name",
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
)

#: 陈述申辩, 听证申请 and 异议, each about a notice, a decision or a correction of one.
decision_objection = Table(
    "decision_objection",
    metadata,
    key(),
    belongs_to("advance_notice", nullable=True, index=True),
    belongs_to("decision", nullable=True, index=True),
    belongs_to("decision_correction", nullable=True),  # beside its decision
    Column("uscc", String(18), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # defence, hearing, objection
    Column("text", Text, nullable=False),
    day("received_on", nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column("by_institution", Boolean, nullable=False),  # on its own pages; else on paper
    day("answer_due", nullable=False),
    # waiting, granted (a hearing that is to be held), answered, withdrawn
    Column("state", String(10), nullable=False),
    Column("outcome", String(12)),  # upheld, partly, rejected; granted, held
    Column("answer", Text),
    Column("answered_by", String(60)),
    at("answered_at", nullable=True),
    day("hearing_on"),
    Column("made_by", String(60), nullable=False),
    at("made_at"),
)

#: Every act of either side on one of them.
decision_objection_event = Table(
    "decision_objection_event",
    metadata,
    key(),
    belongs_to("decision_objection", index=True),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("act", String(12), nullable=False),  # made, withdrawn and the outcomes
    Column("text", Text, nullable=False),
)

#: Files that came with an act: told by their bytes, kept by their hash.
decision_objection_file = Table(
    "decision_objection_file",
    metadata,
    key(),
    belongs_to("decision_objection_event", "event_id", index=True),
    Column("name", String(255), nullable=False),
    Column("media_type", String(100), nullable=False),
    count("size", nullable=False),
    Column("sha256", String(64), nullable=False),
)
