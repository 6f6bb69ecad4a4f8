"""Rows of the bank that name one person, and the files among theirs that tell of others too."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from feewatch.kernel.days import Day
from feewatch.store.retention import OF_PARTY, TEXTS, has_texts, list_due_files
from feewatch.store.tables.ledger import entry, statement


class PayerRow(NamedTuple):
    """A row of the bank that names a person: its file, place in it, row, institution."""

    file_sha256: str
    n: int
    seq: int
    institution_id: int
    is_payer: bool  # or payee; else the person is named in what another one pays for


def list_of_payer(tx: Connection, name: str) -> Iterator[PayerRow]:
    """Each row of the bank in which a name or number stands as a word of its own.

    One that is a part of a longer name or number is another person's.
    """
    holds = or_(*(entry.c[column].contains(name, autoescape=True) for column in TEXTS))
    place = statement.c.file_sha256, statement.c.n, entry.c.seq, entry.c.institution_id
    query = (
        select(*place, *(entry.c[column] for column in TEXTS))
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(holds)
        .order_by(statement.c.id, entry.c.seq)
    )
    for row in tx.execute(query):
        holds_it = [bool(text) and stands_in(name, text) for text in row[4:]]
        if any(holds_it):
            sha256, n, seq, institution = row[:4]
            yield PayerRow(sha256, n, seq, institution, any(holds_it[: len(OF_PARTY)]))


def stands_in(word: str, text: str) -> bool:
    """Whether a word is the whole of a text, or a part of it between separators.

    >>> stands_in("张三", "学费 张三/HT1"), stands_in("张三", "张三丰"), stands_in("6217", "62170")
    (True, False, False)
    """
    return re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text) is not None


def list_shared(
    tx: Connection, rows: Collection[PayerRow], before: Day, bound: Collection[int]
) -> set[str]:
    """Files of these rows that tell of other people too, and whose term is not over."""
    mine = {(row.file_sha256, row.n, row.seq) for row in rows if row.is_payer}
    files = sorted({row.file_sha256 for row in rows})
    query = (
        select(statement.c.file_sha256, statement.c.n, entry.c.seq)
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(statement.c.file_sha256.in_(files), has_texts())
    )
    unread = select(statement.c.file_sha256).where(
        statement.c.file_sha256.in_(files), statement.c.status != "accepted"
    )
    shared = {row[0] for row in tx.execute(query) if tuple(row) not in mine}
    over = set(list_due_files(tx, before, bound, ""))
    return (shared | {*tx.scalars(unread)}) - over
