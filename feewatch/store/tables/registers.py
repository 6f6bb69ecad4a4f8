"""The registers that rules read first, their coverage, their history.

``recorded_on`` is the day a row was first put on file, unknown for rows older than the column;
what a row said before it changed stands in ``register_change``.
"""

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
    text,
)

from feewatch.store.tables.base import at, belongs_to, count, day, fen, key, metadata

institution = Table(
    "institution",
    metadata,
    key(),
    Column("uscc", String(18), nullable=False, unique=True),
)

#: Dated facts of an institution; in force on day d where valid_from <= d <= valid_to.
institution_fact = Table(
    "institution_fact",
    metadata,
    key(),
    belongs_to("institution"),
    day("valid_from", nullable=False),
    day("valid_to", nullable=False),  # the day before the next row's valid_from, kept by import
    Column("name", String(200), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("subject", String(12), nullable=False),
    Column("nature", String(12), nullable=False),
    Column("custody", String(12), nullable=False),
    Column("licence_no", String(80)),
    day("licence_until"),
    day("renewal_applied_on"),
    Column("legal_representative", String(80)),
    Column("related_parties", Text),  # names with ';' between
    day("supervised_from"),
    day("recorded_on"),
    UniqueConstraint("institution_id", "valid_from"),
)

account = Table(
    "account",
    metadata,
    key(),
    Column("account_no", String(40), nullable=False, unique=True),
    belongs_to("institution", index=True),
    Column("bank", String(120), nullable=False),
    Column("kind", String(12), nullable=False),  # fee, deposit, settlement
    day("opened_on"),
    day("closed_on"),
    fen("minimum_balance_fen"),
    Column("statement_cycle", String(8)),  # daily, weekly, monthly
    day("imported_on", nullable=False),
)

course = Table(
    "course",
    metadata,
    key(),
    belongs_to("institution"),
    Column("course_id", String(60), nullable=False),
    Column("title", String(200), nullable=False),
    Column("discipline", String(40), nullable=False),
    Column("stage", String(12), nullable=False),
    Column("mode", String(8), nullable=False),
    count("class_size"),
    count("lesson_minutes", nullable=False),
    count("lessons"),
    fen("price_per_lesson_fen", nullable=False),
    day("starts_on"),
    day("ends_on"),
    day("recorded_on"),
    UniqueConstraint("institution_id", "course_id"),
)

contract = Table(
    "contract",
    metadata,
    key(),
    belongs_to("institution"),
    Column("contract_no", String(60), nullable=False, index=True),
    Column("course_id", String(60), nullable=False),  # may name a course not on file
    Column("student", String(60), nullable=False),  # an opaque token, never a name
    Column("basis", String(8), nullable=False),  # hours, period, both
    count("lessons"),
    count("gift_lessons", nullable=False, default=0),
    day("starts_on"),
    day("ends_on"),
    fen("fee_fen", nullable=False),
    day("paid_on"),  # empty only for pay_after
    fen("other_fee_fen"),
    Column("renews", String(60)),
    Column("channel", String(12)),
    Column("payment", String(12), nullable=False),  # prepaid, pay_after
    Column("site_no", String(40)),  # may name a site not on file
    day("ended_on"),  # where it ended before its time
    Column("settlement", String(12)),  # how what was left was settled then
    Column("told_by", String(12)),  # institution: no file of the office told of it yet
    # calendar months, computed once at import because no SQL dialect agrees on them:
    count("total_lessons"),  # lessons + gift_lessons
    count("span_months"),  # completed months from starts_on to ends_on
    count("lead_months"),  # completed months from paid_on to starts_on, at least 0
    count("lead_months_up"),  # smallest k with paid_on >= starts_on - k months
    day("recorded_on"),
    UniqueConstraint("institution_id", "contract_no"),
    Index("ix_contract_institution_id_paid_on", "institution_id", "paid_on"),
    # few, and asked for by every check: were they paid before the first lesson?
    Index(
        "ix_contract_pay_after",
        "institution_id",
        sqlite_where=text("payment = 'pay_after'"),
        postgresql_where=text("payment = 'pay_after'"),
    ),
)

lesson = Table(
    "lesson",
    metadata,
    key(),
    belongs_to("contract"),
    belongs_to("institution"),
    day("held_on", nullable=False),
    count("lessons", nullable=False),
    day("confirmed_on"),
    Column("confirmed_by", String(12)),
    Column("told_by", String(12)),  # institution: no file of the office told of it yet
    day("recorded_on"),
    UniqueConstraint("contract_id", "held_on"),
    # what each contract of an institution has consumed is read from it alone
    Index("ix_lesson_consumed", "institution_id", "contract_id", "held_on", "lessons"),
)

refund_request = Table(
    "refund_request",
    metadata,
    key(),
    belongs_to("institution", index=True),
    belongs_to("contract"),
    Column("refund_no", String(60), nullable=False, unique=True),
    day("requested_on", nullable=False),
    fen("amount_fen"),
    Column("cause", String(12)),
    day("recorded_on"),
)

approval = Table(
    "approval",
    metadata,
    key(),
    belongs_to("institution"),
    Column("kind", String(16), nullable=False),
    Column("document", String(120), nullable=False),
    fen("amount_fen"),
    day("from_day", nullable=False),
    day("to_day"),
    day("recorded_on"),
    UniqueConstraint("institution_id", "document"),
)

#: Days for which a register is complete, by the word of the office or of the institution. Implied
#: rows (declared false) run from the first to the last day on file, those of the office over what
#: the office told, and are rewritten by each import.
coverage = Table(
    "coverage",
    metadata,
    key(),
    belongs_to("institution"),
    Column("register", String(12), nullable=False),  # contracts, lessons
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    Column("declared", Boolean, nullable=False),
    Column("told_by", String(12), nullable=False, default="office"),  # or institution
    day("recorded_on"),
    UniqueConstraint(
        "institution_id",
        "register",
        "from_day",
        "to_day",
        "declared",
        "told_by",
        name="uq_coverage_told",
    ),
)

#: What a row said before it changed; append-only.
register_change = Table(
    "register_change",
    metadata,
    key(),
    belongs_to("institution", nullable=True, index=True),
    Column("kind", String(16), nullable=False),
    Column("key", String(200), nullable=False),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("word", String(12)),  # whose: office or institution; empty, of older rows: the office
    Column("proposal_id", Integer),  # the proposal that was accepted with this change
)

register_import = Table(
    "register_import",
    metadata,
    key(),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("counts", JSON, nullable=False),
)

#: Days for which an officer vouches that a register is whole as the institution declared it;
#: append-only. What follows from it stands in ``coverage``.
coverage_confirmation = Table(
    "coverage_confirmation",
    metadata,
    key(),
    belongs_to("institution", index=True),
    Column("register", String(12), nullable=False),
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    Column("actor", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    at("at"),
)
