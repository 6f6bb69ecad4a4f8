"""An institution’s smaller figures are a proposal; nothing moves before an officer’s word."""

import pytest

from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError

RULE = "FEE-HOURS-60"


def smaller(school, **changes):
    return {**school.contracts[0], **({"lessons": "60"} | changes)}


def codes(report):
    return [problem.code for problem in report.problems]


def test_smaller_figures_change_nothing_before_an_officer_accepts(office, long_course):
    office.settle(long_course)
    alert = office.alert(RULE)
    report = office.hand_in("contracts", smaller(long_course))
    assert (report.new, report.changed, report.unchanged, report.proposed) == (0, 0, 0, 1)
    assert codes(report) == ["CORRECTION-PROPOSED"]
    office.check()
    assert office.alert(RULE) | {"correction": None} == alert | {"correction": None}
    mark = office.alert(RULE)["correction"]
    assert (mark["zh"], mark["proposals"]) == ("资料更正待核", [1])
    (proposal,) = office.proposals()
    assert (proposal["state"], proposal["old"], proposal["new"]) == (
        "open", {"lessons": 61}, {"lessons": 60},
    )  # fmt: skip
    assert (proposal["why"], proposal["proposed_by"]) == ("录入笔误", "school")
    assert alert["id"] in proposal["alerts"]


def test_the_same_row_again_is_the_same_proposal_and_another_one_supersedes_it(office, long_course):
    office.settle(long_course)
    for _ in range(2):
        assert office.hand_in("contracts", smaller(long_course)).proposed == 1
    # told already: the same file from a nightly export needs no reason again
    assert office.hand_in("contracts", smaller(long_course), reason="").proposed == 1
    assert len(office.proposals()) == 1
    office.hand_in("contracts", smaller(long_course, lessons="59"), reason="再次更正")
    assert [each["state"] for each in office.proposals()] == ["open", "superseded"]


def test_a_row_nothing_rests_on_is_changed_at_once(office, long_course):
    office.settle(long_course)
    report = office.hand_in("contracts", {**long_course.contracts[1], "lessons": "41"}, reason="")
    assert (report.changed, report.proposed, codes(report)) == (1, 0, [])
    report = office.hand_in("contracts", {**long_course.contracts[1], "contract_no": "NEU"})
    assert (report.new, report.proposed) == (1, 0)
    assert office.proposals() == []


def test_without_a_reason_a_change_waits_too_and_asks_for_one(office, long_course):
    office.settle(long_course)
    new = {**long_course.contracts[1], "contract_no": "NEU"}
    report = office.hand_in("contracts", smaller(long_course), new, reason=" ")
    assert (report.new, report.changed, report.proposed, report.bad) == (1, 0, 1, 0)
    assert "--reason" in report.problems[0].message.zh
    (first,) = office.proposals()
    assert (first["state"], first["why"]) == ("open", "")
    office.hand_in("contracts", smaller(long_course), reason="")
    assert [each["id"] for each in office.proposals()] == [first["id"]]
    report = office.hand_in("contracts", smaller(long_course), reason="录入错误")
    assert "--reason" not in report.problems[0].message.zh
    states = {each["id"]: (each["state"], each["why"]) for each in office.proposals()}
    assert states.pop(first["id"]) == ("superseded", "")
    assert list(states.values()) == [("open", "录入错误")]


def test_a_look_asks_for_no_reason_and_leaves_nothing(office, long_course):
    office.settle(long_course)
    report = office.hand_in("contracts", smaller(long_course), reason="", only_try=True)
    assert (report.refused, report.proposed) == (False, 1)
    assert office.proposals() == []


def test_a_breach_no_check_has_seen_cannot_be_taken_back_either(office, long_course):
    long_course.contracts[0]["lessons"] = "40"
    office.settle(long_course)
    office.hand_in("contracts", {**long_course.contracts[0], "lessons": "61"})
    assert office.hand_in("contracts", {**long_course.contracts[0], "lessons": "40"}).proposed == 1
    office.check()
    assert office.alert(RULE)["correction"]["proposals"] == [1]


def test_an_officers_import_is_the_offices_word(office, long_course):
    office.settle(long_course)
    report = office.hand_in("contracts", smaller(long_course), by="li", reason="")
    assert (report.changed, report.proposed) == (1, 0)
    office.check()
    assert office.alert(RULE)["status"] == "withdrawn"


def test_accepted_it_is_applied_and_the_next_check_ends_the_alert(office, long_course):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course))
    effect = office.effect(1)
    assert [(each["rule"], each["old"]["measured"]) for each in effect["ended"]] == [(RULE, 61)]
    assert (effect["opened"], effect["lowered"], effect["raised"]) == ([], [], [])
    assert office.alert(RULE)["status"] == "open"  # looking wrote nothing
    office.decide("accept", 1)
    assert office.check().withdrawn == 1
    assert office.alert(RULE)["status"] == "withdrawn"
    (proposal,) = office.proposals()
    assert (proposal["state"], proposal["decided_by"]) == ("accepted", "li")
    with pytest.raises(ConflictError, match="已办结"):
        office.decide("refuse", 1)


def test_refused_it_stays_refused_until_there_is_another_reason(office, long_course):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course))
    office.decide("refuse", 1, reason="合同原件为 61 课时")
    office.check()
    assert office.alert(RULE)["status"] == "open"
    assert office.alert(RULE)["correction"] is None
    report = office.hand_in("contracts", smaller(long_course))
    assert (report.unchanged, report.proposed, codes(report)) == (1, 0, ["CORRECTION-REFUSED"])
    office.hand_in("contracts", smaller(long_course), reason="附补充协议")
    assert [each["state"] for each in office.proposals()] == ["open", "refused"]


def test_only_officers_of_the_district_decide_and_only_the_institution_withdraws(
    office, long_course
):
    office.settle(long_course, school_two := type(long_course)(2))
    assert school_two.uscc
    office.hand_in("contracts", smaller(long_course))
    for by, refusal in [
        ("school", ForbiddenError), ("machine", ForbiddenError), ("viewer", ForbiddenError),
        ("far", NotFoundError), ("nobody", ForbiddenError),
    ]:  # fmt: skip
        with pytest.raises(refusal):
            office.decide("accept", 1, by=by)
    for by, refusal in [("li", ForbiddenError), ("other", NotFoundError)]:
        with pytest.raises(refusal):
            office.decide("withdraw", 1, by=by)
    assert office.proposals(by="far") == office.proposals(by="other") == []
    with pytest.raises(InvalidInputError):
        office.decide("accept", 1, reason=" ")
    office.decide("withdraw", 1, by="school", reason="是我方看错")
    assert office.proposals()[0]["state"] == "withdrawn"


def test_a_proposal_whose_row_has_changed_since_must_be_renewed(office, long_course):
    office.settle(long_course)
    office.hand_in("contracts", smaller(long_course))
    office.hand_in("contracts", smaller(long_course, lessons="62"), by="li")
    assert office.proposals()[0]["outdated"]
    with pytest.raises(ConflictError, match="重新提请"):
        office.decide("accept", 1)
    office.hand_in("contracts", smaller(long_course))
    assert [(each["state"], each["outdated"]) for each in office.proposals()] == [
        ("open", False), ("superseded", False),
    ]  # fmt: skip
    office.decide("accept", 2)


def test_a_cancelled_lesson_that_would_end_a_breach_waits(office, long_course):
    """CON-DAY: more lessons of one pupil on one day than a day holds."""
    number = long_course.contracts[0]["contract_no"]
    long_course.lessons = [(number, "2026-07-10", 30), (number, "2026-07-11", 2)]
    office.settle(long_course)
    before = {each["id"] for each in office.alerts(status="open")}
    row = {"contract_no": number, "held_on": "2026-07-10", "lessons": "0"}
    report = office.hand_in("lessons", row)
    waits = office.effect(1)["ended"] if report.proposed else []
    assert waits
    office.check()
    assert {each["id"] for each in office.alerts(status="open")} == before
    office.decide("accept", 1)
    office.check()
    assert {each["id"] for each in office.alerts(status="open")} < before
