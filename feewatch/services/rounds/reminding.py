"""What the scheduler says of visits that are missing and of what meetings agreed; once each.

On working days alone. Inspectors hear of the running month some working days before it ends (an
office's preset), the office of a month that is over and of items whose day has passed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from feewatch.bootstrap import App
from feewatch.casework.messages import DESK_CONFIRMATION, OWN_CONFIRMATION, desk_meeting
from feewatch.casework.workdays import is_working_day, working_days_between
from feewatch.kernel.days import Day, add_months, date_of, format_day, month_end
from feewatch.kernel.people import NATIONWIDE
from feewatch.kernel.text import Text
from feewatch.rounds.quarters import last_ended
from feewatch.services.messages import tell, tell_office
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.rounds.inspectors import MissingVisit, list_missing_within
from feewatch.services.rounds.self_reports import list_asked_in_time
from feewatch.store.database import Transaction
from feewatch.store.people import messages
from feewatch.store.rounds import meetings, self_reports

_OWED = Text(
    "{month} 还有 {count} 家机构未完成月度走访，请于月底前走访",
    "{month}: {count} institutions of yours are not visited yet; visit them before it ends",
)
_MISSED = Text("{month} 缺月度走访 {count} 家次", "{month}: {count} monthly visits were not made")
_PAST = Text(
    "会议 {number} 第 {n} 项（{department}）的期限 {day} 已过，尚未办结",
    "item {n} of meeting {number} ({department}) was due on {day} and is still open",
)


_ASKED = Text("请核对本机关所掌握的贵机构资料（{quarter}），{day} 前完成",
              "confirm what the office holds of you ({quarter}) by {day}")  # fmt: skip
_NEAR = Text(
    "季度核对（{quarter}）期限 {day} 将至", "the confirmation of {quarter} is due on {day}"
)
_OVER = Text("季度核对（{quarter}）期限 {day} 已过，请尽快完成",
             "the confirmation of {quarter} was due on {day}: make up for it")  # fmt: skip
_LATE = Text("{quarter} 有 {count} 家机构逾期未核对", "{quarter}: {count} did not confirm")


@dataclass(slots=True)
class RoundsReminded:
    """Of whom and of what was said: inspectors, districts, items of meetings."""

    visits_due: list[str] = field(default_factory=list)
    visits_missed: list[str] = field(default_factory=list)
    meeting_items: list[str] = field(default_factory=list)
    confirmations: list[str] = field(default_factory=list)  # kind and code, or district


def remind_of_rounds(app: App, day: Day) -> RoundsReminded:
    """Say what is due or past on a working day; a second run says nothing again."""
    reminded = RoundsReminded()
    if not is_working_day(day, app.holidays):
        return reminded
    first = day - date_of(day).day + 1
    before = add_months(first, -1)
    is_near = working_days_between(day, month_end(day), app.holidays) <= (
        rounds_scheme(app).remind_days
    )
    with app.database.reading() as tx:  # worked out before anybody is kept from writing
        near = list_missing_within(app, tx, NATIONWIDE, first, month_end(first)) if is_near else []
        missed = list_missing_within(app, tx, NATIONWIDE, before, month_end(before))
    with app.database.transaction() as tx:
        _remind_inspectors(tx, first, near, reminded)
        _tell_of_missed(tx, before, missed, reminded)
        _tell_of_meetings(tx, day, reminded)
        _ask_to_confirm(app, tx, day, reminded)
    return reminded


def _ask_to_confirm(app: App, tx: Transaction, day: Day, reminded: RoundsReminded) -> None:
    """Institutions are asked, reminded and told they are late; the office hears who is."""
    quarter, scheme = last_ended(day), rounds_scheme(app)
    due = quarter.last + scheme.confirm_days
    kind, words = "confirm_asked", _ASKED
    if day > due:
        kind, words = "confirm_over", _OVER
    elif day >= due - scheme.confirm_remind_days:
        kind, words = "confirm_near", _NEAR
    rows = self_reports.list_asked(tx, NATIONWIDE, day, quarter.name, quarter.last)
    waiting = [row for row in rows if row.report is None]
    if day > due:  # late is who was asked in time: an office that began since asks next quarter
        asked = list_asked_in_time(tx, quarter.name)
        waiting = [row for row in waiting if row.id in asked]
    known = messages.list_told(tx, quarter.name, kind)
    for row in waiting:
        if row.id not in known:
            tell(
                tx, to_institution=row.id, kind=kind, object=quarter.name,
                text=words.fill(quarter=quarter.name, day=format_day(due)),
                address=OWN_CONFIRMATION,
            )  # fmt: skip
            reminded.confirmations.append(f"{kind} {row.uscc}")
    if day <= due:
        return
    for district, count in sorted(Counter(row.district for row in waiting).items()):
        about = f"{quarter.name} {district}"
        if not messages.was_told(tx, "confirm_late", about):
            told = tell_office(
                tx, district=district, kind="confirm_late", object=about,
                text=_LATE.fill(quarter=quarter.name, count=str(count)),
                address=DESK_CONFIRMATION,
            )  # fmt: skip
            if told:
                reminded.confirmations.append(about)


def _remind_inspectors(
    tx: Transaction, first: Day, missing: Sequence[MissingVisit], reminded: RoundsReminded
) -> None:
    month = format_day(first)[:7]
    for name, count in sorted(Counter(each.owed.inspector for each in missing).items()):
        for key in messages.list_named(tx, [name]):
            if messages.was_told(tx, "visits_due", month, key):
                continue
            words = _OWED.fill(month=month, count=str(count))
            tell(
                tx, to_user=key, kind="visits_due", object=month, text=words, address="/rounds/"
            )  # fmt: skip
            reminded.visits_due.append(name)


def _tell_of_missed(
    tx: Transaction, first: Day, missing: Sequence[MissingVisit], reminded: RoundsReminded
) -> None:
    month = format_day(first)[:7]
    for district, count in sorted(Counter(each.district for each in missing).items()):
        about = f"{month} {district}"
        if messages.was_told(tx, "visits_missed", about):
            continue
        words = _MISSED.fill(month=month, count=str(count))
        told = tell_office(
            tx, district=district, kind="visits_missed", object=about, text=words,
            address="/desk/rounds/#missing",
        )  # fmt: skip
        if told:
            reminded.visits_missed.append(about)


def _tell_of_meetings(tx: Transaction, day: Day, reminded: RoundsReminded) -> None:
    for row in meetings.list_past(tx, day):
        about = f"{row.number}/{row.n}"
        if messages.was_told(tx, "meeting_past", about):
            continue
        words = _PAST.fill(
            number=row.number, n=str(row.n), department=row.department, day=format_day(row.due_on)
        )
        told = tell_office(
            tx, district=row.district, people=[row.actor], kind="meeting_past", object=about,
            text=words, address=desk_meeting(row.number),
        )  # fmt: skip
        if told:
            reminded.meeting_items.append(about)
