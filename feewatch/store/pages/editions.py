"""Published editions, as the public reads them."""

from sqlalchemy import Connection, select

from feewatch.store.pages import PageRow, PageRows
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


def find_edition(tx: Connection, district: str, number: int | None = None) -> PageRow | None:
    """An edition of a district with its document; the latest where no number is given."""
    query = select(edition).where(edition.c.district == district)
    if number is not None:
        query = query.where(edition.c.number == number)
    return tx.execute(query.order_by(edition.c.number.desc()).limit(1)).one_or_none()


def list_districts(tx: Connection) -> list[str]:
    """The districts that have published."""
    return list(tx.scalars(select(edition.c.district).distinct().order_by(edition.c.district)))
