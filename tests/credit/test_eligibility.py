from dataclasses import replace

import pytest

from feewatch.credit.conditions import TITLES, assess
from feewatch.credit.eligibility import (
    AccountFacts,
    Cover,
    Range,
    WhiteListStanding,
    count_covered,
    first_gap,
    is_covered,
)
from feewatch.credit.white_terms import WhiteTerms
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
COVERED = {"BAL-COVER": [Cover("compliant")]}
TERMS = WhiteTerms()


def state(standing=GOOD, outcomes=COVERED, decisions=(), terms=TERMS):
    return assess(standing, outcomes, decisions, D, terms).state


def line_of(code, *, standing=GOOD, outcomes=COVERED, decisions=(), terms=TERMS):
    """The only line of a condition that a standing has."""
    lines = assess(standing, outcomes, decisions, D, terms).lines
    [line] = [line for line in lines if line.code == code]
    return line


def test_every_condition_proven_gives_a_place_and_each_has_its_line():
    found = assess(GOOD, COVERED, (), D, TERMS)
    assert found.state == "white"
    assert [line.code for line in found.lines] == [
        "LICENCE",
        "ACCOUNT",
        "STATEMENTS",
        "REGISTERS",
        "REGISTERS",
        "BAL-COVER",
        "UNEXPLAINED",
        "CASE",
        "DECISION",
    ]
    assert {line.code for line in found.lines} <= set(TITLES)
    assert all(line.text.zh and line.text.en for line in found.lines)


@pytest.mark.parametrize(("until", "expected"), [(D, "white"), (D - 1, "not_listed")])
def test_the_licence_counts_to_its_last_day(until, expected):
    assert state(replace(GOOD, licence_until=until)) == expected


@pytest.mark.parametrize(("before", "expected"), [(30, "white"), (29, "not_listed")])
def test_a_renewal_applied_for_thirty_days_ahead_keeps_the_licence(before, expected):
    ended = replace(GOOD, licence_until=D - 1, renewal_applied_on=D - 1 - before)
    assert state(ended) == expected


def test_a_licence_date_that_is_not_on_file_is_a_missing_fact():
    found = assess(replace(GOOD, licence_until=None), COVERED, (), D, TERMS)
    assert found.state == "unrated"
    assert found.public_reason.zh == "资料不全，未评定"


@pytest.mark.parametrize(
    ("custody", "kinds", "proven", "expected"),
    [
        ("bank_custody", ["fee"], ["BAL-COVER"], "white"),
        ("bank_custody", ["deposit"], ["BAL-COVER"], "unrated"),
        ("risk_deposit", ["fee", "deposit"], ["DEP-MIN"], "white"),
        ("risk_deposit", ["deposit"], ["DEP-MIN"], "unrated"),
        ("risk_deposit", ["fee"], ["DEP-MIN"], "unrated"),
        ("risk_deposit", ["fee", "deposit"], ["BAL-COVER"], "unrated"),
        ("both", ["fee", "deposit"], ["BAL-COVER", "DEP-MIN"], "white"),
        ("both", ["fee"], ["BAL-COVER", "DEP-MIN"], "unrated"),
        ("both", ["fee", "deposit"], ["BAL-COVER"], "unrated"),
    ],
)
def test_the_custody_mode_says_which_account_and_which_cover_is_needed(
    custody, kinds, proven, expected
):
    accounts = tuple(replace(ACCOUNT, kind=kind) for kind in kinds)
    outcomes = {rule: [Cover("compliant")] for rule in proven}
    assert state(replace(GOOD, custody=custody, accounts=accounts), outcomes) == expected


@pytest.mark.parametrize(
    ("covers", "expected"),
    [
        ([Cover("compliant")], "white"),
        ([Cover("undetermined")], "unrated"),
        ([], "unrated"),
        ([Cover("breach")], "not_listed"),
        ([Cover("compliant"), Cover("undetermined")], "unrated"),
        ([Cover("undetermined"), Cover("compliant")], "unrated"),
        ([Cover("undetermined"), Cover("breach")], "not_listed"),
        ([Cover("breach", 99_990_00, 100_000_00), Cover("undetermined")], "unrated"),
    ],
)
def test_the_cover_must_be_proven_by_the_worse_of_all_data_and_the_proven(covers, expected):
    assert state(outcomes={"BAL-COVER": covers}) == expected


@pytest.mark.parametrize(
    ("balance", "needed", "expected"),
    [
        (0, 1, "not_listed"),
        (9_999_99, 10_000_00, "white"),
        (9_900_00, 10_000_00, "white"),  # 1 % exactly
        (9_899_99, 10_000_00, "not_listed"),  # a fen more
        (99_500_00, 100_000_00, "white"),  # 500 yuan exactly
        (99_499_99, 100_000_00, "not_listed"),  # a fen more, though only half a per cent
        (49_500_00, 50_000_00, "white"),  # both limits at once
        (49_499_99, 50_000_00, "not_listed"),
    ],
)
@pytest.mark.parametrize(("rule", "custody"), [("BAL-COVER", "both"), ("DEP-MIN", "both")])
def test_a_shortfall_within_both_limits_is_slight(rule, custody, balance, needed, expected):
    accounts = (ACCOUNT, replace(ACCOUNT, account_no="6222000011113333", kind="deposit"))
    standing = replace(GOOD, custody=custody, accounts=accounts)
    outcomes = {name: [Cover("compliant")] for name in ("BAL-COVER", "DEP-MIN")}
    assert state(standing, outcomes | {rule: [Cover("breach", balance, needed)]}) == expected


def test_the_limits_are_the_offices():
    outcomes = {"BAL-COVER": [Cover("breach", 9_800_00, 10_000_00)]}
    assert state(outcomes=outcomes) == "not_listed"
    assert state(outcomes=outcomes, terms=TERMS._replace(cover_share=20_000)) == "white"
    wider = TERMS._replace(cover_share=20_000, cover_fen=199_99)
    assert state(outcomes=outcomes, terms=wider) == "not_listed"


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
    found = assess(replace(GOOD, served_cases=("370702-2026-0001",)), COVERED, (), D, TERMS)
    assert found.state == "not_listed"
    assert "0001" not in found.public_reason.both()


def test_a_black_list_decision_excludes():
    found = assess(GOOD, COVERED, ("教罚字1号",), D, TERMS)
    assert found.state == "not_listed"
    assert found.public_reason.zh == "另有生效决定"


def test_a_failed_cover_is_told_to_the_public_without_figures_or_rule():
    found = assess(GOOD, {"BAL-COVER": [Cover("breach")]}, (), D, TERMS)
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


def test_days_covered_are_counted_once_and_the_first_gap_is_named():
    ranges = [Range(1, 3), Range(2, 4), Range(6, 9)]
    assert count_covered(ranges, Range(2, 8)) == 6
    assert first_gap(ranges, Range(2, 8)) == 5
    assert first_gap(ranges, Range(6, 8)) is None
    assert (count_covered([], Range(2, 8)), first_gap([], Range(2, 8))) == (0, 2)


@pytest.mark.parametrize(
    ("change", "suppliers", "since"),
    [
        ({"covered": (Range(D - 34, D - 20),)}, ("bank", "office", "institution"), D - 19),
        ({"covered": (), "claimed": WINDOW}, ("bank", "office"), D - 34),
    ],
)
def test_a_statement_that_lacks_says_since_when_and_who_can_supply_it(change, suppliers, since):
    line = line_of("STATEMENTS", standing=replace(GOOD, accounts=(replace(ACCOUNT, **change),)))
    assert (line.verdict, line.datum) == ("missing", "6222000011112222")
    assert (line.suppliers, line.since) == (suppliers, since)


def test_whose_word_proves_it_stands_on_the_line_and_the_institutions_own_never_does():
    told = (("bank", Range(D - 40, D - 20)), ("confirmed", Range(D - 19, D - 19)))
    told += (("office", Range(D - 18, D)), ("institution", Range(D - 60, D)))
    met = line_of("STATEMENTS", standing=replace(GOOD, accounts=(replace(ACCOUNT, told=told),)))
    assert (met.verdict, met.words) == ("met", ("bank", "office"))
    own = replace(ACCOUNT, covered=(), claimed=WINDOW, told=(("institution", WINDOW[0]),))
    lacking = line_of("STATEMENTS", standing=replace(GOOD, accounts=(own,)))
    assert (lacking.verdict, lacking.words) == ("missing", ("institution",))


def test_figures_are_the_money_that_was_compared():
    line = line_of("BAL-COVER", outcomes={"BAL-COVER": [Cover("breach", 12_34, 10_000_00)]})
    assert line.figure.zh == "12.34 元 / 应有 10,000.00 元"
    receipts = replace(GOOD, unexplained_fen=1_001, receipts_fen=100_000)
    assert line_of("UNEXPLAINED", standing=receipts).figure.zh == "10.01 元 / 一年到账 1,000.00 元"


@pytest.mark.parametrize(("window", "expected"), [(35, "unrated"), (30, "white")])
def test_how_many_days_must_be_covered_is_the_offices(window, expected):
    account = replace(ACCOUNT, covered=(Range(D - 29, D),))
    registers = {"contracts": (Range(D - 29, D),), "lessons": (Range(D - 29, D),)}
    standing = replace(GOOD, accounts=(account,), registers=registers)
    assert state(standing, terms=TERMS._replace(window_days=window)) == expected
