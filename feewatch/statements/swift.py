"""What SWIFT statement messages share: fields, messages of a text, entries and what they tell."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from feewatch.kernel.days import Day, date_of, parse_day
from feewatch.kernel.money import MAX_FEN
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.cells import shown
from feewatch.statements.columns import StatedRow

#: Only known fields: a memo's own line may well begin with something like ``:26:37``.
_TAG = r"(20|21|13D|25P?|28C?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|NS):"
#: Where a field begins, or a block ends or begins.
_MARK = re.compile(rf"\n(?::{_TAG}|-\}}|\{{1:|-[^\S\n]*(?=\n|\Z))")
#: An amount without its comma is whole: had the comma been lost, the balances would not tie.
_ENTRY = re.compile(
    r"(\d{6}(?:\d{4}| {4})?)(R?[CD])[A-Z]?(\d{1,18}(?:,\d{0,2})?)[A-Z][A-Z0-9 ]{3}(.*)",
    re.DOTALL | re.ASCII,
)
_NOTHING = ("",) * 4
#: RC takes a credit back and so leaves the account; RD gives a debit back.
SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1}
_SUBFIELD = re.compile(r"\?(\d{2})")
#: The entry day lies so near the value day that the year between them is never in doubt.
_NEAR_DAYS = 180
_LONGEST_PAGE = 9
#: Words that stand where a bank has no reference of its own.
_NO_REFERENCE = {"NONREF", "NOTPROVIDED", ""}


def has_tag(text: str, *tags: str) -> bool:
    """Whether a text holds a field of one of these tags."""
    # a plain search first: a pattern alone would stop at every colon
    told = [tag for tag in tags if f":{tag}:" in text]
    return bool(told) and bool(re.search(rf":(?<![^\n\r]:)(?:{'|'.join(told)}):", text))


class Field(NamedTuple):
    """One field of a message; ``text`` may be of several lines."""

    line: int
    tag: str
    text: str


def fields_of(text: str, line: int) -> Iterator[Field]:
    """Fields in order; a line without a tag goes on with the field before it.

    ``text`` is of lines that begin, not end, in line feeds, the first of them being ``line``.
    """
    start = counted = number = 0
    tag = ""
    for mark in _MARK.finditer(text):
        if tag:
            yield Field(number, tag, text[start : mark.start()].rstrip("\n"))
        end, start = mark.span()
        line += text.count("\n", counted, end)
        counted, number, tag = end, line, mark[1] or ""
    if tag:
        yield Field(number, tag, text[start:].rstrip("\n"))


def account_of(text: str) -> str:
    """The number of ``BANK/NUMBER``, without the currency that some banks put behind it."""
    number = normalise(text.partition("\n")[0]).replace(" ", "")
    return re.sub(r"(?<=\d)/?[A-Z]{3}$", "", number).rpartition("/")[2]


def place_of(text: str) -> tuple[str, int | None]:
    """The number of a statement and that of its page, where ``12/1`` tells one."""
    number, _, page = text.strip().partition("/")
    return number, int(page) if page.isdecimal() and len(page) < _LONGEST_PAGE else None


def swift_problem(code: str, line: int, zh: str, en: str) -> Problem:
    """A fault of a line, in both languages."""
    return Problem(code, Text(zh, en), line=line)


def fen_of(text: str) -> int | None:
    """Fen of ``1234,5``; None where no sum of this size can be meant."""
    whole, _, cents = text.partition(",")
    fen = int(whole + cents.ljust(2, "0"))
    return fen if fen <= MAX_FEN else None


@lru_cache(maxsize=4096)
def short_day(text: str) -> Day | None:
    """The day of YYMMDD; two-digit years up to 79 are 20YY, as SWIFT has it."""
    century = "20" if int(text[:2]) < 80 else "19"
    return parse_day(f"{century}{text[:2]}-{text[2:4]}-{text[4:]}")


@lru_cache(maxsize=4096)
def _entry_day(value: Day, entry: str) -> Day | None:
    """The day of MMDD nearest to the value day: the year is not stated and may turn between."""
    year = date_of(value).year
    days = (parse_day(f"{each}-{entry[:2]}-{entry[2:]}") for each in (year - 1, year, year + 1))
    known = [day for day in days if day is not None]
    nearest = min(known, key=lambda day: abs(day - value), default=None)
    return nearest if nearest is not None and abs(nearest - value) <= _NEAR_DAYS else None


def _interest_day(text: str) -> Day | None:
    """The last of February for its 30th, which banks know that reckon months of 30 days."""
    return short_day(f"{text[:2]}0228") if text[2:] == "0230" else None


@lru_cache(maxsize=4096)
def days_of(stated: str) -> tuple[Day | None, Day | None]:
    """Value day and booking day of ``YYMMDD`` or ``YYMMDDMMDD``; None for what is no day."""
    value, entry = short_day(stated[:6]), stated[6:].strip()
    near = value or _interest_day(stated[:6])
    return value, _entry_day(near, entry) if near and entry else value


def reference_of(told: str | None) -> str | None:
    """The bank's own reference, where what is told is one."""
    reference = (told or "").strip()
    return None if reference.upper() in _NO_REFERENCE else reference


def entry_of(line: int, text: str, problems: list[Problem]) -> StatedRow | None:
    """The row of a :61:, or None with its fault noted."""
    found = _ENTRY.fullmatch(text)
    stated, mark, amount, rest = found.groups() if found else _NOTHING
    value, booked = days_of(stated) if stated else (None, None)
    fen = fen_of(amount) if amount else None
    if booked is None or fen is None:
        told = shown(text.partition("\n")[0])
        zh, en = f":61: 明细无法读取:{told}", f":61: is no entry: {told}"
        problems.append(swift_problem("MT940-ENTRY", line, zh, en))
        return None
    return StatedRow(
        line, booked, None, value, SIGNS[mark] * fen, None, None, None, None,
        reference_of(rest.partition("\n")[0].partition("//")[2]), mark[0] == "R",
    )  # fmt: skip


def described(row: StatedRow, text: str) -> StatedRow:
    """The entry with what its :86: tells."""
    memo, party, number = told_by(text.replace("\n", ""))
    return row._replace(memo=memo, counterparty=party, counterparty_account=number)


def told_by(text: str) -> tuple[str | None, str | None, str | None]:
    """Memo, counterparty and its account; ``?20``-style subfields are taken apart."""
    parts = _SUBFIELD.split(text) if "?" in text else ()
    if len(parts) < 3:
        return normalise(text) or None, None, None
    told: dict[str, str] = {}
    for code, value in zip(parts[1::2], parts[2::2], strict=True):
        name = _SUBFIELD_MEANS.get(code, "")
        told[name] = told.get(name, "") + value
    memo, party, number = (
        normalise(told.get(each, "")) or None
        for each in ("memo", "counterparty", "counterparty_account")
    )
    return memo, party, number


_SUBFIELD_MEANS = {
    **dict.fromkeys([f"{n}" for n in (*range(20, 30), *range(60, 64))], "memo"),
    "31": "counterparty_account",
    "32": "counterparty",
    "33": "counterparty",
}
