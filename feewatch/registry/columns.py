"""What a register is made of: columns with their headers and readers, and kinds that hold them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from feewatch.kernel.days import iso_or_none, parse_day
from feewatch.registry.cells import Reader, WordChoice, day
from feewatch.registry.records import Record


@dataclass(frozen=True)
class Column:
    """A column under its English id or Chinese header, and the record's field it fills."""

    name: str
    zh: str
    read: Reader
    field: str = ""  # where the record calls it otherwise
    must_stand: bool = False
    must_be_filled: bool = False
    when_empty: Any = None
    also: tuple[str, ...] = ()  # further headers

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which the column may stand."""
        return (self.name, self.zh, *self.also)

    @property
    def words(self) -> Mapping[str, str]:
        """English value -> Chinese word, where the column is an enumeration."""
        return self.read.words if isinstance(self.read, WordChoice) else {}

    @property
    def fills(self) -> str:
        """The field of the record."""
        return self.field or self.name


@dataclass(frozen=True)
class Kind:
    """One kind of register; its columns stand in the order of the record's fields."""

    name: str
    zh: str
    make: Callable[[Iterable[Any]], Record]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    #: Pairs of day fields of which the second may not lie before the first.
    ordered: tuple[tuple[str, str], ...] = ()
    #: Whether there are further rules between the cells of a row.
    is_compared: bool = False
    rows_add_up: bool = False

    @property
    def day_fields(self) -> frozenset[str]:
        """Fields of the record that hold days."""
        return frozenset(column.fills for column in self.columns if column.read is day)

    @cached_property
    def key_of(self) -> Callable[[Record], Any]:
        """Gives what makes two records the same."""
        return attrgetter(*self.key)

    def column_of(self, field: str) -> Column:
        """The column that fills a field."""
        return next(column for column in self.columns if column.fills == field)

    def kept(self, record: Record, field: str) -> Any:
        """A field as the history keeps it: days as ISO text, all else as it is."""
        value = getattr(record, field)
        return iso_or_none(value) if field in self.day_fields else value

    def keep(self, record: Record) -> dict[str, Any]:
        """A whole record as the history keeps it."""
        return {field: self.kept(record, field) for field in record._fields}

    def read_kept(self, field: str, value: Any) -> Any:
        """The value of a field that the history kept."""
        return parse_day(value) if field in self.day_fields and value else value

    def make_kept(self, kept: Mapping[str, Any]) -> Record:
        """The record that the history kept whole."""
        # a row that was kept before a column came has nothing in it
        return self.make(
            self.read_kept(each.fills, kept[each.fills]) if each.fills in kept else each.when_empty
            for each in self.columns
        )


def must(name: str, zh: str, read: Reader, field: str = "", *also: str) -> Column:
    """A column that must stand and be filled."""
    return Column(name, zh, read, field, must_stand=True, must_be_filled=True, also=also)


def stands(name: str, zh: str, read: Reader) -> Column:
    """A column that must stand; its cells may be empty."""
    return Column(name, zh, read, must_stand=True)


def may(name: str, zh: str, read: Reader, field: str = "", when_empty: Any = None) -> Column:
    """A column that may stand."""
    return Column(name, zh, read, field, when_empty=when_empty)
