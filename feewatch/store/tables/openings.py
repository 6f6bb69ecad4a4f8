"""Opening statements: what old contracts and fee accounts held when supervision began."""

from sqlalchemy import Column, String, Table, Text

from feewatch.store.tables.base import at, belongs_to, day, fen, key, metadata

#: Rows are never deleted; of an institution the latest signed one counts.
opening_statement = Table(
    "opening_statement",
    metadata,
    key(),
    belongs_to("institution", index=True),
    day("day", nullable=False),  # the supervised_from it was made for; amounts as it begins
    Column("file_sha256", String(64), nullable=False),
    Column("added_by", String(60), nullable=False),
    at("added_at"),
    Column("signed_by", String(60)),
    Column("signed_reason", Text),
    at("signed_at", nullable=True),
)

#: Of an account its balance, of a contract its unconsumed value; one of the two keys is filled.
opening_row = Table(
    "opening_row",
    metadata,
    key(),
    belongs_to("opening_statement", index=True),
    belongs_to("account", nullable=True),
    belongs_to("contract", nullable=True),
    fen("amount_fen", nullable=False),
)
