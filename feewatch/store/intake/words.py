"""Whose word a statement and each of its days is, as SQL for the queries that show or weigh it."""

from collections import defaultdict

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from feewatch.ledger.days import Range
from feewatch.ledger.words import CONFIRMED, INSTITUTION
from feewatch.store.tables.confirmations import confirmation_item
from feewatch.store.tables.ledger import source_file, statement


def word_of_statement() -> ColumnElement[str]:
    """Whose word a statement is, by its file: ``bank``, ``office``, ``confirmed``, ``institution``.

    For queries that join the file.
    """
    is_own = source_file.c.provenance == "institution"
    stands = and_(is_own, statement.c.confirmed_on.is_not(None))
    return case((stands, "confirmed"), else_=func.coalesce(source_file.c.provenance, "office"))


def shown_word() -> ColumnElement[str]:
    """The same as it is shown: ``partly`` where the bank stood by some days of it alone.

    For queries that join statement and file.
    """
    item = confirmation_item.c
    stands = exists().where(item.statement_id == statement.c.id, item.status == "agrees")
    word = word_of_statement()
    return case((and_(word == INSTITUTION, stands), "partly"), else_=word)


def word_of_row(day: ColumnElement[int]) -> ColumnElement[str]:
    """The same of what a statement tells of a day, by which alone the bank may have stood.

    For queries that join statement and file.
    """
    is_own = source_file.c.provenance == INSTITUTION
    stands = and_(is_own, is_confirmed(statement.c.id, day))
    return case((stands, CONFIRMED), else_=word_of_statement())


def is_confirmed(statement_id: ColumnElement[int], day: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the bank stood by what a statement tells of a day, where it was asked of days.

    What lies outside the days of a statement belongs to the nearest of them.
    """
    item, whole = confirmation_item.c, statement.alias("whole")
    return exists(
        select(item.id)
        .join(whole, whole.c.id == item.statement_id)
        .where(
            item.statement_id == statement_id,
            item.status == "agrees",
            or_(item.answered_from <= day, item.answered_from <= whole.c.from_day),
            or_(item.answered_to >= day, item.answered_to >= whole.c.to_day),
        )
    )


def list_confirmed(tx: Connection, account_id: int) -> dict[int, list[Range]]:
    """By statement of an account the days by which the bank stood, in order, where it was asked."""
    item = confirmation_item.c
    query = (
        select(item.statement_id, item.answered_from, item.answered_to)
        .join(statement, statement.c.id == item.statement_id)
        .where(statement.c.account_id == account_id, item.status == "agrees")
        .order_by(item.answered_from)
    )
    confirmed: defaultdict[int, list[Range]] = defaultdict(list)
    for key, first, last in tx.execute(query):
        confirmed[key].append((first, last))
    return confirmed
