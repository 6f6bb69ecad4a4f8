"""What a row of a register said before it changed, column by column: old → new, who and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text
from feewatch.registry.columns import Kind
from feewatch.registry.kinds import KINDS

_EMPTY = Text("（空）", "(empty)")


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """One column that changed."""

    title: Text
    old: Text
    new: Text


@dataclass(frozen=True, slots=True)
class FactChange:
    """One change of a row."""

    at: str
    actor: str
    cells: tuple[ChangedCell, ...]


def changes_of(kind: str, rows: Iterable[Any]) -> list[FactChange]:
    """The history of a row as pages tell it; ``rows`` hold at, actor, before and after."""
    return [
        FactChange(row.at, row.actor, _cells(KINDS[kind], row.before, row.after)) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class DatedChange:
    """What of the facts of an institution is another from a day on."""

    since: Day
    cells: tuple[ChangedCell, ...]


def dated_changes(rows: Sequence[Any]) -> list[DatedChange]:
    """What each dated row of an institution's facts changed of the one before it, latest first."""
    kind = KINDS["institutions"]
    fields = [column.fills for column in kind.columns if column.fills not in ("uscc", "valid_from")]
    changes = []
    for row, earlier in pairwise(rows):
        sides = [
            {name: _kept(kind, name, getattr(side, name)) for name in fields}
            for side in (earlier, row)
        ]
        after = {name: value for name, value in sides[1].items() if value != sides[0][name]}
        changes.append(DatedChange(row.valid_from, _cells(kind, sides[0], after)))
    return changes


def _kept(kind: Kind, field: str, value: object) -> object:
    return format_day(value) if field in kind.day_fields and isinstance(value, int) else value


def _cells(kind: Kind, before: dict[str, Any], after: dict[str, Any]) -> tuple[ChangedCell, ...]:
    return tuple(
        ChangedCell(
            Text(column.zh, column.name),
            _shown(kind, column.fills, before.get(column.fills)),
            _shown(kind, column.fills, after.get(column.fills)),
        )
        for column in kind.columns
        if column.fills in after
    )


def _shown(kind: Kind, field: str, value: object) -> Text:
    if value is None:
        return _EMPTY
    text = str(value)
    return Text(kind.column_of(field).words.get(text, text), text)
