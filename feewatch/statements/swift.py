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
from feewatch.statements.model import Row

#: Only known fields: a memo's own line may well begin with something like ``:26:37``.
_TAG = r"(20|21|13D|25P?|28C?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|NS):"
_TAG_LINE = re.compile(rf":(?<![^\n\r]:){_TAG}")
#: Where a field begins, or a block ends or begins.
_MARK = re.compile(rf"\n(?::{_TAG}|-\}}|\{{1:|-[^\S\n]*(?=\n|\Z))")
#: An amount without its comma is whole: had the comma been lost, the balances would not tie.
_ENTRY = re.compile(
    r"(?P<value>\d{6})(?:(?P<entry>\d{4})| {4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d{1,18}(?:,\d{0,2})?)(?P<type>[A-Z][A-Z0-9 ]{3})(?P<rest>.*)",
    re.DOTALL | re.ASCII,
)
_NOTHING = ("",) * 7
_SUBFIELD = re.compile(r"\?(\d{2})")
#: The entry day lies so near the value day that the year between them is never in doubt.
_NEAR_DAYS = 180
#: Words that stand where a bank has no reference of its own.
_NO_REFERENCE = {"NONREF", "NOTPROVIDED", ""}


def tags_of(text: str) -> set[str]:
    """The tags of the fields that a text holds."""
    return set(_TAG_LINE.findall(text))


class Field(NamedTuple):
    """One field of a message; ``text`` may be of several lines."""

    line: int
    tag: str
    text: str


def fields_of(text: str) -> Iterator[Field]:
    """Fields in order; a line without a tag goes on with the field before it.

    Lines of ``text`` end in line feeds alone.
    """
    text = "\n" + text
    line = start = counted = 0
    number = 1
    tag = ""
    for mark in _MARK.finditer(text):
        if tag:
            yield Field(line, tag, text[start : mark.start()].rstrip("\n"))
        end, start = mark.span()
        number += text.count("\n", counted, end)
        counted, line, tag = end, number, mark[1] or ""
    if tag:
        yield Field(line, tag, text[start:].rstrip("\n"))


def messages_of(text: str) -> Iterator[list[Field]]:
    """The fields of each message: it begins with :20:, or where a second account would begin."""
    current: list[Field] = []
    for each in fields_of(text):
        if each.tag in ("20", "25") and any(one.tag == each.tag for one in current[:4]):
            yield current
            current = []
        current.append(each)
    if current:
        yield current


def account_of(text: str) -> str:
    """The number of ``BANK/NUMBER``, without the currency that some banks put behind it."""
    number = normalise(text.partition("\n")[0]).replace(" ", "")
    return re.sub(r"(?<=\d)/?[A-Z]{3}$", "", number).rpartition("/")[2]


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


def entry_of(line: int, text: str, problems: list[Problem]) -> Row | None:
    """The row of a :61:, or None with its fault noted."""
    found = _ENTRY.fullmatch(text)
    stated, entry, mark, _, amount, _, rest = found.groups() if found else _NOTHING
    value = short_day(stated) if stated else None
    near = value or (_interest_day(stated) if stated else None)
    booked = _entry_day(near, entry) if near and entry else value
    fen = fen_of(amount) if amount else None
    if booked is None or fen is None:
        told = shown(text.partition("\n")[0])
        zh, en = f":61: 明细无法读取:{told}", f":61: is no entry: {told}"
        problems.append(swift_problem("MT940-ENTRY", line, zh, en))
        return None
    # RC takes a credit back and so leaves the account; RD gives a debit back
    sign = 1 if mark in ("C", "RD") else -1
    reference = rest.partition("\n")[0].partition("//")[2].strip()
    return Row(
        line, booked, None, value, sign * fen, None, None, None, None,
        None if reference.upper() in _NO_REFERENCE else reference,
        mark[0] == "R",
    )  # fmt: skip


def described(row: Row, text: str) -> Row:
    """The entry with what its :86: tells; ``?20``-style subfields are taken apart."""
    text = text.replace("\n", "")
    parts = _SUBFIELD.split(text) if "?" in text else ()
    if len(parts) < 3:
        return Row._make((*row[:8], normalise(text) or None, *row[9:]))
    told: dict[str, str] = {}
    for code, value in zip(parts[1::2], parts[2::2], strict=True):
        name = _SUBFIELD_MEANS.get(code, "")
        told[name] = told.get(name, "") + value
    memo, party, number = (
        normalise(told.get(each, "")) or None
        for each in ("memo", "counterparty", "counterparty_account")
    )
    return row._replace(memo=memo, counterparty=party, counterparty_account=number)


_SUBFIELD_MEANS = {
    **dict.fromkeys([f"{n}" for n in (*range(20, 30), *range(60, 64))], "memo"),
    "31": "counterparty_account",
    "32": "counterparty",
    "33": "counterparty",
}
