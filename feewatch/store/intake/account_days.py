"""What is derived from statements for the days of an account: closings, coverage, joints, words."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, select

from feewatch.kernel.days import LAST_DAY, Day
from feewatch.ledger.days import Closing, Link, Range
from feewatch.ledger.words import ToldRange
from feewatch.store.bulk import insert_rows
from feewatch.store.intake.bankfiles import AccountOnFile
from feewatch.store.tables.ledger import (
    account_coverage,
    account_day,
    proven_coverage,
    proven_link,
    statement_link,
    told_days,
)


def put_closings(tx: Connection, owner: AccountOnFile, closings: Iterable[Closing]) -> Day:
    """Let the days of an account be these; the first day of which anything changes by it."""
    changed = _put(tx, owner, account_day, Closing._fields, closings)
    return min((Closing(*row).day for row in changed), default=LAST_DAY)


def put_coverage(tx: Connection, owner: AccountOnFile, ranges: Iterable[Range]) -> Day:
    """Let the covered ranges of an account be these; the first day of which that changes any."""
    changed = _put(tx, owner, account_coverage, ("from_day", "to_day"), ranges)
    return min(_first_different(changed), default=LAST_DAY)


def put_links(tx: Connection, owner: AccountOnFile, links: Iterable[Link]) -> Day:
    """Let the joints between the statements of an account be these; as ``put_closings``."""
    changed = _put(tx, owner, statement_link, Link._fields, links)
    return min((Link(*row).on_day for row in changed), default=LAST_DAY)


def put_words(tx: Connection, owner: AccountOnFile, told: Iterable[ToldRange]) -> Day:
    """Let the days of an account be told by these words; as ``put_coverage``."""
    changed = _put(tx, owner, told_days, ToldRange._fields, told)
    return min(_first_different(changed), default=LAST_DAY)


def _first_different(ranges: Collection[tuple[Any, ...]]) -> Iterator[Day]:
    """Where ranges (..., from_day, to_day) that came and went begin to differ.

    Two that begin alike, of which one came and one went, differ behind the end of the shorter.
    """
    ends: defaultdict[tuple[Any, ...], list[Day]] = defaultdict(list)
    for *begin, to_day in ranges:
        ends[tuple(begin)].append(to_day)
    for (*_, from_day), to_days in ends.items():
        yield min(to_days) + 1 if len(to_days) > 1 else from_day


def put_proven(
    tx: Connection, owner: AccountOnFile, ranges: Iterable[Range], links: Iterable[Link]
) -> None:
    """Let the covered ranges and joints without the institution's own word be these."""
    _put(tx, owner, proven_coverage, ("from_day", "to_day"), ranges)
    _put(tx, owner, proven_link, Link._fields, links)


def _put(
    tx: Connection,
    owner: AccountOnFile,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
) -> set[tuple[Any, ...]]:
    """Replace the rows of an account, touching only those that differ: these, old and new."""
    mine = table.c.account_id == owner.id
    present = {tuple(row) for row in tx.execute(select(*(table.c[c] for c in columns)).where(mine))}
    wanted = {tuple(row) for row in rows}
    if stale := present - wanted:
        alike = and_(mine, *(table.c[c] == bindparam(f"{c}_") for c in columns))
        values = [{f"{c}_": v for c, v in zip(columns, row, strict=True)} for row in stale]
        tx.execute(delete(table).where(alike), values)
    if fresh := sorted(wanted - present):
        head = (owner.id, owner.institution_id)
        names = ("account_id", "institution_id", *columns)
        insert_rows(tx, table, names, ((*head, *row) for row in fresh))
    return present ^ wanted
