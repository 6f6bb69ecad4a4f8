"""What may excuse a breach is asked for by one officer and counts once another confirms it."""

import datetime as dt
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select
from worlds.builder import School

from feewatch.config import People
from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.services.audit.verifying import prove_chain
from feewatch.services.corrections import countersigned
from feewatch.services.corrections.unanswered import PATIENCE_DAYS, list_unanswered
from feewatch.services.corrections.weighed_matches import set_match, undo_match
from feewatch.services.lists.holds import decide_hold
from feewatch.services.people.acting import find_person
from feewatch.services.people.users import disable_user
from feewatch.services.registers.coverage_desk import list_coverage, vouch
from feewatch.services.registers.importing import import_content
from feewatch.store.people import separation
from feewatch.store.tables.ledger import manual_match
from feewatch.store.tables.operations import audit
from feewatch.store.tables.papers import message
from feewatch.store.tables.publication import white_hold
from feewatch.store.tables.registers import approval

HEAD = "uscc,kind,document,amount,from,until"
WHY = "批准原件已核对"


@contextmanager
def refused(code):
    """What stands inside is refused with this code."""
    with pytest.raises(Refusal) as refusal:
        yield
    assert refusal.value.code == code


@pytest.fixture
def strict(office):
    """The same office, in which approvals take two."""
    people = People(four_eyes_on_approvals=True)
    office.app = replace(office.app, config=replace(office.app.config, people=people))
    return office


@pytest.fixture
def pledge():
    """A school that paid 60,000 yuan out of its deposit account: DEP-PLEDGE, red."""
    school = School(1, opening="500000.00")
    school.facts["custody"] = "risk_deposit"
    school.account |= {"kind": "deposit"}
    school.entries.append(("2026-07-05", "-60000.00", "某公司", "往来"))
    return school


def row(school, document="潍教准〔2026〕1号", amount="60000.00"):
    return dict(
        zip(
            HEAD.split(","),
            (school.uscc, "deposit_use", document, amount, "2026-07-01", "2026-07-31"),
            strict=True,
        )
    )


def approvals(office):
    with office.app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(approval))


def acts(office, by="li", state=""):
    return [
        each.as_json()
        for each in countersigned.list_acts(office.app, find_person(office.app, by).scope, state)
    ]


def confirm(office, key=1, by="wang"):
    countersigned.confirm(office.app, key, actor=by, reason=WHY)


def refuse(office, key=1, by="wang"):
    countersigned.refuse(office.app, key, actor=by, reason="文号查无此件")


def is_standing(alert):
    return alert["status"] == "open" and alert["recovered_on"] is None


def test_one_officer_alone_excuses_nothing_and_two_do(strict, pledge):
    strict.settle(pledge)
    report = strict.hand_in("approvals", row(pledge), by="li", reason="批准文件已收")
    assert (report.new, report.proposed, approvals(strict)) == (0, 1, 0)
    assert [problem.code for problem in report.problems] == ["APPROVAL-WAITS"]
    strict.check()
    assert is_standing(strict.alert("DEP-PLEDGE"))
    (act,) = acts(strict)
    assert (act["state"], act["asked_by"], act["reason"]) == ("waiting", "li", "批准文件已收")
    assert "保证金动用" in act["does"][0]["zh"]
    assert "60,000.00" in act["does"][0]["zh"]
    with refused("SECOND-OFFICER"):
        confirm(strict, by="li")
    with refused("COUNTERSIGN-UNKNOWN"):
        confirm(strict, by="far")
    for name in ("viewer", "school"):
        with refused("ROLE"):
            confirm(strict, by=name)
    assert approvals(strict) == 0
    confirm(strict)
    strict.check()
    assert approvals(strict) == 1
    assert not is_standing(strict.alert("DEP-PLEDGE"))
    with refused("COUNTERSIGN-SETTLED"):
        confirm(strict)
    assert strict.hand_in("approvals", row(pledge), by="li").unchanged == 1


def test_both_stand_on_record_and_the_second_was_told(strict, pledge):
    strict.settle(pledge)
    strict.hand_in("approvals", row(pledge), by="li", reason="批准文件已收")
    confirm(strict)
    with strict.app.database.reading() as tx:
        query = select(audit.c.actor, audit.c.action, audit.c.detail)
        rows = tx.execute(query.where(audit.c.action.like("countersign.%")).order_by(audit.c.id))
        asked, confirmed = rows.all()
        kinds = set(tx.scalars(select(message.c.kind)))
    assert asked[:2] == ("li", "countersign.ask")
    assert asked.detail["content"]["rows"][0]["after"]["document"] == "潍教准〔2026〕1号"
    assert confirmed[:2] == ("wang", "countersign.confirm")
    assert confirmed.detail["asked_by"] == "li"
    assert confirmed.detail["before"] == {"state": "waiting"}
    assert "countersign" in kinds
    assert prove_chain(strict.app).faults == []


def test_the_operators_import_waits_too(strict, pledge):
    strict.settle(pledge)
    line = ",".join(row(pledge).values())
    data = f"{HEAD}\n{line}".encode()
    report = import_content(strict.app, "approvals", "a.csv", data, actor="cli")
    assert (report.new, report.proposed) == (0, 1)
    confirm(strict, by="li")
    assert approvals(strict) == 1


def test_where_the_office_does_not_ask_for_two_one_word_counts_at_once(office, pledge):
    office.settle(pledge)
    report = office.hand_in("approvals", row(pledge), by="li")
    assert (report.new, report.proposed, acts(office)) == (1, 0, [])


def test_three_separate_administrators_ask_for_two_by_themselves(office, pledge):
    office.settle(pledge)
    with office.app.database.transaction() as tx:
        separation.ask(tx, "li", "x", is_confirmed=True)
        separation.begin(tx, "wang")
    assert office.hand_in("approvals", row(pledge), by="li").proposed == 1


def test_the_same_file_again_asks_once_and_after_a_refusal_anew(strict, pledge):
    strict.settle(pledge)
    for _ in range(2):
        assert strict.hand_in("approvals", row(pledge), by="li").proposed == 1
    assert len(acts(strict)) == 1
    refuse(strict)
    assert approvals(strict) == 0
    strict.hand_in("approvals", row(pledge), by="li")
    assert [act["state"] for act in acts(strict)] == ["waiting", "refused"]


def test_who_asked_takes_it_back_and_others_need_a_reason(strict, pledge):
    strict.settle(pledge)
    strict.hand_in("approvals", row(pledge), by="li")
    with refused("REASON-REQUIRED"):
        countersigned.confirm(strict.app, 1, actor="wang", reason=" ")
    refuse(strict, by="li")
    assert acts(strict)[0]["state"] == "refused"


def test_a_change_of_an_approval_waits_and_one_overtaken_is_refused_in_words(strict, pledge):
    """A larger amount excuses more: the row on file stays until the second word."""
    pledge.approvals.append({**row(pledge, amount="100.00")})
    one = strict.app
    strict.app = replace(one, config=replace(one.config, people=People()))
    strict.settle(pledge)
    strict.app = one
    strict.hand_in("approvals", row(pledge), by="li")
    strict.hand_in("approvals", row(pledge, amount="70000.00"), by="wang")
    with strict.app.database.reading() as tx:
        assert tx.scalar(select(approval.c.amount_fen)) == 10_000
    assert "100.00 元 → 70,000.00 元" in acts(strict)[0]["does"][0]["zh"]
    confirm(strict, 1)
    with strict.app.database.reading() as tx:
        assert tx.scalar(select(approval.c.amount_fen)) == 6_000_000
    with refused("COUNTERSIGN-OUTDATED"):
        confirm(strict, 2, by="li")


@pytest.fixture
def unnamed():
    """900 yuan that name no contract, and a contract nobody paid: ACC-UNMATCHED."""
    school = School(1, entries=[("2026-07-03", "900.00", "王女士", "往来")])
    school.contract("2026-06-01", fee="1500.00", arrives="")
    return school


def test_a_match_that_ends_a_breach_takes_two_and_its_undoing_one(strict, unnamed):
    strict.settle(unnamed)
    entry = f"{unnamed.account_no}/2026-07-03/90000/1"
    number = unnamed.contracts[0]["contract_no"]
    answer = set_match(strict.app, entry, number, amount_fen=None, actor="li", reason="家长来电")
    assert answer == (1, True)
    assert matches(strict) == 0
    (act,) = acts(strict)
    assert "900.00 元" in act["does"][0]["zh"]
    assert "将结束或减轻" in act["does"][1]["zh"]
    assert unnamed.account_no not in str(act)
    with refused("COUNTERSIGN-WAITS"):
        set_match(strict.app, entry, number, amount_fen=100, actor="wang", reason="x")
    with refused("SECOND-OFFICER"):
        confirm(strict, by="li")
    confirm(strict)
    assert matches(strict) == 1
    strict.check()
    assert not is_standing(strict.alert("ACC-UNMATCHED"))
    with strict.app.database.reading() as tx:  # a trial may have used numbers up
        key = tx.scalar(select(manual_match.c.id))
    assert undo_match(strict.app, key, actor="li", reason="家长改口").waits is False


def test_a_match_counts_at_once_where_one_is_enough(office, unnamed):
    office.settle(unnamed)
    entry = f"{unnamed.account_no}/2026-07-03/90000/1"
    number = unnamed.contracts[0]["contract_no"]
    answer = set_match(office.app, entry, number, amount_fen=None, actor="li", reason="家长来电")
    assert answer == (1, False)
    assert matches(office) == 1


def matches(office):
    with office.app.database.reading() as tx:
        in_force = manual_match.c.undone_at.is_(None)
        return tx.scalar(select(func.count()).select_from(manual_match).where(in_force))


def test_declared_days_count_once_two_officers_say_so(strict, long_course):
    strict.settle(long_course)
    days = (parse_day("2026-08-01"), parse_day("2026-08-05"))
    strict.hand_in(
        "lessons",
        {"contract_no": long_course.contracts[0]["contract_no"], "held_on": "2026-08-01",
         "lessons": "1"},
        reason="", covers=days, as_of=days[1],
    )  # fmt: skip
    vouched = vouch(strict.app, long_course.uscc, "lessons", actor="li", reason="已查课表")
    assert vouched == ([days], 1)
    assert proven(strict, long_course) == ()
    with refused("SECOND-OFFICER"):
        confirm(strict, by="li")
    confirm(strict)
    assert proven(strict, long_course) == (days,)


def proven(office, school):
    scope = find_person(office.app, "li").scope
    registers = list_coverage(office.app, scope, school.uscc)
    return next(each.proven for each in registers if each.register == "lessons")


def test_a_white_place_on_hold_is_kept_by_two_and_left_by_one(strict, long_course):
    strict.settle(long_course, School(2))
    schools = (long_course, School(2))
    with strict.app.database.transaction() as tx:
        for school in schools:
            tx.execute(insert(white_hold).values(
                uscc=school.uscc, name="测试", district="370702", since=parse_day("2026-07-31"),
                due=parse_day("2026-08-14"), lines=[{"zh": "余额不足额", "en": "cover"}],
            ))  # fmt: skip
    kept, left = (school.uscc for school in schools)
    assert decide_hold(strict.app, kept, "keep", actor="li", reason="次日已补足").waits == 1
    assert decide_hold(strict.app, left, "remove", actor="li", reason="未补足").waits is None
    assert outcomes(strict) == [None, "remove"]
    with refused("SECOND-OFFICER"):
        confirm(strict, by="li")
    confirm(strict)
    assert outcomes(strict) == ["keep", "remove"]


def outcomes(office):
    with office.app.database.reading() as tx:
        return list(tx.scalars(select(white_hold.c.outcome).order_by(white_hold.c.id)))


def test_the_doctor_tells_what_nobody_else_could_confirm_and_what_waits_too_long(strict, pledge):
    def told():
        return [each.text.en for each in list_unanswered(strict.app)]

    strict.settle(pledge)
    strict.hand_in("approvals", row(pledge), by="li")
    asked_at = clock.now()
    assert told() == []
    with clock.fixed(asked_at + dt.timedelta(days=PATIENCE_DAYS)):
        assert told() == []
    with clock.fixed(asked_at + dt.timedelta(days=PATIENCE_DAYS + 1)):
        assert told() == ["1 acts have waited for a second officer for more than 7 days"]
    disable_user(strict.app, "wang", actor="cli")
    assert told() == ["nobody but who asked could confirm number 1 (put approvals on the register)"]
    refuse(strict, by="li")
    assert told() == []
