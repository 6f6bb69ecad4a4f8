"""Groups, draws, campaigns, meetings, pressure; the report counts them."""

import pytest
from sqlalchemy import insert, select

from feewatch.kernel import clock
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import NATIONWIDE
from feewatch.services.cases.steps import open_case, step
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.reports.period import list_traced, period_of_month, read_report
from feewatch.services.reports.wording import write_report
from feewatch.services.rounds import campaigns, drawing, groups, meetings, pressing
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.transfers.sending import send
from feewatch.store.rounds.meetings import MeetingItem
from feewatch.store.tables.casework import matter
from feewatch.store.tables.places import premises
from feewatch.store.tables.registers import register_change
from tests.services.rounds.conftest import NOW, U1, U2, U3

FIRE = {"2.1.1": ("fail", "通道堆物")}
DAY = parse_day("2026-09-21")
OFFICE = {"actor": "li", "reason": "核实"}


def refusal_of(act, *arguments, **named):
    with pytest.raises(Refusal) as refused:
        act(*arguments, **named)
    return refused.value.code


def group_of(rounds, uscc):
    return next(each for each in groups.list_groups(rounds.app, NATIONWIDE) if each.uscc == uscc)


def test_a_group_follows_the_facts_and_says_which(any_rounds):
    any_rounds.assign("anna", U1)
    assert group_of(any_rounds, U1).group == "none"
    any_rounds.visit(said={"2.1.1": ("ok",)})
    assert group_of(any_rounds, U1).group == "in_place"
    any_rounds.visit(said=FIRE)
    found = group_of(any_rounds, U1)
    assert (found.group, found.facts["visit_matters"]) == ("problems", 1)
    assert [reason.condition.fact for reason in found.computed.reasons] == [
        "visit_matters", "red_matters",
    ]  # fmt: skip
    pressing.press(any_rounds.app, U1, "listed", "潍1号", **OFFICE)
    assert group_of(any_rounds, U1).group == "focus"


def test_no_deadline_runs_of_a_case_that_was_handed_over(any_rounds):
    app = any_rounds.app
    any_rounds.assign("anna", U1)
    any_rounds.visit(said=FIRE)
    with app.database.reading() as tx:
        key = tx.scalar(select(matter.c.id))
    number = open_case(app, [key], actor="li", reason="核实", then="triage")
    step(app, number, "notify", actor="li", reason="限期整改", deadline=DAY + 9)
    with clock.fixed(NOW.replace(day=30)):
        assert group_of(any_rounds, U1).facts["overdue_cases"] == 0
    with clock.fixed(NOW.replace(month=10, day=1)):
        assert group_of(any_rounds, U1).facts["overdue_cases"] == 1
        ensure_signing_key(app)
        send(app, number, None, actor="li", reason="涉嫌犯罪", unit="公安局")
        facts = group_of(any_rounds, U1).facts
    assert (facts["overdue_cases"], facts["running_cases"]) == (0, 1)


def test_a_move_by_hand_lasts_until_its_day_and_names_who_and_why(rounds):
    groups.move(rounds.app, U1, "focus", until=DAY + 5, **OFFICE)
    moved = group_of(rounds, U1)
    assert (moved.group, moved.computed.group, moved.move.actor) == ("focus", "none", "li")
    with clock.fixed(NOW.replace(day=27)):
        assert group_of(rounds, U1).group == "none"
    groups.move(rounds.app, U1, "", until=None, **OFFICE)
    assert group_of(rounds, U1).group == "none"
    assert refusal_of(groups.move, rounds.app, U1, "focus", until=None, **OFFICE) == "GROUP-UNTIL"
    assert refusal_of(groups.move, rounds.app, U1, "x", until=DAY, **OFFICE) == "GROUP"
    far = refusal_of(groups.move, rounds.app, U3, "focus", until=DAY + 1, **OFFICE)
    assert far == "INSTITUTION-UNKNOWN"


def test_a_draw_leaves_out_who_was_seen_lately_and_is_replayed_from_its_seed(any_rounds):
    any_rounds.assign("anna", U1)
    any_rounds.visit()
    number = drawing.draw_visits(any_rounds.app, 5, seed="s", **OFFICE)
    found = drawing.get_draw(any_rounds.app, NATIONWIDE, number)
    assert found.is_replayed
    assert (found.draw.drawn, found.draw.excluded) == ([U2], [[U1, "2026-09-21"]])
    assert set(found.names) == {U1, U2}
    scheme = rounds_scheme(any_rounds.app)
    assert found.draw.pool == [[U2, scheme.tickets("none", None), "none", None]]
    kept = any_rounds.visit(U2, actor="zhao", kind="unannounced")
    again = drawing.get_draw(any_rounds.app, NATIONWIDE, number)
    assert again.made == {U2: kept.number}
    assert refusal_of(drawing.draw_visits, any_rounds.app, 1, **OFFICE) == "DRAW-EMPTY"


def add_premises(app, *numbers):
    with app.database.transaction() as tx:
        for number in numbers:
            tx.execute(
                insert(premises).values(
                    premises_no=number, district="370702", address=number, state="unlicensed",
                    disposal="open", found_on=DAY - 60,
                )
            )  # fmt: skip


def test_a_campaign_goes_from_premises_to_closed_down_with_its_totals(any_rounds):
    app = any_rounds.app
    add_premises(app, "P1", "P2", "P3")
    span = (DAY - 5, DAY + 5)
    number = campaigns.open_campaign(app, "专项", "premises", "premises", span, **OFFICE)
    given = {"uscc": "", "premises_no": "P1", "campaign": number, "kind": "campaign"}
    any_rounds.visit(**given)
    campaigns.dispose(app, "P1", "closed", DAY, **OFFICE)
    found = campaigns.get_campaign(app, NATIONWIDE, number)
    assert found.totals == {
        "members": 3, "visited": 1, "visits": 1, "faults": 0, "over": 0,
        "disposal_open": 2, "disposal_completed": 0, "disposal_closed": 1,
        "disposal_transferred": 0,
    }  # fmt: skip
    with app.database.reading() as tx:
        (change,) = tx.execute(select(register_change)).all()
    assert (change.actor, change.before["disposal"], change.after["disposal"]) == (
        "li", "open", "closed",
    )  # fmt: skip
    again = (app, "P1", "closed", DAY)
    assert refusal_of(campaigns.dispose, *again, **OFFICE) == "PREMISES-DISPOSED"
    assert refusal_of(any_rounds.visit, **(given | {"premises_no": "P9"})) == "PREMISES-UNKNOWN"


def test_an_institution_is_listed_once_and_lifted_with_a_paper(rounds):
    key = pressing.press(rounds.app, U1, "listed", "潍1号", **OFFICE)
    again = (rounds.app, U1, "listed", "潍2号")
    assert refusal_of(pressing.press, *again, **OFFICE) == "LISTED-ALREADY"
    pressing.lift(rounds.app, key, "潍3号", actor="zhao", reason="整改到位")
    (row,) = pressing.read_desk(rounds.app, NATIONWIDE).rows
    assert (row.lifted_by, row.lift_document) == ("zhao", "潍3号")
    assert refusal_of(pressing.lift, rounds.app, key, "潍4号", **OFFICE) == "NOT-LISTED"


def test_answerable_is_proposed_from_as_many_repeats_as_the_preset_asks_for(rounds):
    app = rounds.app
    rounds.assign("anna", U1)
    given = {"addressee": "区教育局", **OFFICE}
    for n, item in enumerate(("2.1.1", "1.2.1", "1.5.1"), 1):
        propose = (app, U1, "answerable", "潍1号")
        assert refusal_of(pressing.press, *propose, **given) == "TOO-FEW-PROBLEMS"
        rounds.visit(said={item: ("fail", "不符合")})
        with app.database.reading() as tx:
            key = tx.scalar(select(matter.c.id).where(matter.c.status == "open"))
        number = open_case(app, [key], actor="li", reason="核实", then="triage")
        step(app, number, "notify", actor="li", reason="限期整改")
        assert len(pressing.read_desk(app, NATIONWIDE).repeated) == (n == 3)
    pressing.press(app, U1, "answerable", "潍1号", **given)
    (row,) = pressing.read_desk(app, NATIONWIDE).rows
    assert [ground[0] for ground in row.grounds] == ["VISIT-ITEM"] * 3


def test_the_report_counts_visits_missed_ones_meetings_and_traces_each(any_rounds):
    app = any_rounds.app
    any_rounds.assign("anna", U1, U2, first=parse_day("2026-08-01"))
    with clock.fixed(NOW.replace(month=8, day=10)):
        any_rounds.visit(U1, "2026-08-10", said=FIRE)
    items = [MeetingItem("巡查", "体育局", DAY), MeetingItem("复查", "教育局", DAY - 30)]
    with clock.fixed(NOW.replace(month=8, day=20)):
        on = parse_day("2026-08-20")
        held = {"chair": "教育局", "departments": ["教育局"], "actor": "li"}
        number = meetings.hold_meeting(app, "协调会", on, items=items, **held)
        meetings.close_item(app, number, 1, result="办结", actor="li")
    closed = refusal_of(meetings.close_item, app, number, 1, result="再", actor="li")
    assert closed == "MEETING-ITEM-CLOSED"
    period = period_of_month(NATIONWIDE, "2026-08")
    report = read_report(app, period)
    wanted = {
        "inspectors.standing": 1, "visits.made": 1, "visits.found": 1, "visits.unannounced": 0,
        "visits.owed": 2, "visits.missed": 1, "meetings.held": 1, "meetings.items": 2,
        "meetings.closed": 1, "meetings.late": 1, "pressed.listed": 0,
    }  # fmt: skip
    assert {name: report[name].value for name in wanted} == wanted
    for name, value in wanted.items():
        assert len(list_traced(app, period, name)) == value
    assert [row.uscc for row in list_traced(app, period, "visits.missed")] == [U2]
    text = "".join(part.text.zh for part in write_report(report, {}))
    assert "召开双减工作协调会议1次，议定事项2个，办结1个" in text
    assert "应走访机构2家次，未走访1家次" in text
    assert "{" not in text
    assert format_day(period.last) == "2026-08-31"
