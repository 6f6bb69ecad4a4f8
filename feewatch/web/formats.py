"""How figures look on a page."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from feewatch.casework.figures import figure_in_words
from feewatch.casework.figures import percent as percent_of
from feewatch.casework.subjects import OF_ACCOUNT
from feewatch.credit.grades import format_points
from feewatch.credit.lists import LISTS
from feewatch.kernel.clock import now, shown
from feewatch.kernel.days import format_day
from feewatch.kernel.masking import mask_name
from feewatch.kernel.money import group_yuan
from feewatch.kernel.places import PROVINCES
from feewatch.services.public.asking import PUBLIC
from feewatch.web.language import say, t

#: The media types of a document and a workbook.
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


#: What stands as actor where nobody acted.
_MACHINES = frozenset({"engine", "check", "scheduler"})
#: Yuan as a line of arithmetic writes them: digits without end, a point, two more.
_SUM = re.compile(r"(?<![\d.,])(\d{4,})\.(\d\d)(?![\d.])")


def day(value: int | None) -> str:
    """``YYYY-MM-DD``, or a dash."""
    return "—" if value is None else format_day(value)


def yuan(fen: int | None) -> str:
    """Yuan with grouping and two decimals, or a dash."""
    return "—" if fen is None else group_yuan(fen)


def moment(text: str | None) -> str:
    """A recorded moment to the minute."""
    return shown(text) if text else "—"


def ago(text: str) -> str:
    """How long ago a recorded moment is, in the largest whole unit."""
    seconds = int((now() - dt.datetime.fromisoformat(text)).total_seconds())
    for size, zh, en in ((86400, "天", "days"), (3600, "小时", "hours"), (60, "分钟", "minutes")):
        if seconds >= size:
            return t(f"{seconds // size} {zh}前", f"{seconds // size} {en} ago")
    return t("刚刚", "just now")


def percent(value: Decimal | str | None) -> str:
    """A share in per cent, or a dash."""
    return "—" if value is None else percent_of(str(value))


def grouped(text: str) -> str:
    """A line of arithmetic whose sums in yuan are grouped by thousands."""
    return _SUM.sub(lambda match: f"{int(match[1]):,}.{match[2]}", text)


def figure(value: Any, unit: str) -> str:
    """A measured figure or limit with its unit."""
    return t(*figure_in_words(value, unit))


def masked_account(number: str | None) -> str:
    """An account number of which only the last four digits are shown."""
    return "—" if not number else "•••• " + number[-4:]


def masked_name(name: str | None) -> str:
    """A name of which only the first character is shown."""
    return mask_name(name or "") or "—"


def masked_subject(kind: str, subject: str) -> str:
    """A subject id whose account number, if it begins with one, is masked."""
    if kind not in OF_ACCOUNT:
        return subject
    number, slash, rest = subject.partition("/")
    return masked_account(number) + slash + rest


def places(names: Mapping[str, str]) -> Callable[[str], str]:
    """How a place is shown: the office's name for it and its code, a province by its own name."""

    def place(code: str) -> str:
        name = names.get(code)
        if name is None and code in PROVINCES:
            return say(PROVINCES[code])
        return f"{name} {code}" if name else code

    return place


def by_list(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many are on each list, in the one order in which the lists are always shown."""
    return [(name, counts[name]) for name in LISTS if name in counts]


def below(folder: Path) -> Callable[[object], str]:
    """How a text that names files of the installation is shown: without the way to its folder."""
    way = f"{folder}/"
    return lambda text: str(text).replace(way, "")


def actor(name: str) -> str:
    """Who did something: a person by name, the engine and the scheduler as the system."""
    if name == PUBLIC:
        return t("公众", "the public")
    return t("系统", "the system") if name in _MACHINES else name


FILTERS = {
    "actor": actor,
    "by_list": by_list,
    "day": day,
    "yuan": yuan,
    "moment": moment,
    "ago": ago,
    "percent": percent,
    "grouped": grouped,
    "figure": figure,
    "masked_account": masked_account,
    "masked_name": masked_name,
    "points": format_points,
}
