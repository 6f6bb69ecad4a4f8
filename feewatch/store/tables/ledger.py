"""Bank files, statements, the entries they merge into, and what is derived from the entries."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from feewatch.store.tables.base import at, belongs_to, count, day, fen, key, metadata

source_file = Table(
    "source_file",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(500), nullable=False),
    count("size", nullable=False),
    at("received_at"),
    Column("channel", String(12), nullable=False),  # cli, upload, inbox, api, feed
    Column("actor", String(60), nullable=False),
    Column("provenance", String(12), nullable=False),  # bank, office, institution: whose word
    Column("status", String(12), nullable=False),  # accepted, quarantined, rejected
    Column("dialect", String(40)),
    Column("problems", JSON, nullable=False),
)

statement = Table(
    "statement",
    metadata,
    key(),
    Column("file_sha256", String(64), nullable=False),
    count("n", nullable=False),  # 1-based place in its file
    Column("account_no", String(40), nullable=False, index=True),
    belongs_to("account", nullable=True, index=True),  # empty while the account is unregistered
    belongs_to("institution", nullable=True, index=True),
    Column("currency", String(3), nullable=False),
    day("from_day", nullable=False),  # first and last day covered; from > to: none is
    day("to_day", nullable=False),
    fen("opening_fen", nullable=True),
    fen("closing_fen", nullable=True),
    count("entries", nullable=False),
    Column("status", String(12), nullable=False),  # accepted, quarantined, rejected
    Column("reason", String(24)),  # a kind of fault: truncated, currency, unregistered …
    fen("difference_fen"),  # opening + entries - closing where the reason is arithmetic
    Column("problems", JSON, nullable=False),
    at("recorded_at"),
    day("confirmed_on"),  # the bank stood by what the institution told
    # whether rows of days that it does not cover are in the ledger
    Column("has_outside", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("file_sha256", "n"),
    Index("ix_statement_status_institution_id", "status", "institution_id"),
)

#: What a first officer would do with a quarantined statement, until a second one confirms.
quarantine_proposal = Table(
    "quarantine_proposal",
    metadata,
    belongs_to("statement", primary_key=True),
    Column("decision", String(8), nullable=False),  # release, reject
    Column("actor", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    at("proposed_at"),
)

_IS_PAID = text("kind IN ('receipt', 'refund') AND merged_into IS NULL")

#: Every row of every accepted statement. The ledger is the rows with merged_into empty; a row that
#: another file states again points to the row it merged into. A row that the institution alone
#: tells of a day on which bank or office tell otherwise points to itself: it is kept, and no money.
#: Texts are NFKC-normalised.
entry = Table(
    "entry",
    metadata,
    key(),
    belongs_to("account"),
    belongs_to("institution"),
    belongs_to("statement", index=True),
    count("line", nullable=False),
    count("seq", nullable=False),  # 0-based place in the statement, oldest first
    day("booked_on", nullable=False),
    Column("booked_time", String(8)),
    day("value_on"),
    fen("amount_fen", nullable=False),  # in > 0, out < 0
    fen("balance_fen"),
    Column("counterparty", Text),
    Column("counterparty_account", Text),
    Column("memo", Text),
    Column("reference", Text),
    Column("reversal_mark", Boolean, nullable=False),
    belongs_to("entry", "merged_into", nullable=True),
    count("filled", nullable=False),  # bit mask of fields filled in from merged rows
    count("n", nullable=False),  # 1, 2 ... among equal (account, day, amount); 0 merged
    # derived by classification, rewritten for an institution whenever its data change:
    Column("kind", String(12)),
    belongs_to("entry", "reverses", nullable=True),
    fen("matched_fen", nullable=False),  # of a receipt or refund: what is matched to contracts
    # its texts were let go: what was derived from them stays as it was
    Column("is_erased", Boolean, nullable=False, server_default=false()),
    Index("ix_entry_account_id_booked_on", "account_id", "booked_on"),
    Index("ix_entry_institution_id_booked_on", "institution_id", "booked_on"),
    # what was paid and paid back is added up from it alone
    Index(
        "ix_entry_paid",
        *("institution_id", "booked_on", "kind", "amount_fen", "matched_fen", "merged_into"),
        sqlite_where=_IS_PAID,
        postgresql_where=_IS_PAID,
    ),
)

#: What an entry pays (receipt) or pays back (refund); rewritten by matching.
match = Table(
    "match",
    metadata,
    key(),
    belongs_to("institution", index=True),
    belongs_to("entry", index=True),
    belongs_to("contract", index=True),
    belongs_to("refund_request", nullable=True),
    count("charge_id"),  # the charge that a receipt pays, of a contract in charges
    Column("kind", String(8), nullable=False),  # receipt, refund
    fen("amount_fen", nullable=False),  # at least 0
    day("booked_on", nullable=False),
    Column("how", String(16), nullable=False),  # contract_no, amount, refund_no, settlement, manual
)

#: What an officer decided that an entry pays or pays back. Rows are never deleted; one in force
#: until it is undone comes before all that matching would find.
manual_match = Table(
    "manual_match",
    metadata,
    key(),
    belongs_to("institution", index=True),
    belongs_to("entry"),  # follows the row into which this one may merge later
    belongs_to("contract"),
    fen("amount_fen", nullable=False),
    Column("actor", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    at("at"),
    Column("undone_by", String(60)),
    Column("undone_reason", Text),
    at("undone_at", nullable=True),
)

#: Closing balance of each day with entries, and of the first and last day of each statement.
account_day = Table(
    "account_day",
    metadata,
    belongs_to("account", primary_key=True),
    day("day", primary_key=True, nullable=False, autoincrement=False),
    belongs_to("institution", index=True),
    fen("closing_fen", nullable=False),
    count("entries", nullable=False),
    belongs_to("statement"),  # the statement whose balance this is
)

#: Days covered by accepted statements, as maximal ranges.
account_coverage = Table(
    "account_coverage",
    metadata,
    key(),
    belongs_to("account", index=True),
    belongs_to("institution", index=True),
    day("from_day", nullable=False),
    day("to_day", nullable=False),
)

#: Days by whose word they are told, the best of each day, as maximal ranges that never overlap.
told_days = Table(
    "told_days",
    metadata,
    key(),
    belongs_to("account", index=True),
    belongs_to("institution", index=True),
    Column("word", String(12), nullable=False),  # bank, office, confirmed, institution
    day("from_day", nullable=False),
    day("to_day", nullable=False),
)

#: Days covered and joints of statements as they are without what the institution alone tells;
#: only of accounts of which it tells something alone.
proven_coverage = Table(
    "proven_coverage",
    metadata,
    key(),
    belongs_to("account", index=True),
    belongs_to("institution", index=True),
    day("from_day", nullable=False),
    day("to_day", nullable=False),
)


def _link(name: str) -> Table:
    return Table(
        name,
        metadata,
        key(),
        belongs_to("account", index=True),
        belongs_to("institution", index=True),
        belongs_to("statement"),
        belongs_to("statement", "previous_id"),
        day("on_day", nullable=False),  # first missing day, or the later statement's first day
        count("missing_days", nullable=False),
        fen("difference_fen", nullable=False),  # opening - previous closing; 0 if days are missing
        # what only one of the two tells, on days on which the word of bank or office stands:
        fen("contradicted_fen", nullable=False, default=0),
    )


#: How each accepted statement joins the one before it, in order of days.
statement_link = _link("statement_link")
proven_link = _link("proven_link")
