"""A district head's figures: matters by severity and age, days covered, months, within a scope."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, literal, or_, select

from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope
from feewatch.store.pages.scope import in_force, within
from feewatch.store.tables.casework import case_file, matter
from feewatch.store.tables.ledger import account_coverage
from feewatch.store.tables.registers import account, institution, institution_fact


def count_by_age(
    tx: Connection, scope: Scope, moments: Sequence[str]
) -> dict[tuple[str, int], int]:
    """Open matters by severity and age class: 0 those opened after the first moment, and so on."""
    age = case(
        *((matter.c.opened_at > moment, place) for place, moment in enumerate(moments)),
        else_=len(moments),
    )
    query = (
        select(matter.c.severity, age.label("age"), func.count())
        .where(
            matter.c.status.in_(("open", "in_case")),
            matter.c.historic.is_(False),
            within(scope, matter.c.district, matter.c.institution_id),
        )
        .group_by(matter.c.severity, "age")
    )
    return {(severity, int(place)): int(count) for severity, place, count in tx.execute(query)}


def count_months(tx: Connection, scope: Scope, first: str) -> dict[str, dict[str, int]]:
    """By month ``YYYY-MM`` from a moment on: matters, historic ones left out, and cases opened."""
    counts: dict[str, dict[str, int]] = {}
    for name, table in (("matters", matter), ("cases", case_file)):
        month = func.substr(table.c.opened_at, 1, 7).label("month")
        wanted = [
            table.c.opened_at >= first,
            within(scope, table.c.district, table.c.institution_id),
        ]
        if table is matter:
            wanted.append(matter.c.historic.is_(False))
        query = select(month, func.count()).where(*wanted).group_by("month")
        for value, count in tx.execute(query):
            counts.setdefault(value, {})[name] = int(count)
    return counts


def count_closed(tx: Connection, scope: Scope, first: Day) -> dict[Day, int]:
    """Cases by the day of their 销号, from a day on."""
    query = (
        select(case_file.c.closed_on, func.count())
        .where(
            case_file.c.closed_on >= first,
            within(scope, case_file.c.district, case_file.c.institution_id),
        )
        .group_by(case_file.c.closed_on)
    )
    return {day: int(count) for day, count in tx.execute(query)}


def sum_days(
    tx: Connection, scope: Scope, today: Day, months: Sequence[tuple[Day, Day]]
) -> Sequence[Row[Any]]:
    """By district and month (its place): days on which accounts were open, and days covered.

    Days after ``today`` and before an account was opened ask for no statement.
    """
    rows: list[Row[Any]] = []
    for place, month in enumerate(months):
        accounts = _days_of_accounts(scope, today, month).subquery()
        query = select(
            accounts.c.district,
            literal(place).label("place"),
            func.sum(accounts.c.days).label("days"),
            func.sum(accounts.c.covered).label("covered"),
        ).group_by(accounts.c.district)
        rows += tx.execute(query).all()
    return rows


def list_days(
    tx: Connection, scope: Scope, today: Day, month: tuple[Day, Day]
) -> Sequence[Row[Any]]:
    """The same of a month account by account, those with most days missing first."""
    accounts = _days_of_accounts(scope, today, month).subquery()
    missing = accounts.c.days - accounts.c.covered
    return tx.execute(
        select(accounts).order_by(missing.desc(), accounts.c.uscc, accounts.c.id)
    ).all()


def _days_of_accounts(scope: Scope, today: Day, month: tuple[Day, Day]) -> Select[Any]:
    facts = and_(institution_fact.c.institution_id == account.c.institution_id, in_force(today))
    known_from = func.coalesce(account.c.opened_on, account.c.imported_on)
    first, ends = month[0], min(month[1], today)
    begin = case((known_from > first, known_from), else_=first)
    end = case((account.c.closed_on <= ends, account.c.closed_on - 1), else_=ends)
    covered_from = case(
        (account_coverage.c.from_day > begin, account_coverage.c.from_day), else_=begin
    )
    covered_to = case((account_coverage.c.to_day < end, account_coverage.c.to_day), else_=end)
    days = case((covered_to >= covered_from, covered_to - covered_from + 1), else_=0)
    covered = (
        select(func.coalesce(func.sum(days), 0))
        .where(account_coverage.c.account_id == account.c.id)
        .correlate(account)
        .scalar_subquery()
    )
    return (
        select(
            account.c.id,
            account.c.account_no,
            account.c.kind,
            account.c.bank,
            account.c.institution_id,
            institution.c.uscc,
            institution_fact.c.name,
            institution_fact.c.district,
            (end - begin + 1).label("days"),
            covered.label("covered"),
        )
        .select_from(account)
        .join(institution, institution.c.id == account.c.institution_id)
        .join(institution_fact, facts)
        .where(
            within(scope, institution_fact.c.district, account.c.institution_id),
            known_from <= ends,
            or_(account.c.closed_on.is_(None), account.c.closed_on > begin),
        )
    )
