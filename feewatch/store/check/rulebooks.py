"""The rule books that checks have used, kept file by file under their hash, never changed."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, select

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, format_day
from feewatch.store.once import insert_once
from feewatch.store.tables.checks import check_run, rule_book, rule_book_file


class LawFile(NamedTuple):
    """A file of a rule book: the number of its folder, its path there, its text."""

    folder: int
    path: str
    content: str


def is_kept(tx: Connection, version: str) -> bool:
    """Whether a book is on record."""
    return bool(tx.scalar(select(exists().where(rule_book.c.version == version))))


def keep(tx: Connection, version: str, files: Sequence[LawFile]) -> None:
    """Put a book on record, in the order of its files."""
    listed = []
    for file in files:
        sha256 = hashlib.sha256(file.content.encode()).hexdigest()
        insert_once(tx, rule_book_file, {"sha256": sha256, "content": file.content})
        listed.append([file.folder, file.path, sha256])
    row = {"version": version, "first_used_at": timestamp(), "files": listed}
    insert_once(tx, rule_book, row)


def load(tx: Connection, version: str) -> list[LawFile]:
    """The files of a book on record, in order; none for a book that is not."""
    files = tx.scalar(select(rule_book.c.files).where(rule_book.c.version == version)) or []
    hashes = {sha256 for _, _, sha256 in files}
    query = select(rule_book_file).where(rule_book_file.c.sha256.in_(hashes))
    contents = {row.sha256: row.content for row in tx.execute(query)}
    return [LawFile(folder, path, contents[sha256]) for folder, path, sha256 in files]


def find_used(tx: Connection, day: Day) -> str | None:
    """The version that the last check made up to the end of a day has used."""
    query = (
        select(check_run.c.rule_book)
        .where(check_run.c.at < format_day(day + 1))
        .order_by(check_run.c.id.desc())
    )
    return tx.scalar(query.limit(1))


def first_day(tx: Connection) -> str | None:
    """The day of the first check on record."""
    first = tx.scalar(select(func.min(check_run.c.at)))
    return first[:10] if first else None
