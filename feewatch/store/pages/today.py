"""What waits today, counted within a scope: one statement for all marks of the menu."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from feewatch.credit.decisions import PROPOSED, REVIEWED
from feewatch.credit.objections import PENDING
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.board import WAITS, times, waiting
from feewatch.store.pages.scope import in_force, lies_within, within
from feewatch.store.pages.statements import reachable
from feewatch.store.people.countersigns import WAITING
from feewatch.store.tables.casework import case_file, matter, undertaking
from feewatch.store.tables.checks import check_run
from feewatch.store.tables.confirmations import confirmation_item, confirmation_letter
from feewatch.store.tables.countersigns import countersign
from feewatch.store.tables.grades import grade, grade_objection
from feewatch.store.tables.ledger import account_coverage, quarantine_proposal, statement
from feewatch.store.tables.objections import decision_objection
from feewatch.store.tables.openings import opening_statement
from feewatch.store.tables.operations import job_run, lease, user
from feewatch.store.tables.proposals import proposal
from feewatch.store.tables.publication import (
    decision,
    edition,
    outbox,
    recall,
    second_word,
    white_hold,
)
from feewatch.store.tables.registers import (
    account,
    contract,
    institution,
    institution_fact,
    lesson,
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
    return _read(tx, _marks_query(scope, today, person))


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
    return _read(tx, _waiting_query(scope, today, person, since, owner))


def count_aside(
    tx: Connection, scope: Scope, office: str, today: Day, person: str
) -> dict[str, int]:
    """Statements in quarantine: all, and those that wait for a second person."""
    return _read(tx, _aside_query(scope, office, today, person))


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


def _read(tx: Connection, query: Select[Any]) -> dict[str, int]:
    return {name: int(count) for name, count in tx.execute(query).one()._mapping.items()}


def _count(column: ColumnElement[Any]) -> Select[tuple[int]]:
    return select(func.count(column))


def list_missing(
    tx: Connection,
    scope: Scope,
    today: Day,
    stale_days: Mapping[str, int],
    *,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[Sequence[Row[Any]], int, int]:
    """Accounts whose statements are late, the longest first; how many, of how many institutions.

    ``stale_days``: by cycle of statements (daily, weekly, monthly), after how many days.
    """
    late = _missing(scope, today, stale_days).cte("late")
    accounts = select(func.count()).select_from(late).scalar_subquery()
    institutions = select(func.count(late.c.uscc.distinct())).scalar_subquery()
    shown = (
        select(late)
        .order_by(late.c.since, late.c.uscc, late.c.id)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    counts = select(accounts.label("accounts"), institutions.label("institutions")).subquery()
    query = (
        select(shown, counts)
        .select_from(counts.outerjoin(shown, true()))
        .order_by(shown.c.since, shown.c.uscc, shown.c.id)
    )
    rows = tx.execute(query).all()  # one at least: without late accounts that of the counts
    return (
        [row for row in rows if row.id is not None],
        int(rows[0].accounts),
        int(rows[0].institutions),
    )


def _missing(scope: Scope, today: Day, stale_days: Mapping[str, int]) -> Select[Any]:
    # in one pass over all: looked up account by account, PostgreSQL does so at each mention
    covered = (
        select(account_coverage.c.account_id, func.max(account_coverage.c.to_day).label("to_day"))
        .group_by(account_coverage.c.account_id)
        .subquery()
    )
    covered_to = covered.c.to_day
    known_to = func.coalesce(
        covered_to, func.coalesce(account.c.opened_on, account.c.imported_on) - 1
    )
    limit = case(
        {name: days for name, days in stale_days.items() if name != "daily"},
        value=account.c.statement_cycle,
        else_=stale_days["daily"],
    )
    facts = and_(institution_fact.c.institution_id == account.c.institution_id, in_force(today))
    return (
        select(
            account.c.id,
            institution.c.uscc,
            institution_fact.c.name,
            institution_fact.c.district,
            account.c.account_no,
            account.c.bank,
            account.c.kind,
            account.c.statement_cycle,
            covered_to.label("covered_to"),
            (known_to + 1).label("since"),
            (literal(today) - known_to).label("days"),
        )
        .select_from(account)
        .join(institution, institution.c.id == account.c.institution_id)
        .join(institution_fact, facts)
        .outerjoin(covered, covered.c.account_id == account.c.id)
        .where(
            within(scope, institution_fact.c.district, account.c.institution_id),
            or_(account.c.closed_on.is_(None), account.c.closed_on > today),
            known_to < today - limit,
        )
    )


def list_new_red(
    tx: Connection, scope: Scope, today: Day, since: str, owner: str, limit: int
) -> Sequence[Row[Any]]:
    """Red matters that were opened after a moment, the latest first."""
    facts = and_(institution_fact.c.institution_id == matter.c.institution_id, in_force(today))
    query = (
        select(matter, institution_fact.c.name)
        .outerjoin(institution_fact, facts)
        .where(
            matter.c.status == "open",
            matter.c.severity == "red",
            matter.c.historic.is_(False),
            matter.c.opened_at > since,
            within(scope, matter.c.district, matter.c.institution_id),
            *([matter.c.owner == owner] if owner else []),
        )
        .order_by(matter.c.opened_at.desc(), matter.c.sum_fen.desc(), matter.c.id)
    )
    return tx.execute(query.limit(limit)).all()


def list_undertakings(
    tx: Connection, scope: Scope, today: Day, owner: str, limit: int
) -> Sequence[Row[Any]]:
    """Undertakings of institutions that are due soon or past and not yet done."""
    facts = and_(institution_fact.c.institution_id == case_file.c.institution_id, in_force(today))
    query = (
        select(undertaking, case_file.c.number, institution_fact.c.name)
        .join(case_file, case_file.c.id == undertaking.c.case_file_id)
        .outerjoin(institution_fact, facts)
        .where(
            undertaking.c.done_on.is_(None),
            undertaking.c.due_on <= today + 7,
            within(scope, case_file.c.district, case_file.c.institution_id),
            *([case_file.c.owner == owner] if owner else []),
        )
        .order_by(undertaking.c.due_on, undertaking.c.id)
    )
    return tx.execute(query.limit(limit)).all()


def last_check(tx: Connection) -> Row[Any] | None:
    """When the office last checked, and as of which day."""
    query: Select[Any] = (
        select(check_run.c.at, check_run.c.as_of)
        .where(check_run.c.is_unfinished.is_(False))
        .order_by(check_run.c.id.desc())
        .limit(1)
    )
    return tx.execute(query).one_or_none()


def scheduler_lease(tx: Connection) -> str | None:
    """Until when the scheduler that works holds its lease; None where none ever ran."""
    return tx.scalar(select(lease.c.held_until).where(lease.c.name == "scheduler"))


def latest_runs(tx: Connection) -> Sequence[Row[Any]]:
    """The latest run of each scheduled job."""
    newest = select(func.max(job_run.c.id)).group_by(job_run.c.job)
    return tx.execute(select(job_run).where(job_run.c.id.in_(newest)).order_by(job_run.c.job)).all()


def count_failed_runs(tx: Connection, since: str) -> int:
    """How many runs of jobs failed or were missed after a moment."""
    query = _count(job_run.c.id).where(
        job_run.c.status.in_(("failed", "missed")), job_run.c.due_at > since
    )
    return tx.scalars(select(query.scalar_subquery())).one() or 0


def count_failed_pushes(tx: Connection) -> int:
    """How many pushes to subscribers were given up on."""
    return tx.scalars(select(_failed_pushes().scalar_subquery())).one() or 0


def _failed_pushes() -> Select[tuple[int]]:
    return _count(outbox.c.id).where(outbox.c.status == "failed")


def count_people(tx: Connection) -> dict[str, int]:
    """People who may log in, by role."""
    query = (
        select(user.c.role, func.count())
        .where(user.c.disabled.is_(False))
        .group_by(user.c.role)
        .order_by(user.c.role)
    )
    return {role: int(count) for role, count in tx.execute(query)}


def count_decisions(tx: Connection, scope: Scope, today: Day) -> dict[str, int]:
    """Decisions in force, and those whose last day of publication lies within 30 days."""
    inside = within(scope, decision.c.district, decision.c.id)
    in_force_now = _count(decision.c.id).where(decision.c.status == "in_force", inside)
    ending = in_force_now.where(decision.c.last_day.between(today, today + 30))
    counts = {"decisions": in_force_now, "decisions_ending": ending}
    columns = [query.scalar_subquery().label(name) for name, query in counts.items()]
    return _read(tx, select(*columns))


def beginnings(tx: Connection) -> dict[str, bool]:
    """Which first things an office has: rows of each register, statements, a check."""
    held = {
        "institutions": select(institution.c.id),
        "accounts": select(account.c.id),
        "contracts": select(contract.c.id),
        "lessons": select(lesson.c.contract_id),
        "statements": select(statement.c.id).where(statement.c.status == "accepted"),
        "check": select(check_run.c.id).where(check_run.c.is_unfinished.is_(False)),
    }
    columns = [query.limit(1).exists().label(name) for name, query in held.items()]
    row = tx.execute(select(*columns)).one()
    return {name: bool(value) for name, value in row._mapping.items()}
