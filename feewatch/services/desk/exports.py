"""Lists that leave the program as files: how many rows at most, and that it is on record."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import User
from feewatch.services.paging import FILE_PAGE_SIZE, Page, in_large_pages
from feewatch.store import audit

FORMATS = ("csv", "xlsx")
#: More rows than anybody reads; a filter makes them fewer.
MOST = 200_000


def export_rows(
    app: App,
    person: User,
    name: str,
    form: str,
    filters: Mapping[str, str],
    read: Callable[[int], Page],
    shown_by: Mapping[str, Any],
) -> Iterator[Any]:
    """All rows of a list as it is read page by page, within the same filters and scope.

    The first page is read and the export put on record before a row is given out; ``shown_by``:
    what accounts and payers stand whole in it by, if anything.

    Raises: InvalidInputError for a list that is too long.
    """
    with in_large_pages():
        first = read(1)
    if first.total > MOST:
        raise InvalidInputError(
            "LIST-TOO-LONG",
            f"共 {first.total} 行，超过 {MOST} 行，请先筛选",
            f"{first.total} rows are more than {MOST}: filter first",
        )
    with app.database.transaction() as tx:
        audit.record(
            tx, person.name, "list.export", name,
            format=form, rows=first.total, filters=dict(filters), **shown_by,
        )  # fmt: skip
    return _rows(first, read)


def _rows(first: Page, read: Callable[[int], Page]) -> Iterator[Any]:
    yield from first.rows
    last = -(-first.total // FILE_PAGE_SIZE)
    for number in count(2):
        if number > last:
            return
        with in_large_pages():
            page = read(number)
        yield from page.rows
