"""Cells of bank tables: amounts, days, times, words; strict, and cached where values recur."""

import re
from functools import lru_cache

from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.text import normalise

_TIME = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?|(\d{4,6})"
_ONLY_TIME = re.compile(_TIME, re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
    rf"(?:[ T]?({_TIME}))?",
    re.ASCII,
)
_PLAIN_AMOUNT = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}").fullmatch
#: A stamp of day and time without separators, perhaps with parts of a second.
_STAMP = re.compile(r"\d{8}(\d{6})\d{0,6}", re.ASCII)
_DAY_FIRST = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
#: Ways to write "no amount".
_NONE = ("", "-", "--", "—", "——")
#: No day, time or number is longer; what is need not be looked at.
_LONGEST = 40


def shown(text: str) -> str:
    """A cell as problems quote it."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def amount(text: str) -> int | None:
    """Fen of a cell; None where it is empty.

    Raises: ValueError where it is neither.
    """
    if not text:
        return None
    if _PLAIN_AMOUNT(text):
        return int(text[:-3] + text[-2:])
    stripped = text.strip()
    if stripped in _NONE:
        return None
    fen = parse_yuan(stripped)
    if fen is None:
        raise ValueError(shown(text))
    return fen


def day_and_time(text: str) -> tuple[Day, str | None]:
    """Day and time of ``2026-09-01``, ``2026/9/1 14:06:51``, ``2026年9月1日``, ``20260901101112``.

    Raises: ValueError where it holds no day.
    """
    moment = _moment(text) if len(text) <= _LONGEST else None
    if moment is None:
        raise ValueError(shown(text))
    return moment


@lru_cache(maxsize=16384)
def _moment(text: str) -> tuple[Day, str | None] | None:
    match = _MOMENT.fullmatch(normalise(text))
    if match is None:
        return None
    month, number = match[3] or match[5] or match[7], match[4] or match[6] or match[8]
    parsed = parse_day(f"{match[1]}-{int(month):02d}-{int(number):02d}")
    return None if parsed is None else (parsed, time(match[9]) if match[9] else None)


def year_first(text: str) -> str:
    """``2026/01/31`` for ``31/01/2026``; any other text as it stands."""
    return _DAY_FIRST.sub(r"\3/\2/\1", text, count=1)


@lru_cache(maxsize=16384)
def time(text: str) -> str | None:
    """``HH:MM:SS`` of a time or of a whole stamp; None where the cell is empty or no time.

    ``83533`` has lost a leading zero, ``0835`` has no seconds.
    """
    written = normalise(text)
    stamp = _STAMP.fullmatch(written)
    match = _ONLY_TIME.fullmatch(stamp[1] if stamp else written)
    if match is None:
        moment = _moment(written) if len(written) > 8 else None
        return moment[1] if moment else None
    hours, minutes, seconds, digits = match.groups()
    if digits:
        padded = f"{digits}00" if len(digits) == 4 else digits.zfill(6)
        hours, minutes, seconds = padded[:2], padded[2:4], padded[4:]
    seconds = seconds or "00"
    if int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        return None
    return f"{int(hours):02d}:{minutes}:{seconds}"


def word(text: str) -> str | None:
    """The normalised text of a cell, or None where it is empty or only dashes."""
    if text.isalnum() and text.isascii():
        return text
    return _word(text) if len(text) <= _LONGEST else normalise(text)


@lru_cache(maxsize=16384)
def _word(text: str) -> str | None:
    stored = normalise(text)
    return stored if stored.strip("-—*") else None


@lru_cache(maxsize=1024)
def account(text: str) -> str:
    """An account number without the spaces, dashes and quotes that exports put around it.

    Raises: ValueError where a spreadsheet has turned it into a number and lost its last digits.
    """
    number = "".join(normalise(text).split()).strip("='\"").replace("-", "")
    if re.fullmatch(r"\d(?:\.\d+)?[Ee]\+?\d+", number):
        raise ValueError(shown(text))
    return number
