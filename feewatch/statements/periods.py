"""The days that the head of a table names: a range in any of the usual wordings.

Strict: what only looks like a range is none, and is said to be one that was not understood.
"""

import re
from typing import NamedTuple

from feewatch.kernel.days import Day, date_of, month_length, parse_day
from feewatch.kernel.text import normalise

#: Words that may stand before and between those that make a label one of a range.
_WHAT = (
    "(?:本次|所|您)?(?:查询|交易|对账单|对账|账单|帐单|记账|入账|明细|统计|选择|流水|账务|结算|"
    "打印|导出|的)*"
)
_PERIOD = re.compile(
    rf"{_WHAT}(?:起止|起讫|起迄|始末|起始终止|开始结束)?(?:交易|查询|对账)?"
    r"(?:日期|时间|期间|区间|周期|范围|时段|月份)(?:范围|区间|时段|期间|段)?(?:起止|\(起止\))?"
    rf"|{_WHAT}(?:起止|起讫|起迄|账期)"
)
#: A label without one of these may as well be of the day on which somebody asked.
_SURE = re.compile(
    "起止|时间段|起讫|起迄|始末|起始终止|开始结束|期间|区间|周期|范围|时段|月份|账期"
)
_FIRST = re.compile(rf"{_WHAT}(?:起始|开始|起|始)(?:日期|时间|日)|(?:日期|时间)(?:起|从|自)")
_LAST = re.compile(
    rf"{_WHAT}(?:终止|截止|截至|结束|止|末)(?:日期|时间|日)|(?:日期|时间)(?:止|到|至)"
)
_LONGEST_LABEL = 16
#: Cells that are no longer are looked through for a range.
_LONGEST = 200

_TIME = (
    r"(?:[T\s]*(?P<h{0}>\d{{1,2}})[:时](?P<m{0}>\d{{2}})(?:[:分](?P<s{0}>\d{{2}})(?:\.\d+|秒)?|分)?"
    r"|[T\s]?(?P<H{0}>\d{{2}})(?P<M{0}>\d{{2}})(?P<S{0}>\d{{2}})(?!\d))?"
)
_DAY = (
    r"(?<!\d)(?P<y{0}>\d{{4}})(?:(?P<p{0}>[-/.])(?P<a{0}>\d{{1,2}})(?P=p{0})(?P<b{0}>\d{{1,2}})"
    r"|年(?P<c{0}>\d{{1,2}})月(?P<d{0}>\d{{1,2}})日?|(?P<e{0}>\d{{2}})(?P<f{0}>\d{{2}}))"
)
_MOMENT = re.compile(_DAY.format(1) + _TIME.format(1) + r"(?!\d)")
_SEPARATOR = r"\s*(?:起)?\s*(?:至|到|~|→|to|TO|[-‐-―－—─]+)+\s*"
_BETWEEN = re.compile(_SEPARATOR)
#: The last day without its year, or its year and month: ``2026年3月1日至31日``.
_SHORT = re.compile(_SEPARATOR + r"(?:(\d{1,2})[-/.月])?(\d{1,2})日?(?![\d:.年月/-])")
_MONTH = re.compile(r"(?<!\d)(\d{4})(?:年(\d{1,2})月(?:份)?|[-/.](\d{1,2})|(\d{2}))(?![\d/.-]|\d)")


class Moment(NamedTuple):
    """A day of a range, and whether its clock says midnight."""

    day: Day
    is_midnight: bool


def label_of(key: str) -> str | None:
    """What a label in the form of ``column_key`` names: the range, its first or its last day."""
    if not key or len(key) > _LONGEST_LABEL or key[0].isdigit():
        return None
    if _FIRST.fullmatch(key):
        return "from"
    if _LAST.fullmatch(key):
        return "to"
    return "period" if _PERIOD.fullmatch(key) else None


def is_sure(key: str) -> bool:
    """Whether a label can only be one of a range."""
    return _SURE.search(key) is not None


def range_of(text: str) -> tuple[Day, Day] | None:
    """The first and the last day that a text names, if it names just that.

    An end at midnight is the day before; of a month, its first and its last day.
    """
    written = normalise(text)
    found = list(_MOMENT.finditer(written)) if len(written) <= _LONGEST else []
    moments = [_moment(each) for each in found]
    if None in moments or len(moments) > 2:
        return None
    known = [each for each in moments if each is not None]
    if len(known) == 2:
        return known[0].day, last_day(*known)
    if len(known) == 1:
        return _shortened(written, found[0], known[0].day)
    return _months(written)


def last_day(first: Moment, last: Moment) -> Day:
    """The last day of a range between two moments."""
    return max(first.day, last.day - 1) if last.is_midnight else last.day


def moment_in(text: str) -> Moment | None:
    """The only day that a text names."""
    written = normalise(text)
    found = list(_MOMENT.finditer(written)) if len(written) <= _LONGEST else []
    return _moment(found[0]) if len(found) == 1 else None


def range_within(text: str) -> tuple[str, str] | None:
    """What stands before a range in a cell that has no label of its own, and the range."""
    written = normalise(text) if len(text) <= _LONGEST else ""
    found = list(_MOMENT.finditer(written))
    if len(found) != 2:
        return None
    (first, last) = found
    if not _BETWEEN.fullmatch(written[first.end() : last.start()]):
        return None
    return written[: first.start()], written[first.start() : last.end()]


def _moment(found: re.Match[str]) -> Moment | None:
    told = found.groupdict()
    month, number = (
        next(filter(None, (told[name] for name in names)), "")
        for names in (("a1", "c1", "e1"), ("b1", "d1", "f1"))
    )
    day = parse_day(f"{told['y1']}-{int(month):02d}-{int(number):02d}")
    if day is None:
        return None
    clock = [told[big] or told[small] for big, small in (("H1", "h1"), ("M1", "m1"), ("S1", "s1"))]
    is_midnight = clock[0] is not None and all(int(each or 0) == 0 for each in clock)
    return Moment(day, is_midnight)


def _shortened(text: str, found: re.Match[str], first: Day) -> tuple[Day, Day] | None:
    rest = _SHORT.match(text, found.end())
    if rest is None:
        return None
    date = date_of(first)
    month = int(rest[1] or date.month)
    last = parse_day(f"{date.year}-{month:02d}-{int(rest[2]):02d}")
    return None if last is None or last < first else (first, last)


def _months(text: str) -> tuple[Day, Day] | None:
    found = _MONTH.findall(text)
    if not 1 <= len(found) <= 2:
        return None
    months = [(int(year), int(a or b or c)) for year, a, b, c in found]
    if not all(1 <= month <= 12 and year >= 1900 for year, month in months):
        return None
    (year, month), (last_year, last_month) = months[0], months[-1]
    first = parse_day(f"{year}-{month:02d}-01")
    last = parse_day(f"{last_year}-{last_month:02d}-{month_length(last_year, last_month)}")
    return None if first is None or last is None or last < first else (first, last)
