"""The rows that an alert rests on, as they lie on file."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.registers import account, contract

#: As many rows of evidence as a page can show.
MOST = 200


def find_entries(
    tx: Connection, institution_id: int | None, evidence: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, int], Row[Any]]:
    """The ledger rows of the evidence by (file hash, line), of this institution alone."""
    rows = [each for each in evidence[:MOST] if "file_sha256" in each]
    if institution_id is None or not rows:
        return {}
    query = (
        select(entry, account.c.account_no, statement.c.file_sha256, source_file.c.name)
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .join(account, account.c.id == entry.c.account_id)
        .where(
            entry.c.institution_id == institution_id,
            statement.c.file_sha256.in_({each["file_sha256"] for each in rows}),
            entry.c.line.in_({each["line"] for each in rows}),
        )
    )
    return {(row.file_sha256, row.line): row for row in tx.execute(query)}


def find_contracts(
    tx: Connection, institution_id: int | None, evidence: Sequence[Mapping[str, Any]]
) -> dict[str, Row[Any]]:
    """The contracts that the evidence names, by number."""
    named = {str(each["id"]) for each in evidence[:MOST] if each.get("record") == "contract"}
    if institution_id is None or not named:
        return {}
    query = select(contract).where(
        contract.c.institution_id == institution_id, contract.c.contract_no.in_(named)
    )
    return {row.contract_no: row for row in tx.execute(query)}
