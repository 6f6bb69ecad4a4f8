"""When jobs are due: cron lines in Asia/Shanghai, moved off holidays where the office says so.

The trigger of APScheduler computes the moments; nothing here runs anything.
"""

import datetime as dt
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from feewatch.casework.workdays import is_working_day
from feewatch.engine.holidays import Holidays
from feewatch.kernel.clock import SHANGHAI
from feewatch.kernel.days import Day, date_of, day_of
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text

#: What a moment on a day off becomes: it stays, or goes to the last working day before it or to
#: the first one after it.
ON_HOLIDAY = ("run", "before", "after")
_SECOND = dt.timedelta(seconds=1)
#: Spans in which the latest due moment is looked for, so that a cron line of every second and one
#: of every year both cost a handful of steps.
_SPANS = tuple(
    dt.timedelta(seconds=seconds) for seconds in (60, 3600, 86400, 35 * 86400, 400 * 86400)
)
#: Cron lines that are said in words.
_AT = r"(?P<minute>\d+) (?P<hour>\d+)"
_WORDS = (
    (r"\* \* \* \* \*", "每分钟", "every minute"),
    (r"\*/(?P<step>\d+) \* \* \* \*", "每 {step} 分钟", "every {step} minutes"),
    (r"(?P<minute>\d+) \* \* \* \*", "每小时 {minute} 分", "{minute} minutes past every hour"),
    (_AT + r" \* \* \*", "每天 {hour}:{minute}", "daily at {hour}:{minute}"),
    (_AT + r" \* \* (?P<weekday>[0-7])", "每{day} {hour}:{minute}", "{day}s at {hour}:{minute}"),
    (_AT + r" (?P<of_month>\d+) \* \*", "每月 {of_month} 日 {hour}:{minute}",
     "day {of_month} of every month at {hour}:{minute}"),
    (_AT + r" (?P<of_month>\d+) (?P<month>\d+) \*", "每年 {month} 月 {of_month} 日 {hour}:{minute}",
     "every year on {month:0>2}-{of_month:0>2} at {hour}:{minute}"),
)  # fmt: skip
_WEEKDAY_WORDS = (
    Text("周日", "Sunday"), Text("周一", "Monday"), Text("周二", "Tuesday"),
    Text("周三", "Wednesday"), Text("周四", "Thursday"), Text("周五", "Friday"),
    Text("周六", "Saturday"),
)  # fmt: skip
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Schedule:
    """The due moments of a job."""

    def __init__(
        self, key: str, line: str, on_holiday: str = "run", holidays: Holidays | None = None
    ):
        """Read a cron line: minute hour day month weekday, or second first.

        Raises: InvalidInputError naming the key of the configuration.
        """
        if on_holiday not in ON_HOLIDAY:
            raise InvalidInputError(
                "SCHEDULER-HOLIDAY",
                f"配置 scheduler.on_holiday 应为 {'、'.join(ON_HOLIDAY)}：{on_holiday}",
                f"scheduler.on_holiday is one of {', '.join(ON_HOLIDAY)}: {on_holiday}",
            )
        self.line = line
        #: By what its due moments are known: with another line or way they are others.
        self.name = line if on_holiday == "run" else f"{line} ({on_holiday})"
        self.on_holiday = on_holiday
        self._holidays = holidays
        self._trigger = _read_cron(key, line)
        #: A moment and the first due one after it: whoever asks in between is told the same.
        self._known: tuple[dt.datetime, dt.datetime] | None = None

    @property
    def when(self) -> Text:
        """The cron line in words, of the forms that offices write; any other as it is written."""
        fields = self.line.split()
        for shape, zh, en in _WORDS:
            if match := re.fullmatch(shape, " ".join(fields)):
                found = {
                    name: part.zfill(2) if name in ("hour", "minute") else part
                    for name, part in match.groupdict().items()
                }
                if (weekday := found.get("weekday")) is not None:
                    named = _WEEKDAY_WORDS[int(weekday) % 7]
                    return Text(zh.format(**found, day=named.zh), en.format(**found, day=named.en))
                return Text(zh.format(**found), en.format(**found))
        return Text(self.line, self.line)

    def next(self, after: dt.datetime) -> dt.datetime | None:
        """The first due moment after a moment."""
        known = self._known
        if known is not None and known[0] <= after < known[1]:
            return known[1]
        written = self._written(self._begin_of_rest(after))
        while written is not None and (moment := self._moved(written)) <= after:
            written = self._written(written)
        if written is None:
            return None
        self._known = after, moment
        return moment

    def latest(self, moment: dt.datetime) -> dt.datetime | None:
        """The last due moment at or before a moment."""
        for span in _SPANS:
            due = self.next(moment - span)
            if due is None or due > moment:
                continue
            while (following := self.next(due)) is not None and following <= moment:
                due = following
            return due
        return None

    def by_day(self, after: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
        """The last due moment of each day that has one, after a moment up to another, in order."""
        first, last = (day_of(each.astimezone(SHANGHAI).date()) for each in (after, until))
        ends = [_midnight(day) for day in range(first, last + 2)]
        for begin, end in pairwise(ends):
            due = self.next(max(after, begin - _SECOND))
            if due is None or due > until:
                return
            if due < end:
                latest = self.latest(min(until, end - _SECOND))
                assert latest is not None
                yield latest

    def _written(self, after: dt.datetime) -> dt.datetime | None:
        """The first moment after another as the cron line has it."""
        due: dt.datetime | None = self._trigger.get_next_fire_time(
            None, after.replace(microsecond=0) + _SECOND
        )
        return due

    def _moved(self, moment: dt.datetime) -> dt.datetime:
        """Where a moment of the cron line goes."""
        day = written = day_of(moment.date())
        if self.on_holiday == "run":
            return moment
        while not is_working_day(day, self._holidays):
            day += 1 if self.on_holiday == "after" else -1
        return moment + dt.timedelta(days=day - written)

    def _begin_of_rest(self, after: dt.datetime) -> dt.datetime:
        """From where moments of the cron line may go past ``after``."""
        if self.on_holiday != "after":
            return after
        day = day_of(after.astimezone(SHANGHAI).date())
        while not is_working_day(day - 1, self._holidays):
            day -= 1
        return _midnight(day) - _SECOND


class DueTrigger(BaseTrigger):  # type: ignore[misc]
    """The due moments of a schedule as APScheduler asks for them."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def get_next_fire_time(
        self, previous_fire_time: dt.datetime | None, now: dt.datetime
    ) -> dt.datetime | None:
        """The next moment; several that passed meanwhile are one."""
        latest = now - _SECOND
        return self._schedule.next(max(previous_fire_time or latest, latest))


def _read_cron(key: str, line: str) -> Any:
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
            f"配置 scheduler.{key} 不是有效的 cron：{line}（{fault}）",
            f"scheduler.{key} is no cron line: {line} ({fault})",
        ) from None


def _midnight(day: Day) -> dt.datetime:
    return dt.datetime.combine(date_of(day), dt.time(), SHANGHAI)
