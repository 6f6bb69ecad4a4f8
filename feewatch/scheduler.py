"""The scheduler process: any number may run, the one that holds the lease works.

The database, not the process, knows which due moments were served, so a restart, a crash or a
database that was away loses nothing that is not too late to be made up.
"""

import datetime as dt
import logging
import os
import re
import secrets
import signal
import socket
import threading
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from feewatch.bootstrap import App
from feewatch.config import Scheduler as SchedulerConfig
from feewatch.kernel.clock import SHANGHAI, now
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.jobs import list_wanted, run_due, stamp
from feewatch.store import jobs

_LEASE = "scheduler"
_SECOND = dt.timedelta(seconds=1)
#: Spans in which the latest due moment is looked for, so that a cron line of every second and one
#: of every year both cost a handful of steps.
_SPANS = tuple(
    dt.timedelta(seconds=seconds) for seconds in (60, 3600, 86400, 35 * 86400, 400 * 86400)
)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_log = logging.getLogger(__name__)


def read_cron(key: str, line: str) -> CronTrigger:
    """The trigger of a cron line: minute hour day month weekday, or second first.

    Raises: InvalidInputError naming the key of the configuration.
    """
    fields = line.split()
    try:
        second, minute, hour, day, month, weekday = ["0", *fields] if len(fields) == 5 else fields
        return CronTrigger(
            second=second,
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            # APScheduler counts weekdays from Monday, cron from Sunday
            day_of_week=re.sub(r"(?<![\d/])[0-7]", lambda match: _WEEKDAYS[int(match[0])], weekday),
            timezone=SHANGHAI,
        )
    except ValueError as fault:
        raise InvalidInputError(
            "SCHEDULER-CRON",
            f"配置 scheduler.{key} 不是有效的 cron:{line}({fault})",
            f"scheduler.{key} is no cron line: {line} ({fault})",
        ) from None


def latest_due(trigger: CronTrigger, moment: dt.datetime) -> dt.datetime | None:
    """The last due moment at or before a moment."""
    for span in _SPANS:
        due = next_due(trigger, moment - span)
        if due is None or due > moment:
            continue
        while (following := next_due(trigger, due)) is not None and following <= moment:
            due = following
        return due
    return None


def next_due(trigger: CronTrigger, after: dt.datetime) -> dt.datetime | None:
    """The first due moment after a moment."""
    due: dt.datetime | None = trigger.get_next_fire_time(
        None, after.replace(microsecond=0) + _SECOND
    )
    return due


class Worker:
    """One scheduler process."""

    def __init__(self, app: App) -> None:
        config: SchedulerConfig = app.config.scheduler
        self._app = app
        wanted = list_wanted(app.config)
        self._triggers = {name: read_cron(name, getattr(config, name)) for name in wanted}
        self._grace = dt.timedelta(seconds=config.misfire_grace_seconds)
        self._lease = dt.timedelta(seconds=config.lease_seconds)
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._held_until: dt.datetime | None = None
        self._started_at = now()
        self._busy = {name: threading.Lock() for name in self._triggers}
        self._scheduler = BackgroundScheduler(
            timezone=SHANGHAI,
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": config.misfire_grace_seconds,
            },
        )

    @property
    def is_leading(self) -> bool:
        """Whether this process is the one that works."""
        return self._held_until is not None and now() < self._held_until

    def start(self) -> None:
        """Begin to work, or to stand by."""
        every = max(0.5, self._lease.total_seconds() / 3)
        self._scheduler.add_job(
            self.renew, "interval", seconds=every, id="lease", next_run_time=now()
        )
        for name, trigger in self._triggers.items():
            self._scheduler.add_job(self.tick, trigger, args=[name], id=name)
        self._scheduler.start()

    def stop(self) -> None:
        """Let running jobs end, begin no others, and let another process have the lease."""
        self._scheduler.shutdown(wait=True)
        with self._app.database.transaction() as tx:
            jobs.release_lease(tx, _LEASE, self._holder, _precise(now()))

    def renew(self) -> None:
        """Get or keep the lease; whoever gets it makes up what is due."""
        was_leading, until = self.is_leading, now() + self._lease
        with self._app.database.transaction() as tx:
            is_held = jobs.hold_lease(tx, _LEASE, self._holder, _precise(now()), _precise(until))
        self._held_until = until if is_held else None
        if is_held and not was_leading:
            _log.warning("%s holds the lease", self._holder)
            for name in self._triggers:
                self._scheduler.add_job(
                    self.tick, args=[name], id=f"catch-up {name}", replace_existing=True
                )

    def tick(self, name: str) -> None:
        """Run a job if a due moment of it is not served yet; note those that nobody served."""
        lock = self._busy[name]
        if not self.is_leading or not lock.acquire(blocking=False):
            return
        try:
            self._serve(name, now())
        finally:
            lock.release()

    def _serve(self, name: str, moment: dt.datetime) -> None:
        trigger = self._triggers[name]
        latest = latest_due(trigger, moment)
        with self._app.database.transaction() as tx:
            jobs.interrupt_running(tx, name)
            known = jobs.find_last_due(tx, name)
            last = dt.datetime.fromisoformat(known) if known else self._started_at
            if latest is None or latest <= last:
                return
            first = next_due(trigger, last)
            if first is not None and first < latest:
                detail = f"due from {stamp(first)}, before {stamp(latest)}"
                jobs.record_missed(tx, name, stamp(first), detail)
            if moment - latest > self._grace:
                jobs.record_missed(tx, name, stamp(latest), f"too late at {stamp(moment)}")
                return
        run_due(self._app, name, latest)


def run(app: App) -> None:
    """Work until the process is told to stop (SIGTERM or Ctrl-C)."""
    stop = threading.Event()

    def tell(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)
    worker = Worker(app)
    worker.start()
    stop.wait()
    worker.stop()


def _precise(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
