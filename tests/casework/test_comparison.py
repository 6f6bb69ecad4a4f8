"""What a check changes, beside the rows it starts from."""

import dataclasses

import pytest

from feewatch.casework.comparison import AlertOnRecord, compare
from feewatch.casework.endings import UNEXPLAINED, Arrival, Ending
from feewatch.engine.findings import Breach, Finding, Identity
from feewatch.kernel.days import parse_day
from feewatch.kernel.text import Text

WORD = Text("字", "word")
D1, D2, D9 = 20_000, 20_010, 20_090


def identity(on=D1, rule="ACC-OFF"):
    return Identity(rule, "U1", "contract", "HT-1", on)


def standing(**changes):
    values = {
        "id": "A1",
        "identity": identity(),
        "matter_id": 1,
        "status": "open",
        "severity": "yellow",
        "is_state": False,
        "opened_as_of": D1,
        "recovered_on": None,
    }
    return AlertOnRecord(**values | changes)


def breach(**changes):
    values = {
        "identity": identity(),
        "institution_id": 1,
        "institution_name": "甲",
        "district": "370702",
        "rule_version": "1",
        "authority": "law",
        "title": WORD,
        "measured": 1,
        "limit": 0,
        "unit": "fen",
        "severity": "yellow",
        "calculation": WORD,
        "basis": (),
        "evidence": (),
        "cure": WORD,
        "cause": "",
        "spell_days": None,
        "amount_fen": None,
        "historic": False,
        "is_state": False,
    }
    return Breach(**values | changes)


def outcome(word, cleared_on=None, on=D1):
    return {identity(on): Finding(identity(on), 1, "370702", word, None, cleared_on)}


def changes_of(alert, breaches=(), present=None, as_of=D9, ending=UNEXPLAINED):
    found = compare([alert], breaches, present or {}, as_of, explain=lambda *_: ending)
    return len(found.fresh), [(each.change, each.values) for each in found.changes]


def test_a_breach_not_on_record_is_fresh():
    assert compare([], [breach()], {}, D1).fresh == [breach()]


def test_the_same_breach_again_changes_nothing():
    assert changes_of(standing(), [breach()], outcome("breach")) == (0, [])


@pytest.mark.parametrize("status", ["open", "in_case", "dismissed", "closed"])
@pytest.mark.parametrize(
    ("severity", "expected"),
    [("notice", []), ("yellow", []), ("red", [("raised", {"severity": "red"})])],
)
def test_a_severity_may_rise_and_never_falls(status, severity, expected):
    assert changes_of(standing(status=status), [breach(severity=severity)]) == (0, expected)


CORRECTED = Ending(Text("li 更正", "li corrected"))
CAME = Ending(
    None, (Arrival("消课", "HT-1 2026-07-02", "school", "2026-08-01", True, frozenset()),)
)


@pytest.mark.parametrize("status", ["open", "in_case"])
@pytest.mark.parametrize(("present", "zh"), [(outcome("compliant"), "数据更正"), ({}, "不再适用")])
def test_a_breach_that_never_was_is_withdrawn_with_its_reason(status, present, zh):
    _, [(change, values)] = changes_of(standing(status=status), (), present, ending=CORRECTED)
    assert (change, values["status"]) == ("withdrawn", "withdrawn")
    assert zh in values["withdrawn_reason"]
    assert "：li 更正 / " in values["withdrawn_reason"]


@pytest.mark.parametrize("status", ["open", "in_case"])
@pytest.mark.parametrize("present", [outcome("compliant"), {}])
@pytest.mark.parametrize("ending", [CAME, UNEXPLAINED])
def test_without_a_correction_a_breach_has_been_and_is_over(status, present, ending):
    alert = standing(status=status)
    assert changes_of(alert, (), present, ending=ending) == (
        0, [("recovered", {"recovered_on": D9})],
    )  # fmt: skip
    over = standing(status=status, recovered_on=D9)
    assert changes_of(over, (), present, as_of=D9 + 1, ending=ending) == (0, [])


def test_what_came_after_the_fact_is_named_in_the_reason():
    (change,) = compare([standing()], [], {}, D9, explain=lambda *_: CAME).changes
    assert "事后补报 消课 HT-1 2026-07-02（school，2026-08-01）" in change.reason.zh
    assert change.arrivals[0].as_json()["is_late"] is True


@pytest.mark.parametrize("status", ["dismissed", "closed", "withdrawn"])
@pytest.mark.parametrize("present", [outcome("compliant"), {}])
def test_a_decided_alert_keeps_its_status(status, present):
    assert changes_of(standing(status=status), (), present) == (0, [])


@pytest.mark.parametrize("is_state", [False, True])
def test_the_unknown_is_never_passed(is_state):
    assert changes_of(standing(is_state=is_state), (), outcome("undetermined")) == (0, [])


@pytest.mark.parametrize("status", ["open", "in_case", "dismissed", "closed"])
def test_a_breach_that_ended_recovers_and_keeps_its_status(status):
    present = outcome("compliant", cleared_on=D2)
    assert changes_of(standing(status=status), (), present) == (
        0,
        [("recovered", {"recovered_on": D2})],
    )
    ended = standing(status=status, recovered_on=D2)
    assert changes_of(ended, (), present) == (0, [])


def test_a_recovered_breach_that_appears_again_has_not_recovered():
    assert changes_of(standing(recovered_on=D2), [breach()]) == (
        0,
        [("relapsed", {"recovered_on": None})],
    )


def test_a_withdrawn_breach_that_appears_again_is_open_again():
    fresh, [(change, values)] = changes_of(standing(status="withdrawn"), [breach()])
    assert (fresh, change, values["status"], values["withdrawn_reason"]) == (
        0,
        "reopened",
        "open",
        None,
    )


def test_a_lasting_state_continues_its_alert_whatever_the_day():
    state = standing(is_state=True)
    later = breach(identity=identity(D9), is_state=True)
    assert changes_of(state, [later], outcome("breach", on=D9)) == (0, [])


@pytest.mark.parametrize("present", [outcome("compliant"), {}])
def test_a_state_found_gone_by_a_later_check_has_recovered(present):
    assert changes_of(standing(is_state=True), (), present) == (
        0,
        [("recovered", {"recovered_on": D9})],
    )


def test_a_state_found_gone_by_the_check_that_opened_it_never_was():
    alert = standing(is_state=True)
    _, [(change, _)] = changes_of(alert, (), outcome("compliant"), as_of=D1, ending=CORRECTED)
    assert change == "withdrawn"


def test_a_recovered_state_keeps_its_day():
    ended = standing(is_state=True, recovered_on=D2)
    assert changes_of(ended, (), outcome("compliant")) == (0, [])


def test_a_new_spell_after_recovery_is_a_new_alert():
    ended = standing(is_state=True, recovered_on=D2)
    later = breach(identity=identity(D9), is_state=True)
    assert changes_of(ended, [later]) == (1, [])


def test_a_state_back_on_the_day_it_was_seen_to_end_has_not_ended():
    ended = standing(is_state=True, recovered_on=D9)
    later = breach(identity=identity(D9), is_state=True)
    assert changes_of(ended, [later]) == (0, [("relapsed", {"recovered_on": None})])


def test_a_withdrawn_state_is_not_continued():
    gone = standing(is_state=True, status="withdrawn")
    assert changes_of(gone, [breach(identity=identity(D9), is_state=True)]) == (1, [])


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2026-10-16", []), ("2026-10-19", [("raised", {"severity": "red"})])],
)
def test_a_state_that_lasts_ten_working_days_climbs(as_of, expected):
    # 30 September, 8-10 (the 10th is a make-up Saturday), 12-16 October are nine, the 19th is ten
    start = parse_day("2026-09-29")
    state = standing(is_state=True, identity=identity(start), opened_as_of=start)
    day = parse_day(as_of)
    lasting = breach(identity=identity(day), is_state=True, escalation=((10, "red"),))
    assert changes_of(state, [lasting], as_of=day) == (0, expected)


def test_the_order_of_breaches_is_the_same_to_it():
    breaches = [breach(identity=identity(D1 + n)) for n in range(5)]
    assert compare([], breaches, {}, D9) == compare([], reversed(breaches), {}, D9)


def test_the_same_breach_twice_opens_one_alert():
    assert len(compare([], [breach(), dataclasses.replace(breach())], {}, D9).fresh) == 1
