"""Charges of contracts, sites and successions of institutions, premises and clues of a district."""

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from feewatch.store.tables.base import at, belongs_to, count, day, fen, key, metadata

#: What a contract charges at once. Days and months that a charge does not state are those its
#: contract gives it: see ``store.registers.charges``.
charge = Table(
    "charge",
    metadata,
    key(),
    belongs_to("institution"),
    belongs_to("contract"),
    Column("charge_no", String(20), nullable=False),
    day("due_on", nullable=False),
    fen("amount_fen", nullable=False),
    count("lessons"),
    day("starts_on"),
    day("ends_on"),
    day("paid_on"),  # empty: not paid
    day("recorded_on"),
    # computed at import: turn among the charges of its contract, by due day; calendar months
    count("turn"),
    day("begins_on"),  # the day its money buys: starts_on, for the first one else the contract's
    count("span_months"),  # completed months from starts_on to ends_on
    count("lead_months"),  # completed months from paid_on to begins_on, at least 0
    count("lead_months_up"),  # smallest k with paid_on >= begins_on - k months
    UniqueConstraint("contract_id", "charge_no"),
    Index("ix_charge_institution_id_paid_on", "institution_id", "paid_on"),
)

site = Table(
    "site",
    metadata,
    key(),
    belongs_to("institution"),
    Column("site_no", String(40), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("name", String(200)),
    Column("address", String(200)),
    Column("licence_no", String(80)),
    day("opened_on"),
    day("closed_on"),
    day("recorded_on"),
    UniqueConstraint("institution_id", "site_no"),
)

#: From ``on_day`` on the contracts of ``institution_id`` are those of ``to_institution_id``.
succession = Table(
    "succession",
    metadata,
    key(),
    belongs_to("institution"),
    belongs_to("institution", "to_institution_id", index=True),
    Column("to_uscc", String(18), nullable=False),
    day("on_day", nullable=False),
    Column("document", String(120)),
    day("recorded_on"),
    UniqueConstraint("institution_id", "to_institution_id", "on_day"),
)

#: Successions worked out: who holds the contracts of ``institution_id`` on which days. Only
#: institutions that were succeeded have rows; all others hold their own for ever.
holding = Table(
    "holding",
    metadata,
    key(),
    belongs_to("institution"),
    belongs_to("institution", "holder_id", index=True),
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    UniqueConstraint("institution_id", "from_day"),
)

premises = Table(
    "premises",
    metadata,
    key(),
    Column("premises_no", String(60), nullable=False, unique=True),
    belongs_to("institution", nullable=True),
    Column("district", String(6), nullable=False, index=True),
    Column("address", String(200), nullable=False),
    day("found_on", nullable=False),
    Column("found_by", String(80)),
    Column("name", String(200)),
    Column("state", String(12), nullable=False),
    Column("disposal", String(12), nullable=False),
    day("disposed_on"),
    day("recorded_on"),
)

clue = Table(
    "clue",
    metadata,
    key(),
    Column("clue_no", String(60), nullable=False, unique=True),
    belongs_to("institution", nullable=True),
    day("received_on", nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("source", String(12), nullable=False),
    Column("text", Text, nullable=False),
    Column("address", String(200)),
    Column("state", String(12), nullable=False),
    day("answered_on"),
    day("due_on"),  # by when who sent it wants an answer
    day("recorded_on"),
)

#: What an officer made of a clue; append-only.
clue_event = Table(
    "clue_event",
    metadata,
    key(),
    belongs_to("clue", index=True),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("act", String(12), nullable=False),  # link, case, unfounded, close, reopen
    belongs_to("matter", nullable=True, index=True),  # that it was linked to
    Column("case_number", String(40)),  # that was opened by it
    day("answered_on"),
    Column("answer", Text),  # what whoever sent the clue is told; ``reason`` stays in the office
    Column("reason", Text, nullable=False),
)
