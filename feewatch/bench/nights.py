"""Nights of the scheduler in which nothing is new: what each adds to the database."""

import datetime as dt
from itertools import pairwise

from feewatch.bootstrap import App
from feewatch.kernel.clock import SHANGHAI, now
from feewatch.services.jobs import OFTEN, read_schedules, run_due
from feewatch.store.database import file_bytes

_DAY = dt.timedelta(days=1)


def list_growth(app: App, nights: int, most_moments: int) -> list[int]:
    """Bytes that each of so many days and nights adds to a database of SQLite, the log emptied.

    Jobs of every few minutes run at their own moments of past days, ``most_moments`` of a day at
    the most; the nightly ones for today, to whose data the calendar adds nothing. Publication is
    looked at by the corrections: the edition itself of a month is news.
    """
    schedules = read_schedules(app)
    midnight = now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight - nights * _DAY
    sizes = []
    for night in range(nights):
        for name, schedule in schedules.items():
            if name in OFTEN:
                moment, until, due = begin + night * _DAY, begin + (night + 1) * _DAY, []
                while (next_one := schedule.next(moment)) is not None and next_one < until:
                    due.append(moment := next_one)
                for each in due[:: -(-len(due) // most_moments) or 1]:
                    run_due(app, name, each)
            elif name != "publication":
                run_due(app, name, midnight + dt.timedelta(seconds=night))
        app.database.tidy()
        sizes.append(file_bytes(app.database))
    return [after - before for before, after in pairwise(sizes)]
