"""Alerts, the matters that group them, the cases that work on matters; each change is a row."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from feewatch.kernel.departments import EDUCATION
from feewatch.store.tables.base import at, belongs_to, day, fen, key, metadata

#: The alerts of an institution that have one rule and one cause.
matter = Table(
    "matter",
    metadata,
    key(),
    belongs_to("institution", nullable=True, index=True),
    Column("uscc", String(18), nullable=False),  # empty for an unregistered account
    Column("district", String(6), nullable=False, index=True),
    Column("rule", String(40), nullable=False),
    Column("cause", String(200), nullable=False),
    Column("status", String(12), nullable=False),  # open, in_case, dismissed, withdrawn, closed
    Column("severity", String(8), nullable=False),
    Column("authority", String(8), nullable=False),
    Column("alerts", Integer, nullable=False),  # members that are not withdrawn
    fen("sum_fen"),
    day("first_day", nullable=False),
    day("last_day", nullable=False),
    Column("historic", Boolean, nullable=False),
    at("opened_at"),
    Column("owner", String(60)),  # the person of the office who looks after it
    # competent by its rule and institution, until it is handed to another (移送)
    Column("department", String(12), nullable=False, server_default=EDUCATION),
    # what the desk counts, groups and sorts by, so that it reads these and not the rows
    Index(
        "ix_matter_by_rule", "historic", "status", "rule", "severity", "authority", "district",
        "owner", "institution_id", "uscc", "sum_fen", "opened_at",
    ),
    Index(
        "ix_matter_by_institution", "historic", "status", "uscc", "severity", "sum_fen",
        "opened_at", "district", "institution_id",
    ),
    Index(
        "ix_matter_waiting", "historic", "status", "severity", "opened_at", "district",
        "institution_id", "owner", "last_day", "sum_fen", "alerts",
    ),
    Index(
        "ix_matter_owner", "owner", "historic", "status", "severity", "district", "institution_id",
        "uscc", "rule", "authority", "sum_fen", "opened_at",
    ),
)  # fmt: skip

alert = Table(
    "alert",
    metadata,
    Column("id", String(16), primary_key=True),  # from the identity: rule, uscc, subject, day
    belongs_to("matter", index=True),
    belongs_to("institution", nullable=True),
    Column("uscc", String(18), nullable=False),
    Column("institution_name", String(200), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("rule", String(40), nullable=False),
    Column("rule_version", String(40), nullable=False),
    Column("authority", String(8), nullable=False),
    Column("subject_kind", String(20), nullable=False),
    Column("subject_id", String(200), nullable=False),
    day("on_day", nullable=False),
    Column("measured", JSON, nullable=False),
    Column("limit_value", JSON),
    Column("unit", String(16), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("is_state", Boolean, nullable=False),  # one alert while the state lasts
    Column("frozen", JSON, nullable=False),  # title, calculation, basis, evidence, cure as opened
    fen("amount_fen"),
    Column("status", String(12), nullable=False),  # open, in_case, dismissed, withdrawn, closed
    Column("historic", Boolean, nullable=False),
    at("opened_at"),
    day("opened_as_of", nullable=False),
    day("recovered_on"),
    day("held_on"),  # since when it would be over, if the institution's own word were enough
    Column("withdrawn_reason", Text),
    # the word of the latest check: breach, undetermined (held too), over
    Column("present", String(12), nullable=False, server_default="breach"),
    Column("department", String(12), nullable=False, server_default=EDUCATION),  # of its matter
    Index("ix_alert_institution_id_rule", "institution_id", "rule"),
    Index("ix_alert_rule_on_day", "rule", "on_day"),
    Index(
        "ix_alert_subject_id",
        "subject_id",
        postgresql_ops={
            "subject_id": "varchar_pattern_ops"
        },  # leads to what begins with a text too
    ),
)

#: Every change: opened, raised, recovered, held, relapsed, reopened, withdrawn, status.
alert_event = Table(
    "alert_event",
    metadata,
    key(),
    Column("alert_id", ForeignKey("alert.id"), nullable=False, index=True),
    at("at"),
    day("as_of"),
    Column("actor", String(60), nullable=False),
    Column("change", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)

case_file = Table(
    "case_file",
    metadata,
    key(),
    Column("number", String(40), nullable=False, unique=True),  # DISTRICT-YEAR-NNNN
    belongs_to("institution", nullable=True, index=True),
    Column("uscc", String(18), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("escalated", Boolean, nullable=False),
    day("deadline"),
    Column("deadline_provisional", Boolean, nullable=False),
    Column("notified_by", String(60)),  # who issued the 督办单: a red case is closed by another
    at("opened_at"),
    Column("owner", String(60), index=True),  # 责任人: the person of the office who works on it
    day("closed_on"),  # 销号, the last one
    day("recheck_on"),  # the day of its 回头看, asked for at 销号
    day("recurred_on"),  # 死灰复燃: since when a closed breach of it is found again
    day("reminded_on"),  # the last reminder by the scheduler
    # whose it is: of its matters' department where they have one, else of the institution's
    Column("department", String(12), nullable=False, server_default=EDUCATION),
)

case_matter = Table(
    "case_matter",
    metadata,
    belongs_to("case_file", primary_key=True),
    belongs_to("matter", primary_key=True, unique=True),
)

case_event = Table(
    "case_event",
    metadata,
    key(),
    belongs_to("case_file", index=True),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("step", String(16), nullable=False),
    Column("from_state", String(12), nullable=False),
    Column("to_state", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    day("deadline"),
    Column("document", String(8)),  # of a notify: order, or hint where all rests on presets
    # the engine's word of that moment: matters still in breach, undetermined, over; its check's day
    Column("standing", JSON(none_as_null=True)),
    Column("detail", JSON(none_as_null=True)),  # what a step without a state of its own changed
)

#: What an institution says of each matter of its case: with which event, rectified or disputed.
matter_answer = Table(
    "matter_answer",
    metadata,
    key(),
    belongs_to("case_file", index=True),
    belongs_to("case_event"),
    belongs_to("matter", index=True),
    Column("stance", String(12), nullable=False),  # rectified, undertakes, disputes
    Column("text", Text, nullable=False),
)

#: 陈述申辩 and objections of an institution, and what the office answered.
objection = Table(
    "objection",
    metadata,
    key(),
    belongs_to("case_file", index=True),
    belongs_to("matter", nullable=True),  # empty: the case as a whole
    Column("text", Text, nullable=False),
    Column("made_by", String(60), nullable=False),
    at("made_at"),
    Column("outcome", String(12)),  # upheld, partly, rejected; empty: not answered yet
    Column("answer", Text),
    Column("answered_by", String(60)),
    at("answered_at", nullable=True),
)

#: What an institution undertook to do by a day, as the data can show it.
undertaking = Table(
    "undertaking",
    metadata,
    key(),
    belongs_to("case_file", index=True),
    belongs_to("matter", nullable=True),
    Column("kind", String(12), nullable=False),  # refund, top_up, statement, other
    Column("text", Text, nullable=False),
    day("due_on", nullable=False, index=True),
    Column("made_by", String(60), nullable=False),
    at("made_at"),
    day("done_on"),  # by the data, or for kind other by an officer's word
    Column("done_by", String(60)),  # empty: the data
)

#: The parts of an undertaking: contracts to refund, days to cover, each done on its own day.
undertaking_item = Table(
    "undertaking_item",
    metadata,
    key(),
    belongs_to("undertaking", index=True),
    belongs_to("contract", nullable=True),
    Column("object", String(200), nullable=False),  # contract number, account
    fen("amount_fen"),
    day("covers_to"),  # of a statement: the day up to which it tells
    day("done_on"),
    Column("evidence", JSON(none_as_null=True)),  # bank rows, as in an alert
)

#: 移送: a case handed to another department, or to an authority outside, until it is answered for.
transfer = Table(
    "transfer",
    metadata,
    key(),
    Column("number", String(60), nullable=False, unique=True),  # of its 移送函
    belongs_to("case_file", index=True),
    Column("from_department", String(12), nullable=False),
    Column("to_department", String(12)),  # empty: an authority outside
    Column("unit", String(120), nullable=False),  # to whom its letter goes
    Column("reason", Text, nullable=False),
    Column("from_state", String(12), nullable=False),  # of the case, which comes back to it
    Column("bundle_sha256", String(64), nullable=False),  # of the evidence, kept under its hash
    Column("sent_by", String(60), nullable=False),
    at("sent_at"),
    Column("state", String(12), nullable=False),  # sent, received, returned, withdrawn
    # 回执: by a person of the other department, or as a paper from outside
    Column("received_by", String(120)),
    day("received_on"),
    Column("receipt_no", String(120)),
    Column("receipt_sha256", String(64)),
    Column("receipt_name", String(200)),
    Column("answer", Text),  # why it was sent back, or what was said on receiving it
    Column("recorded_by", String(60)),
    at("recorded_at", nullable=True),
)
