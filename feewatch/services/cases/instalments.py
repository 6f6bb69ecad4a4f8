"""Instalments of an institution's contracts, for the office's page of it and its own."""

from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows, institutions
from feewatch.store.pages import instalments as store
from feewatch.store.pages.instalments import STATES

__all__ = ["STATES", "Instalments", "InstalmentsPage", "page_instalments", "read_instalments"]

#: As many charges as the page of an institution shows; their own page has all.
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Instalments:
    """Charges in sum by state, and the first of them; none of them for who may see sums alone."""

    sums: dict[str, tuple[int, int]]  # by state: how many, how much in fen
    rows: PageRows

    @property
    def total(self) -> int:
        """How many charges there are."""
        return sum(number for number, _ in self.sums.values())


@dataclass(frozen=True, slots=True)
class InstalmentsPage:
    """One page of the charges of an institution."""

    facts: PageRow
    sums: dict[str, tuple[int, int]]
    page: Page


def read_instalments(tx: Transaction, scope: Scope, facts: PageRow, day: Day) -> Instalments:
    """The charges of an institution; who sees it by one of its sites is told sums alone."""
    registers = store.list_registers(tx, facts.id, day)
    sums = store.sum_instalments(tx, registers, day)
    if not sums or not scope.sees(facts.district, facts.id):
        return Instalments(sums, [])
    return Instalments(sums, store.list_instalments(tx, registers, day, limit=MOST_SHOWN))


def page_instalments(app: App, scope: Scope, uscc: str, state: str, number: int) -> InstalmentsPage:
    """One page of the charges of an institution within a scope, all or those of a state.

    Raises: NotFoundError, also for one that is seen by its site alone.
    """
    day = today()
    with app.database.reading() as tx:
        facts = institutions.find_institution(tx, scope, uscc, day)
        if facts is None or not scope.sees(facts.district, facts.id):
            raise NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
        registers = store.list_registers(tx, facts.id, day)
        sums = store.sum_instalments(tx, registers, day)
        start = (number - 1) * PAGE_SIZE
        rows = store.list_instalments(tx, registers, day, state, limit=PAGE_SIZE, offset=start)
        chosen = [sums[name][0] for name in sums if state in ("", name)]
        return InstalmentsPage(facts, sums, Page(rows, sum(chosen), number))
