"""What one cell of a register may hold: readers from text to a value, or to a fault.

A reader is given a normalised cell that is not empty and never raises.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.days import FIRST_DAY, Day, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.text import Text
from feewatch.registry.personal import has_number_of_a_person, looks_personal, names_a_person

PERSONAL = "CELL-PERSONAL"
#: Larger counts are slips of the pen, and their products with fen would not fit 64 bits.
MAX_COUNT = 9_999


class CellFault(NamedTuple):
    """Why a cell is refused."""

    code: str
    message: Text


Reader = Callable[[str], Any]

#: A spreadsheet may add the clock of a day's beginning, which is none.
_DAY_FORM = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?: 0?0:00(?::00)?)?", re.ASCII)
_DAY = CellFault("CELL-DAY", Text("应为日期，如 2026-01-31", "not a day such as 2026-01-31"))
_YUAN = CellFault(
    "CELL-AMOUNT",
    Text(
        "应为不小于 0、至多两位小数的金额（元）", "not an amount in yuan, at least 0, two decimals"
    ),
)
_CODE = CellFault(
    "CREDIT-CODE",
    Text("不是有效的统一社会信用代码（校验位）", "not a unified social credit code (check digit)"),
)
_DISTRICT = CellFault(
    "CELL-DISTRICT", Text("应为 6 位行政区划代码", "not a division code of six digits")
)
_ACCOUNT = CellFault(
    "CELL-ACCOUNT",
    Text("账号应为 4 至 40 位数字、字母或连字符", "not 4 to 40 digits, letters or hyphens"),
)
_PERSONAL = CellFault(
    PERSONAL,
    Text(
        "疑似姓名、电话或身份证号，须用不含个人信息的学员标识",
        "looks like a name, phone or identity number: use an opaque token",
    ),
)
_NUMBER = CellFault(
    PERSONAL,
    Text(
        "含电话或身份证号，请删去后再登记",
        "holds a phone or identity number: leave it out",
    ),
)
_IN_NUMBER = CellFault(
    PERSONAL,
    Text(
        "编号疑含姓名、电话或身份证号，请改用不含个人信息的编号",
        "the number looks as if it held a name, phone or identity number: use one that does not",
    ),
)
_INVISIBLE = CellFault(
    "CELL-INVISIBLE", Text("含不可见字符", "holds a control or another invisible character")
)


def text(longest: int) -> Reader:
    """A reader of free text up to so many characters."""
    too_long = CellFault(
        "CELL-LONG", Text(f"超过 {longest} 个字符", f"longer than {longest} characters")
    )
    return lambda cell: cell if len(cell) <= longest else too_long


def names(longest: int) -> Reader:
    """A reader of names with ``;`` between, whatever the spaces around it."""
    read = untraceable(longest)
    return lambda cell: read(";".join(filter(None, (part.strip() for part in cell.split(";")))))


def student(cell: str) -> str | CellFault:
    """An opaque token; a name, phone or identity number is refused."""
    if looks_personal(cell):
        return _PERSONAL
    value: str | CellFault = _TOKEN(cell)
    return value


_TOKEN = text(60)


def untraceable(longest: int) -> Reader:
    """A reader of free text that may hold no phone and no identity number."""
    read = text(longest)
    return lambda cell: _NUMBER if has_number_of_a_person(cell) else read(cell)


def number(longest: int) -> Reader:
    """A reader of the number of a record, which may name no person."""
    read = text(longest)
    return lambda cell: _IN_NUMBER if names_a_person(cell) else read(cell)


def uscc(cell: str) -> str | CellFault:
    """A unified social credit code."""
    return cell if is_credit_code(cell) else _CODE


def district(cell: str) -> str | CellFault:
    """A division code."""
    return cell if re.fullmatch(r"[1-9][0-9]{5}", cell) else _DISTRICT


def account_no(cell: str) -> str | CellFault:
    """An account number; the spaces that people put between groups of digits go."""
    compact = cell.replace(" ", "")
    return compact if re.fullmatch(r"[0-9A-Za-z-]{4,40}", compact) else _ACCOUNT


def day(cell: str) -> Day | CellFault:
    """A day, not before 1900: ``2026-01-31``, or ``2026/1/31`` as a spreadsheet writes it."""
    form = _DAY_FORM.fullmatch(cell)
    value = parse_day(f"{form[1]}-{form[3]:>02}-{form[4]:>02}") if form else None
    return _DAY if value is None or value < FIRST_DAY else value


def yuan(cell: str) -> int | CellFault:
    """Fen of an amount of yuan that is not negative."""
    value = parse_yuan(cell)
    return _YUAN if value is None or value < 0 else value


class Whole:
    """Reads whole numbers not below the least."""

    def __init__(self, least: int) -> None:
        self.least = least
        self._fault = CellFault(
            "CELL-NUMBER",
            Text(
                f"应为 {least} 至 {MAX_COUNT} 的整数",
                f"not a whole number from {least} to {MAX_COUNT}",
            ),
        )

    def __call__(self, cell: str) -> int | CellFault:
        """The number of a cell."""
        if not re.fullmatch(r"[0-9]{1,6}", cell):
            return self._fault
        return int(cell) if self.least <= int(cell) <= MAX_COUNT else self._fault


class WordChoice:
    """Reads one of the English values or Chinese words, giving the English value."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words  # English value -> Chinese word
        self._values = {zh: english for english, zh in words.items()} | {
            each: each for each in words
        }
        allowed = "、".join(f"{english} {zh}" for english, zh in words.items())
        self._fault = CellFault(
            "CELL-WORD", Text(f"应为其中之一：{allowed}", f"not one of {', '.join(words)}")
        )

    def __call__(self, cell: str) -> str | CellFault:
        """The value of a cell."""
        return self._values.get(cell, self._fault)


def visible(cell: str) -> CellFault | None:
    """The fault of a cell with characters that nobody sees, such as NUL or a zero-width space."""
    if cell.isprintable():
        return None
    hidden = any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in cell)
    return _INVISIBLE if hidden else None
