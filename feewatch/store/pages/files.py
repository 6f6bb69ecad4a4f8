"""Bank files as they came in, by whatever way, with the statements in them. Reading only."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.kernel.places import covers
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages.statements import reachable
from feewatch.store.tables.ledger import source_file, statement

#: How a file may have come in.
CHANNELS = ("cli", "upload", "inbox", "api", "feed")


def list_files(
    tx: Connection,
    seen: ColumnElement[bool],
    *,
    status: str = "",
    channel: str = "",
    limit: int,
    offset: int = 0,
) -> PageRows:
    """Files, the latest received first; ``seen`` says which (``visible``)."""
    query = select(source_file).where(*_wanted(seen, status, channel))
    ordered = query.order_by(source_file.c.received_at.desc(), source_file.c.sha256)
    return tx.execute(ordered.limit(limit).offset(offset)).all()


def count_files(
    tx: Connection, seen: ColumnElement[bool], *, status: str = "", channel: str = ""
) -> int:
    """How many such files there are."""
    query = select(func.count(source_file.c.sha256)).where(*_wanted(seen, status, channel))
    return int(tx.scalars(query).one())


def find_file(tx: Connection, seen: ColumnElement[bool], sha256: str) -> PageRow | None:
    """The file of a hash, if it may be seen."""
    query = select(source_file).where(source_file.c.sha256 == sha256, seen)
    return tx.execute(query).one_or_none()


def list_statements_of(
    tx: Connection, scope: Scope, office: str, today: Day, files: Collection[str]
) -> dict[str, list[PageRow]]:
    """The statements within the scope of each of these files, in the file's order."""
    by_file: dict[str, list[PageRow]] = {sha256: [] for sha256 in files}
    query = select(statement).where(
        statement.c.file_sha256.in_(files), reachable(scope, office, today)
    )
    for row in tx.execute(query.order_by(statement.c.file_sha256, statement.c.n)):
        by_file[row.file_sha256].append(row)
    return by_file


def visible(scope: Scope, office: str, today: Day, sender: str) -> ColumnElement[bool]:
    """Whether a person may see a file: it holds a statement within the scope, or they sent it.

    A file without statements belongs to the office's district, as those of nobody's account do.
    """
    of_file = statement.c.file_sha256 == source_file.c.sha256
    conditions: list[ColumnElement[bool]] = [
        exists().where(of_file, reachable(scope, office, today))
    ]
    if scope.institution_id is None and covers(scope.district, office):
        conditions.append(~exists().where(of_file))
    # only these two ways name a person who has logged in
    is_own = and_(source_file.c.actor == sender, source_file.c.channel.in_(("upload", "api")))
    return or_(*conditions, is_own)


def _wanted(seen: ColumnElement[bool], status: str, channel: str) -> list[ColumnElement[bool]]:
    given = {"status": status, "channel": channel}
    return [seen, *(source_file.c[name] == value for name, value in given.items() if value)]
