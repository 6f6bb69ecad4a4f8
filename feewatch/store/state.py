"""Marks of work to be done, one row an institution: who must be matched and checked again."""

from collections.abc import Collection, Iterable, Mapping
from enum import IntFlag
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    case,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from feewatch.kernel.days import FIRST_DAY, Day
from feewatch.store.holdings import list_linked
from feewatch.store.once import insert_missing
from feewatch.store.scope import among
from feewatch.store.tables.checks import institution_state as state


class Touched(IntFlag):
    """The data that a change is in; a rule that reads none of it says what it said before."""

    STATEMENTS = 1
    LESSONS = 2
    REST = 4
    #: Rows of ``match`` that pay back, and those that pay contracts paid after their lessons: no
    #: other receipt tells a rule anything that does not read statements too.
    REFUNDS = 8
    PAY_AFTER = 16
    MATCHES = REFUNDS | PAY_AFTER
    EVERYTHING = STATEMENTS | LESSONS | REST | MATCHES
    NOTHING = 0
    #: Not data but how matches follow from them: the code, the channels. Matched anew by a check.
    DERIVATION = 32


#: The tables that a change of these data writes, and no other change of data that rules read.
TABLES = {
    Touched.STATEMENTS: frozenset(
        {"statement", "entry", "match", "account_day", "account_coverage", "statement_link",
         "told_days"}
    ),
    Touched.LESSONS: frozenset({"lesson", "coverage"}),
}  # fmt: skip
#: By the words with which a fact says which matches it reads alone (``-- matches:``).
KINDS_OF_MATCHES = {"refund": Touched.REFUNDS, "pay_after": Touched.PAY_AFTER}


def data_of(table: str) -> Touched:
    """The data that the rows of a table are."""
    return next((data for data, names in TABLES.items() if table in names), Touched.REST)


def mark_changed(
    tx: Connection,
    institutions: Collection[int],
    *,
    entries: bool = True,
    touched: Touched = Touched.EVERYTHING,
    since: Day = FIRST_DAY,
) -> None:
    """Note that data of these institutions changed.

    ``entries`` says whether matching depends on the change (entries, accounts, contracts, refunds
    do; lessons do not). ``touched``: where all of the change is in these data. ``since``: where it
    is dated from that day on. What changes at one concerns all that successions tie to it.
    """
    change = _CHANGED[entries]
    concerned = list_linked(tx, institutions)
    _hold(tx, concerned)
    of_change = {"mask": int(touched), "since": since}
    missing = concerned - set(tx.scalars(change, {"institutions": sorted(concerned), **of_change}))
    if missing:
        rows = [
            {"institution_id": institution_id, "to_match": entries, "to_check": True, "changes": 0}
            for institution_id in sorted(missing)
        ]
        insert_missing(tx, state, rows)  # two at once may find it missing
        tx.execute(change, {"institutions": sorted(missing), **of_change})


_since = bindparam("since", type_=BigInteger)
_with_mask = state.c.touched.op("|")(bindparam("mask", type_=Integer))
_no_later = case((state.c.touched_from < _since, state.c.touched_from), else_=_since)


def touch_from(
    tx: Connection, institutions: Collection[int], day: Day, touched: Touched = Touched.NOTHING
) -> None:
    """Note that what changed of these institutions is dated from a day on, at the earliest.

    The next check looks at them: matches may change where no data did. ``touched``: where it is
    in more data than those who marked the change knew.
    """
    change = update(state).where(among(state.c.institution_id, institutions))
    tx.execute(
        change.values(to_check=True, touched_from=_no_later, touched=_with_mask),
        {"since": day, "mask": int(touched)},
    )


def _changed(**values: bool) -> ReturningUpdate[Any]:
    return (
        update(state)
        .where(state.c.institution_id.in_(bindparam("institutions", expanding=True)))
        .values(
            **values,
            changes=state.c.changes + 1,
            touched=_with_mask,
            touched_from=_no_later,
        )
        .returning(state.c.institution_id)
    )


#: By whether matching depends on the change.
_CHANGED = {True: _changed(to_check=True, to_match=True), False: _changed(to_check=True)}


def mark_to_check(
    tx: Connection, institutions: Collection[int], *, by_all_rules: bool = False
) -> None:
    """Let the next check look at these institutions, though nothing of theirs changed.

    ``by_all_rules``: also by rules whose outcomes would be what they were.
    """
    everything = {"touched": _with(Touched.EVERYTHING), "touched_from": FIRST_DAY}
    _mark(tx, institutions, to_check=True, **(everything if by_all_rules else {}))


def mark_to_match(tx: Connection, institutions: Collection[int]) -> None:
    """Let these institutions be matched again, though nothing of theirs changed."""
    _mark(tx, institutions, to_check=True, to_match=True)


def mark_to_derive(tx: Connection, institutions: Collection[int]) -> None:
    """Let these institutions be matched anew by a check, and by no one else who matches.

    Where that changes matches, the check looks at them.
    """
    _mark(tx, institutions, touched=_with(Touched.DERIVATION))


def _mark(tx: Connection, institutions: Collection[int], **values: Any) -> None:
    _hold(tx, institutions)
    tx.execute(update(state).where(among(state.c.institution_id, institutions)).values(**values))


def _with(touched: Touched) -> ColumnElement[int]:
    return state.c.touched.op("|")(int(touched))


def read_changes(tx: Connection, institutions: Collection[int]) -> dict[int, int]:
    """How often the data of each institution changed so far."""
    return {row.institution_id: row.changes for row in tx.execute(_changes_of(institutions))}


def list_changed(tx: Connection, changes: Mapping[int, int], *, locked: bool = False) -> set[int]:
    """Those whose data changed since ``read_changes`` gave these numbers.

    ``locked``: those about to commit a change are waited for, and no other can until the
    transaction ends.
    """
    query = _changes_of(changes).order_by(state.c.institution_id)
    rows = tx.execute(query.with_for_update() if locked else query)
    return {row.institution_id for row in rows if row.changes != changes[row.institution_id]}


def hold_still(tx: Connection, institutions: Collection[int]) -> None:
    """Wait for who is changing these institutions; nobody else can until the transaction ends."""
    key = state.c.institution_id
    tx.execute(select(key).where(among(key, institutions)).order_by(key).with_for_update())


def _changes_of(institutions: Collection[int]) -> Select[Any]:
    query = select(state.c.institution_id, state.c.changes)
    return query.where(among(state.c.institution_id, institutions))


def read_marks(tx: Connection, institutions: Collection[int]) -> dict[int, tuple[int, bool]]:
    """How often the data of each institution changed so far, and whether it is to be matched."""
    return {
        row.institution_id: (row.changes, row.to_match)
        for row in tx.execute(_marks_of(institutions))
    }


def list_moved(tx: Connection, marks: Mapping[int, tuple[int, bool]]) -> set[int]:
    """Those whose data changed, or that were matched, since ``read_marks``; as ``list_changed``."""
    rows = tx.execute(_marks_of(marks).order_by(state.c.institution_id).with_for_update())
    return {
        row.institution_id
        for row in rows
        if (row.changes, row.to_match) != marks[row.institution_id]
    }


def _marks_of(institutions: Collection[int]) -> Select[Any]:
    query = select(state.c.institution_id, state.c.changes, state.c.to_match)
    return query.where(among(state.c.institution_id, institutions))


_NEWS = select(state.c.changes, state.c.to_match, state.c.checked_as_of).where(
    state.c.institution_id == bindparam("institution", type_=Integer)
)


def read_news(tx: Connection, institution_id: int) -> tuple[Any, ...] | None:
    """What differs once data of an institution changed, or were matched, or it was checked."""
    row = tx.execute(_NEWS, {"institution": institution_id}).one_or_none()
    return row and tuple(row)


def list_to_match(tx: Connection) -> list[int]:
    """Institutions whose entries must be classified and matched again."""
    return list(
        tx.scalars(
            select(state.c.institution_id).where(state.c.to_match).order_by(state.c.institution_id)
        )
    )


def list_to_derive(tx: Connection) -> list[int]:
    """Institutions that a check has to match anew."""
    is_marked = state.c.touched.op("&")(int(Touched.DERIVATION)) != 0
    return list(tx.scalars(select(state.c.institution_id).where(is_marked)))


def mark_matched(tx: Connection, institutions: Iterable[int]) -> None:
    """Note that these institutions were matched."""
    matched = [*institutions]
    _hold(tx, matched)
    derived = state.c.touched.op("&")(int(Touched.EVERYTHING))
    tx.execute(
        update(state)
        .where(state.c.institution_id.in_(matched))
        .values(to_match=False, touched=derived)
    )


def _hold(tx: Connection, institutions: Collection[int]) -> None:
    """Wait for who else is at these rows, one after the other in their order.

    PostgreSQL updates many rows in no order of ours: two who take the same ones would each wait for
    the other in the end. SQLite has one writer.
    """
    if tx.dialect.name == "postgresql" and len(institutions) > 1:
        hold_still(tx, institutions)
