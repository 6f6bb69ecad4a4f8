"""What every source of figures gives: rows under the same columns, beside words of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from feewatch.kernel.days import Day, format_day
from feewatch.kernel.people import Scope
from feewatch.store.pages.rectification import on_days
from feewatch.store.pages.scope import in_force
from feewatch.store.tables.registers import institution, institution_fact


@dataclass(frozen=True, slots=True)
class ReportSpan:
    """Whose rows are counted, and on which days."""

    scope: Scope
    first: Day
    last: Day

    def holds(self, moment: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a recorded moment lies in it."""
        return on_days(moment, self.first, self.last)

    def reached(self, moment: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a recorded moment does not lie after it."""
        return func.substr(moment, 1, 10) <= format_day(self.last)


@dataclass(frozen=True, slots=True)
class Source:
    """A SELECT of rows and the words by which they are counted apart."""

    rows: Callable[[ReportSpan], Any]  # a Select, or several joined
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountedGroup:
    """Rows that agree in all words."""

    words: Mapping[str, str]
    district: str
    rows: int
    amount: int  # their amounts added up, the unknown as nothing
    known: int  # rows whose amount is known


def line(
    kind: str,
    key: ColumnElement[Any],
    district: ColumnElement[str],
    institution_id: ColumnElement[Any],
    *,
    moment: ColumnElement[str] | None = None,
    day: ColumnElement[int] | None = None,
    amount: ColumnElement[int] | None = None,
    **words: ColumnElement[Any] | str,
) -> list[ColumnElement[Any]]:
    """The columns of a row: what it is, where, whose, when, how much; then words of its own."""
    return [
        literal(kind, String).label("kind"),
        cast(key, String).label("key"),
        district.label("district"),
        institution_id.label("institution_id"),
        (cast(None, String) if moment is None else moment).label("moment"),
        (cast(None, BigInteger) if day is None else day).label("day"),
        (cast(None, BigInteger) if amount is None else cast(amount, BigInteger)).label("amount"),
        *(
            (literal(word, String) if isinstance(word, str) else word).label(name)
            for name, word in words.items()
        ),
    ]


def yes_or_no(condition: ColumnElement[bool]) -> ColumnElement[str]:
    """A condition as a word; what is unknown is a no."""
    return case((condition, literal("yes", String)), else_=literal("no", String))


def count_groups(tx: Connection, source: Source, span: ReportSpan) -> list[CountedGroup]:
    """The rows of a source counted by word and district, in one statement."""
    rows = source.rows(span).subquery()
    columns = [rows.c[word] for word in source.words]
    query = select(
        *columns,
        rows.c.district,
        func.count(),
        func.coalesce(func.sum(rows.c.amount), 0),
        func.count(rows.c.amount),
    ).group_by(*columns, rows.c.district)
    width = len(columns)
    return [
        CountedGroup(
            dict(zip(source.words, row[:width], strict=True)),
            row[width],
            int(row[width + 1]),
            int(row[width + 2]),
            int(row[width + 3]),
        )
        for row in tx.execute(query)
    ]


#: Words that a figure asks for: any of several values of a word.
Wanted = Mapping[str, Sequence[str]]


def list_rows(
    tx: Connection, source: Source, span: ReportSpan, wanted: Wanted, *, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Rows of a source with the name and code of their institution, in a stable order."""
    rows = source.rows(span).subquery()
    named = and_(institution_fact.c.institution_id == rows.c.institution_id, in_force(span.last))
    query = (
        select(rows, institution.c.uscc, institution_fact.c.name)
        .outerjoin(institution, institution.c.id == rows.c.institution_id)
        .outerjoin(institution_fact, named)
        .where(*_conditions(rows, wanted))
        .order_by(
            rows.c.district, rows.c.kind, rows.c.key, *(rows.c[each] for each in source.words)
        )
    )
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_rows(tx: Connection, source: Source, span: ReportSpan, wanted: Wanted) -> tuple[int, int]:
    """How many rows a figure counts and what their amounts come to."""
    rows = source.rows(span).subquery()
    query = select(func.count(), func.coalesce(func.sum(rows.c.amount), 0))
    number, amount = tx.execute(query.select_from(rows).where(*_conditions(rows, wanted))).one()
    return number, int(amount)


def _conditions(rows: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for word, values in wanted.items():
        if word == "rules":  # a group of rules by the beginning of their ids
            conditions.append(or_(*(rows.c.rule.startswith(f"{each}-") for each in values)))
        else:
            conditions.append(rows.c[word].in_(values))
    return conditions
