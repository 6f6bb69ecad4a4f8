"""Cells of bank tables: amounts, days, times, words; strict, and cached where values recur."""

import re
from functools import lru_cache

from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.text import normalise

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|年(\d{1,2})月|(\d{2}))(\d{1,2})日?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?|(\d{5,6})")
#: Ways to write "no amount".
_NONE = ("", "-", "--", "—")


def amount(text: str) -> int | None:
    """Fen of a cell; None where it is empty.

    Raises: ValueError where it is neither.
    """
    stripped = text.strip()
    if stripped in _NONE:
        return None
    fen = parse_yuan(stripped)
    if fen is None:
        raise ValueError(text)
    return fen


@lru_cache(maxsize=4096)
def day(text: str) -> Day:
    """The day of ``2026-09-01``, ``20260901``, ``2026/9/1`` or ``2026年9月1日``.

    Raises: ValueError where it is none.
    """
    found = _DAY.fullmatch(normalise(text))
    if found is None:
        raise ValueError(text)
    year, *months, number = found.groups()
    month = next(each for each in months if each)
    parsed = parse_day(f"{year}-{int(month):02d}-{int(number):02d}")
    if parsed is None:
        raise ValueError(text)
    return parsed


def day_and_time(text: str) -> tuple[Day, str | None]:
    """Day and time of a cell that may hold both, apart by a space.

    Raises: ValueError where it holds no day.
    """
    first, _, rest = text.strip().partition(" ")
    return day(first), time(rest) if rest.strip() else None


@lru_cache(maxsize=4096)
def time(text: str) -> str | None:
    """``HH:MM:SS``; None where the cell is empty or no time. ``83533`` has lost a leading zero."""
    found = _TIME.fullmatch(normalise(text))
    if found is None:
        return None
    hours, minutes, seconds, digits = found.groups()
    if digits:
        padded = digits.zfill(6)
        hours, minutes, seconds = padded[:2], padded[2:4], padded[4:]
    return f"{int(hours):02d}:{minutes}:{seconds or '00'}"


def word(text: str) -> str | None:
    """The normalised text of a cell, or None where it is empty or only dashes."""
    shown = normalise(text)
    return shown if shown.strip("-—*") else None
