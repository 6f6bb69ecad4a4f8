"""Could everyone be refunded tonight: both sides of the limit, the burn, and what is unknown."""

import pytest
from worlds.builder import School, build

from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.services.check.early_warning import read_early_warning, standing_json
from feewatch.services.check.findings import list_findings
from feewatch.store.lists.standings import iterate_districts

AS_OF = parse_day("2026-07-31")


def school(number, opening, **given):
    """One contract of 1,000.00 paid before the statements begin, nothing held."""
    made = School(number, opening=opening, facts={"district": given.pop("district", "370702")})
    made.contract(paid_on="2026-04-01", student="S1", **given)
    return made


def standings(app, schools, folder, **asked):
    build(app, schools, folder / "world")
    found = read_early_warning(app, Scope(), AS_OF, **asked)
    return {each.uscc: standing_json(each) for each in found.institutions}


@pytest.mark.parametrize(
    ("opening", "verdict", "shortfall", "stress"),
    [("1000.00", "covered", 0, 7), ("999.99", "short", 1, 6), ("0.00", "short", 100_000, 0)],
)
def test_balance_against_liability(any_app, tmp_path, opening, verdict, shortfall, stress):
    one = school(1, opening)
    told = standings(any_app, [one], tmp_path)[one.uscc]
    assert (told["verdict"], told["shortfall_fen"], told["stress_days"]) == (
        verdict, shortfall, stress,
    )  # fmt: skip
    assert (told["liability_fen"], told["contracts"], told["families"]) == (100_000, 1, 1)
    assert (told["balance_as_of"], told["contracts_to"]) == ("2026-07-31", "2026-07-31")


def test_the_day_the_balance_runs_out_at_the_present_burn(any_app, tmp_path):
    burning, still = school(1, "2000.00"), school(2, "2000.00")
    # 300.00 in the ten days up to as-of, and something before that does not count
    burning.entries = [
        ("2026-07-21", "-100.00", "房东", "房租"), ("2026-07-22", "-400.00", "房东", "房租"),
        ("2026-07-30", "100.00", "房东", "退回"),
    ]  # fmt: skip
    told = standings(any_app, [burning, still], tmp_path, window_days=10)
    assert told[burning.uscc]["burn_fen"] == 30_000
    # 1,600.00 left at 30.00 a day: used up on the 54th day
    assert told[burning.uscc]["run_out_on"] == format_day(AS_OF + 54)
    assert (told[still.uscc]["burn_fen"], told[still.uscc]["run_out_on"]) == (0, None)


def test_what_statements_do_not_cover_is_unknown_and_not_nothing(any_app, tmp_path):
    one = school(1, "2000.00")
    told = standings(any_app, [one], tmp_path, window_days=93)[one.uscc]
    assert (told["verdict"], told["burn_fen"], told["run_out_on"]) == ("covered", None, None)


def test_undetermined_is_never_shown_as_fine(any_app, tmp_path):
    stale, deposit, blank = school(1, "9000.00"), school(2, "9000.00"), School(3)
    stale.period = ("2026-05-01", "2026-07-23")
    deposit.facts["custody"] = "risk_deposit"
    told = standings(any_app, [stale, deposit, blank], tmp_path)
    assert {each["verdict"] for each in told.values()} == {"undetermined"}
    assert "not covered up to as-of" in told[stale.uscc]["reason"]
    assert "not held in escrow" in told[deposit.uscc]["reason"]
    assert "no contracts on file" in told[blank.uscc]["reason"]
    assert told[stale.uscc]["balance_as_of"] == "2026-07-23"
    for each in told.values():
        assert (each["shortfall_fen"], each["run_out_on"], each["stress_days"]) == (None,) * 3


@pytest.mark.parametrize(
    ("opening", "verdict", "shortfall"), [("1500.00", "covered", 0), ("1499.99", "short", 1)]
)
def test_what_no_contract_explains_is_owed_too(any_app, tmp_path, opening, verdict, shortfall):
    """2,000.00 come in for no contract, 500.00 leave; 1,000.00 are liability."""
    one = school(1, opening)
    one.entries = [
        ("2026-07-10", "2000.00", "李女士", "培训费"), ("2026-07-11", "-500.00", "某公司", "货款"),
    ]  # fmt: skip
    told = standings(any_app, [one], tmp_path)[one.uscc]
    assert (told["verdict"], told["shortfall_fen"]) == (verdict, shortfall)
    assert (told["unexplained_fen"], told["claims_fen"]) == (200_000, 300_000)
    outcomes = [each.outcome for each in list_findings(any_app, AS_OF, rules=["BAL-COVER"])]
    assert outcomes == ["breach" if verdict == "short" else "compliant"]


def test_lists_count_the_same_money_as_unexplained(any_app, tmp_path):
    """Of 2,000.00 and 300.00 received for no contract, 400.00 go back; a third is explained."""
    one, two = school(1, "5000.00"), School(2)
    one.entries = [
        ("2025-07-31", "2000.00", "李女士", "培训费"), ("2026-07-10", "300.00", "李女士", "培训费"),
        ("2026-07-11", "-400.00", "李女士", "退费"), ("2026-08-01", "50.00", "李女士", "培训费"),
    ]  # fmt: skip
    one.period = ("2025-07-01", "2026-08-01")
    one.contract(paid_on="2026-07-20")
    two.entries = [("2026-07-11", "-400.00", "李女士", "退费")]
    told = standings(any_app, [one, two], tmp_path)
    with any_app.database.reading() as tx:
        proofs = {each.uscc: each for _, group in iterate_districts(tx, AS_OF) for each in group}
    found = {uscc: (each.unexplained_fen, each.receipts_fen) for uscc, each in proofs.items()}
    assert found == {one.uscc: (190_000, 130_000), two.uscc: (0, 0)}
    assert all(told[uscc]["unexplained_fen"] == fen for uscc, (fen, _) in found.items())


def test_money_without_any_contract_is_short_once_it_has_left(any_app, tmp_path):
    one = School(1, opening="0.00")
    one.entries = [
        ("2026-07-10", "2000.00", "李女士", "培训费"), ("2026-07-11", "-500.00", "某公司", "货款"),
    ]  # fmt: skip
    told = standings(any_app, [one], tmp_path)[one.uscc]
    assert (told["verdict"], told["shortfall_fen"], told["cover"]) == ("short", 50_000, "0.7500")


def test_an_account_emptied_and_closed_holds_nothing(any_app, tmp_path):
    one = school(1, "1000.00")
    one.account = {"closed_on": "2026-07-20"}
    one.period = ("2026-05-01", "2026-07-20")
    one.entries = [("2026-07-20", "-1000.00", "某公司", "货款")]
    told = standings(any_app, [one], tmp_path)[one.uscc]
    assert (told["verdict"], told["balance_fen"], told["shortfall_fen"]) == ("short", 0, 100_000)


def test_the_most_urgent_stand_first_and_districts_are_ranked(any_app, tmp_path):
    covered = school(1, "1000.00", district="370703")
    short, shorter = school(2, "900.00"), school(3, "100.00")
    stale = school(4, "5000.00", district="370704")
    stale.period = ("2026-05-01", "2026-07-01")
    build(any_app, [covered, short, shorter, stale], tmp_path / "world")
    found = read_early_warning(any_app, Scope(), AS_OF)
    order = [each.uscc for each in found.institutions]
    assert order == [shorter.uscc, short.uscc, stale.uscc, covered.uscc]
    assert [each.district for each in found.districts] == ["370702", "370704", "370703"]
    first, unknown, fine = found.districts
    assert (first.shortfall_fen, first.cover) == (100_000, "0.5000")
    assert (unknown.cover, fine.cover) == (None, "1.0000")
    one = read_early_warning(any_app, Scope("370703"), AS_OF)
    assert [each.uscc for each in one.institutions] == [covered.uscc]


def test_a_window_of_no_days_is_refused(any_app):
    with pytest.raises(InvalidInputError):
        read_early_warning(any_app, Scope(), AS_OF, 0)
