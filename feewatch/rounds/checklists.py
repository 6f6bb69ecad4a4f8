"""Checklists of visits as data: tasks, indicators, items; one TOML file a version, read strictly.

A checklist is an office's own working paper: it is no law, and what fails on it is a hint.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.kernel.days import FIRST_DAY, Day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml

#: What a visitor says of an item.
OK, FAIL, NONE, UNSEEN = "ok", "fail", "none", "unseen"
RESULTS: dict[str, Text] = {
    OK: Text("符合", "in order"),
    FAIL: Text("不符合", "not in order"),
    NONE: Text("不适用", "does not apply"),
    UNSEEN: Text("未查", "not looked at"),
}
#: What a checklist may be worked through at.
AT = ("institution", "premises")
_SEVERITIES = ("yellow", "orange", "red")


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing to look at."""

    id: str
    text: Text
    severity: str  # of the matter where it is not in order


@dataclass(frozen=True, slots=True)
class CheckIndicator:
    """Items that belong together."""

    title: Text
    items: tuple[CheckItem, ...]


@dataclass(frozen=True, slots=True)
class CheckTask:
    """Indicators under one head."""

    title: Text
    indicators: tuple[CheckIndicator, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """One version of a checklist, in use from a day on."""

    id: str
    version: str
    title: Text
    note: Text  # what it is and what it is not
    begins: Day
    at: str  # institution or premises
    is_example: bool
    tasks: tuple[CheckTask, ...]
    sha256: str  # of the file

    @property
    def items(self) -> Iterator[CheckItem]:
        """All items in their order."""
        return (
            item for task in self.tasks for indicator in task.indicators for item in indicator.items
        )

    @property
    def indicators(self) -> int:
        """How many indicators it has."""
        return sum(len(task.indicators) for task in self.tasks)

    def find_item(self, key: str) -> CheckItem | None:
        """The item of an id."""
        return next((item for item in self.items if item.id == key), None)

    def as_json(self) -> dict[str, Any]:
        """The whole of it, as a visit keeps what it was worked through by."""
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title._asdict(),
            "at": self.at,
            "example": self.is_example,
            "tasks": [
                {
                    "title": task.title._asdict(),
                    "indicators": [
                        {
                            "title": indicator.title._asdict(),
                            "items": [
                                {"id": item.id, "text": item.text._asdict()}
                                | {"severity": item.severity}
                                for item in indicator.items
                            ],
                        }
                        for indicator in task.indicators
                    ],
                }
                for task in self.tasks
            ],
        }


def read_checklist(content: bytes, path: str, faults: list[Problem]) -> Checklist | None:
    """The checklist of a file; its faults are noted, and None stands for one that is no TOML."""
    table = read_toml(content, path, faults)
    if table is None:
        return None
    checklist = Checklist(
        table.filled("id"),
        table.filled("version"),
        table.bilingual("title"),
        table.bilingual("note"),
        table.day("begins", FIRST_DAY),
        table.choice("at", AT),
        table.flag("example"),
        tuple(_task(task) for task in table.tables("tasks")),
        hashlib.sha256(content).hexdigest(),
    )
    _refuse_twins(table, checklist)
    table.end()
    return checklist


def _task(table: Table) -> CheckTask:
    task = CheckTask(
        table.bilingual("title"),
        tuple(_indicator(indicator) for indicator in table.tables("indicators")),
    )
    table.end()
    return task


def _indicator(table: Table) -> CheckIndicator:
    title = table.bilingual("title")
    items = []
    for row in table.tables("items"):
        items.append(
            CheckItem(row.filled("id"), row.bilingual("text"), row.choice("severity", _SEVERITIES))
        )
        row.end()
    table.end()
    return CheckIndicator(title, tuple(items))


def _refuse_twins(table: Table, checklist: Checklist) -> None:
    ids = [item.id for item in checklist.items]
    if not ids:
        table.fault("tasks", "检查单没有检查项", "a checklist has at least one item")
    for twin in sorted({key for key in ids if ids.count(key) > 1}):
        table.fault("tasks", f"检查项 {twin} 出现两次", f"the item {twin} stands twice")


def latest(checklists: Sequence[Checklist], day: Day) -> dict[str, Checklist]:
    """The version of each checklist in use on a day, by its id."""
    begun = sorted(
        (each for each in checklists if each.begins <= day),
        key=lambda each: (each.begins, each.version),
    )
    return {each.id: each for each in begun}


def failing(results: Mapping[str, str]) -> list[str]:
    """The ids of the items that were not in order."""
    return [item for item, result in results.items() if result == FAIL]
