"""The strict reader of TOML: all faults of a file at once, with file, key, what, what is allowed.

Every declarative file is read through it, so that one fault has one code and one wording.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from feewatch.kernel.days import EPOCH, FIRST_DAY, LAST_DAY, Day, day_of
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import MAX_WHOLE, exact_decimal
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

Value = TypeVar("Value")

SIX_DIGITS = Text("6 位行政区划代码", "a division code of six digits")
_TEXT = Text("文字", "text")
_FILLED = Text("非空文字", "text, not empty")
_WHOLE = Text("整数", "a whole number")
_NUMBER = Text("数字", "a number")
_FLAG = Text("true 或 false", "true or false")
DATE = Text("日期，如 2026-01-31（不加引号）", "a date such as 2026-01-31, without quotes")
_DATES = Text("日期列表（不加引号）", "a list of dates, without quotes")
_LIST = Text("列表", "a list")
_WORDS = Text("文字列表，每项不为空", "a list of text, none empty")
TABLES = Text("表的列表", "a list of tables")
_TABLE = Text("表", "a table")
_BOTH = Text("{zh, en} 两句，均不为空", "{zh, en}, both filled")
#: No file of ours goes half so deep; a name of a hundred parts is as many tables.
_DEEPEST = 40
_LONG_NAME = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""")


def read_toml(content: bytes | str, file: str, faults: list[Problem]) -> "Table | None":
    """The table of a file in UTF-8; None with its fault noted where it is no TOML."""
    values = parse_toml(content, file, faults)
    return None if values is None else Table(values, file, faults)


def parse_toml(content: bytes | str, file: str, faults: list[Problem]) -> dict[str, Any] | None:
    """The values of a file in UTF-8, decimals exact; None with its fault noted."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        if _LONG_NAME.search(text):  # each part of which costs as much as all before it
            raise RecursionError
        values = tomllib.loads(text, parse_float=exact_decimal)
        _refuse_unbounded(values)
        return values
    except RecursionError:
        wrong = Text("无法读取：嵌套过深", "cannot be read: it is nested too deeply")
    except ValueError as fault:  # of the syntax, the encoding, or a number
        wrong = Text(f"无法读取：{fault}", f"cannot be read: {fault}")
    faults.append(Problem("TOML-SYNTAX", wrong, file))
    return None


def _refuse_unbounded(values: dict[str, Any]) -> None:
    """Nothing, or a fault where values lie too deep or a whole number is too large.

    Raises: RecursionError, ValueError.
    """
    level: list[Any] = [values]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if any(type(each) is int and abs(each) > MAX_WHOLE for each in level):
            raise ValueError("a whole number is too large")
    if level:
        raise RecursionError


def _within(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def refuse_faults(code: str, what: Text, faults: Sequence[Problem]) -> None:
    """Refuse files that have faults, with all of them.

    Raises: InvalidInputError.
    """
    if faults:
        listed = list_faults(faults)
        raise InvalidInputError(code, f"{what.zh}：{listed.zh}", f"{what.en}: {listed.en}")


def list_faults(faults: Sequence[Problem]) -> Text:
    """All faults on one line, as a refusal is: file, line, key, what."""
    return Text(
        "；".join(_place_and_words(fault, 0) for fault in faults),
        "; ".join(_place_and_words(fault, 1) for fault in faults),
    )


def _place_and_words(fault: Problem, language: int) -> str:
    place: tuple[object, ...] = (fault.file, fault.line, fault.column)
    if not fault.file and fault.line:  # the file is named before them all
        place = (Text(f"第 {fault.line} 行", f"line {fault.line}")[language], fault.column)
    return ": ".join([*(str(part) for part in place if part), fault.message[language]])


class Table:
    """One table of a file; faults are collected, defaults stand in for what is wrong."""

    def __init__(
        self,
        values: Mapping[str, Any],
        file: str,
        faults: list[Problem],
        at: str = "",
        line: int | None = None,
    ) -> None:
        self._values = dict(values)
        self._allowed: list[str] = []
        self._file = file
        self.faults = faults
        self._at = at
        self._line = line  # of a row that is read as a table

    def fault(self, key: str, zh: str, en: str, code: str = "KEY-VALUE") -> None:
        """Note a fault at a key."""
        column = f"{self._at}{key}" or None
        self.faults.append(Problem(code, Text(zh, en), self._file, self._line, column))

    def must_be(self, key: str, wanted: Text, value: Any) -> None:
        """Note that the value of a key is none of those that are allowed."""
        self.fault(key, f"应为{wanted.zh}，不能是 {value!r}", f"must be {wanted.en}, not {value!r}")

    def missing(self, key: str) -> None:
        """Note that a key must stand and does not."""
        self.fault(key, f"缺少 {key}", f"{key} is missing", "KEY-MISSING")

    def _take(self, key: str, kind: type, wanted: Text, *, required: bool) -> Any:
        self._allowed.append(key)
        if key not in self._values:
            if required:
                self.missing(key)
            return None
        value = self._values.pop(key)
        is_wrong = isinstance(value, bool) and kind not in (bool, object)
        is_wrong |= isinstance(value, dt.datetime) and kind is dt.date
        if is_wrong or not isinstance(value, kind):
            self.must_be(key, wanted, value)
            return None
        return value

    def text(self, key: str, *, required: bool = True, default: str = "") -> str:
        """A string; the default where it is missing."""
        value = self._take(key, str, _TEXT, required=required)
        return default if value is None else value

    def maybe(self, key: str) -> str | None:
        """An optional string."""
        return self._take(key, str, _TEXT, required=False) or None

    def filled(self, key: str) -> str:
        """A string that is not empty."""
        value: str | None = self._take(key, str, _TEXT, required=True)
        if value is not None and not value.strip():
            self.must_be(key, _FILLED, value)
        return value or ""

    def choice(self, key: str, allowed: Sequence[str], *, required: bool = True) -> str:
        """One of the allowed words; the first where it is none."""
        value = self.text(key, required=required)
        if value and value not in allowed:
            self.must_be(key, one_of(allowed), value)
        return value if value in allowed else allowed[0]

    def parsed(
        self, key: str, parse: Callable[[str], Value | None], wanted: Text, default: Value
    ) -> Value:
        """What a string stands for; ``parse`` gives None where it stands for nothing."""
        text = self._take(key, str, _TEXT, required=True)
        value = None if text is None else parse(text)
        if text is not None and value is None:
            self.must_be(key, wanted, text)
        return default if value is None else value

    def place(self, key: str, default: str = "") -> str:
        """A division code of six digits; needed unless there is a default."""
        value = self.text(key, required=not default) or default
        if value and not re.fullmatch(r"\d{6}", value, re.ASCII):
            self.must_be(key, SIX_DIGITS, value)
        return value

    def whole(self, key: str, *, required: bool = True) -> int | None:
        """A whole number."""
        value: int | None = self._take(key, int, _WHOLE, required=required)
        return value

    def number(self, key: str, *, required: bool = True) -> Decimal | None:
        """A number, whole or not, exactly as it is written."""
        if isinstance(self._values.get(key), int) and not isinstance(self._values[key], bool):
            self._values[key] = Decimal(self._values[key])
        value: Decimal | None = self._take(key, Decimal, _NUMBER, required=required)
        return value

    def flag(self, key: str) -> bool:
        """An optional true/false, false where missing."""
        return bool(self._take(key, bool, _FLAG, required=False))

    def date(self, key: str, *, required: bool = True) -> dt.date | None:
        """A date such as 2021-10-29 (no quotes)."""
        value: dt.date | None = self._take(key, dt.date, DATE, required=required)
        return value

    def known_date(self, key: str) -> dt.date:
        """A required date; the epoch stands in for one that is missing."""
        return self.date(key) or EPOCH

    def day(self, key: str, default: Day, *, required: bool = True) -> Day:
        """A date as a day number."""
        value = self.date(key, required=required)
        return default if value is None else day_of(value)

    def span(self, first: str, last: str) -> tuple[Day, Day]:
        """The days from a first to a last one, both included; the last may be open."""
        start, end = self.day(first, FIRST_DAY), self.day(last, LAST_DAY, required=False)
        if end < start:
            self.fault(last, f"{last} 早于 {first}", f"{last} lies before {first}")
        return start, end

    def bilingual(self, key: str, *, required: bool = True) -> Text:
        """A table {zh, en}."""
        value = self._take(key, dict, _BOTH, required=required)
        if value is None:
            return Text("", "")
        if set(value) != {"zh", "en"} or not all(_is_filled(each) for each in value.values()):
            self.must_be(key, _BOTH, value)
            return Text("", "")
        return Text(value["zh"], value["en"])

    def words(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of strings, none empty; it may be left out, or where required be neither."""
        value = self._take(key, list, _WORDS, required=required)
        if value is None:
            return ()
        if not all(_is_filled(each) for each in value) or (required and not value):
            self.must_be(key, _WORDS, value)
            return ()
        return tuple(value)

    def days(self, key: str) -> tuple[Day, ...]:
        """An optional list of dates as day numbers."""
        value = self._take(key, list, _DATES, required=False) or []
        if not all(type(each) is dt.date for each in value):
            self.must_be(key, _DATES, value)
            return ()
        return tuple(day_of(each) for each in value)

    def wholes(self, key: str, allowed: range) -> tuple[int, ...]:
        """A list of whole numbers within a range, at least one."""
        value = self._take(key, list, _LIST, required=True)
        if value is None:
            return ()
        if not value or not all(type(each) is int and each in allowed for each in value):
            wanted = f"{allowed.start} 至 {allowed.stop - 1} 的整数列表"
            english = f"a list of whole numbers from {allowed.start} to {allowed.stop - 1}"
            self.must_be(key, Text(wanted, english), value)
            return ()
        return tuple(value)

    def tables(self, key: str, *, required: bool = True) -> "list[Table]":
        """A list of tables."""
        value = self._take(key, list, TABLES, required=required) or []
        if not all(isinstance(each, dict) for each in value):
            self.must_be(key, TABLES, value)
            return []
        return [
            Table(each, self._file, self.faults, f"{self._at}{key}[{n}].")
            for n, each in enumerate(value, 1)
        ]

    def table(self, key: str, *, required: bool = True) -> "Table":
        """A table within this one; an empty one where it is missing."""
        value = self._take(key, dict, _TABLE, required=required) or {}
        return Table(value, self._file, self.faults, f"{self._at}{key}.")

    def named_tables(self, allowed: Sequence[str] = ()) -> "dict[str, Table]":
        """All that is left, each a table under its name; only the allowed names, where told."""
        named = self.names()
        for name in named:
            if allowed and name not in allowed:
                self._unknown(name, allowed)
        return {name: self.table(name) for name in named if not allowed or name in allowed}

    def strings(self, key: str) -> dict[str, str]:
        """An optional table of strings."""
        value = self._take(key, dict, _TABLE, required=False) or {}
        for name, text in value.items():
            if not isinstance(text, str):
                self.must_be(f"{key}.{name}", _TEXT, text)
        return {name: text for name, text in value.items() if isinstance(text, str)}

    def word_lists(
        self, key: str, allowed: Sequence[str] = (), *, required: bool = False
    ) -> dict[str, tuple[str, ...]]:
        """A table of lists of strings, none empty; only under the allowed names, where told."""
        inner = self.table(key, required=required)
        lists = {
            name: inner.words(name, required=True)
            for name in inner.names()
            if not allowed or name in allowed
        }
        inner.end(allowed)
        return lists

    def any(self, key: str) -> Any:
        """A value of any type, required."""
        return self._take(key, object, _TEXT, required=True)

    def is_text(self, key: str) -> bool:
        """Whether a key is still to be read and holds a string."""
        return isinstance(self._values.get(key), str)

    def names(self) -> list[str]:
        """The keys that are still to be read."""
        return list(self._values)

    def has(self, key: str) -> bool:
        """Whether a key is still to be read."""
        return key in self._values

    def rest(self, keys: tuple[str, ...]) -> dict[str, Any]:
        """The values of some optional keys as they stand, for a reader of another shape."""
        self._allowed.extend(keys)
        return {key: self._values.pop(key) for key in keys if key in self._values}

    def end(self, allowed: Sequence[str] = ()) -> None:
        """Every key left over is unknown; those that were asked for are allowed."""
        for key in self._values:
            self._unknown(key, allowed or self._allowed)

    def _unknown(self, key: str, allowed: Sequence[str]) -> None:
        options = ", ".join(dict.fromkeys(allowed))
        self.fault(
            key,
            f"未知键 {key}，可用：{options}",
            f"unknown key {key}; allowed: {options}",
            "KEY-UNKNOWN",
        )


def one_of(allowed: Sequence[str]) -> Text:
    """What is wanted where only some words are allowed."""
    options = ", ".join(allowed)
    return Text(f"其中之一：{options}", f"one of {options}")


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
