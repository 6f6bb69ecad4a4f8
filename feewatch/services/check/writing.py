"""Writes what was judged of some institutions, each of them whole, in a transaction that is short.

What changed since it was judged is not written: the snapshot says nothing of it any more.
"""

from collections.abc import Iterator
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.engine.holidays import lay_together
from feewatch.kernel.days import Day
from feewatch.kernel.gathering import gather
from feewatch.services.check.endings import Endings
from feewatch.services.check.judgement import Judgement, list_unweighed
from feewatch.services.check.recurrence import bring_back_cases
from feewatch.store import state
from feewatch.store.cases import alerts, undertakings
from feewatch.store.check import checks
from feewatch.store.check.checks import OFFICE
from feewatch.store.database import FencedOffError, Transaction
from feewatch.store.intake import successors
from feewatch.store.registers import proposals

#: Rows that one transaction compares and writes: a tenth of a second on an idle machine.
PART_LOAD = 800


class Run(NamedTuple):
    """A check at work."""

    key: int
    as_of: Day
    book: RuleBook


class Written(NamedTuple):
    """Whose alerts were brought in line, what that changed, and who had changed meanwhile."""

    institutions: frozenset[int]
    changes: alerts.Counts
    changed: frozenset[int]


def write_judgement(app: App, run: Run, judgement: Judgement) -> Iterator[Written]:
    """Write what was judged, part by part; each is committed when it is given."""
    with app.database.reading() as tx:
        own = judgement.institutions - {OFFICE}
        units = [frozenset(unit) & own for unit in successors.in_groups(tx, own)]
    units.sort(key=min)
    if OFFICE in judgement.institutions:
        units.insert(0, frozenset({OFFICE}))
    parts = gather(units, judgement.writing_loads(), PART_LOAD)
    for part in app.database.unhurried(parts):
        with app.database.transaction() as tx:
            written = write(tx, run, judgement, part)
        yield written


def refuse_older(tx: Transaction, run: Run) -> None:
    """Nothing for the newest check.

    Raises: FencedOffError where another has begun since.
    """
    if not checks.is_newest(tx, run.key):
        raise FencedOffError(f"another check has begun: check {run.key} writes nothing more")


def write(tx: Transaction, run: Run, judgement: Judgement, institutions: frozenset[int]) -> Written:
    """Bring the alerts, matters and results of some institutions in line with what was judged.

    Raises: FencedOffError where another check has begun since.
    """
    refuse_older(tx, run)
    known = {key: judgement.changes[key] for key in institutions & judgement.changes.keys()}
    # before the matters: whoever acts on a case marks its institution, and then takes these
    changed = state.list_changed(tx, known, locked=True)
    changed |= list_unweighed(tx, judgement, institutions - changed, run.as_of)
    own = institutions - changed
    if not own:
        return Written(own, alerts.Counts(0, 0, 0), frozenset(changed))
    changes = alerts.reconcile(
        tx, as_of=run.as_of, breaches=judgement.breaches_of(own), present=judgement.present,
        scope=own, rules=judgement.rules, since=judgement.since, dropped=judgement.dropped,
        holidays=lay_together(run.book.holidays.values()),
        explain=Endings(tx, run.book.version).explain,
    )  # fmt: skip
    proposals.link_in_force(tx, own)
    undertakings.judge(tx, own, run.as_of)
    checks.write_results(
        tx, own, judgement.counts_of(own), judgement.due(), run.as_of, run.book.version,
        judgement.seen, judgement.kept_of(own),
    )  # fmt: skip
    bring_back_cases(tx, own, run.as_of)
    return Written(own, changes, frozenset(changed))
