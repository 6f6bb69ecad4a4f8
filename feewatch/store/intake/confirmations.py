"""Confirmations in the database: samples drawn, letters to banks, what they answered."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    insert,
    select,
    true,
    update,
)

from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.intake.words import word_of_statement
from feewatch.store.scope import among, within
from feewatch.store.tables.confirmations import (
    confirmation_draw,
    confirmation_item,
    confirmation_letter,
)
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.registers import account, institution, institution_fact

Range = tuple[Day, Day]


def list_unconfirmed(
    tx: Connection, scope: Scope, today: Day, keys: Collection[int] | None = None
) -> Sequence[Row[Any]]:
    """Accepted statements of which at least some days are an institution's word alone.

    By file and place; ``keys``: some of them.
    """
    query: Select[Any] = (
        select(
            *(statement.c[name] for name in _STATEMENT),
            account.c.bank,
            institution.c.uscc,
            institution_fact.c.name,
            institution_fact.c.district,
        )
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .join(account, account.c.id == statement.c.account_id)
        .join(institution, institution.c.id == statement.c.institution_id)
        .join(
            institution_fact,
            _is_fact_of(today),
        )
        .where(
            statement.c.status == "accepted",
            word_of_statement() == "institution",
            _is_within(scope),
            true() if keys is None else statement.c.id.in_(keys),
        )
        .order_by(statement.c.file_sha256, statement.c.n)
    )
    return tx.execute(query).all()


_STATEMENT = (
    *("id", "file_sha256", "n", "account_id", "account_no", "institution_id"),
    *("from_day", "to_day", "opening_fen", "closing_fen", "entries"),
)


def list_asked(tx: Connection, statements: Collection[int]) -> dict[int, list[Range]]:
    """By statement the days of which a bank is asked, or by which it stood."""
    item = confirmation_item.c
    query = select(
        item.statement_id,
        func.coalesce(item.answered_from, item.from_day),
        func.coalesce(item.answered_to, item.to_day),
    ).where(among(item.statement_id, statements), item.status.in_(("asked", "proposed", "agrees")))
    asked: defaultdict[int, list[Range]] = defaultdict(list)
    for key, first, last in tx.execute(query):
        asked[key].append((first, last))
    return asked


class DayOfStatement(NamedTuple):
    """What the rows of a statement come to on one day."""

    day: Day
    entries: int
    in_fen: int
    out_fen: int  # at least 0


def list_days(tx: Connection, statements: Collection[int]) -> dict[int, list[DayOfStatement]]:
    """By statement what its rows come to, day by day."""
    amount = entry.c.amount_fen
    query = (
        select(
            entry.c.statement_id,
            entry.c.booked_on,
            func.count(),
            func.sum(case((amount > 0, amount), else_=0)),
            func.sum(case((amount < 0, -amount), else_=0)),
        )
        .where(among(entry.c.statement_id, statements))
        .group_by(entry.c.statement_id, entry.c.booked_on)
    )
    days: defaultdict[int, list[DayOfStatement]] = defaultdict(list)
    for key, *row in tx.execute(query):
        days[key].append(DayOfStatement(*map(int, row)))
    return days


def add_draw(tx: Connection, **values: Any) -> int:
    """Put a sample drawn by chance on record; its key."""
    added = insert(confirmation_draw).values(at=timestamp(), **values)
    return int(tx.execute(added.returning(confirmation_draw.c.id)).scalar_one())


def count_letters(tx: Connection, prefix: str) -> int:
    """How many letters have a number that begins so."""
    number = confirmation_letter.c.number
    query = select(func.count()).where(number.startswith(prefix, autoescape=True))
    return int(tx.scalar(query) or 0)


def add_letter(tx: Connection, items: Sequence[Mapping[str, Any]], **values: Any) -> None:
    """Put a letter on record, with what its items tell now."""
    added = insert(confirmation_letter).values(at=timestamp(), **values)
    key = tx.execute(added.returning(confirmation_letter.c.id)).scalar_one()
    tx.execute(
        insert(confirmation_item),
        [{**item, "letter_id": key, "status": "asked"} for item in items],
    )


def list_letters(tx: Connection, scope: Scope, today: Day) -> Sequence[Row[Any]]:
    """Letters within a scope, the latest first, with their institution and how they stand."""
    items = (
        select(
            confirmation_item.c.letter_id,
            func.count().label("items"),
            *(
                func.sum(case((confirmation_item.c.status == status, 1), else_=0)).label(status)
                for status in ("asked", "proposed", "agrees", "differs")
            ),
        )
        .group_by(confirmation_item.c.letter_id)
        .subquery()
    )
    query = _letters(scope, today).add_columns(
        *(items.c[name] for name in ("items", "asked", "proposed", "agrees", "differs"))
    )
    query = query.join(items, items.c.letter_id == confirmation_letter.c.id)
    return tx.execute(query.order_by(confirmation_letter.c.id.desc())).all()


def find_letter(tx: Connection, scope: Scope, today: Day, number: str) -> Row[Any] | None:
    """A letter within a scope, with its institution and its draw."""
    query = _letters(scope, today).where(confirmation_letter.c.number == number)
    return tx.execute(query).one_or_none()


def list_items(tx: Connection, letter_id: int) -> Sequence[Row[Any]]:
    """What a letter asks and what was answered, in the letter's order."""
    query: Select[Any] = (
        select(confirmation_item, statement.c.account_no, statement.c.file_sha256, statement.c.n)
        .join(statement, statement.c.id == confirmation_item.c.statement_id)
        .where(confirmation_item.c.letter_id == letter_id)
    )
    return tx.execute(query.order_by(confirmation_item.c.id)).all()


def set_item(tx: Connection, key: int, values: Mapping[str, Any]) -> None:
    """Put on record what became of an item."""
    tx.execute(update(confirmation_item).where(confirmation_item.c.id == key).values(**values))


def list_spans(tx: Connection, statements: Collection[int]) -> Sequence[Row[int, Day, Day]]:
    """Key and days of statements."""
    query = select(statement.c.id, statement.c.from_day, statement.c.to_day)
    return tx.execute(query.where(among(statement.c.id, statements))).all()


def list_stood_by(tx: Connection, statement_id: int) -> list[Range]:
    """The days of a statement by which the bank stood."""
    item = confirmation_item.c
    query = select(item.answered_from, item.answered_to).where(
        item.statement_id == statement_id, item.status == "agrees"
    )
    return [(first, last) for first, last in tx.execute(query)]


def confirm_statement(tx: Connection, statement_id: int, on: Day) -> None:
    """The bank stood by what a statement tells."""
    known = update(statement).where(statement.c.id == statement_id)
    tx.execute(known.values(confirmed_on=on))


def _is_fact_of(day: Day) -> ColumnElement[bool]:
    """The facts of an institution that are in force on a day."""
    fact = institution_fact.c
    return and_(
        fact.institution_id == institution.c.id, fact.valid_from <= day, fact.valid_to >= day
    )


def _is_within(scope: Scope) -> ColumnElement[bool]:
    here = within(institution_fact.c.district, scope.district)
    if scope.institution_id is None:
        return here
    return and_(here, institution.c.id == scope.institution_id)


def _letters(scope: Scope, today: Day) -> Select[Any]:
    return (
        select(
            confirmation_letter,
            institution.c.uscc,
            institution_fact.c.name,
            institution_fact.c.district,
            confirmation_draw.c.seed,
            confirmation_draw.c.size,
            confirmation_draw.c.population,
            confirmation_draw.c.sample,
        )
        .join(institution, institution.c.id == confirmation_letter.c.institution_id)
        .join(
            institution_fact,
            _is_fact_of(today),
        )
        .outerjoin(confirmation_draw, confirmation_draw.c.id == confirmation_letter.c.draw_id)
        .where(_is_within(scope))
    )
