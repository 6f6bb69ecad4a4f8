"""Premises and clues of a district, with what became of them, within a scope.

An institution's person sees neither: they are the office's own work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, exists, func, or_, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages import PageRows
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import matter
from feewatch.store.tables.places import clue, clue_event, premises
from feewatch.store.tables.publication import decision
from feewatch.store.tables.registers import institution, institution_fact, register_change

#: States of a clue in which whoever sent it waits for an answer.
WAITING = ("open", "linked")


@dataclass(frozen=True, slots=True)
class WantedPremises:
    """What a person asked the list of premises for; empty means all."""

    state: str = ""
    disposal: str = ""
    district: str = ""
    days: tuple[Day, Day] | None = None  # found on one of these
    text: str = ""  # part of a number, name or address


@dataclass(frozen=True, slots=True)
class WantedClues:
    """What a person asked the list of clues for; empty means all."""

    state: str = ""
    source: str = ""
    district: str = ""
    days: tuple[Day, Day] | None = None  # received on one of these
    text: str = ""  # part of a number, the subject or the address
    overdue_on: Day | None = None  # not answered, and due before this day


def list_premises(
    tx: Connection, scope: Scope, wanted: WantedPremises, *, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Premises, the last found first."""
    query = select(premises).where(*_of_premises(scope, wanted))
    query = query.order_by(premises.c.found_on.desc(), premises.c.premises_no)
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_premises(tx: Connection, scope: Scope, wanted: WantedPremises) -> int:
    """How many premises there are."""
    return _count(tx, premises, _of_premises(scope, wanted))


def count_premises_by(
    tx: Connection, scope: Scope, column: str, wanted: WantedPremises
) -> dict[str, int]:
    """The premises asked for, by state, disposal or district."""
    return _count_by(tx, premises, column, _of_premises(scope, wanted))


def find_premises(tx: Connection, scope: Scope, number: str) -> Row[Any] | None:
    """Premises by their number."""
    query = select(premises, institution.c.uscc).outerjoin(institution)
    known = premises.c.premises_no == number
    return tx.execute(query.where(known, *_of_premises(scope, WantedPremises()))).one_or_none()


def count_found(tx: Connection, scope: Scope, wanted: WantedPremises) -> Sequence[Row[Any]]:
    """How many premises were found on a day, by state and disposal."""
    columns = premises.c.found_on, premises.c.state, premises.c.disposal
    query = select(*columns, func.count().label("premises")).where(*_of_premises(scope, wanted))
    return tx.execute(query.group_by(*columns).order_by(*columns)).all()


def list_decisions_on(tx: Connection, number: str) -> PageRows:
    """Decisions that name premises."""
    names = "document", "list", "decided_on", "status"
    query = select(*(decision.c[name] for name in names)).where(decision.c.premises_no == number)
    return tx.execute(query.order_by(decision.c.decided_on, decision.c.id)).all()


def list_changes(tx: Connection, kind: str, key: str) -> PageRows:
    """Every change of a row of a register, the first one first."""
    change = register_change.c
    query = select(*(change[name] for name in ("at", "actor", "before", "after")))
    query = query.where(change.kind == kind, change.key == key)
    return tx.execute(query.order_by(change.id)).all()


def list_clues(
    tx: Connection, scope: Scope, wanted: WantedClues, *, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Clues, the last received first."""
    query = select(clue).where(*_of_clues(scope, wanted))
    query = query.order_by(clue.c.received_on.desc(), clue.c.clue_no)
    return tx.execute(query.limit(limit).offset(offset)).all()


def count_clues(tx: Connection, scope: Scope, wanted: WantedClues) -> int:
    """How many clues there are."""
    return _count(tx, clue, _of_clues(scope, wanted))


def count_clues_by(
    tx: Connection, scope: Scope, column: str, wanted: WantedClues
) -> dict[str, int]:
    """The clues asked for, by state, source or district."""
    return _count_by(tx, clue, column, _of_clues(scope, wanted))


def find_clue(tx: Connection, scope: Scope, number: str) -> Row[Any] | None:
    """A clue by its number, with the code of the institution that it names."""
    query = select(clue, institution.c.uscc).outerjoin(institution)
    known = clue.c.clue_no == number
    return tx.execute(query.where(known, *_of_clues(scope, WantedClues()))).one_or_none()


def list_events(tx: Connection, clue_id: int) -> Sequence[Row[Any]]:
    """What officers made of a clue, the first act first."""
    query = select(clue_event).where(clue_event.c.clue_id == clue_id)
    return tx.execute(query.order_by(clue_event.c.id)).all()


def list_answered(
    tx: Connection, scope: Scope, source: str, first: Day, last: Day
) -> Sequence[Row[Any]]:
    """Clues of a source answered on these days, each with the last answer, by number."""
    later = clue_event.alias("later")
    answered = (
        select(clue_event.c.clue_id, clue_event.c.answer)
        .where(clue_event.c.answer.is_not(None))
        .where(
            ~exists().where(
                later.c.clue_id == clue_event.c.clue_id,
                # what was answered before a clue was taken up again holds no more
                or_(later.c.answer.is_not(None), later.c.act == "reopen"),
                later.c.id > clue_event.c.id,
            )
        )
        .subquery()
    )
    query = (
        select(clue, answered.c.answer, institution.c.uscc)
        .outerjoin(answered, answered.c.clue_id == clue.c.id)
        .outerjoin(institution, institution.c.id == clue.c.institution_id)
        .where(
            clue.c.answered_on.between(first, last), *_of_clues(scope, WantedClues(source=source))
        )
        .order_by(clue.c.clue_no)
    )
    return tx.execute(query).all()


def list_clues_of(tx: Connection, scope: Scope, matter_id: int) -> list[str]:
    """Numbers of the clues linked to a matter."""
    query = (
        select(clue.c.clue_no)
        .join(clue_event)
        .where(clue_event.c.matter_id == matter_id, *_of_clues(scope, WantedClues()))
        .distinct()
        .order_by(clue.c.clue_no)
    )
    return list(tx.scalars(query))


def list_open_matters(
    tx: Connection, scope: Scope, institution_id: int, today: Day
) -> Sequence[Row[Any]]:
    """Matters of an institution that a clue may be linked to, the latest first."""
    query = (
        select(matter.c.id, matter.c.rule, matter.c.status, matter.c.alerts, matter.c.last_day)
        .add_columns(institution_fact.c.name)
        .join(institution_fact, institution_fact.c.institution_id == matter.c.institution_id)
        .where(
            in_force(today),
            matter.c.institution_id == institution_id,
            matter.c.status.in_(("open", "in_case")),
            within(scope, matter.c.district, matter.c.institution_id),
        )
        .order_by(matter.c.last_day.desc(), matter.c.id)
    )
    return tx.execute(query).all()


def _of_premises(scope: Scope, wanted: WantedPremises) -> list[ColumnElement[bool]]:
    words = {"state": wanted.state, "disposal": wanted.disposal, "district": wanted.district}
    texts = premises.c.premises_no, premises.c.name, premises.c.address
    return _conditions(scope, premises, words, premises.c.found_on, wanted.days, texts, wanted.text)


def _of_clues(scope: Scope, wanted: WantedClues) -> list[ColumnElement[bool]]:
    words = {"state": wanted.state, "source": wanted.source, "district": wanted.district}
    texts = clue.c.clue_no, clue.c.text, clue.c.address
    conditions = _conditions(
        scope, clue, words, clue.c.received_on, wanted.days, texts, wanted.text
    )
    if wanted.overdue_on is not None:
        is_waiting = clue.c.answered_on.is_(None) & clue.c.state.in_(WAITING)
        conditions += [is_waiting, clue.c.due_on < wanted.overdue_on]
    return conditions


def _conditions(
    scope: Scope,
    table: Table,
    words: dict[str, str],
    day: ColumnElement[int],
    days: tuple[Day, Day] | None,
    texts: Sequence[ColumnElement[Any]],
    text: str,
) -> list[ColumnElement[bool]]:
    conditions = [within(scope, table.c.district, table.c.institution_id)]
    conditions += [table.c[name] == value for name, value in words.items() if value]
    if days is not None:
        conditions.append(day.between(*days))
    if text:
        conditions.append(or_(*(each.contains(text, autoescape=True) for each in texts)))
    return conditions


def _count(tx: Connection, table: Table, conditions: Sequence[ColumnElement[bool]]) -> int:
    return tx.scalars(select(func.count()).select_from(table).where(*conditions)).one()


def _count_by(
    tx: Connection, table: Table, column: str, conditions: Sequence[ColumnElement[bool]]
) -> dict[str, int]:
    query = select(table.c[column], func.count()).where(*conditions).group_by(table.c[column])
    return {value: int(count) for value, count in tx.execute(query.order_by(table.c[column]))}
