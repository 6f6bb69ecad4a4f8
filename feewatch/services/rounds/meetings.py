"""Meetings of the departments (双减工作协调): what was agreed, who does it, what came of it."""

from collections.abc import Sequence
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.services.people.acting import get_acting, place_outside, require_reason
from feewatch.store import audit
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.rounds import meetings
from feewatch.store.rounds.meetings import MeetingItem

_TEXT_MAX, _NAME_MAX, MOST_ITEMS = 500, 100, 50


class MeetingFile(NamedTuple):
    """A meeting with what it asked for."""

    meeting: PageRow
    items: PageRows


def hold_meeting(
    app: App,
    title: str,
    held_on: Day,
    *,
    chair: str,
    departments: Sequence[str],
    items: Sequence[MeetingItem],
    actor: str,
    note: str = "",
    district: str | None = None,
) -> str:
    """The number of a meeting that was held.

    Raises: ForbiddenError, InvalidInputError.
    """
    for name, text, most in (("title", title, 200), ("chair", chair, _NAME_MAX)):
        if not text.strip() or len(text) > most:
            raise InvalidInputError("FIELD", f"须填写，至多 {most} 字", "fill this in", field=name)
    if held_on > today():
        raise InvalidInputError("MEETING-DAY", "会议尚未召开", "it is not held yet", field="on")
    if not departments or any(len(each) > _NAME_MAX for each in departments):
        raise InvalidInputError(
            "MEETING-DEPARTMENTS", "请写明参会部门", "name the departments", field="departments"
        )
    _check(items, held_on)
    place = district or app.config.office.district
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        if not person.scope.sees(place, None):
            raise place_outside(place, person.name)
        number = meetings.add(
            tx, place, held_on, items, title=title.strip(), chair=chair.strip(),
            departments=list(departments), note=note.strip()[:2000], actor=person.name,
        )  # fmt: skip
        on = format_day(held_on)
        audit.record(tx, person.name, "meeting.hold", number, on=on, items=len(items))
    return number


def _check(items: Sequence[MeetingItem], held_on: Day) -> None:
    if len(items) > MOST_ITEMS:
        raise InvalidInputError("MEETING-ITEMS", "议定事项过多", "too many items", field="items")
    for item in items:
        is_filled = item.text.strip() and item.department.strip()
        is_short = len(item.text) <= _TEXT_MAX and len(item.department) <= _NAME_MAX
        if not is_filled or not is_short or item.due_on < held_on:
            raise InvalidInputError(
                "MEETING-ITEM",
                "每项须有内容、责任部门和不早于会议日的期限",
                "an item has a text, a department, and a day not before the meeting",
                field="items",
            )


def close_item(app: App, number: str, n: int, *, result: str, actor: str) -> None:
    """An item of a meeting is done, or given up, with what came of it.

    Raises: ForbiddenError, NotFoundError, InvalidInputError; ConflictError where it is closed.
    """
    require_reason(result)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = meetings.find(tx, person.scope, number)
        if row is None:
            raise unknown_meeting(number)
        if not meetings.close_item(tx, row.id, n, today(), person.name, result):
            raise ConflictError(
                "MEETING-ITEM-CLOSED", f"没有未办结的第 {n} 项", f"no open item {n}"
            )
        audit.record(tx, person.name, "meeting.close", f"{number}/{n}", result=result)


def list_meetings(app: App, scope: Scope) -> PageRows:
    """The meetings within a scope, the last first."""
    with app.database.reading() as tx:
        return meetings.list_meetings(tx, scope, today())


def get_meeting(app: App, scope: Scope, number: str) -> MeetingFile:
    """A meeting.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        row = meetings.find(tx, scope, number)
        if row is None:
            raise unknown_meeting(number)
        return MeetingFile(row, meetings.list_items(tx, row.id))


def unknown_meeting(number: str) -> NotFoundError:
    """That there is no such meeting, or not for this person."""
    return NotFoundError("MEETING-UNKNOWN", f"没有会议 {number}", f"no meeting {number}")
