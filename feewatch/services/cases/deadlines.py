"""What the scheduler says of the days of cases: reminded, overdue, escalated, to be rechecked."""

from dataclasses import dataclass, field

from feewatch.bootstrap import App
from feewatch.casework.messages import desk_case, own_case
from feewatch.casework.workdays import add_working_days, working_days_between
from feewatch.engine.holidays import Holidays
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text
from feewatch.services.messages import tell, tell_office
from feewatch.store import audit
from feewatch.store.cases import cases, deadlines
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow

#: Under whose name it stands in the history.
SCHEDULER = "scheduler"
_NEAR = Text("案件 {number} 的整改期限为 {day}", "the deadline of case {number} is {day}")
_OVER = Text("案件 {number} 的整改期限 {day} 已过", "the deadline of case {number}, {day}, is past")
_LONG = Text(
    "案件 {number} 逾期已满 {count} 个工作日，自动升级",
    "case {number} is {count} working days overdue: escalated",
)
_RECHECK = Text("案件 {number} 应于 {day} 回头看", "case {number} is to be rechecked on {day}")


@dataclass(slots=True)
class Watched:
    """The numbers of the cases of which something was said."""

    reminded: list[str] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)
    escalated: list[str] = field(default_factory=list)
    to_recheck: list[str] = field(default_factory=list)


def watch_deadlines(app: App, day: Day) -> Watched:
    """Remind of what is due, say what is overdue, escalate what is so for long; once each.

    A second run of the day changes nothing, nor does one of another scheduler.
    """
    spans, holidays = app.config.casework, app.holidays
    watched = Watched()
    until = add_working_days(day, spans.remind_days, holidays).day
    with app.database.transaction() as tx:
        for row in deadlines.list_running(tx, until):
            _watch(tx, row, day, spans.escalate_days, holidays, watched)
        for row in deadlines.list_to_recheck(tx, day):
            if deadlines.claim_reminder(tx, row, day):
                words = _RECHECK.fill(number=row.number, day=format_day(row.recheck_on))
                _put_down(tx, row, "recheck_due", words)
                watched.to_recheck.append(row.number)
    return watched


def _watch(
    tx: Transaction, row: PageRow, day: Day, long: int, holidays: Holidays, watched: Watched
) -> None:
    due = format_day(row.deadline)
    if day <= row.deadline:
        if row.reminded_on is None and deadlines.claim_reminder(tx, row, day):
            words = _NEAR.fill(number=row.number, day=due)
            _put_down(tx, row, "remind", words, "deadline_near")
            watched.reminded.append(row.number)
        return
    watched.overdue.append(row.number)
    is_said = row.reminded_on is not None and row.reminded_on > row.deadline
    if not is_said and deadlines.claim_reminder(tx, row, day):
        words = _OVER.fill(number=row.number, day=due)
        _put_down(tx, row, "overdue", words, "deadline_over")
    late = working_days_between(row.deadline, day, holidays)
    if late >= long and not row.escalated and deadlines.claim_escalation(tx, row):
        words = _LONG.fill(number=row.number, count=str(late))
        _put_down(tx, row, "escalate", words)
        audit.record(
            tx, actor=SCHEDULER, action="case.escalate", object=row.number,
            detail={"reason": words.zh},
        )  # fmt: skip
        watched.escalated.append(row.number)


def _put_down(tx: Transaction, row: PageRow, step: str, words: Text, told: str = "") -> None:
    """A line in the history; the owner is told, and with ``told`` the institution."""
    cases.add_event(
        tx,
        row.id,
        actor=SCHEDULER,
        step=step,
        from_state=row.state,
        to_state=row.state,
        reason=words.both(),
    )
    tell_office(
        tx,
        district=row.district,
        department=row.department,
        people=[row.owner, row.notified_by],
        kind="deadline_due",
        object=row.number,
        text=words,
        address=desk_case(row.number),
    )
    if told and row.institution_id is not None:
        tell(
            tx,
            to_institution=row.institution_id,
            kind=told,
            object=row.number,
            text=words,
            address=own_case(row.number),
        )
