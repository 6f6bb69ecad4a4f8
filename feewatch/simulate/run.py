"""The days of a simulation: people at their desks, two rival schedulers, outages, a stale one."""

import datetime as dt
import itertools
from pathlib import Path
from random import Random
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import fixed
from feewatch.kernel.days import Day
from feewatch.scheduler import Worker
from feewatch.simulate.acts import Desk
from feewatch.simulate.office import build
from feewatch.simulate.plan import Plan, at_hour
from feewatch.store import jobs

#: What schedulers do on a day, by the hour.
ROUNDS = ((8, "corrections"), (9, "publication"), (18, "corrections"))
_STALE = 0.1


class Ran(NamedTuple):
    """What was done, for the audit."""

    app: App
    desk: Desk
    rounds: list[dt.datetime]  # moments at which a scheduler looked
    stale_rounds: int  # of schedulers whose lease was gone
    stale_writes: int


class _Schedulers:
    """Two processes that want the same lease; the one that lost it may wake with its old clock."""

    def __init__(self, app: App, seed: int) -> None:
        self._app = app
        self._rng = Random(f"feewatch/schedulers/{seed}")  # noqa: S311 - no secret is made of it
        self._workers: list[Worker] = []
        self._led: dt.datetime | None = None
        self.rounds: list[dt.datetime] = []
        self.stale_rounds = self.stale_writes = 0

    def look(self, moment: dt.datetime, job: str) -> None:
        """Both renew in some order and look after a job."""
        if not self._workers:
            with fixed(moment):
                self._workers = [Worker(self._app), Worker(self._app)]
        before = next((worker for worker in self._workers if worker.leads_by_its_own_word), None)
        self._rng.shuffle(self._workers)
        with fixed(moment):
            for worker in self._workers:
                if worker is before and worker is not self._workers[0]:
                    continue  # stood still since it led, and does not know of the other
                worker.renew()
            first = self._workers[0]
            first.tick(job)
        stale = before is not None and before is not first
        if stale and before is not None and self._led is not None and self._rng.random() < _STALE:
            self._wake(before, self._led, job)
        with fixed(moment):
            for worker in self._workers[1:]:
                worker.renew()
                worker.tick(job)
        self._led = moment
        self.rounds.append(moment)

    def _wake(self, worker: Worker, led: dt.datetime, job: str) -> None:
        """One that stood still goes on with the clock of its lease."""
        before = self._written()
        with fixed(led + dt.timedelta(seconds=10)):
            worker.tick(job)
        self.stale_rounds += 1
        self.stale_writes += self._written() != before

    def _written(self) -> list[tuple[object, ...]]:
        """All that a scheduler leaves of itself: runs, and the beat of each job it looked after."""
        with self._app.database.reading() as tx:
            runs = [(run.job, run.due_at, run.status) for run in jobs.list_runs(tx, limit=20)]
            return [*runs, *map(tuple, jobs.list_known(tx))]

    def crash(self) -> None:
        """Both processes are gone."""
        self._workers = []


def run(folder: Path, plan: Plan) -> Ran:
    """Live through a plan in a folder."""
    app = build(folder, plan)
    desk, schedulers = Desk(app, plan), _Schedulers(app, plan.seed)
    for day in plan.days():
        _live(desk, schedulers, day, is_down=plan.is_down(day))
    return Ran(
        app, desk, schedulers.rounds, schedulers.stale_rounds, schedulers.stale_writes
    )  # fmt: skip


def _live(desk: Desk, schedulers: _Schedulers, day: Day, *, is_down: bool) -> None:
    if is_down:
        schedulers.crash()
    for (hour, job), (until, _) in itertools.pairwise((*ROUNDS, (24, ""))):
        moment = at_hour(day, hour)
        desk.work_until(moment)
        if not is_down:
            schedulers.look(moment, job)
        if hour == ROUNDS[1][0]:
            desk.work_until(at_hour(day, 11))
            desk.look_at_holds(day)
            desk.say_second_words(day)
        desk.work_until(moment + dt.timedelta(hours=until - hour))
