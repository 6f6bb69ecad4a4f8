"""Reads the audit trail: link by link for those who prove it, filtered for those who look it up."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, and_, delete, func, or_, select

from feewatch.store.tables.operations import audit, audit_head

#: By which a row is found again.
_AT_ONCE = 2_000


class ChainHead(NamedTuple):
    """The last link of the chain as its own row has it."""

    number: int
    hash: str


class WantedActs(NamedTuple):
    """Which rows are looked up; empty: all. Days as ISO text, the last one included."""

    actor: str = ""
    action: str = ""
    object: str = ""
    first: str = ""
    last: str = ""


def find_head(tx: Connection) -> ChainHead | None:
    """The head of the chain, None where its row is gone."""
    row = tx.execute(select(audit_head.c.number, audit_head.c.hash)).first()
    return None if row is None else ChainHead(*row)


def stream_links(tx: Connection, after: int = 0) -> Iterator[RowMapping]:
    """Every link after one, in the order of its number."""
    query = select(audit).where(audit.c.number > after).order_by(audit.c.number)
    yield from tx.execute(query, execution_options={"yield_per": _AT_ONCE}).mappings()


def list_unlinked(tx: Connection) -> list[int]:
    """Rows that no act linked to the chain."""
    query = select(audit.c.id).where(audit.c.number.is_(None)).order_by(audit.c.id)
    return list(tx.scalars(query))


def stream_rows(tx: Connection, wanted: WantedActs) -> Iterator[RowMapping]:
    """The rows that are wanted, oldest first."""
    query = _wanted(select(audit), wanted).order_by(audit.c.id)
    yield from tx.execute(query, execution_options={"yield_per": _AT_ONCE}).mappings()


def list_about(tx: Connection, objects: Collection[str]) -> list[RowMapping]:
    """The linked rows about any of these, oldest first."""
    about = audit.c.object.in_(sorted(objects)), audit.c.number.is_not(None)
    return list(tx.execute(select(audit).where(*about).order_by(audit.c.number)).mappings())


def count_rows(tx: Connection, wanted: WantedActs) -> int:
    """How many rows are wanted."""
    count: int = tx.scalars(_wanted(select(func.count()).select_from(audit), wanted)).one()
    return count


def list_rows(tx: Connection, wanted: WantedActs, offset: int, limit: int) -> list[RowMapping]:
    """A part of the rows that are wanted, newest first."""
    query = _wanted(select(audit), wanted).order_by(audit.c.id.desc())
    return list(tx.execute(query.offset(offset).limit(limit)).mappings())


def find_row(tx: Connection, number: int) -> RowMapping | None:
    """A row by its number in the chain."""
    return tx.execute(select(audit).where(audit.c.number == number)).mappings().first()


def list_actions(tx: Connection) -> list[str]:
    """The acts that are on record, by name."""
    return sorted(tx.scalars(select(audit.c.action).distinct()))


def count_by_action(tx: Connection, first: str) -> dict[str, int]:
    """How many acts of each name are on record since a day (ISO text), the most frequent first."""
    count = func.count().label("count")
    query = select(audit.c.action, count).where(audit.c.at >= first).group_by(audit.c.action)
    rows = tx.execute(query.order_by(count.desc(), audit.c.action))
    return {action: int(number) for action, number in rows}


def list_older(tx: Connection, moment: str) -> list[RowMapping]:
    """The links at the begin of the chain up to the first that is not older than a moment."""
    first_kept = select(func.min(audit.c.number)).where(audit.c.at >= moment)
    kept = tx.scalar(first_kept)
    if kept is None:
        return []
    query = select(audit).where(audit.c.number < kept).order_by(audit.c.number)
    return list(tx.execute(query).mappings())


def count_since(tx: Connection, action: str, moment: str) -> int:
    """How many rows of an act there are since a moment."""
    query = select(func.count()).select_from(audit)
    return int(tx.scalars(query.where(audit.c.action == action, audit.c.at >= moment)).one())


def find_latest(tx: Connection, action: str) -> str | None:
    """When an act was last done."""
    query = select(audit.c.at).where(audit.c.action == action)
    return tx.scalar(query.order_by(audit.c.id.desc()).limit(1))


def find_first(tx: Connection) -> str | None:
    """When the oldest row was written."""
    return tx.scalar(select(audit.c.at).order_by(audit.c.id).limit(1))


def count_older(tx: Connection, moment: str) -> int:
    """How many rows are older than a moment."""
    return int(tx.scalars(select(func.count()).select_from(audit).where(audit.c.at < moment)).one())


def drop_up_to(tx: Connection, number: int) -> None:
    """Take the begin of the chain away; the caller has gone past the guards."""
    tx.execute(delete(audit).where(audit.c.number <= number))


def _wanted(query: Select[Any], wanted: WantedActs) -> Select[Any]:
    conditions = [
        audit.c.actor == wanted.actor if wanted.actor else None,
        _begins(wanted.action) if wanted.action else None,
        audit.c.object.contains(wanted.object, autoescape=True) if wanted.object else None,
        audit.c.at >= wanted.first if wanted.first else None,
        audit.c.at <= f"{wanted.last}T~" if wanted.last else None,
    ]
    return query.where(and_(True, *(each for each in conditions if each is not None)))


def _begins(action: str) -> Any:
    return or_(audit.c.action == action, audit.c.action.startswith(f"{action}.", autoescape=True))
