from dataclasses import replace

import pytest

from feewatch.credit.eligibility import AccountFacts, Range, WhiteListStanding, assess, is_covered
from feewatch.kernel.days import parse_day

D = parse_day("2026-07-31") or 0
WINDOW = (Range(D - 34, D),)
ACCOUNT = AccountFacts("6222000011112222", "fee", None, WINDOW)
GOOD = WhiteListStanding(
    institution_id=1,
    uscc="52370702651728628K",
    name="星海培训中心",
    district="370702",
    subject="academic",
    custody="bank_custody",
    licence_until=D + 100,
    renewal_applied_on=None,
    accounts=(ACCOUNT,),
    registers={"contracts": WINDOW, "lessons": WINDOW},
)
COVERED = {"BAL-COVER": "compliant"}


def state(standing=GOOD, outcomes=COVERED, decisions=()):
    return assess(standing, outcomes, decisions, D).state


def test_every_condition_proven_gives_a_place_and_each_has_its_line():
    found = assess(GOOD, COVERED, (), D)
    assert found.state == "white"
    assert [line.code for line in found.lines] == [
        "LICENCE",
        "ACCOUNT",
        "STATEMENTS",
        "REGISTERS",
        "REGISTERS",
        "BAL-COVER",
        "UNEXPLAINED",
    ]
    assert all(line.text.zh and line.text.en for line in found.lines)


@pytest.mark.parametrize(("until", "expected"), [(D, "white"), (D - 1, "not_listed")])
def test_the_licence_counts_to_its_last_day(until, expected):
    assert state(replace(GOOD, licence_until=until)) == expected


@pytest.mark.parametrize(("before", "expected"), [(30, "white"), (29, "not_listed")])
def test_a_renewal_applied_for_thirty_days_ahead_keeps_the_licence(before, expected):
    ended = replace(GOOD, licence_until=D - 1, renewal_applied_on=D - 1 - before)
    assert state(ended) == expected


def test_a_licence_date_that_is_not_on_file_is_a_missing_fact():
    found = assess(replace(GOOD, licence_until=None), COVERED, (), D)
    assert found.state == "unrated"
    assert found.public_reason.zh == "资料不全，未评定"


@pytest.mark.parametrize(
    ("custody", "kinds", "outcomes", "expected"),
    [
        ("bank_custody", ["fee"], {"BAL-COVER": "compliant"}, "white"),
        ("bank_custody", ["deposit"], {"BAL-COVER": "compliant"}, "unrated"),
        ("risk_deposit", ["fee", "deposit"], {"DEP-MIN": "compliant"}, "white"),
        ("risk_deposit", ["deposit"], {"DEP-MIN": "compliant"}, "unrated"),
        ("risk_deposit", ["fee"], {"DEP-MIN": "compliant"}, "unrated"),
        ("risk_deposit", ["fee", "deposit"], {"BAL-COVER": "compliant"}, "unrated"),
        ("both", ["fee", "deposit"], {"BAL-COVER": "compliant", "DEP-MIN": "compliant"}, "white"),
        ("both", ["fee"], {"BAL-COVER": "compliant", "DEP-MIN": "compliant"}, "unrated"),
        ("both", ["fee", "deposit"], {"BAL-COVER": "compliant"}, "unrated"),
    ],
)
def test_the_custody_mode_says_which_account_and_which_cover_is_needed(
    custody, kinds, outcomes, expected
):
    accounts = tuple(replace(ACCOUNT, kind=kind) for kind in kinds)
    assert state(replace(GOOD, custody=custody, accounts=accounts), outcomes) == expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("compliant", "white"),
        ("slight", "white"),
        ("undetermined", "unrated"),
        (None, "unrated"),
        ("breach", "not_listed"),
    ],
)
def test_the_cover_must_be_proven(outcome, expected):
    assert state(outcomes={"BAL-COVER": outcome} if outcome else {}) == expected


@pytest.mark.parametrize(
    ("unexplained", "expected"), [(0, "white"), (1_000, "white"), (1_001, "unrated")]
)
def test_one_per_cent_of_the_year_may_be_explained_by_no_contract(unexplained, expected):
    standing = replace(GOOD, unexplained_fen=unexplained, receipts_fen=100_000)
    assert state(standing) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (D - 34, D - 7, "white"),
        (D - 33, D - 7, "unrated"),
        (D - 34, D - 8, "unrated"),
    ],
)
def test_statements_cover_the_window_but_for_days_still_on_their_way(first, last, expected):
    account = replace(ACCOUNT, covered=(Range(first, last),))
    assert state(replace(GOOD, accounts=(account,))) == expected


def test_an_account_opened_within_the_window_is_covered_from_its_opening():
    account = replace(ACCOUNT, opened_on=D - 10, covered=(Range(D - 10, D),))
    assert state(replace(GOOD, accounts=(account,))) == "white"
    late = replace(account, covered=(Range(D - 9, D),))
    assert state(replace(GOOD, accounts=(late,))) == "unrated"


def test_every_open_account_must_be_covered():
    other = replace(ACCOUNT, account_no="6222000011113333", covered=())
    assert state(replace(GOOD, accounts=(ACCOUNT, other))) == "unrated"


@pytest.mark.parametrize("register", ["contracts", "lessons"])
def test_both_registers_must_cover_the_window(register):
    registers = {**GOOD.registers, register: (Range(D - 34, D - 20), Range(D - 18, D))}
    assert state(replace(GOOD, registers=registers)) == "unrated"


def test_a_served_case_excludes_and_the_public_reason_does_not_name_it():
    found = assess(replace(GOOD, served_cases=("370702-2026-0001",)), COVERED, (), D)
    assert found.state == "not_listed"
    assert "0001" not in found.public_reason.both()


def test_a_black_list_decision_excludes():
    found = assess(GOOD, COVERED, ("教罚字1号",), D)
    assert found.state == "not_listed"
    assert found.public_reason.zh == "另有生效决定"


def test_a_failed_cover_is_told_to_the_public_without_figures_or_rule():
    found = assess(GOOD, {"BAL-COVER": "breach"}, (), D)
    assert found.public_reason.zh == "不再符合白名单条件"


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([(1, 3), (4, 6)], True),
        ([(3, 6), (1, 4)], True),
        ([(1, 2), (4, 6)], False),
        ([(1, 5)], False),
        ([(2, 6)], False),
        ([], False),
    ],
)
def test_touching_and_overlapping_ranges_leave_no_day_open(ranges, expected):
    assert is_covered([Range(*each) for each in ranges], Range(1, 6)) is expected
