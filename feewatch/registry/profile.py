"""Column profiles: how another system's export states a register, one TOML file each.

A profile maps foreign headers, words and forms to those of the register; it never alters a value
that it does not understand, so that the reader refuses it under the file's own column name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feewatch.kernel.text import Text
from feewatch.registry import cells
from feewatch.registry.columns import Column
from feewatch.registry.personal import header_key, role_of_header
from feewatch.sheets.tables import TableRow

#: Ways to write a day; ``2026-09-01`` is always read.
DAY_FORMS = {
    "Y-M-D": re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    "Y/M/D": re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    "Y.M.D": re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    "YMD": re.compile(r"(\d{4})(\d{2})(\d{2})"),
    "Y年M月D日": re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
}
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_NO_PART = re.compile(r"(\d+)\.0+")


@dataclass(frozen=True)
class Profile:
    """How one system states one kind of register. Headers are kept as ``header_key`` gives them."""

    id: str
    kind: str
    title: Text
    recognise: frozenset[str]
    proven: bool = False  # whether it was tried on a real file
    source: Text = field(default=Text("", ""))  # what the columns are known from
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # role -> headers
    foot: tuple[str, ...] = ()  # rows that begin with one of these are no rows of the register
    days: tuple[str, ...] = ()
    clock: bool = False  # whether a time of day may follow a day
    money_marks: tuple[str, ...] = ()
    count_marks: tuple[str, ...] = ()

    def role_of(self, header: str) -> str | None:
        """What a column tells of a person, by the profile or by what the header is usually for."""
        key = header_key(header)
        roles = (role for role, headers in self.personal.items() if key in headers)
        return next(roles, None) or role_of_header(header)

    def headers_of(self, column: Column) -> tuple[str, ...]:
        """The headers of a column, the first that stands being the one; its own if none is told."""
        if column.name in self.constants:
            return ()
        return self.columns.get(column.name) or tuple(map(header_key, column.headers))

    def translate(self, column: Column, cell: str) -> str:
        """A normalised cell as the register would state it, or as it is."""
        words = self.values.get(column.name, {})
        if cell in words:
            return words[cell]
        if column.read is cells.day:
            return self._day(cell)
        if column.read is cells.yuan:
            return _without(cell, self.money_marks)
        if isinstance(column.read, cells.Whole):
            count = _without(cell, self.count_marks)
            whole = _NO_PART.fullmatch(count)
            return whole[1] if whole else count
        return cell

    def _day(self, cell: str) -> str:
        bare = _CLOCK.sub("", cell) if self.clock else cell
        for form in self.days:
            match = DAY_FORMS[form].fullmatch(bare)
            if match:
                year, month, day = match.groups()
                return f"{year}-{month:>02}-{day:>02}"
        return bare

    def is_foot(self, row: TableRow) -> bool:
        """Whether a row below the header is none of the register, such as a sum."""
        first = next((cell for cell in row.cells if cell.strip()), "")
        return header_key(first).rstrip(":") in self.foot


def _without(cell: str, marks: Sequence[str]) -> str:
    for mark in marks:
        cell = cell.removeprefix(mark).removesuffix(mark).strip()
    return cell
