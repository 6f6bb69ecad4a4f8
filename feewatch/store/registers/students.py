"""Student tokens of contracts on file."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from feewatch.store.registers.registers import batches
from feewatch.store.tables.registers import contract, institution


def list_students_on_file(tx: Connection, tokens: Collection[str]) -> set[tuple[str, str]]:
    """(credit code, token) of those tokens that contracts on file bear."""
    query = select(institution.c.uscc, contract.c.student).join(
        institution, institution.c.id == contract.c.institution_id
    )
    return {
        (uscc, token)
        for batch in batches(tokens)
        for uscc, token in tx.execute(query.where(contract.c.student.in_(batch)))
    }
