"""Missing visits and items past their day are said once, on working days, and counted."""

from dataclasses import replace

from sqlalchemy import select

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import NATIONWIDE
from feewatch.services.desk.today import read_today
from feewatch.services.rounds import meetings
from feewatch.services.rounds.reminding import RoundsReminded, remind_of_rounds
from feewatch.store.people import users
from feewatch.store.rounds.meetings import MeetingItem
from feewatch.store.tables.operations import user
from feewatch.store.tables.papers import message
from tests.services.rounds.conftest import NOW, U1, U2

SILENT = RoundsReminded()


def remind(rounds, month, day):
    with clock.fixed(NOW.replace(month=month, day=day)):
        # confirmations of the quarter have tests of their own
        return replace(remind_of_rounds(rounds.app, clock.today()), confirmations=[])


def told(rounds):
    query = select(user.c.name, message.c.kind, message.c.text).join(
        message, message.c.user_id == user.c.id
    )
    with rounds.app.database.reading() as tx:
        return [
            (row.name, row.kind, row.text["zh"])
            for row in tx.execute(query.order_by(message.c.id))
            if row.kind in ("visits_due", "visits_missed", "meeting_past")
        ]


def counts(rounds, name, month, day):
    with rounds.app.database.reading() as tx:
        person = users.find_by_name(tx, name)
    with clock.fixed(NOW.replace(month=month, day=day)):
        found = read_today(rounds.app, person, mine=False).counts
    return found["visits_missed"], found["meeting_items"]


def test_an_inspector_is_reminded_five_working_days_before_the_month_ends_and_once(any_rounds):
    any_rounds.assign("anna", U1, U2, first=parse_day("2026-08-01"))
    with clock.fixed(NOW.replace(month=8, day=10)):
        any_rounds.visit(U1, "2026-08-10")
    # the working days of August after the 21st are the 24th to 28th and the 31st
    assert remind(any_rounds, 8, 21) == SILENT
    assert remind(any_rounds, 8, 23) == SILENT  # a Sunday
    assert remind(any_rounds, 8, 24).visits_due == ["anna"]
    assert remind(any_rounds, 8, 25) == SILENT
    assert told(any_rounds) == [
        ("anna", "visits_due", "2026-08 还有 1 家机构未完成月度走访，请于月底前走访")
    ]


def test_the_office_hears_of_a_month_that_is_over_once_and_sees_it_on_today(any_rounds):
    any_rounds.assign("anna", U1, U2, first=parse_day("2026-08-01"))
    with clock.fixed(NOW.replace(month=8, day=10)):
        any_rounds.visit(U1, "2026-08-10")
    assert counts(any_rounds, "li", 8, 31) == (0, 0)  # the month still runs
    assert counts(any_rounds, "li", 9, 1) == (1, 0)
    assert counts(any_rounds, "far", 9, 1) == (0, 0)
    assert remind(any_rounds, 9, 1).visits_missed == ["2026-08 370702"]
    assert remind(any_rounds, 9, 2) == SILENT
    assert told(any_rounds) == [("li", "visits_missed", "2026-08 缺月度走访 1 家次")]


def test_an_item_of_a_meeting_is_reminded_of_the_day_after_its_own_unless_it_is_closed(any_rounds):
    app, due = any_rounds.app, parse_day("2026-09-23")
    items = [MeetingItem("巡查", "体育局", due), MeetingItem("复查", "教育局", due)]
    number = meetings.hold_meeting(
        app, "协调会议", clock.today(), chair="教育局", departments=["体育局"], items=items,
        actor="zhao",
    )  # fmt: skip
    meetings.close_item(app, number, 2, result="已办结", actor="li")
    assert counts(any_rounds, "li", 9, 23) == (0, 0)
    assert remind(any_rounds, 9, 23) == SILENT
    assert counts(any_rounds, "li", 9, 24) == (0, 1)
    assert counts(any_rounds, "far", 9, 24) == (0, 0)
    assert remind(any_rounds, 9, 24).meeting_items == [f"{number}/1"]
    assert remind(any_rounds, 9, 28) == SILENT
    assert told(any_rounds) == [
        ("zhao", "meeting_past", f"会议 {number} 第 1 项（体育局）的期限 2026-09-23 已过，尚未办结")
    ]
    with clock.fixed(NOW.replace(day=24)):
        (row,) = meetings.list_meetings(app, NATIONWIDE)
    assert (row.closed, row.past) == (1, 1)
