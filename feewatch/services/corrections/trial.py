"""Judges an institution's breaches with and without changes of its registers; nothing stays.

Everything runs within a look (``Database.trying``) in parts that are rolled back: what is judged is
what the rules would say, on the same database and by the same statements, and no writer waits. Who
writes by it asks ``ground_of`` again: on other ground the rules may say something else.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.weights import BreachDifference, BreachWeight, compare_weights
from feewatch.kernel.days import Day
from feewatch.registry.columns import Kind
from feewatch.services.check.findings import weigh_breaches
from feewatch.services.check.rulebook import rule_book_version
from feewatch.services.intake.matching import match_institutions
from feewatch.services.registers.plan import Covers, Plan, PlannedChange
from feewatch.services.registers.writing import cover_days, write_records
from feewatch.store.check.checks import latest_as_of
from feewatch.store.database import Transaction, tried
from feewatch.store.intake.successors import in_order
from feewatch.store.overlay import narrow
from feewatch.store.state import read_changes

#: The breaches as of each day that is looked at.
Judged = Mapping[Day, Sequence[BreachWeight]]


class Ground(NamedTuple):
    """What the rules say of an institution rests on: as long as it is equal they say the same."""

    #: With those that successions tie to it: what a row of one says may be a breach of another.
    institutions: list[int]
    changes: dict[int, int]  # how often the data of each changed so far
    days: list[Day]  # that of the latest check, and the one asked for
    book: str


def ground_of(app: App, tx: Transaction, institution_id: int, as_of: Day) -> Ground:
    """The ground on which an institution is judged now."""
    institutions = in_order(tx, [institution_id])
    checked = latest_as_of(tx)
    days = sorted({as_of if checked is None else checked, as_of})
    return Ground(institutions, read_changes(tx, institutions), days, rule_book_version(app))


class RegisterTrial:
    """One institution in a look, as of the latest check and as of a day."""

    def __init__(self, app: App, tx: Transaction, ground: Ground) -> None:
        self._app, self._tx = app, tx
        self._institutions, self.days = ground.institutions, ground.days
        narrow(tx, self._institutions)

    def judge(self) -> Judged:
        """The breaches of the facts as they stand in the transaction now."""
        with tried(self._tx):
            match_institutions(self._app, self._tx, self._institutions)
            return {
                day: weigh_breaches(self._app, self._tx, day, self._institutions)
                for day in self.days
            }

    def judge_after(self, parts: Iterable[tuple[Kind, Plan]], covers: Covers = None) -> Judged:
        """The breaches as they would be after these writes."""
        with tried(self._tx):
            for kind, plan in parts:
                write_records(self._tx, kind, plan)
                cover_days(self._tx, kind, covers, plan)
            return self.judge()


class FileTrial:
    """What the changes of one file would do, its new rows being on file."""

    def __init__(
        self, trial: RegisterTrial, tx: Transaction, kind: Kind, plan: Plan, covers: Covers
    ) -> None:
        """Writes the new rows, which is the caller's to roll back."""
        self._trial, self._kind, self._plan, self._covers = trial, kind, plan, covers
        added = plan.of_new()
        write_records(tx, kind, added)
        cover_days(tx, kind, covers, added)
        self._before = trial.judge()

    def find_relief(self, changes: Sequence[PlannedChange]) -> list[BreachDifference]:
        """The breaches that these changes, made together, would end or lower."""
        if not changes:
            return []
        part = (self._kind, self._plan.of_changes(changes))
        differences = compare_judged(self._before, self._trial.judge_after([part], self._covers))
        return [difference for difference in differences if difference.is_relief]


def compare_judged(before: Judged, after: Judged) -> list[BreachDifference]:
    """What differs on any of the days, each breach once: on the latest day that tells of it."""
    by_day = [compare_weights(before[day], after[day]) for day in sorted(before)]
    latest = {difference.either.same: difference for difference in chain.from_iterable(by_day)}
    return sorted(latest.values(), key=lambda difference: difference.either.identity)
