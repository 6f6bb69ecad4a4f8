"""Papers (文书) that an office makes and serves, files attached to cases, messages, saved views.

A paper keeps the words it was made of and the hash of its document: it can be made again, never
changed. Its number comes from the office's series and is never given twice.
"""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from feewatch.store.tables.base import at, belongs_to, count, day, key, metadata

paper = Table(
    "paper",
    metadata,
    key(),
    Column("kind", String(24), nullable=False),  # of casework.papers
    Column("number", String(60), nullable=False, unique=True),  # 文号 as it is printed
    Column("series", String(40), nullable=False),
    Column("year", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("district", String(6), nullable=False, index=True),
    belongs_to("case_file", nullable=True, index=True),
    belongs_to("institution", nullable=True, index=True),
    Column("content", JSON, nullable=False),  # facts, law, what to do, day, remedies, as made
    Column("template_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),  # of the DOCX, kept under its hash
    Column("made_by", String(60), nullable=False),
    at("made_at"),
    Column("voided_by", String(60)),
    at("voided_at", nullable=True),
    Column("void_reason", Text),
    UniqueConstraint("series", "year", "ordinal"),
)

#: 送达: when, in which way and to whom a paper was handed; corrected by a further row.
paper_service = Table(
    "paper_service",
    metadata,
    key(),
    belongs_to("paper", index=True),
    day("served_on", nullable=False),
    Column("way", String(16), nullable=False),  # direct, post, electronic, left, public
    Column("recipient", String(120), nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_by", String(60), nullable=False),
    at("recorded_at"),
)

#: One act by which many institutions are told: each item a case, taken whole or not at all.
serving_run = Table(
    "serving_run",
    metadata,
    key(),
    Column("actor", String(60), nullable=False),
    at("started_at"),
    at("ended_at", nullable=True),
    Column("way", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    day("deadline"),
    Column("items", Integer, nullable=False),
)

#: What became of each part of such an act.
serving_item = Table(
    "serving_item",
    metadata,
    key(),
    belongs_to("serving_run"),
    Column("status", String(8), nullable=False),  # waiting, done, refused
    belongs_to("institution", nullable=True),
    Column("matters", JSON, nullable=False),  # those of which a case is opened
    Column("case_number", String(40)),  # the case used, or opened
    Column("paper_number", String(60)),
    Column("fault", JSON(none_as_null=True)),  # code, zh, en of a refusal
    Index("ix_serving_item_serving_run_id_status", "serving_run_id", "status"),
)

#: Files attached to a case by either side, kept under their hash.
attachment = Table(
    "attachment",
    metadata,
    key(),
    belongs_to("case_file", index=True),
    belongs_to("case_event", nullable=True),  # the answer, note or service it came with
    belongs_to("matter", nullable=True),
    belongs_to("objection", nullable=True),
    Column("name", String(255), nullable=False),
    Column("media_type", String(100), nullable=False),  # by its content, not by its name
    count("size", nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("by_institution", Boolean, nullable=False),
    Column("added_by", String(60), nullable=False),
    at("added_at"),
)

#: What a person or an institution is told: a mark on the site and, where configured, a mail.
message = Table(
    "message",
    metadata,
    key(),
    belongs_to("app_user", "user_id", nullable=True, index=True),
    belongs_to("institution", nullable=True, index=True),
    at("at"),
    Column("kind", String(24), nullable=False),
    Column("object", String(60), nullable=False),  # case, proposal, paper, statement it is about
    Column("text", JSON, nullable=False),  # zh, en
    Column("address", String(200), nullable=False),  # path of the page that has more
    at("read_at", nullable=True),
    Column("mail", String(12), nullable=False),  # none, waiting, sending, sent, failed
    Column("mail_attempts", Integer, nullable=False),
    at("mail_next_at", nullable=True),
    Column("mail_fault", Text),
)

#: A list as a person filtered and sorted it, under a name of their own.
saved_view = Table(
    "saved_view",
    metadata,
    key(),
    belongs_to("app_user", "user_id", index=True),
    Column("title", String(60), nullable=False),
    Column("address", String(500), nullable=False),  # path and query
    UniqueConstraint("user_id", "title"),
)

#: When a person looked at today's page last, and the time before: what is new since.
desk_visit = Table(
    "desk_visit",
    metadata,
    belongs_to("app_user", "user_id", primary_key=True),
    at("seen_at"),
    at("before_at", nullable=True),
)
