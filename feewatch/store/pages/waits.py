"""What waits in an office, counted within a scope: one statement for all marks of the menu."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    func,
    or_,
    select,
    true,
)

from feewatch.credit.decisions import PROPOSED, REVIEWED
from feewatch.credit.objections import PENDING
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.board import WAITS, times, waiting
from feewatch.store.pages.scope import lies_within, within
from feewatch.store.pages.statements import reachable
from feewatch.store.people.countersigns import WAITING
from feewatch.store.tables.casework import case_file, matter, undertaking
from feewatch.store.tables.confirmations import confirmation_item, confirmation_letter
from feewatch.store.tables.countersigns import countersign
from feewatch.store.tables.grades import grade, grade_objection
from feewatch.store.tables.ledger import quarantine_proposal, statement
from feewatch.store.tables.objections import decision_objection
from feewatch.store.tables.openings import opening_statement
from feewatch.store.tables.proposals import proposal
from feewatch.store.tables.publication import (
    decision,
    edition,
    outbox,
    recall,
    second_word,
    white_hold,
)
from feewatch.store.tables.rounds import meeting, meeting_item

#: What the menu shows of all that waits.
_MARKS = ("case_any", "red", "proposals", "confirmations", "defences")
#: What is set aside of all that comes in: counted apart, as every file that comes makes it old.
_ASIDE = ("quarantine", "quarantine_second")


def count_marks(tx: Connection, scope: Scope, today: Day, person: str) -> dict[str, int]:
    """What the marks of the menu say: those of ``count_waiting`` alone that stand there.

    Beside what is set aside, as ``count_aside`` says it.
    """
    return read_counts(tx, _marks_query(scope, today, person))


def count_waiting(
    tx: Connection,
    scope: Scope,
    today: Day,
    person: str,
    *,
    since: str = "",
    owner: str = "",
) -> dict[str, int]:
    """What waits, by name: cases as ``board.WAITS``, new red matters, proposals and the like.

    All but what ``count_aside`` says.

    ``since``: the moment after which a matter is new. ``owner``: only cases and matters of that
    person; what has no owner is counted whole.
    """
    return read_counts(tx, _waiting_query(scope, today, person, since, owner))


def count_aside(
    tx: Connection, scope: Scope, office: str, today: Day, person: str
) -> dict[str, int]:
    """Statements in quarantine: all, and those that wait for a second person."""
    return read_counts(tx, _aside_query(scope, office, today, person))


@lru_cache(maxsize=64)
def _aside_query(scope: Scope, office: str, today: Day, person: str) -> Select[Any]:
    aside = _count(statement.c.id).where(
        statement.c.status == "quarantined", reachable(scope, office, today)
    )
    second = aside.join(
        quarantine_proposal, quarantine_proposal.c.statement_id == statement.c.id
    ).where(quarantine_proposal.c.actor != person)
    counts = zip(_ASIDE, (aside, second), strict=True)
    return select(*(query.scalar_subquery().label(name) for name, query in counts))


@lru_cache(maxsize=64)
def _marks_query(scope: Scope, today: Day, person: str) -> Select[Any]:
    cases = _cases(scope, "", today, person, ("any",))
    rest = _waiting_elsewhere(scope, today, person, "")
    counts = {name: rest[name] for name in _MARKS if name in rest}
    red = _open_matters(scope, "", [func.count()]).where(matter.c.severity == "red")
    return _at_once(counts | {"red": red}, cases)


@lru_cache(maxsize=64)
def _waiting_query(scope: Scope, today: Day, person: str, since: str, owner: str) -> Select[Any]:
    cases = _cases(scope, owner, today, person, (*WAITS, "any"))
    is_red = matter.c.severity == "red"
    matters = _open_matters(
        scope,
        owner,
        [
            func.count().label("matters"),
            times(is_red).label("red"),
            times(and_(is_red, matter.c.opened_at > since)).label("red_new"),
        ],
    )
    return _at_once(_waiting_elsewhere(scope, today, person, owner), cases, matters.subquery())


def _waiting_elsewhere(
    scope: Scope, today: Day, person: str, owner: str
) -> dict[str, Select[tuple[int]]]:
    """All that waits beside cases and matters."""
    counts: dict[str, Select[tuple[int]]] = {}
    counts["proposals"] = _count(proposal.c.id).where(
        proposal.c.state == "open", lies_within(scope, proposal.c.institution_id, today)
    )
    letters = (
        _count(confirmation_item.c.id)
        .join(confirmation_letter, confirmation_letter.c.id == confirmation_item.c.letter_id)
        .where(lies_within(scope, confirmation_letter.c.institution_id, today))
    )
    counts["confirmations"] = letters.where(confirmation_item.c.status.in_(("asked", "proposed")))
    counts["confirmations_second"] = letters.where(
        confirmation_item.c.status == "proposed", confirmation_item.c.answered_by != person
    )
    counts["countersigns"] = _count(countersign.c.id).where(
        countersign.c.state == WAITING,
        countersign.c.asked_by != person,
        lies_within(scope, countersign.c.institution_id, today),
    )
    counts["openings"] = _count(opening_statement.c.id).where(
        opening_statement.c.signed_by.is_(None),
        lies_within(scope, opening_statement.c.institution_id, today),
    )
    counts["undertakings"] = (
        _count(undertaking.c.id)
        .join(case_file, case_file.c.id == undertaking.c.case_file_id)
        .where(
            undertaking.c.done_on.is_(None),
            undertaking.c.due_on <= today + 7,
            within(scope, case_file.c.district, case_file.c.institution_id),
            *([case_file.c.owner == owner] if owner else []),
        )
    )
    to_correct = _to_correct(scope)
    counts["corrections_due"] = to_correct
    counts["pushes_failed"] = _failed_pushes()
    newest = (
        select(func.max(edition.c.number))
        .where(edition.c.district == second_word.c.district)
        .scalar_subquery()
    )
    counts["second_words"] = _count(second_word.c.id).where(
        second_word.c.second_by.is_(None),
        second_word.c.base_number == newest,
        or_(second_word.c.first_by.is_(None), second_word.c.first_by != person),
        within(scope, second_word.c.district, second_word.c.id),
    )
    place = within(scope, white_hold.c.district, white_hold.c.id)
    counts["holds"] = _count(white_hold.c.id).where(
        white_hold.c.ended_on.is_(None), white_hold.c.outcome.is_(None), place
    )
    said = _count(decision_objection.c.id).where(
        decision_objection.c.state.in_(PENDING),
        within(scope, decision_objection.c.district, decision_objection.c.id),
    )
    counts["defences"] = said
    counts["defences_overdue"] = said.where(decision_objection.c.answer_due < today)
    proposed = _count(decision.c.id).where(
        within(scope, decision.c.district, decision.c.id), decision.c.proposed_by != person
    )
    counts["decisions_to_review"] = proposed.where(decision.c.status == PROPOSED)
    counts["decisions_to_approve"] = proposed.where(
        decision.c.status == REVIEWED, decision.c.reviewed_by != person
    )
    place = within(scope, grade.c.district, grade.c.institution_id)
    counts["grades_objected"] = (
        _count(grade_objection.c.id)
        .join(grade, grade.c.id == grade_objection.c.grade_id)
        .where(grade_objection.c.answered_at.is_(None), place)
    )
    counts["meeting_items"] = (
        _count(meeting_item.c.id)
        .join(meeting, meeting.c.id == meeting_item.c.meeting_id)
        .where(
            meeting_item.c.closed_on.is_(None),
            meeting_item.c.due_on < today,
            within(scope, meeting.c.district, meeting.c.id),
        )
    )
    counts["grades_second"] = _count(grade.c.id).where(
        grade.c.status == "proposed", grade.c.proposed_by != person, place
    )
    return counts


def _to_correct(scope: Scope) -> Select[tuple[int]]:
    return _count(recall.c.id).where(
        recall.c.done_number.is_(None), recall.c.lifted_at.is_(None),
        within(scope, recall.c.district, recall.c.id),
    )  # fmt: skip


def count_corrections_overdue(tx: Connection, scope: Scope, moment: str) -> int:
    """How many names had to leave a list before a moment and have not."""
    late = _to_correct(scope).where(recall.c.due_at < moment)
    return tx.scalars(select(late.scalar_subquery())).one() or 0


def _cases(scope: Scope, owner: str, today: Day, person: str, waits: Sequence[str]) -> Subquery:
    """Cases by what they wait for, in one pass over them."""
    columns = [times(waiting(name, today, person)).label(f"case_{name}") for name in waits]
    query = select(*columns).where(within(scope, case_file.c.district, case_file.c.institution_id))
    return (query.where(case_file.c.owner == owner) if owner else query).subquery()


def _open_matters(scope: Scope, owner: str, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    query = select(*columns).where(
        matter.c.status == "open",
        matter.c.historic.is_(False),
        within(scope, matter.c.district, matter.c.institution_id),
    )
    return query.where(matter.c.owner == owner) if owner else query


def _at_once(counts: Mapping[str, Select[Any]], *passes: Subquery) -> Select[Any]:
    """Counts of their own beside those that one pass over a table gives together."""
    columns = [query.scalar_subquery().label(name) for name, query in counts.items()]
    together: FromClause = passes[0]
    for each in passes[1:]:
        together = together.join(each, true())
    return select(*(column for each in passes for column in each.c), *columns).select_from(together)


def read_counts(tx: Connection, query: Select[Any]) -> dict[str, int]:
    """The one row of a query of counts, by their names."""
    return {name: int(count) for name, count in tx.execute(query).one()._mapping.items()}


def _count(column: ColumnElement[Any]) -> Select[tuple[int]]:
    return select(func.count(column))


def count_failed_pushes(tx: Connection) -> int:
    """How many pushes to subscribers were given up on."""
    return tx.scalars(select(_failed_pushes().scalar_subquery())).one() or 0


def _failed_pushes() -> Select[tuple[int]]:
    return _count(outbox.c.id).where(outbox.c.status == "failed")
