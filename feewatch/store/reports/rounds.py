"""Sources of figures on visits, missing visits, meetings and campaigns."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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

from feewatch.kernel.days import date_of, format_day, month_end
from feewatch.rounds.months import months_between
from feewatch.store.pages.scope import in_force, within
from feewatch.store.reports.rows import ReportSpan, Source, line, yes_or_no
from feewatch.store.tables.registers import institution, institution_fact
from feewatch.store.tables.rounds import (
    inspector_assignment,
    meeting,
    meeting_item,
    pressure,
    visit,
    visit_result,
)


def _visits(span: ReportSpan) -> Any:
    failed = exists().where(visit_result.c.visit_id == visit.c.id, visit_result.c.result == "fail")
    return select(
        *line(
            "visit", visit.c.number, visit.c.district, visit.c.institution_id,
            day=visit.c.visited_on, visit=visit.c.kind, found=yes_or_no(failed),
        )
    ).where(
        visit.c.visited_on.between(span.first, span.last),
        within(span.scope, visit.c.district, visit.c.institution_id),
    )  # fmt: skip


def _owed(span: ReportSpan) -> Any:
    """Institutions by whole month in which they were an inspector's; made: visited in it."""
    months = [
        (first, month_end(first), format_day(first)[:7])
        for first in months_between(span.first, span.last)
        if first >= span.first - date_of(span.first).day + 1 and month_end(first) <= span.last
    ] or [(1, 0, "")]  # no month is whole: none is owed
    asked = sql_values(
        column("first", BigInteger), column("last", BigInteger), column("month", String),
        name="months",
    ).data(months).cte("months")  # fmt: skip
    c, fact = inspector_assignment.c, institution_fact.c
    made = exists().where(
        visit.c.institution_id == c.institution_id,
        visit.c.visited_on.between(asked.c.first, asked.c.last),
    )
    return (
        select(
            *line(
                "institution", institution.c.uscc, fact.district, c.institution_id,
                day=cast(asked.c.first, BigInteger), month=asked.c.month, made=yes_or_no(made),
            )
        )
        .select_from(inspector_assignment)
        .join(institution, institution.c.id == c.institution_id)
        .join(institution_fact, and_(fact.institution_id == c.institution_id, in_force(span.last)))
        .join(
            asked,
            and_(
                c.from_day <= asked.c.first,
                or_(c.to_day.is_(None), c.to_day >= asked.c.last),
                asked.c.last >= asked.c.first,
            ),
        )
        .where(c.is_substitute.is_(False), within(span.scope, fact.district, c.institution_id))
    )  # fmt: skip


def _inspectors(span: ReportSpan) -> Any:
    """Those who had an institution on the last day."""
    c, fact = inspector_assignment.c, institution_fact.c
    return (
        select(
            *line(
                "inspector", c.inspector, func.min(fact.district), cast(None, BigInteger),
            )
        )
        .select_from(inspector_assignment)
        .join(institution_fact, and_(fact.institution_id == c.institution_id, in_force(span.last)))
        .where(
            c.from_day <= span.last,
            or_(c.to_day.is_(None), c.to_day >= span.last),
            within(span.scope, fact.district, c.institution_id),
        )
        .group_by(c.inspector)
    )  # fmt: skip


def _meetings(span: ReportSpan) -> Any:
    c = meeting.c
    return select(
        *line("meeting", c.number, c.district, cast(None, BigInteger), day=c.held_on)
    ).where(c.held_on.between(span.first, span.last), within(span.scope, c.district, c.id))


def _items(span: ReportSpan) -> Any:
    """Items of meetings: asked for in the period, closed in it, late at its end."""
    c = meeting_item.c
    return union_all(
        _items_where(span, "asked", meeting.c.held_on.between(span.first, span.last)),
        _items_where(span, "closed", c.closed_on.between(span.first, span.last)),
        _items_where(
            span, "late", c.due_on < span.last, or_(c.closed_on.is_(None), c.closed_on > span.last),
            meeting.c.held_on <= span.last,
        ),
    )  # fmt: skip


def _items_where(span: ReportSpan, event: str, *conditions: ColumnElement[bool]) -> Any:
    key = meeting.c.number + literal("/", String) + cast(meeting_item.c.n, String)
    return (
        select(
            *line(
                "meeting", key, meeting.c.district, cast(None, BigInteger),
                day=case((literal(event) == "closed", meeting_item.c.closed_on),
                         else_=meeting.c.held_on), event=event,
            )
        )
        .select_from(meeting_item.join(meeting))
        .where(*conditions, within(span.scope, meeting.c.district, meeting.c.id))
    )  # fmt: skip


def _pressed(span: ReportSpan) -> Any:
    c = pressure.c
    return (
        select(
            *line(
                "institution", institution.c.uscc, c.district, c.institution_id, day=c.on_day,
                pressed=c.kind,
            )
        )
        .select_from(pressure.join(institution, institution.c.id == c.institution_id))
        .where(
            c.on_day.between(span.first, span.last),
            within(span.scope, c.district, c.institution_id),
        )
    )  # fmt: skip


ROUNDS_SOURCES: dict[str, Source] = {
    "visits": Source(_visits, ("visit", "found")),
    "visits_owed": Source(_owed, ("month", "made")),
    "inspectors": Source(_inspectors, ()),
    "meetings": Source(_meetings, ()),
    "meeting_items": Source(_items, ("event",)),
    "pressed": Source(_pressed, ("pressed",)),
}
