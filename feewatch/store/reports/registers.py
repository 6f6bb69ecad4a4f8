"""Sources of figures on institutions, accounts, statements, premises and clues.

All as the registers and statements on file now tell of the days asked for.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import values as sql_values

from feewatch.kernel.days import Day, add_months, date_of, format_day, month_end
from feewatch.store.pages.scope import in_force, within
from feewatch.store.reports.rows import ReportSpan, Source, line, yes_or_no
from feewatch.store.tables.ledger import account_coverage, account_day
from feewatch.store.tables.places import clue, premises, succession
from feewatch.store.tables.registers import account, approval, institution, institution_fact

#: Months shown beside the last one.
MONTHS_BACK = 11
#: Accounts into which families' money goes.
_HELD = ("fee", "deposit")


def month_ends(last: Day) -> list[Day]:
    """The last days of a year of months, that of the last month as late as asked for."""
    first = last - date_of(last).day + 1
    months = [month_end(add_months(first, -back)) for back in range(MONTHS_BACK, 0, -1)]
    return [*months, last]


def _institutions(span: ReportSpan) -> Any:
    return _institutions_on(span, literal(span.last, Integer), "").where(in_force(span.last))


def _academic(span: ReportSpan) -> Any:
    """Academic institutions at each month's end."""
    asked = sql_values(column("day", Integer), column("month", String), name="asked")
    months = asked.data([(day, format_day(day)[:7]) for day in month_ends(span.last)]).cte("asked")
    fact = institution_fact.c
    return (
        _institutions_on(span, months.c.day, months.c.month)
        .join(months, and_(fact.valid_from <= months.c.day, fact.valid_to >= months.c.day))
        .where(fact.subject == "academic")
    )


def _institutions_on(span: ReportSpan, day: ColumnElement[int], month: Any) -> Any:
    fact = institution_fact.c
    licence = case(
        (fact.licence_until.is_(None), "unknown"),
        (fact.licence_until >= day, "valid"),
        (fact.renewal_applied_on <= fact.licence_until, "renewing"),
        else_="ended",
    )
    return (
        select(
            *line(
                "institution",
                institution.c.uscc,
                fact.district,
                institution.c.id,
                day=fact.licence_until,
                month=month,
                subject=fact.subject,
                custody=fact.custody,
                licence=licence,
                closed=yes_or_no(_is_closed(institution.c.id, day)),
            )
        )
        .select_from(institution.join(institution_fact, fact.institution_id == institution.c.id))
        .where(within(span.scope, fact.district, institution.c.id))
    )


def _is_closed(key: ColumnElement[int], day: ColumnElement[int]) -> ColumnElement[bool]:
    """Closed by an approval, or succeeded by another institution."""
    closure = exists().where(
        approval.c.institution_id == key, approval.c.kind == "closure", approval.c.from_day <= day
    )
    merged = exists().where(succession.c.institution_id == key, succession.c.on_day <= day)
    return or_(closure, merged)


def _closures(span: ReportSpan) -> Any:
    """What ended institutions in the period: approvals, successions, licences that ran out."""
    return union_all(
        _ended(span, approval, approval.c.from_day, "closure", approval.c.kind == "closure"),
        _ended(span, succession, succession.c.on_day, "succession"),
        _licences_ended(span),
    )


def _ended(
    span: ReportSpan,
    table: Any,
    day: ColumnElement[int],
    why: str,
    *conditions: ColumnElement[bool],
) -> Any:
    fact = institution_fact.c
    return (
        select(*_ending(day, why))
        .select_from(
            table.join(institution, institution.c.id == table.c.institution_id).join(
                institution_fact,
                and_(
                    fact.institution_id == institution.c.id,
                    fact.valid_from <= day,
                    fact.valid_to >= day,
                ),
            )
        )
        .where(
            day.between(span.first, span.last),
            within(span.scope, fact.district, institution.c.id),
            *conditions,
        )
    )


def _licences_ended(span: ReportSpan) -> Any:
    """Licences that ran out with no renewal asked for in time, by the facts in force that day."""
    fact = institution_fact.c
    return (
        select(*_ending(fact.licence_until, "licence"))
        .select_from(institution.join(institution_fact, fact.institution_id == institution.c.id))
        .where(
            fact.licence_until.between(span.first, span.last),
            fact.valid_from <= fact.licence_until,
            fact.valid_to >= fact.licence_until,
            or_(fact.renewal_applied_on.is_(None), fact.renewal_applied_on > fact.licence_until),
            within(span.scope, fact.district, institution.c.id),
        )
    )


def _ending(day: ColumnElement[int], why: str) -> list[ColumnElement[Any]]:
    fact = institution_fact.c
    return line(
        "institution",
        institution.c.uscc,
        fact.district,
        institution.c.id,
        day=day,
        why=why,
        subject=fact.subject,
    )


def _coverage(span: ReportSpan) -> Any:
    """Days that statements leave out of those on which an account was open in the period."""
    first = case(
        (account.c.opened_on > span.first, account.c.opened_on), else_=literal(span.first, Integer)
    )
    last = case(
        (account.c.closed_on <= span.last, account.c.closed_on - 1),
        else_=literal(span.last, Integer),
    )
    held = account_coverage.c
    begins = case((held.from_day > first, held.from_day), else_=first)
    ends = case((held.to_day < last, held.to_day), else_=last)
    covered = func.coalesce(
        select(func.sum(ends - begins + 1))
        .where(held.account_id == account.c.id, held.from_day <= last, held.to_day >= first)
        .correlate(account)
        .scalar_subquery(),
        0,
    )
    missing = last - first + 1 - cast(covered, Integer)
    days = (
        select(account.c.id.label("account_id"), missing.label("missing"))
        .add_columns(cast(covered, Integer).label("covered"))
        .where(account.c.kind.in_(_HELD), first <= last)
        .subquery()
    )
    how = case((days.c.missing == 0, "whole"), (days.c.covered == 0, "none"), else_="part")
    return _accounts(span, days, days.c.missing, account=account.c.kind, covered=how)


def _balances(span: ReportSpan) -> Any:
    """Accounts open on the last day with their last closing balance told by then."""
    told = account_day.c
    latest = (
        select(told.closing_fen)
        .where(told.account_id == account.c.id, told.day <= span.last)
        .order_by(told.day.desc())
        .limit(1)
        .correlate(account)
        .scalar_subquery()
    )
    is_known = exists().where(
        account_coverage.c.account_id == account.c.id,
        account_coverage.c.from_day <= span.last,
        account_coverage.c.to_day >= span.last,
    )
    held = (
        select(account.c.id.label("account_id"), latest.label("fen"))
        .add_columns(yes_or_no(is_known).label("is_known"))
        .where(
            account.c.kind.in_(_HELD),
            or_(account.c.opened_on.is_(None), account.c.opened_on <= span.last),
            or_(account.c.closed_on.is_(None), account.c.closed_on > span.last),
        )
        .subquery()
    )
    return _accounts(span, held, held.c.fen, account=account.c.kind, known=held.c.is_known)


def _accounts(span: ReportSpan, rows: Any, amount: ColumnElement[int], **words: Any) -> Any:
    """Accounts whose institution is on the register on the last day."""
    fact = institution_fact.c
    return (
        select(
            *line(
                "account",
                account.c.account_no,
                fact.district,
                account.c.institution_id,
                amount=amount,
                **words,
            )
        )
        .select_from(
            rows.join(account, account.c.id == rows.c.account_id).join(
                institution_fact,
                and_(fact.institution_id == account.c.institution_id, in_force(span.last)),
            )
        )
        .where(within(span.scope, fact.district, account.c.institution_id))
    )


def _premises(span: ReportSpan) -> Any:
    return union_all(
        _premises_where(
            span, "found", premises.c.found_on, premises.c.found_on.between(span.first, span.last)
        ),
        _premises_where(
            span,
            "settled",
            premises.c.disposed_on,
            premises.c.disposal != "open",
            premises.c.disposed_on.between(span.first, span.last),
        ),
        _premises_where(
            span,
            "waiting",
            premises.c.found_on,
            premises.c.found_on <= span.last,
            or_(premises.c.disposal == "open", premises.c.disposed_on > span.last),
            premises.c.state != "licensed",
        ),
    )


def _premises_where(
    span: ReportSpan, event: str, day: ColumnElement[int], *conditions: ColumnElement[bool]
) -> Any:
    return select(
        *line(
            "premises",
            premises.c.premises_no,
            premises.c.district,
            premises.c.institution_id,
            day=day,
            event=event,
            state=premises.c.state,
            disposal=premises.c.disposal,
        )
    ).where(*conditions, within(span.scope, premises.c.district, premises.c.institution_id))


def _clues(span: ReportSpan) -> Any:
    is_answered = clue.c.answered_on.between(span.first, span.last)
    is_open = and_(clue.c.answered_on.is_(None), clue.c.state.in_(("open", "linked")))
    return union_all(
        _clues_where(
            span,
            "received",
            clue.c.received_on,
            clue.c.received_on.between(span.first, span.last),
        ),
        _clues_where(span, "answered", clue.c.answered_on, is_answered),
        _clues_where(
            span,
            "waiting",
            clue.c.received_on,
            clue.c.received_on <= span.last,
            or_(is_open, clue.c.answered_on > span.last),
        ),
    )


def _clues_where(
    span: ReportSpan, event: str, day: ColumnElement[int], *conditions: ColumnElement[bool]
) -> Any:
    return select(
        *line(
            "clue",
            clue.c.clue_no,
            clue.c.district,
            clue.c.institution_id,
            day=day,
            event=event,
            source=clue.c.source,
        )
    ).where(*conditions, within(span.scope, clue.c.district, clue.c.institution_id))


REGISTER_SOURCES: dict[str, Source] = {
    "institutions": Source(_institutions, ("subject", "custody", "licence", "closed")),
    "academic": Source(_academic, ("month", "licence", "closed")),
    "closures": Source(_closures, ("why", "subject")),
    "coverage": Source(_coverage, ("account", "covered")),
    "balances": Source(_balances, ("account", "known")),
    "premises": Source(_premises, ("event", "state", "disposal")),
    "clues": Source(_clues, ("event", "source")),
}
