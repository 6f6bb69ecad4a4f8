"""What protects the people behind the rows: who was shown them whole, and why."""

from sqlalchemy import JSON, Column, String, Table, Text

from feewatch.store.tables.base import at, key, metadata

#: A person of the office asked to see accounts, payers or memos whole, for an open matter.
unmasking = Table(
    "unmasking",
    metadata,
    key(),
    at("at"),
    at("ends_at"),
    Column("actor", String(60), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # case, proposal, statement, matching
    Column("ground", String(100), nullable=False),  # its number, hash#place or credit code
    Column("district", String(6), nullable=False),
    Column("uscc", String(18)),  # whose rows; empty for accounts that are on no register
    Column("account_no", Text),  # of such accounts, with spaces between
    Column("fields", String(40), nullable=False),  # with commas between
    Column("reason", Text, nullable=False),
)

#: What is to be let go for good, proposed by one person and done by another: each step a row.
erasure_event = Table(
    "erasure_event",
    metadata,
    key(),
    Column("mark", String(32), nullable=False, index=True),  # of the erasure, in all places alike
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("step", String(12), nullable=False),  # proposed, done, again, dropped
    Column("kind", String(12), nullable=False),  # terms: what is past its term; person: on request
    Column("plan", JSON, nullable=False),  # what and how much; of a person by a keyed hash
    Column("reason", Text, nullable=False),
)

#: What was let go, by names that tell nothing of what stood there.
erased = Table(
    "erased",
    metadata,
    key(),
    Column("mark", String(32), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # entries, contract, file
    Column("name", String(200), nullable=False, index=True),  # hash#n of a statement, uscc/no, hash
    Column("detail", JSON, nullable=False),  # of entries: seqs, or the day before which
)
