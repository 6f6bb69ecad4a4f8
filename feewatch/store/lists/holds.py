"""Holds of white places in the database: begun and ended with editions, decided by officers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from feewatch.credit.holds import Hold, read_conditions
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import prefix
from feewatch.store.tables.publication import white_hold


def list_running(tx: Connection, district: str) -> dict[str, Hold]:
    """The holds of a district that have not ended, by credit code."""
    return list_all_running(tx, district).get(district, {})


def list_all_running(tx: Connection, district: str | None = None) -> dict[str, dict[str, Hold]]:
    """The holds that have not ended, by district and credit code; of one district or of all."""
    running: defaultdict[str, dict[str, Hold]] = defaultdict(dict)
    for row in list_running_rows(tx, district):
        running[row["district"]][row["uscc"]] = Hold(
            row["uscc"],
            row["since"],
            row["due"],
            row["outcome"] or "",
            read_conditions(row["lines"]),
        )
    return running


def list_running_rows(tx: Connection, district: str | None = None) -> list[RowMapping]:
    """The same as they are kept, with what an officer said."""
    query = select(white_hold).where(white_hold.c.ended_on.is_(None))
    if district is not None:
        query = query.where(white_hold.c.district == district)
    return list(tx.execute(query).mappings())


def list_left(tx: Connection, district: str | None = None) -> dict[str, set[str]]:
    """By district the credit codes whose last hold ended because nobody decided in time."""
    column = white_hold.c
    last = select(func.max(column.id)).group_by(column.district, column.uscc)
    if district is not None:
        last = last.where(column.district == district)
    left = column.id.in_(last), column.ended_by == "left", column.outcome.is_(None)
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for place, uscc in tx.execute(select(column.district, column.uscc).where(*left)):
        codes[place].add(uscc)
    return codes


def begin(
    tx: Connection,
    district: str,
    holds: Sequence[Hold],
    names: Mapping[str, str],
    lines: Mapping[str, list[dict[str, Any]]],
) -> None:
    """Put holds on record with the conditions that are not met."""
    if holds:
        tx.execute(
            insert(white_hold),
            [
                {
                    "uscc": each.uscc,
                    "name": names[each.uscc],
                    "district": district,
                    "since": each.since,
                    "due": each.due,
                    "lines": lines[each.uscc],
                }
                for each in holds
            ],
        )


def end(tx: Connection, district: str, ended: Mapping[str, str], on: Day) -> None:
    """Let holds end."""
    for uscc, why in ended.items():
        tx.execute(
            update(white_hold)
            .where(
                white_hold.c.district == district,
                white_hold.c.uscc == uscc,
                white_hold.c.ended_on.is_(None),
            )
            .values(ended_on=on, ended_by=why)
        )


def list_holds(tx: Connection, scope: Scope, *, running: bool = True) -> list[RowMapping]:
    """Holds in scope, those that are due first."""
    query = select(white_hold).order_by(white_hold.c.due, white_hold.c.id)
    digits = prefix(scope.district)
    if digits:
        first, last = digits.ljust(6, "0"), digits.ljust(6, "9")
        query = query.where(white_hold.c.district.between(first, last))
    if running:
        query = query.where(white_hold.c.ended_on.is_(None))
    return list(tx.execute(query).mappings())


def find_running(tx: Connection, uscc: str) -> RowMapping | None:
    """The hold of an institution that runs."""
    query = select(white_hold).where(white_hold.c.uscc == uscc, white_hold.c.ended_on.is_(None))
    return tx.execute(query.with_for_update()).mappings().one_or_none()


def decide(tx: Connection, hold_id: int, outcome: str, reason: str, actor: str) -> None:
    """An officer's word on a hold.

    Raises: ConflictError where another person was faster.
    """
    changed = tx.execute(
        update(white_hold)
        .where(
            white_hold.c.id == hold_id,
            white_hold.c.outcome.is_(None),
            white_hold.c.ended_on.is_(None),
        )
        .values(outcome=outcome, reason=reason, decided_by=actor, decided_at=timestamp())
    )
    if changed.rowcount != 1:
        raise decided_before()


def decided_before() -> ConflictError:
    """That another person was faster."""
    return ConflictError("HOLD-DECIDED", "该暂缓已处理", "this hold was decided already")
