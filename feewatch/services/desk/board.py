"""The board of cases: a page of it, with the counts by what they wait for."""

from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.people import User
from feewatch.services.paging import Page, slice_of
from feewatch.store.pages import board


@dataclass(frozen=True, slots=True)
class Board:
    """One page of cases with what may be filtered by."""

    page: Page
    waits: dict[str, int]  # cases by what they wait for; a case may count under several
    owners: list[str]


def read_board(app: App, person: User, wanted: board.WantedCases, number: int) -> Board:
    """Cases as asked for; the counts leave the filter by what they wait for aside."""
    day, scope, name = today(), person.scope, person.name
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows = board.list_board(tx, scope, wanted, day, name, limit=size, offset=start)
        counts = board.count_board(tx, scope, wanted, day, name)
        return Board(Page(rows, counts["all"], number), counts, board.list_owners(tx, scope))
