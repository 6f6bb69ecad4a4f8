"""What a row of a register said before it changed, column by column: old → new, who and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
