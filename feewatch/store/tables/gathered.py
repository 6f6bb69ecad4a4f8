"""What other offices published, as it was gathered and verified, and what of it was refused."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text, UniqueConstraint

from feewatch.store.tables.base import at, day, key, metadata

#: How it stands with each source: when it was asked, since when nothing valid came and why.
gathered_source = Table(
    "gathered_source",
    metadata,
    Column("district", String(6), primary_key=True),
    at("tried_at"),
    at("valid_at", nullable=True),  # when all that it gave was valid, complete and in time, last
    day("fresh_until"),  # the last day for which it vouched for its latest edition
    Column("code", String(40)),  # why nothing valid came since; empty where it did
    Column("fault", JSON),  # in both languages
    at("failing_since", nullable=True),
)

#: Editions that were verified: added once, never changed. Their files lie in var/gathered.
gathered_edition = Table(
    "gathered_edition",
    metadata,
    key(),
    Column("district", String(6), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("office", Text, nullable=False),
    day("cut_off", nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("previous_sha256", String(64)),
    Column("rule_book", String(64), nullable=False),
    Column("counts", JSON, nullable=False),
    Column("key_ids", JSON, nullable=False),  # of the trusted keys that signed it
    at("gathered_at"),
    UniqueConstraint("district", "number"),
)

#: The entries of the newest edition of each source, replaced with it.
gathered_entry = Table(
    "gathered_entry",
    metadata,
    key(),
    Column("district", String(6), nullable=False),
    Column("number", Integer, nullable=False),  # of the edition
    Column("list", String(16), nullable=False),  # empty: not rated
    Column("place", Integer, nullable=False),  # in its list, from 0 without gaps
    Column("uscc", String(18), nullable=False, index=True),  # empty: premises
    Column("name", String(220), nullable=False),
    Column("content", JSON, nullable=False),
    UniqueConstraint("district", "list", "place"),
)

#: What was refused of a source: one row for the same thing, however often it is offered.
gathering_refusal = Table(
    "gathering_refusal",
    metadata,
    key(),
    Column("district", String(6), nullable=False),
    Column("digest", String(64), nullable=False),  # of what was refused and why
    Column("number", Integer),  # of the edition, where it is one
    Column("code", String(40), nullable=False),
    Column("file", Text, nullable=False),
    Column("fault", JSON, nullable=False),  # in both languages
    Column("sha256", String(64)),  # of the bytes that were refused, where there are any
    at("first_at"),
    at("last_at"),
    Column("times", Integer, nullable=False),
    UniqueConstraint("district", "digest"),
)

#: 退回更正: an office above asks a district to look at an entry. ``direction``: out, where this
#: office asks; in, where it was asked. The signed messages are kept as they were sent.
correction_request = Table(
    "correction_request",
    metadata,
    key(),
    Column("direction", String(3), nullable=False),
    Column("number", String(40), nullable=False),
    Column("asker", String(6), nullable=False),  # place of the office that asks
    Column("office", Text, nullable=False),  # its name
    Column("district", String(6), nullable=False),  # whose entry it is
    Column("edition_number", Integer, nullable=False),
    Column("edition_sha256", String(64), nullable=False),
    Column("list", String(16), nullable=False),
    Column("uscc", String(18), nullable=False),
    Column("name", String(220), nullable=False),
    Column("document", String(120), nullable=False),  # of the decision; empty where by proof
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),  # the signed request
    Column("sha256", String(64), nullable=False),  # of it
    Column("made_by", String(60), nullable=False),  # who asked, or by whom it came in
    at("made_at"),
    at("pushed_at", nullable=True),  # when the district's API took it
    Column("push_fault", Text),
    Column("outcome", String(10)),  # corrected, stands; empty while it is open
    Column("answer_number", Integer),  # of the edition that corrected it
    Column("answer_sha256", String(64)),
    Column("answer_reason", Text),
    Column("answer", Text),  # the signed answer
    Column("answered_by", String(60)),  # who answered, or by whom the answer came in
    at("answered_at", nullable=True),
    UniqueConstraint("direction", "asker", "number"),
)
