"""复核: acts that may excuse a breach, asked for by one officer and confirmed by another.

Nothing of an act counts before it is confirmed; ``content`` holds what it would write.
"""

from sqlalchemy import JSON, Column, Index, String, Table, Text, text

from feewatch.store.tables.base import at, belongs_to, key, metadata

_WAITS = text("state = 'waiting'")

countersign = Table(
    "countersign",
    metadata,
    key(),
    belongs_to("institution", index=True),
    Column("kind", String(12), nullable=False),  # approvals, match, unmatch, coverage, hold
    Column("object", String(200), nullable=False),  # names what is done once at a time
    Column("content", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    at("asked_at"),
    Column("asked_by", String(60), nullable=False),
    Column("state", String(12), nullable=False),  # waiting, confirmed, refused
    at("decided_at", nullable=True),
    Column("decided_by", String(60)),
    Column("decision_reason", Text),
    Index(
        "ix_countersign_waiting",
        "kind",
        "object",
        unique=True,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    ),
)
