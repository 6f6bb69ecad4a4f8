"""Sources of figures on matters, cases, papers and objections.

What happened is taken from histories, so a month keeps its figures when cases go on; what no
history holds (severity, the day of a 回头看, a matter found to be none) is as it stands now.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from feewatch.casework.cases import SETTLED
from feewatch.store.pages.scope import within
from feewatch.store.reports.rows import ReportSpan, Source, line, yes_or_no
from feewatch.store.tables.casework import (
    alert,
    case_event,
    case_file,
    case_matter,
    matter,
    objection,
    undertaking,
)
from feewatch.store.tables.papers import paper, paper_service

#: Papers that carry a step 下发督办 in its own form: such a step is no 督办单 besides.
_INSTEAD = ("supervision_order", "rectification_order", "hint_letter")
#: Steps by which a matter counts as rectified: the office accepted, or closed at once.
_RECTIFIED = ("accept", "close")
#: States in which a case has ended well.
_ENDED = ("closed", "rechecked")


def _matters_opened(span: ReportSpan) -> Any:
    told = (
        select(case_event.c.id)
        .join(case_matter, case_matter.c.case_file_id == case_event.c.case_file_id)
        .where(
            case_matter.c.matter_id == matter.c.id,
            case_event.c.step == "notify",
            span.reached(case_event.c.at),
        )
        .exists()
    )
    return select(
        *line(
            "matter",
            matter.c.id,
            matter.c.district,
            matter.c.institution_id,
            moment=matter.c.opened_at,
            amount=matter.c.sum_fen,
            severity=matter.c.severity,
            authority=matter.c.authority,
            rule=matter.c.rule,
            historic=yes_or_no(matter.c.historic),
            withdrawn=yes_or_no(matter.c.status == "withdrawn"),
            confirmed=yes_or_no(told),
        )
    ).where(
        span.holds(matter.c.opened_at),
        within(span.scope, matter.c.district, matter.c.institution_id),
    )


def _steps(span: ReportSpan) -> Any:
    return (
        select(
            *line(
                "case",
                case_file.c.number,
                case_file.c.district,
                case_file.c.institution_id,
                moment=case_event.c.at,
                step=case_event.c.step,
                origin=case_event.c.from_state,
            )
        )
        .join(case_event, case_event.c.case_file_id == case_file.c.id)
        .where(span.holds(case_event.c.at), _in_scope(span))
    )


def _matters_stepped(span: ReportSpan) -> Any:
    """A matter once for each step that its case took, and once more where it was rectified."""
    steps = (
        select(
            case_matter.c.matter_id,
            case_event.c.step.label("step"),
            func.min(case_event.c.at).label("at"),
        )
        .join(case_event, case_event.c.case_file_id == case_matter.c.case_file_id)
        .where(span.holds(case_event.c.at))
        .group_by(case_matter.c.matter_id, case_event.c.step)
        .subquery()
    )
    rectified = (
        select(steps.c.matter_id, func.min(steps.c.at).label("at"))
        .where(steps.c.step.in_(_RECTIFIED))
        .group_by(steps.c.matter_id)
        .subquery()
    )
    word = literal("rectified", String)
    return union_all(_matters_of(span, steps, steps.c.step), _matters_of(span, rectified, word))


def _matters_of(span: ReportSpan, steps: Any, step: ColumnElement[str]) -> Any:
    state = _states(span)
    return (
        select(
            *line(
                "matter",
                matter.c.id,
                matter.c.district,
                matter.c.institution_id,
                moment=steps.c.at,
                amount=matter.c.sum_fen,
                step=step,
                ended=yes_or_no(state.c.state.in_(_ENDED)),
                cured=yes_or_no(~_stands(span)),
            )
        )
        .join(steps, steps.c.matter_id == matter.c.id)
        .join(case_matter, case_matter.c.matter_id == matter.c.id)
        .outerjoin(state, state.c.case_file_id == case_matter.c.case_file_id)
        .where(within(span.scope, matter.c.district, matter.c.institution_id))
    )


def _stands(span: ReportSpan) -> ColumnElement[bool]:
    """Whether the data do not show yet that all alerts of a matter are over."""
    return exists().where(
        alert.c.matter_id == matter.c.id,
        alert.c.status != "withdrawn",
        or_(alert.c.recovered_on.is_(None), alert.c.recovered_on > span.last),
    )


def _orders(span: ReportSpan) -> Any:
    """督办单 of the register, and steps 下发督办 of cases for which no paper was made."""
    on_paper = select(
        *line(
            "case",
            case_file.c.number,
            paper.c.district,
            case_file.c.institution_id,
            moment=paper.c.made_at,
            form="paper",
            name=paper.c.number,
        )
    ).join(case_file, case_file.c.id == paper.c.case_file_id)
    on_paper = on_paper.where(
        paper.c.kind == "supervision_order",
        paper.c.voided_at.is_(None),
        span.holds(paper.c.made_at),
        within(span.scope, paper.c.district, case_file.c.institution_id),
    )
    has_paper = exists().where(
        paper.c.case_file_id == case_file.c.id,
        paper.c.kind.in_(_INSTEAD),
        paper.c.voided_at.is_(None),
        span.reached(paper.c.made_at),
    )
    by_step = select(
        *line(
            "case",
            case_file.c.number,
            case_file.c.district,
            case_file.c.institution_id,
            moment=case_event.c.at,
            form="step",
            name="",
        )
    ).join(case_event, case_event.c.case_file_id == case_file.c.id)
    by_step = by_step.where(
        case_event.c.step == "notify",
        or_(case_event.c.document.is_(None), case_event.c.document != "hint"),
        span.holds(case_event.c.at),
        ~has_paper,
        _in_scope(span),
    )
    return union_all(on_paper, by_step)


def _papers(span: ReportSpan) -> Any:
    served = exists().where(
        paper_service.c.paper_id == paper.c.id, paper_service.c.served_on <= span.last
    )
    return (
        select(
            *line(
                "case",
                func.coalesce(case_file.c.number, ""),
                paper.c.district,
                paper.c.institution_id,
                moment=paper.c.made_at,
                paper=paper.c.kind,
                served=yes_or_no(served),
                name=paper.c.number,
            )
        )
        .outerjoin(case_file, case_file.c.id == paper.c.case_file_id)
        .where(
            paper.c.voided_at.is_(None),
            span.holds(paper.c.made_at),
            within(span.scope, paper.c.district, paper.c.institution_id),
        )
    )


def _cases_at_end(span: ReportSpan) -> Any:
    """Each case opened by then: its state and deadline on the last day, from its history."""
    state = _states(span)
    dated = _latest(span, case_event.c.deadline.is_not(None))
    due = case_event.alias("due")
    is_late = and_(state.c.state.not_in(SETTLED), due.c.deadline < span.last)
    is_asked = case_file.c.recheck_on.between(span.first, span.last)
    is_waiting = state.c.state == "closed"
    recheck = case(
        (and_(is_asked, is_waiting), "due_waiting"),
        (is_asked, "due_done"),
        (and_(case_file.c.recheck_on < span.first, is_waiting), "earlier_waiting"),
        else_="none",
    )
    return (
        select(
            *line(
                "case",
                case_file.c.number,
                case_file.c.district,
                case_file.c.institution_id,
                day=due.c.deadline,
                state=state.c.state,
                overdue=yes_or_no(is_late),
                recheck=recheck,
            )
        )
        .join(state, state.c.case_file_id == case_file.c.id)
        .outerjoin(dated, dated.c.case_file_id == case_file.c.id)
        .outerjoin(due, due.c.id == dated.c.id)
        .where(_in_scope(span))
    )


def _states(span: ReportSpan) -> Any:
    """By case its state on the last day."""
    moved = _latest(span, case_event.c.from_state != case_event.c.to_state)
    event = case_event.alias()
    return (
        select(event.c.case_file_id, event.c.to_state.label("state"))
        .join(moved, moved.c.id == event.c.id)
        .subquery()
    )


def _latest(span: ReportSpan, condition: ColumnElement[bool]) -> Any:
    """By case the last event of a kind by the last day."""
    return (
        select(case_event.c.case_file_id, func.max(case_event.c.id).label("id"))
        .where(span.reached(case_event.c.at), condition)
        .group_by(case_event.c.case_file_id)
        .subquery()
    )


def _objections(span: ReportSpan) -> Any:
    answered = case(
        (span.holds(objection.c.answered_at), "in_period"),
        (span.reached(objection.c.answered_at), "earlier"),
        else_="waiting",
    )
    return (
        select(
            *line(
                "case",
                case_file.c.number,
                case_file.c.district,
                case_file.c.institution_id,
                moment=objection.c.made_at,
                made=yes_or_no(span.holds(objection.c.made_at)),
                answered=answered,
                outcome=case(
                    (span.reached(objection.c.answered_at), objection.c.outcome), else_=""
                ),
            )
        )
        .join(case_file, case_file.c.id == objection.c.case_file_id)
        .where(span.reached(objection.c.made_at), _in_scope(span))
    )


def _undertakings(span: ReportSpan) -> Any:
    return (
        select(
            *line(
                "case",
                case_file.c.number,
                case_file.c.district,
                case_file.c.institution_id,
                day=undertaking.c.due_on,
                done=yes_or_no(undertaking.c.done_on <= span.last),
            )
        )
        .join(case_file, case_file.c.id == undertaking.c.case_file_id)
        .where(undertaking.c.due_on.between(span.first, span.last), _in_scope(span))
    )


def _in_scope(span: ReportSpan) -> ColumnElement[bool]:
    return within(span.scope, case_file.c.district, case_file.c.institution_id)


MATTER_SOURCES: dict[str, Source] = {
    "matters_opened": Source(
        _matters_opened,
        ("severity", "authority", "rule", "historic", "withdrawn", "confirmed"),
    ),
    "steps": Source(_steps, ("step", "origin")),
    "matters_stepped": Source(_matters_stepped, ("step", "ended", "cured")),
    "orders": Source(_orders, ("form",)),
    "papers": Source(_papers, ("paper", "served")),
    "cases_at_end": Source(_cases_at_end, ("state", "overdue", "recheck")),
    "objections": Source(_objections, ("made", "answered", "outcome")),
    "undertakings": Source(_undertakings, ("done",)),
}
