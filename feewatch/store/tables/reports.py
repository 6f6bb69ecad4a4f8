"""Reports that an office issued: what was handed in, as it was, whatever the data tell later."""

from sqlalchemy import Column, String, Table, Text

from feewatch.store.tables.base import at, day, key, metadata

issued_report = Table(
    "issued_report",
    metadata,
    key(),
    Column("district", String(6), nullable=False, index=True),  # the place that it tells of
    day("from_day", nullable=False),
    day("to_day", nullable=False),
    Column("content", Text, nullable=False),  # the figures as canonical JSON, byte for byte
    Column("content_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),  # of the DOCX, kept with the raw files
    Column("issued_by", String(60), nullable=False),
    at("issued_at"),
)
