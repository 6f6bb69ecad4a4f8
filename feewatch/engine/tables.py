"""A strict reader of TOML tables: every wrong key is named with file, key, what, allowed."""

import datetime as dt
import re
from typing import Any

from feewatch.kernel.days import EPOCH, FIRST_DAY, LAST_DAY, Day, day_of
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text


class Table:
    """One table of a rule file; faults are collected, defaults stand in for what is wrong."""

    def __init__(
        self, values: dict[str, Any], file: str, faults: list[Problem], at: str = ""
    ) -> None:
        self._values = dict(values)
        self._file = file
        self._faults = faults
        self._at = at

    def fault(self, key: str, zh: str, en: str, code: str = "RULE-VALUE") -> None:
        """Note a fault at a key."""
        self._faults.append(Problem(code, Text(zh, en), self._file, None, f"{self._at}{key}"))

    def _take(self, key: str, kind: type, wanted: str, *, required: bool) -> Any:
        if key not in self._values:
            if required:
                self.fault(key, f"缺少 {key}", f"{key} is missing", "RULE-MISSING")
            return None
        value = self._values.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind not in (bool, object)):
            self.fault(key, f"应为{wanted}", f"must be {wanted}, not {value!r}")
            return None
        return value

    def text(self, key: str, *, required: bool = True) -> str:
        """A string; empty where it is missing."""
        return self._take(key, str, "text", required=required) or ""

    def maybe(self, key: str) -> str | None:
        """An optional string."""
        return self._take(key, str, "text", required=False) or None

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of the allowed words."""
        value = self.text(key)
        if value and value not in allowed:
            options = ", ".join(allowed)
            self.fault(key, f"{value} 不可用,可用:{options}", f"{value!r} is not one of {options}")
        return value if value in allowed else allowed[0]

    def place(self, key: str, default: str = "") -> str:
        """A division code of six digits; needed unless there is a default."""
        value = self.text(key, required=not default) or default
        if value and not re.fullmatch(r"\d{6}", value):
            self.fault(key, f"{value} 不是 6 位行政区划代码", f"{value!r} is no code of six digits")
        return value

    def whole(self, key: str, *, required: bool = True) -> int | None:
        """A whole number."""
        value: int | None = self._take(key, int, "a whole number", required=required)
        return value

    def flag(self, key: str) -> bool:
        """An optional true/false, false where missing."""
        return bool(self._take(key, bool, "true or false", required=False))

    def date(self, key: str, *, required: bool = True) -> dt.date | None:
        """A date such as 2021-10-29 (no quotes)."""
        value: dt.date | None = self._take(key, dt.date, "a date", required=required)
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
        value = self._take(key, dict, "{zh, en}", required=required)
        if value is None:
            return Text("", "")
        if set(value) != {"zh", "en"} or not all(isinstance(v, str) and v for v in value.values()):
            self.fault(key, "应有 zh 与 en 两句", "must hold zh and en, both filled")
            return Text("", "")
        return Text(value["zh"], value["en"])

    def words(self, key: str) -> tuple[str, ...]:
        """An optional list of strings."""
        value = self._take(key, list, "a list", required=False) or []
        if not all(isinstance(each, str) and each for each in value):
            self.fault(key, "应为文字列表", "must be a list of text")
            return ()
        return tuple(value)

    def tables(self, key: str, *, required: bool = True) -> "list[Table]":
        """A list of tables."""
        value = self._take(key, list, "a list of tables", required=required) or []
        if not all(isinstance(each, dict) for each in value):
            self.fault(key, "应为表的列表", "must be a list of tables")
            return []
        return [
            Table(each, self._file, self._faults, f"{self._at}{key}[{n}].")
            for n, each in enumerate(value, 1)
        ]

    def strings(self, key: str) -> dict[str, str]:
        """An optional table of strings."""
        value = self._take(key, dict, "a table", required=False) or {}
        if not all(isinstance(each, str) for each in value.values()):
            self.fault(key, "应为文字表", "must be a table of text")
            return {}
        return dict(value)

    def any(self, key: str) -> Any:
        """A value of any type, required."""
        return self._take(key, object, "a value", required=True)

    def has(self, key: str) -> bool:
        """Whether a key is still to be read."""
        return key in self._values

    def rest(self, keys: tuple[str, ...]) -> dict[str, Any]:
        """The values of some optional keys as they stand, for a reader of another shape."""
        return {key: self._values.pop(key) for key in keys if key in self._values}

    def end(self) -> None:
        """Every key left over is unknown."""
        for key in self._values:
            self.fault(key, f"未知键 {key}", f"unknown key {key}", "RULE-UNKNOWN-KEY")
