"""Published editions, as the public reads them."""

from sqlalchemy import Connection, func, select, tuple_

from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.scope import within
from feewatch.store.tables.publication import edition

_HEAD = [c for c in edition.c if c.name != "document"]


def list_editions(tx: Connection, district: str, *, limit: int, offset: int = 0) -> PageRows:
    """Editions of a district, the newest first, without their documents."""
    return tx.execute(
        select(*_HEAD)
        .where(edition.c.district == district)
        .order_by(edition.c.number.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def list_latest(tx: Connection, scope: Scope) -> PageRows:
    """The latest edition of every district in scope, without its document."""
    newest = (
        select(edition.c.district, func.max(edition.c.number))
        .where(within(edition.c.district, scope.district))
        .group_by(edition.c.district)
    )
    query = select(*_HEAD).where(tuple_(edition.c.district, edition.c.number).in_(newest))
    return tx.execute(query.order_by(edition.c.district)).all()


def find_edition(tx: Connection, district: str, number: int | None = None) -> PageRow | None:
    """An edition of a district with its document; the latest where no number is given."""
    query = select(edition).where(edition.c.district == district)
    if number is not None:
        query = query.where(edition.c.number == number)
    return tx.execute(query.order_by(edition.c.number.desc()).limit(1)).one_or_none()


def list_districts(tx: Connection) -> list[str]:
    """The districts that have published."""
    return list(tx.scalars(select(edition.c.district).distinct().order_by(edition.c.district)))
