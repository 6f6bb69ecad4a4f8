"""Who holds the contracts of an institution on which days: successions worked out, chains too."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day
from feewatch.store.tables.places import holding, succession


class Tenure(NamedTuple):
    """Days on which an institution holds the contracts that another one, or itself, registered."""

    institution_id: int  # in whose register they are
    holder_id: int
    from_day: Day
    to_day: Day


def measure(tx: Connection) -> None:
    """Work out all tenures anew; few institutions have any."""
    columns = succession.c
    query = select(columns.institution_id, columns.to_institution_id, columns.on_day)
    ordered = tx.execute(query.order_by(columns.on_day, columns.to_uscc)).all()
    changes = [(old, new, day) for old, new, day in ordered]
    tx.execute(delete(holding))
    rows = [
        tenure._asdict()
        for register in sorted({old for old, _, _ in changes})
        for tenure in work_out(register, changes)
    ]
    if rows:
        tx.execute(insert(holding), rows)


def work_out(register: int, changes: Iterable[tuple[int, int, Day]]) -> Iterator[Tenure]:
    """The tenures of one register, from successions (old, new, day) in order of their days."""
    holder, since = register, FIRST_DAY
    for old, new, day in changes:
        if old == holder and day >= since:
            if day > since:
                yield Tenure(register, holder, since, day - 1)
            holder, since = new, day
    yield Tenure(register, holder, since, LAST_DAY)


def list_tenures(tx: Connection, institutions: Collection[int]) -> list[Tenure]:
    """The tenures of all that successions tie to these institutions, in order of their days."""
    columns = holding.c
    query = select(columns.institution_id, columns.holder_id, columns.from_day, columns.to_day)
    every = [Tenure(*row) for row in tx.execute(query.order_by(columns.from_day, columns.id))]
    tied = linked(institutions, every)
    return [tenure for tenure in every if tenure.institution_id in tied]


def list_tied(tx: Connection, institutions: Collection[int]) -> set[int]:
    """Those of the institutions that a succession ties to another."""
    tied = {
        key
        for row in tx.execute(select(holding.c.institution_id, holding.c.holder_id))
        for key in row
    }
    return tied & {*institutions}


def linked(institutions: Iterable[int], tenures: Iterable[Tenure]) -> set[int]:
    """These institutions and all that successions tie to them, directly or through others."""
    beside: defaultdict[int, set[int]] = defaultdict(set)
    for tenure in tenures:
        beside[tenure.institution_id].add(tenure.holder_id)
        beside[tenure.holder_id].add(tenure.institution_id)
    tied, waiting = set[int](), list(institutions)
    while waiting:
        institution = waiting.pop()
        if institution not in tied:
            tied.add(institution)
            waiting += beside[institution]
    return tied


_TIES = select(holding.c.institution_id, holding.c.holder_id, holding.c.from_day)


def list_linked(tx: Connection, institutions: Collection[int]) -> set[int]:
    """These institutions and all that successions tie to them, directly or through others."""
    tenures = [Tenure(*row, LAST_DAY) for row in tx.execute(_TIES)]
    return linked(institutions, tenures) if tenures else set(institutions)
