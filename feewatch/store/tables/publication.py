"""Decisions that may put a name on a public list, the editions, and what waits to be sent."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text, UniqueConstraint

from feewatch.store.tables.base import at, belongs_to, day, key, metadata

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
    Column("status", String(12), nullable=False),  # in_force, changed, revoked, void, repaired
    day("ended_on"),  # from this day on the status is no longer in_force
    Column("premises_no", String(60)),  # of the premises that it names, where they are on file
    UniqueConstraint("document", "list", "uscc", "name"),
)

decision_event = Table(
    "decision_event",
    metadata,
    key(),
    belongs_to("decision", index=True),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("change", String(12), nullable=False),  # added, changed, revoked, void, repaired
    day("effective_on", nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", JSON, nullable=False),
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
    UniqueConstraint("district", "number"),
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
    UniqueConstraint("edition_id", "subscriber"),
)
