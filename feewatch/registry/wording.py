"""A change of a register row in words: each field that differs, old and new."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.kernel.money import group_yuan
from feewatch.kernel.text import Text
from feewatch.registry.columns import Kind

_EMPTY = Text("（空）", "(empty)")
_CANCELLED = Text("取消该行", "the row is cancelled")


class FieldChange(NamedTuple):
    """One field of a row, as it stands and as it would be."""

    field: str
    title: Text
    old: Text
    new: Text

    @property
    def line(self) -> Text:
        """``title old → new``."""
        return Text(
            f"{self.title.zh} {self.old.zh} → {self.new.zh}",
            f"{self.title.en} {self.old.en} → {self.new.en}",
        )


def changes_in_words(
    kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[FieldChange]:
    """The fields of two kept rows that differ, in the order of the columns."""
    return [
        FieldChange(
            column.fills,
            Text(column.zh, column.name),
            value_in_words(kind, column.fills, before[column.fills]),
            value_in_words(kind, column.fills, after[column.fills]),
        )
        for column in kind.columns
        if column.fills in before
        and column.fills in after
        and before[column.fills] != after[column.fills]
    ]


def change_in_words(
    kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any], *, cancels: bool
) -> Text:
    """A change on one line."""
    lines = [change.line for change in changes_in_words(kind, before, after)]
    lines += [_CANCELLED] if cancels else []
    return Text("；".join(line.zh for line in lines), "; ".join(line.en for line in lines))


def value_in_words(kind: Kind, field: str, kept: Any) -> Text:
    """A field of a kept row as people read it."""
    if kept is None or kept == "":
        return _EMPTY
    if field.endswith("_fen"):
        return Text(f"{group_yuan(kept)} 元", f"{group_yuan(kept)} yuan")
    text = str(kept)
    return Text(kind.column_of(field).words.get(text, text), text)
