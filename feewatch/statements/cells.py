"""What one cell of a bank's table says: amount, day, time, text, currency. Strict, never guessing.

Banks write thousands separators, full-width digits, tabs after numbers and dashes for nothing;
what is none of the known forms is None, and the row is refused.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.text import normalise

#: The forms of a day that Chinese banks write; a layout may name others.
DAY_FORMS = ("YYYY-MM-DD", "YYYYMMDD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYY年MM月DD日")
YUAN_NAMES = frozenset({"CNY", "RMB", "156"})

_PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}").fullmatch
_ADORNMENT = re.compile(r"^[¥]|元$")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?|(\d{3,6})")
_ONLY_DASHES = re.compile(r"[-—–]+")
Moment = tuple[Day, str | None]


def read_amount(cell: str) -> int | None:
    """Fen of an amount, or None where the cell is no exact amount of yuan."""
    if _PLAIN_AMOUNT(cell):
        return int(cell[:-3] + cell[-2:])
    return parse_yuan(_ADORNMENT.sub("", normalise(cell)).strip())


@lru_cache(maxsize=16384)
def read_text(cell: str) -> str | None:
    """The text in its stored form; None where the cell is empty or holds dashes for nothing."""
    text = " ".join(cell.split()) if cell.isascii() else normalise(cell)
    return None if not text or _ONLY_DASHES.fullmatch(text) else text


@lru_cache(maxsize=16384)
def read_time(cell: str) -> str | None:
    """``HH:MM:SS`` of 14:02:38, 140238, 83533 (its zero lost) or 14:02; None for no such time."""
    found = _TIME.fullmatch(normalise(cell))
    if found is None:
        return None
    hour, minute, second, digits = found.groups()
    if digits:
        digits = digits.zfill(4 if len(digits) < 5 else 6)
        hour, minute, second = digits[:2], digits[2:4], digits[4:]
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    return f"{int(hour):02d}:{minute}:{second or '00'}"


@lru_cache(maxsize=64)
def account_number(cell: str) -> str:
    """An account number without the spaces, tabs and quotes that exports put around it."""
    return normalise(cell).replace(" ", "").lstrip("='").strip("\"'")


@lru_cache(maxsize=64)
def currency(cell: str) -> str:
    """CNY for every name of the yuan, else the code or name as it stands; empty stays empty."""
    name = normalise(cell).upper()
    return "CNY" if name in YUAN_NAMES or "人民币" in name else name


def day_reader(forms: Sequence[str]) -> Callable[[str], Moment | None]:
    """A reader of cells that hold a day in one of the forms, with or without a time behind it."""
    patterns = [_pattern(form) for form in forms]

    @lru_cache(maxsize=16384)
    def read(cell: str) -> Moment | None:
        text = normalise(cell).replace("T", " ")
        for pattern in patterns:
            found = pattern.fullmatch(text)
            if found:
                return _moment(found)
        return None

    return read


def find_days(text: str, forms: Sequence[str]) -> list[Day]:
    """The days named in a line such as ``2026-01-01 至 2026-01-31``, in order."""
    pattern = "|".join(rf"(?<!\d){_day_pattern(form, named=False)}(?!\d)" for form in forms)
    read = day_reader(forms)
    moments = [read(found[0]) for found in re.finditer(pattern, normalise(text))]
    return [moment[0] for moment in moments if moment is not None]


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(rf"{_day_pattern(form, named=True)}(?: ?(?P<time>\d[\d:.]*))?", re.ASCII)


def _day_pattern(form: str, *, named: bool) -> str:
    """``YYYY/MM/DD`` as an expression; single digits only where separators tell them apart."""
    short = r"\d{2}" if re.fullmatch("[YMD]+", form) else r"\d{1,2}"
    pattern = re.escape(form)
    for letters, name, digits in (("YYYY", "year", r"\d{4}"), ("MM", "month", short),
                                  ("DD", "day", short)):  # fmt: skip
        pattern = pattern.replace(letters, f"(?P<{name}>{digits})" if named else digits)
    return pattern


def _moment(found: re.Match[str]) -> Moment | None:
    day = parse_day(f"{found['year']}-{found['month']:0>2}-{found['day']:0>2}")
    if day is None:
        return None
    if not found["time"]:
        return day, None
    time = read_time(found["time"])
    return None if time is None else (day, time)
