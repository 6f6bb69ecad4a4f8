"""Figures by which an operator watches the installation, read when they are asked for.

Counts of whole tables are made once a minute by each process, however often somebody asks.
"""

import datetime as dt
import shutil
from collections.abc import Iterator
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import now
from feewatch.services.health.machine import list_places
from feewatch.services.timetable import read_timetable
from feewatch.store import condition


class Gauge(NamedTuple):
    """One figure of a name, told apart from others of the name by its labels."""

    name: str
    help: str
    value: float
    labels: dict[str, str]


def list_gauges(app: App) -> Iterator[Gauge]:
    """Rows, ages and room, none of them about a person or an institution."""
    yield from list_row_gauges(app)
    with app.database.reading() as tx:
        check, _ = condition.find_latest_check(tx)
    if check is not None:
        yield Gauge("check_age_seconds", "Age of the latest check", _age(check), {})
    timetable = read_timetable(app)
    beat = timetable.lease.beat_at if timetable.lease else None
    yield Gauge("scheduler_alive", "Whether a scheduler holds the lease", timetable.is_alive, {})
    if beat is not None:
        yield Gauge("scheduler_beat_age_seconds", "Age of its latest beat", _age(beat), {})
    for job in timetable.jobs:
        late = job.overdue is not None
        yield Gauge("job_overdue", "Whether a job is late", late, {"job": job.job})
    for place in list_places(app):
        usage = shutil.disk_usage(place)
        yield Gauge("disk_free_bytes", "Room on a disk", usage.free, {"path": str(place)})
        yield Gauge("disk_size_bytes", "Size of a disk", usage.total, {"path": str(place)})


def list_row_gauges(app: App) -> Iterator[Gauge]:
    """The rows on record by kind and state."""
    with app.database.reading() as tx:
        counts = app.database.kept.of_span(
            "figures.rows", _this_minute(), lambda: condition.count_all(tx)
        )
    for kind, state, number in counts:
        yield Gauge("rows", "Rows on record by kind and state", number, _of(kind, state))


def _this_minute() -> str:
    return now().isoformat(timespec="minutes")


def _of(kind: str, state: str) -> dict[str, str]:
    return {"kind": kind, "state": state}


def _age(moment: str) -> float:
    return (now() - dt.datetime.fromisoformat(moment)).total_seconds()
