"""Corrections that institutions ask for: proposals, the alerts that wait, their history.

A proposal changes no register; an accepted one is applied in the transaction that accepts it.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from feewatch.store.tables.base import at, belongs_to, key, metadata

_IS_OPEN = text("state = 'open'")

proposal = Table(
    "proposal",
    metadata,
    key(),
    belongs_to("institution", index=True),
    Column("kind", String(16), nullable=False),  # of register
    Column("record_id", Integer, nullable=False),  # key of the row on file it would change
    Column("contract_id", Integer),  # of the row as proposed, where it belongs to a contract
    Column("key", String(200), nullable=False),  # names the row, as in register_change
    Column("cancels", Boolean, nullable=False),
    Column("before", JSON, nullable=False),  # the whole row as it stood when proposed
    Column("after", JSON, nullable=False),  # the whole row as proposed
    Column("reason", Text, nullable=False),
    Column("voucher_sha256", String(64)),
    Column("voucher_name", String(255)),
    Column("file_sha256", String(64), nullable=False),  # the register file it came with
    Column("file_name", String(255), nullable=False),
    Column("proposed_by", String(60), nullable=False),
    at("proposed_at"),
    Column("state", String(12), nullable=False),  # open, accepted, refused, withdrawn, superseded
    # a row has one open proposal at a time, whoever hands it in meanwhile
    Index(
        "ix_proposal_open",
        "kind",
        "record_id",
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
)

#: Alerts that a proposal would end or lower, or that rest on its row; by the alert's name, for the
#: next check may open it only later.
proposal_alert = Table(
    "proposal_alert",
    metadata,
    belongs_to("proposal", primary_key=True),
    Column("alert_id", String(16), primary_key=True, index=True),
)

#: Every step of a proposal: proposed, asked, voucher, accepted, refused, withdrawn, superseded.
proposal_event = Table(
    "proposal_event",
    metadata,
    key(),
    Column("proposal_id", ForeignKey("proposal.id"), nullable=False, index=True),
    at("at"),
    Column("actor", String(60), nullable=False),
    Column("change", String(12), nullable=False),
    Column("reason", Text, nullable=False),
)
