"""Judges an institution's breaches with and without changes of its registers; nothing stays.

Everything runs inside the transaction that asks, in parts of it that are rolled back: what is
judged is what the rules would say, on the same database and by the same statements. Within an
import other writers of SQLite wait meanwhile; within a mere look (``Database.trying``) nobody does.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from feewatch.bootstrap import App
from feewatch.casework.weights import BreachDifference, BreachWeight, compare_weights
from feewatch.kernel.days import Day
from feewatch.registry.columns import Kind
from feewatch.services.check.findings import weigh_breaches
from feewatch.services.intake.matching import match_institutions
from feewatch.services.registers.plan import Plan, PlannedChange
from feewatch.services.registers.writing import cover_days, write_records
from feewatch.store.check.checks import latest_as_of
from feewatch.store.database import Transaction, tried
from feewatch.store.intake.successors import in_order
from feewatch.store.overlay import narrow

Covers = tuple[Day, Day] | None
#: The breaches as of each day that is looked at.
Judged = Mapping[Day, Sequence[BreachWeight]]


class RegisterTrial:
    """One institution in a transaction, as of the latest check and as of a day."""

    def __init__(self, app: App, tx: Transaction, institution_id: int, as_of: Day) -> None:
        self._app, self._tx = app, tx
        #: With those that successions tie to it: what a row of one says may be a breach of another.
        self._institutions = in_order(tx, [institution_id])
        narrow(tx, self._institutions)
        checked = latest_as_of(tx)
        self.days = sorted({as_of if checked is None else checked, as_of})

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
