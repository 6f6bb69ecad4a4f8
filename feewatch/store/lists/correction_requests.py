"""Requests for correction in the database: made or come in once, answered once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from feewatch.kernel.clock import timestamp
from feewatch.kernel.people import Scope
from feewatch.store.once import insert_once
from feewatch.store.scope import within
from feewatch.store.tables.gathered import correction_request

OUT, IN = "out", "in"
_ROW = correction_request.c


def next_number(tx: Connection, asker: str, year: int) -> str:
    """The number of the next request of an office in a year, without gaps."""
    head = f"{asker}-G{year}-"
    query = select(func.count()).where(_ROW.direction == OUT, _ROW.number.startswith(head))
    return f"{head}{(tx.scalar(query) or 0) + 1:04d}"


def add(tx: Connection, **values: Any) -> int | None:
    """The key of a new request; None where one of its number is there."""
    row = {"made_at": timestamp()} | values
    if not insert_once(tx, correction_request, row):
        return None
    known = find_by_number(tx, values["direction"], values["asker"], values["number"])
    assert known is not None
    return int(known.id)


def find_by_number(tx: Connection, direction: str, asker: str, number: str) -> Row[Any] | None:
    """A request by its number."""
    query = select(correction_request).where(
        _ROW.direction == direction, _ROW.asker == asker, _ROW.number == number
    )
    return tx.execute(query).one_or_none()


def find(tx: Connection, scope: Scope, key: int) -> Row[Any] | None:
    """A request about an entry of a district within a scope."""
    inside = within(_ROW.district, scope.district)
    return tx.execute(select(correction_request).where(inside, _ROW.id == key)).one_or_none()


def list_requests(tx: Connection, scope: Scope, limit: int) -> Sequence[Row[Any]]:
    """Requests about entries of districts within a scope, open ones and then the last first."""
    query = select(correction_request).where(within(_ROW.district, scope.district))
    order = (_ROW.outcome.is_not(None), _ROW.id.desc())
    return tx.execute(query.order_by(*order).limit(limit)).all()


def list_open_out(tx: Connection, district: str) -> Sequence[Row[Any]]:
    """Requests that a district has not answered yet, the first made first."""
    query = select(correction_request).where(
        _ROW.direction == OUT, _ROW.district == district, _ROW.outcome.is_(None)
    )
    return tx.execute(query.order_by(_ROW.id)).all()


def find_open_about(
    tx: Connection, district: str, name: str, uscc: str, called: str, document: str
) -> Row[Any] | None:
    """An open request of this office about the same entry."""
    query = select(correction_request).where(
        _ROW.direction == OUT, _ROW.district == district, _ROW.list == name, _ROW.uscc == uscc,
        _ROW.name == called, _ROW.document == document, _ROW.outcome.is_(None),
    )  # fmt: skip
    return tx.execute(query.limit(1)).one_or_none()


def note_push(tx: Connection, key: int, fault: str | None) -> None:
    """Keep that the district's API took a request, or why it did not."""
    values = {"push_fault": fault} | ({} if fault else {"pushed_at": timestamp()})
    tx.execute(update(correction_request).where(_ROW.id == key).values(**values))


def answer(tx: Connection, key: int, **values: Any) -> bool:
    """Whether an open request was answered by this; False where it was before."""
    row = {"answered_at": timestamp()} | values
    done = tx.execute(
        update(correction_request).where(_ROW.id == key, _ROW.outcome.is_(None)).values(**row)
    )
    return done.rowcount == 1
