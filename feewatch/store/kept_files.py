"""Which files the record rests on, by their hash: bank files, papers, vouchers, attachments."""

from sqlalchemy import Column, Connection, select

from feewatch.store.tables import metadata

#: Columns with the hash of a file that is kept.
_COLUMNS = (
    ("source_file", "sha256"), ("attachment", "sha256"), ("paper", "sha256"),
    ("paper", "template_sha256"), ("proposal", "voucher_sha256"), ("decision", "file_sha256"),
    ("decision", "notice_sha256"), ("advance_notice", "file_sha256"),
    ("advance_notice", "record_sha256"), ("decision_objection_file", "sha256"),
    ("grade_file", "sha256"), ("confirmation_item", "answer_sha256"), ("issued_report", "sha256"),
    ("visit_photo", "sha256"), ("transfer", "bundle_sha256"), ("transfer", "receipt_sha256"),
)  # fmt: skip


def list_files(tx: Connection) -> dict[str, str]:
    """The table that names each kept file, by its hash."""
    files: dict[str, str] = {}
    for table, column in _COLUMNS:
        named: Column[str] = metadata.tables[table].c[column]
        for hashed in tx.scalars(select(named).where(named.is_not(None)).distinct()):
            files.setdefault(hashed, table)
    return files


#: Of these, what goes at the end of a term: files of the bank, attachments, vouchers.
_GOING = frozenset({"source_file", "attachment", "proposal"})


def list_lasting(tx: Connection) -> set[str]:
    """Hashes of files that something rests on which has no term: papers, decisions, reports …"""
    lasting: set[str] = set()
    for table, column in _COLUMNS:
        if table not in _GOING:
            named: Column[str] = metadata.tables[table].c[column]
            lasting.update(tx.scalars(select(named).where(named.is_not(None)).distinct()))
    return lasting


def list_gone(tx: Connection) -> dict[str, str]:
    """Files that were let go for good: by their hash, the mark of the erasure."""
    gone = metadata.tables["erased"]
    query = select(gone.c.name, gone.c.mark).where(gone.c.kind == "file")
    return {row.name: row.mark for row in tx.execute(query)}
