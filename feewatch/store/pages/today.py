"""What is new and late today, listed within a scope, and what the office last did."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, literal, or_, select, true

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.pages.waits import read_counts
from feewatch.store.tables.casework import case_file, matter, undertaking
from feewatch.store.tables.checks import check_run
from feewatch.store.tables.ledger import account_coverage, statement
from feewatch.store.tables.operations import job_run, lease, user
from feewatch.store.tables.publication import decision
from feewatch.store.tables.registers import account, contract, institution, institution_fact, lesson


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
    query = select(func.count(job_run.c.id)).where(
        job_run.c.status.in_(("failed", "missed")), job_run.c.due_at > since
    )
    return tx.scalars(select(query.scalar_subquery())).one() or 0


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
    in_force_now = select(func.count(decision.c.id)).where(decision.c.status == "in_force", inside)
    ending = in_force_now.where(decision.c.last_day.between(today, today + 30))
    counts = {"decisions": in_force_now, "decisions_ending": ending}
    columns = [query.scalar_subquery().label(name) for name, query in counts.items()]
    return read_counts(tx, select(*columns))


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
