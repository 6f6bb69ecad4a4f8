"""Forms by which results go back to another system: columns, words and days, one TOML file each.

A form says what stands where in the file that the other system reads; it invents no value: what the
office does not know is an empty cell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feewatch.kernel.days import format_day
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml, refuse_faults
from feewatch.registry.workbook import Cell, WorkbookPage, write_workbook
from feewatch.sheets.quoting import write_csv

#: Forms shipped with the product; an office's own lie in a folder of the same name.
FOLDER = "handed_back"
SHIPPED = Path(__file__).parent / FOLDER
#: What a form may tell, by what is handed back. Days end in ``_on``, amounts in ``_fen``.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "answers": (
        "clue_no", "received_on", "due_on", "district", "uscc", "state", "answer", "answered_on",
        "days_late",
    ),
    "results": (
        "case", "matter", "uscc", "institution", "district", "rule", "title", "basis",
        "department", "severity", "sum_fen", "state", "state_on", "deadline_on", "closed_on",
        "rechecked_on", "repeated",
    ),
}  # fmt: skip
_DAYS = {"Y-M-D": "{}-{}-{}", "Y/M/D": "{}/{}/{}", "YMD": "{}{}{}", "Y年M月D日": "{}年{}月{}日"}


@dataclass(frozen=True)
class BackForm:
    """How one system wants one kind of result."""

    id: str
    content: str  # of FIELDS
    title: Text
    proven: bool  # whether the other system took a file of it
    source: Text  # what the columns are known from
    columns: tuple[tuple[str, str], ...]  # header, field
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # field -> value -> word
    days: str = "Y-M-D"

    def cell(self, name: str, value: Any) -> str:
        """A value as the form writes it; nothing where it is not known."""
        if value is None:
            return ""
        if name.endswith("_on"):
            return _DAYS[self.days].format(*format_day(value).split("-"))
        if name.endswith("_fen"):
            return format_yuan(value)
        return self.words.get(name, {}).get(str(value), str(value))

    def table(self, rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
        """The header and a line for each row, whose values stand under the names of fields."""
        heads = [header for header, _ in self.columns]
        return [heads, *([self.cell(name, row[name]) for _, name in self.columns] for row in rows)]

    def write(self, rows: Iterable[Mapping[str, Any]], form: str) -> bytes:
        """The file: ``csv`` or ``xlsx``; every cell a text, never a formula."""
        table = self.table(rows)
        if form == "csv":
            return write_csv(table)
        cells = [[Cell(text) for text in line] for line in table]
        return write_workbook([WorkbookPage(self.title.zh[:31], cells)])


def load_back_forms(folders: Sequence[Path] = ()) -> dict[str, BackForm]:
    """By id the shipped forms and those of further folders; a later file replaces one of its id.

    Raises: InvalidInputError listing every fault of every file.
    """
    faults: list[Problem] = []
    forms: dict[str, BackForm] = {}
    for folder in (SHIPPED, *folders):
        for path in sorted(folder.glob("*.toml")):
            own: list[Problem] = []
            table = read_toml(path.read_bytes(), path.name, own)
            form = _form(table) if table else None
            faults += own
            if form is not None and not own:
                forms[form.id] = form
    refuse_faults("BACK-FORM", Text("回传格式文件有误", "forms of results have faults"), faults)
    return forms


def _form(table: Table) -> BackForm:
    content = table.choice("content", tuple(FIELDS))
    told = table.strings("columns")
    form = BackForm(
        table.filled("id"),
        content,
        table.bilingual("title"),
        table.flag("proven"),
        table.bilingual("source"),
        tuple(told.items()),
        _words(table),
        table.choice("days", tuple(_DAYS), required=False) if table.has("days") else "Y-M-D",
    )
    table.end()
    if not told:
        table.missing("columns")
    allowed = FIELDS[content]
    named = [(f"columns.{header}", name) for header, name in told.items()]
    for at, name in (*named, *((f"words.{name}", name) for name in form.words)):
        if name not in allowed:
            table.fault(at, f"没有字段 {name}", f"{name}: one of {', '.join(allowed)}")
    return form


def _words(table: Table) -> dict[str, dict[str, str]]:
    words = table.table("words", required=False)
    return {name: words.strings(name) for name in words.names()}
