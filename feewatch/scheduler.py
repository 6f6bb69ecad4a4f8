"""The scheduler process: any number may run, the one that holds the lease works.

The database, not the process, knows which due moments were served, so a restart, a crash or a
database that was away loses nothing that is not too late to be made up. A process that stood still
past its lease writes nothing any more: every transaction of a job asks for the lease's number.
APScheduler is the clock and no more than that: it says when to look, the jobs run in lanes of our
own, so that ending never waits for a lock of its.
"""

import datetime as dt
import logging
import os
import secrets
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import FrameType
from typing import NamedTuple

from apscheduler.schedulers.background import BackgroundScheduler

from feewatch.bootstrap import App
from feewatch.kernel.clock import SHANGHAI, now
from feewatch.schedule import DueTrigger
from feewatch.services.jobs import (
    BEFORE,
    MADE_UP,
    SCHEDULER_LEASE,
    plan_runs,
    read_schedules,
    run_due,
    stamp,
)
from feewatch.services.machine import find_clock_complaint, sweep_litter
from feewatch.store import jobs, leases
from feewatch.store.database import FencedOffError, is_of_machine
from feewatch.store.faults import explain

_log = logging.getLogger(__name__)
#: A fault that lasts is told of so seldom.
_QUIET_SECONDS = 60.0


class _Held(NamedTuple):
    number: int
    until: dt.datetime


class Worker:
    """One scheduler process."""

    def __init__(self, app: App) -> None:
        config = app.config.scheduler
        self._app = app
        self._schedules = read_schedules(app)
        self._grace = dt.timedelta(seconds=config.misfire_grace_seconds)
        self._lease = dt.timedelta(seconds=config.lease_seconds)
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._held: _Held | None = None
        self._paused: frozenset[str] = frozenset()
        self._stopping = threading.Event()
        self._renewing, self._gate = threading.Lock(), threading.Lock()
        self._waiting: set[str] = set()
        self._warned: dict[str, float] = {}
        # what must not run at once shares a lane: names leave by the edition of their day first
        self._lanes = {
            BEFORE.get(name, name): ThreadPoolExecutor(1, thread_name_prefix=name)
            for name in self._schedules
        }
        app.database.share_pages(len({*self._lanes}) + 1)
        # whether a moment is too late the record says, not the clock
        self._clock = BackgroundScheduler(
            timezone=SHANGHAI,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    @property
    def is_leading(self) -> bool:
        """Whether this process is the one that works."""
        return self._held is not None and now() < self._held.until

    @property
    def leads_by_its_own_word(self) -> bool:
        """Whether it believes to have the lease, whatever became of it meanwhile."""
        return self._held is not None

    def start(self) -> None:
        """Begin to work, or to stand by."""
        every = max(0.5, self._lease.total_seconds() / 3)
        self._clock.add_job(
            self._beat, "interval", seconds=every, id=SCHEDULER_LEASE, next_run_time=now()
        )
        for name, schedule in self._schedules.items():
            self._clock.add_job(self._tell, DueTrigger(schedule), args=[name], id=name)
        self._clock.start()

    def stop(self) -> None:
        """Let running jobs end, begin no others, and let another process have the lease."""
        with self._gate:
            self._stopping.set()
        self._clock.remove_all_jobs()
        self._clock.shutdown(wait=False)
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)
        with self._renewing:
            try:
                with self._app.database.transaction(patience_seconds=self._patience) as tx:
                    leases.release(tx, SCHEDULER_LEASE, self._holder, now())
            except Exception as fault:
                if not is_of_machine(fault):
                    raise
                _log.warning("the lease is not given back and runs out by itself: %s", fault)

    def renew(self) -> bool:
        """Get or keep the lease; whether all jobs are to be looked after now.

        They are where the lease was got, so that it is made up what is due, or a pause ended.
        """
        was_leading, moment = self.is_leading, now()
        ahead: list[str] = []
        with self._app.database.transaction(patience_seconds=self._patience) as tx:
            number = leases.hold(tx, SCHEDULER_LEASE, self._holder, moment, self._lease)
            if number is not None and not was_leading:
                lines = {name: each.name for name, each in self._schedules.items()}
                ahead = jobs.note_jobs(tx, lines, stamp(moment))
            paused = frozenset(row.job for row in jobs.list_pauses(tx, running=True))
        resumed = self._paused - paused
        self._paused = paused
        if number is None:
            self._held = None
            return False
        self._held = _Held(number, moment + self._lease)
        if not was_leading:
            _log.warning("%s holds the lease, number %d", self._holder, number)
        if ahead:
            _log.warning("the clock ran ahead once, to %s: jobs are due from now on", ahead[-1])
        return bool(resumed) or not was_leading

    def tick(self, name: str) -> None:
        """Serve what is due of a job and not served yet; note what nobody served in time."""
        held = self._held
        if held is None or now() >= held.until:
            return
        database = self._app.database.guarded(leases.fence(SCHEDULER_LEASE, held.number))
        app = replace(self._app, database=database)
        try:
            for each in (BEFORE.get(name, name), name):
                if each in self._schedules and not self._serve(app, each, now()):
                    return
        except FencedOffError as fault:
            _log.warning("%s: nothing more of %s is written here", fault, name)
            self._held = None

    def _serve(self, app: App, name: str, moment: dt.datetime) -> bool:
        """Whether a job is served as far as it is due; False where the machine was in the way."""
        with app.database.transaction() as tx:
            jobs.interrupt_running(tx, name)
            since = jobs.beat(tx, name, stamp(moment))
            if jobs.is_paused(tx, name):
                return True
            last = max(since, jobs.find_last_due(tx, name, stamp(moment)) or since)
            plan = plan_runs(
                self._schedules[name], MADE_UP.get(name, "in grace"),
                dt.datetime.fromisoformat(last), moment, self._grace,
            )  # fmt: skip
            for due, detail in plan.missed:
                jobs.record_missed(tx, name, stamp(due), detail)
        return all(not self._stopping.is_set() and run_due(app, name, due) for due in plan.runs)

    @property
    def _patience(self) -> float:
        """How long the lease waits for other writers, in seconds: less than it lasts."""
        return min(3.0, max(0.5, self._lease.total_seconds() / 3))

    def _tidy(self) -> None:
        """What a new leader does first: sweep what kills left behind, say whether time jumped."""
        swept = sweep_litter(self._app)
        if swept:
            _log.warning("%d unfinished files of processes that are no more were taken away", swept)
        ahead = find_clock_complaint(self._app)
        if ahead is not None:
            _log.warning("%s: %s", ahead.text.en, ahead.cure.en)
        self._app.database.tidy()

    def _beat(self) -> None:
        """Renew, unless the process is about to end; a database that is away is told of shortly."""
        with self._renewing:
            if self._stopping.is_set():
                return
            try:
                if self.renew():
                    self._warned.clear()
                    self._tidy()
                    for name in self._schedules:
                        self._tell(name)
                if self.is_leading:
                    self._app.database.bound_log()
            except Exception as fault:
                if not is_of_machine(fault):
                    raise
                self._warn("the lease is not renewed", fault)

    def _tell(self, name: str) -> None:
        """Let a job be looked after in its lane; one that waits there already is not told twice."""
        with self._gate:
            if self._stopping.is_set() or name in self._waiting:
                return
            self._waiting.add(name)
            self._lanes[BEFORE.get(name, name)].submit(self._look, name)

    def _look(self, name: str) -> None:
        with self._gate:
            self._waiting.discard(name)
        try:
            self.tick(name)
        except Exception as fault:  # noqa: BLE001 - the outermost edge of a lane
            if is_of_machine(fault):
                self._warn("jobs are not looked after", fault)
            else:
                _log.exception("the job %s was not looked after", name)

    def _warn(self, what: str, fault: Exception) -> None:
        """One line a minute of a fault that lasts, whichever of all jobs meets it."""
        told = explain(fault, self._app.database.place)
        line = told.text.en if told else _first_line(fault)
        moment = time.monotonic()
        if moment - self._warned.get(line, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._warned[line] = moment
            _log.warning("%s: %s", what, line)


#: So often it looks whether its database is still the one that was opened.
_LOOK_SECONDS = 3.0


def run(app: App) -> None:
    """Work until the process is told to stop (SIGTERM or Ctrl-C).

    Raises: MachineError where another database was put in the place of the opened one.
    """
    stop = threading.Event()

    def tell(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)
    worker = Worker(app)
    worker.start()
    while not stop.wait(_LOOK_SECONDS) and not app.database.is_replaced:
        pass
    worker.stop()
    if not stop.is_set():
        app.database.refuse_other()  # whoever keeps it running begins it anew


def _first_line(fault: Exception) -> str:
    return next(iter(str(fault).splitlines()), type(fault).__name__)
