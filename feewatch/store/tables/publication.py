"""Decisions that may put a name on a public list, the editions, and what waits to be sent."""

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

from feewatch.store.tables.base import at, belongs_to, day, fen, key, metadata

_IS_RUNNING = text("ended_on IS NULL")
_IS_LIVE = text("status IN ('proposed', 'reviewed', 'in_force')")

decision = Table(
    "decision",
    metadata,
    key(),
    Column("list", String(16), nullable=False),  # black, credit_black, notice
    Column("uscc", String(18), nullable=False),  # empty for unlicensed premises on `black`
    Column("name", String(200), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("document", String(120), nullable=False),
    day("decided_on", nullable=False),
    Column("authority", String(120), nullable=False),
    Column("basis", JSON, nullable=False),  # {document, level, clause}
    day("notice_served_on", nullable=False),
    day("objection_until", nullable=False),
    Column("class", String(8), nullable=False, key="gravity"),  # minor, general, serious
    day("publish_from"),  # empty, like last_day: a minor matter that is not published
    day("last_day"),
    day("earliest_repair"),
    Column("reason", Text, nullable=False),
    # proposed, reviewed, refused; in_force; changed, revoked, void, repaired
    Column("status", String(12), nullable=False),
    day("ended_on"),  # from this day on the status is no longer in_force
    Column("premises_no", String(60)),  # of the premises that it names, where they are on file
    Column("sanctions", JSON, nullable=False),  # of credit_terms.toml
    Column("why_necessary", Text, nullable=False),
    Column("imported", Boolean, nullable=False),  # in force before the office used feewatch
    Column("facts", Text, nullable=False, server_default=""),  # 违法事实, for 双公示 with the next
    Column("content", Text, nullable=False, server_default=""),
    Column("licence", Text, nullable=False, server_default=""),
    fen("fine_fen"),
    fen("confiscated_fen"),
    belongs_to("advance_notice", nullable=True, index=True),  # 事先告知 on file, if there was one
    Column("form", JSON, nullable=False),  # the values as they were proposed or last corrected
    Column("file_name", String(255)),  # the document itself; empty for those of before
    Column("file_sha256", String(64)),
    Column("notice_name", String(255)),  # 送达回证
    Column("notice_sha256", String(64)),
    Column("proposed_by", String(60), nullable=False),
    Column("reviewed_by", String(60)),
    Column("approved_by", String(60)),
    Column("repair_number", String(60)),  # acceptance number of 信用中国
    day("reported_on"),  # handed on for 双公示
    Column("reported_by", String(60)),
    # a number may be entered again once what stood under it has ended or was refused
    Index(
        "ix_decision_live",
        "document",
        "list",
        "uscc",
        "name",
        unique=True,
        sqlite_where=_IS_LIVE,
        postgresql_where=_IS_LIVE,
    ),
)

#: A clerical error asked to be corrected by one person and confirmed by another.
decision_correction = Table(
    "decision_correction",
    metadata,
    key(),
    belongs_to("decision", index=True),
    Column("form", JSON, nullable=False),  # the values as corrected
    Column("changes", JSON, nullable=False),  # key: [before, after]
    Column("reason", Text, nullable=False),
    Column("asked_by", String(60), nullable=False),
    at("asked_at"),
    Column("outcome", String(12)),  # confirmed, refused; empty while it waits
    Column("decided_by", String(60)),
    at("decided_at", nullable=True),
)

decision_event = Table(
    "decision_event",
    metadata,
    key(),
    belongs_to("decision", index=True),
    at("at"),
    Column("actor", String(60), nullable=False),
    # proposed, reviewed, approved, refused, corrected and the endings; before 0018: added
    Column("change", String(12), nullable=False),
    day("effective_on", nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)

#: 暂缓: a white place whose proof fails; it stays until an officer decides, or none in time.
white_hold = Table(
    "white_hold",
    metadata,
    key(),
    Column("uscc", String(18), nullable=False),
    Column("name", String(200), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    day("since", nullable=False),  # cut-off of the edition in which the proof failed
    day("due", nullable=False),  # the last cut-off at which it stays listed undecided
    Column("lines", JSON, nullable=False),  # the conditions not met, in both languages
    Column("outcome", String(8)),  # keep, remove; empty until an officer decides
    Column("reason", Text),
    Column("decided_by", String(60)),
    at("decided_at", nullable=True),
    day("ended_on"),
    Column("ended_by", String(12)),  # proven, decided, left, gone
    Index(
        "ix_white_hold_running",
        "uscc",
        "district",
        unique=True,
        sqlite_where=_IS_RUNNING,
        postgresql_where=_IS_RUNNING,
    ),
)

edition = Table(
    "edition",
    metadata,
    key(),
    Column("district", String(6), nullable=False),
    Column("number", Integer, nullable=False),
    day("cut_off", nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("previous_sha256", String(64)),
    Column("content_sha256", String(64), nullable=False),  # of the entries alone
    Column("rule_book", String(64), nullable=False),
    Column("counts", JSON, nullable=False),
    Column("document", Text, nullable=False),  # the canonical signed JSON, byte for byte
    at("published_at"),
    Column("published_by", String(60)),  # log-in name; "scheduler" by the standing order
    UniqueConstraint("district", "number"),
)

#: What public pages say of the latest edition of each district, written with it: its head, and a
#: row for each entry. ``seal``: a keyed hash, so that a row that somebody else wrote is not shown.
posted_district = Table(
    "posted_district",
    metadata,
    Column("district", String(6), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the edition
    Column("content", Text, nullable=False),  # JSON: office, cut-off, counts
    Column("seal", String(64), nullable=False),
    Column("meanings", Text, nullable=False),  # JSON: what each list means
    Column("meanings_seal", String(64), nullable=False),
)

posted = Table(
    "posted",
    metadata,
    key(),
    Column("district", String(6), nullable=False),
    Column("number", Integer, nullable=False),  # of the edition
    Column("list", String(16), nullable=False),  # empty: not rated
    Column("place", Integer, nullable=False),  # in its list, from 0 without gaps
    Column("uscc", String(18), nullable=False, index=True),  # empty: premises
    Column("name", String(220), nullable=False),  # in upper case, as it is searched
    Column("content", Text, nullable=False),  # the entry as JSON
    Column("seal", String(64), nullable=False),
    UniqueConstraint("district", "list", "place"),
)

#: One row an edition and subscriber; a sender claims a row by a conditional UPDATE.
outbox = Table(
    "outbox",
    metadata,
    key(),
    belongs_to("edition"),
    Column("subscriber", String(60), nullable=False),
    Column("status", String(12), nullable=False),  # waiting, sending, sent, failed
    Column("attempts", Integer, nullable=False),
    at("next_try_at"),
    at("claimed_until", nullable=True),
    Column("last_error", Text),
    at("taken_at", nullable=True),  # when the subscriber's receipt came
    UniqueConstraint("edition_id", "subscriber"),
)

#: What became of matters that were served, as it was given to subscribers that take results.
result_document = Table(
    "result_document",
    metadata,
    key(),
    Column("district", String(6), nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_sha256", String(64), nullable=False),  # of the rows alone
    Column("document", Text, nullable=False),
    at("made_at"),
    Column("made_by", String(60), nullable=False),
    UniqueConstraint("district", "number"),
)

#: The same of these as ``outbox`` of editions.
result_parcel = Table(
    "result_parcel",
    metadata,
    key(),
    belongs_to("result_document"),
    Column("subscriber", String(60), nullable=False),
    Column("status", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    at("next_try_at"),
    at("claimed_until", nullable=True),
    Column("last_error", Text),
    at("taken_at", nullable=True),
    UniqueConstraint("result_document_id", "subscriber"),
)

#: A subscriber to whom nothing is sent for now: by a person, or because it answered 410.
paused_subscriber = Table(
    "paused_subscriber",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("paused_by", String(60), nullable=False),
    at("paused_at"),
    Column("reason", Text, nullable=False),
)

#: A share of a list that would leave at once: it does by the word of two persons.
second_word = Table(
    "second_word",
    metadata,
    key(),
    Column("district", String(6), nullable=False),
    Column("base_number", Integer, nullable=False),  # of the edition from which they would leave
    day("cut_off", nullable=False),
    Column("leaving", JSON, nullable=False),  # by list: size, and uscc and name of who would leave
    Column("digest", String(64), nullable=False),  # of ``leaving``
    Column("first_by", String(60)),  # who wanted to publish; empty: the clock, by nobody's order
    at("asked_at"),
    Column("second_by", String(60)),
    Column("reason", Text),
    at("given_at", nullable=True),
    UniqueConstraint("district", "base_number", "digest"),
)

#: What must leave a list at once by a correction edition: an error recalled, a decision that fell.
recall = Table(
    "recall",
    metadata,
    key(),
    Column("district", String(6), nullable=False, index=True),
    Column("edition_number", Integer, nullable=False),  # in which it stands
    Column("list", String(16), nullable=False),  # empty: the whole edition
    Column("uscc", String(18), nullable=False),
    Column("name", String(200), nullable=False),
    Column("document", String(120), nullable=False),
    Column("cause", String(12), nullable=False),  # recall, decision
    Column("reason", Text, nullable=False),
    Column("actor", String(60), nullable=False),
    at("at"),
    at("due_at"),
    Column("done_number", Integer),  # of the edition that took it out
    at("done_at", nullable=True),
    Column("lifted_by", String(60)),  # another person let it be listed again
    at("lifted_at", nullable=True),
    Column("lift_reason", Text),
)

#: The office's order that the clock publishes; the latest row counts.
standing_order = Table(
    "standing_order",
    metadata,
    key(),
    Column("given_by", String(60), nullable=False),
    at("given_at"),
    Column("reason", Text, nullable=False),
    Column("is_given", Boolean, nullable=False),  # False: withdrawn, the clock publishes nothing
)
