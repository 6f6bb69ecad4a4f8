"""Confirmations (对账函): what banks are asked of the statements of institutions, and answer."""

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from feewatch.store.tables.base import at, belongs_to, count, day, fen, key, metadata

#: A sample drawn by chance, as it can be drawn again: from the seed, out of this population.
confirmation_draw = Table(
    "confirmation_draw",
    metadata,
    key(),
    Column("seed", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("population", JSON, nullable=False),  # statements as file#place, in order
    Column("sample", JSON, nullable=False),  # those drawn, in the order drawn
    Column("actor", String(60), nullable=False),
    at("at"),
)

#: A letter to one bank about accounts of one institution.
confirmation_letter = Table(
    "confirmation_letter",
    metadata,
    key(),
    Column("number", String(40), nullable=False, unique=True),
    belongs_to("institution", index=True),
    Column("bank", String(120), nullable=False),
    belongs_to("confirmation_draw", "draw_id", nullable=True),
    Column("reason", Text, nullable=False),
    Column("actor", String(60), nullable=False),
    at("at"),
)

#: A statement the bank is asked about, with the figures as they were told when it was asked.
confirmation_item = Table(
    "confirmation_item",
    metadata,
    key(),
    belongs_to("confirmation_letter", "letter_id", index=True),
    belongs_to("statement", index=True),
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    fen("opening_fen"),
    fen("closing_fen"),
    count("entries", nullable=False),
    fen("in_fen", nullable=False),
    fen("out_fen", nullable=False),  # at least 0
    Column("status", String(12), nullable=False),  # asked, proposed, agrees, differs
    day("answered_on"),  # the day of the bank's answer
    day("answered_from"),  # of which days the answer is; what is left may be asked again
    day("answered_to"),
    Column("answer_sha256", String(64)),  # the bank's answer itself
    Column("answer_note", Text),
    Column("answered_by", String(60)),  # who put it on record
    at("answered_at", nullable=True),
    Column("confirmed_by", String(60)),  # the second officer, where the bank agrees
    at("confirmed_at", nullable=True),
)
