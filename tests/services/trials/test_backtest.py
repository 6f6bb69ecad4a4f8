"""A change of the law tried on the past: who flips, how much, by place; and nothing is written."""

import pytest
from sqlalchemy import func, select
from worlds.builder import School, build

from feewatch.engine.revision import Setting, read_setting
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.services.check.checking import run_check
from feewatch.services.trials.backtest import Period, ProposedChange, backtest_json, run_backtest
from feewatch.store.tables import metadata

JULY = Period(parse_day("2026-07-01"), parse_day("2026-07-31"), parse_day("2026-07-31"))
#: Weifang's guided price is 32.00 yuan a lesson in classes up to 9: 35.20 with a float of
#: 10 %, 33.60 with 5 %.
FLOAT = (Setting("float_up", "0.05"),)


def priced(number, *fees, district="370702", **given):
    school = School(number, facts={"district": district})
    school.course |= {"stage": "primary", "class_size": "9", "price_per_lesson": "33.00"}
    for fee in fees:
        school.contract(fee=fee, lessons="1", **given)
    return school


def make_weifang(app, folder):
    """Both sides of both limits in Weifang, and one over 5 % in another city of the province."""
    schools = [
        priced(1, "33.60", "33.61"),
        priced(2, "35.20", "35.21"),
        priced(3, "33.60"),
        priced(4, "35.00", district="330302"),
        priced(5, "99.00", district="371002"),
    ]
    build(app, schools, folder / "world")
    return schools


@pytest.fixture
def weifang(prepared):
    return prepared(make_weifang)


def effect(found, rule="PRICE-GUIDE"):
    return next(each for each in found.rules if each.rule == rule)


def test_a_lower_float_of_one_city_flips_what_lies_between_both_limits(weifang):
    app, schools = weifang
    found = run_backtest(app, ProposedChange(FLOAT, "370700"), JULY)
    told = backtest_json(found)
    assert told["totals"] == {
        "institutions": 2, "subjects": 2, "contracts": 2, "families": 2, "fen": 3361 + 3520,
    }  # fmt: skip
    assert {each["uscc"]: (each["breaches_before"], each["breaches_after"], each["contracts"])
            for each in told["institutions"]} == {
        schools[0].uscc: (0, 1, 1), schools[1].uscc: (1, 2, 1),
    }  # fmt: skip
    guide = effect(found)
    assert [(each.before, each.after, each.measured) for each in guide.examples] == [
        ("compliant", "breach", "3361.0000"),
        ("compliant", "breach", "3520.0000"),
    ]
    assert {(each.limit_before, each.limit_after) for each in guide.examples} == {
        ("3520.0000", "3360.0000")
    }


def test_counter_examples_are_the_nearest_that_stay_as_they_are(weifang):
    app, _ = weifang
    guide = effect(run_backtest(app, ProposedChange(FLOAT, "370700"), JULY))
    stay = [(each.after, each.measured) for each in guide.counter_examples]
    assert stay == [
        ("compliant", "3360.0000"), ("compliant", "3360.0000"), ("breach", "3521.0000"),
    ]  # fmt: skip


def test_without_a_place_every_city_changes_and_a_place_without_price_stays_unknown(weifang):
    app, _ = weifang
    guide = effect(run_backtest(app, ProposedChange(FLOAT), JULY))
    moves = {
        (each["before_outcome"], each["after_outcome"]): each["subjects"]
        for each in guide.transitions
    }
    # Wenzhou's price is 55.00: nobody there is near a limit
    assert moves == {
        ("compliant", "compliant"): 3, ("compliant", "breach"): 2, ("breach", "breach"): 1,
        ("undetermined", "undetermined"): 1,
    }  # fmt: skip


@pytest.mark.parametrize("place", ["370702", "370703"])
def test_a_county_may_set_what_its_city_set_before(weifang, place):
    app, _ = weifang
    found = run_backtest(app, ProposedChange(FLOAT, place), JULY)
    assert found.totals["subjects"] == (2 if place == "370702" else 0)


def test_only_law_days_in_the_period_count(weifang):
    app, _ = weifang
    later = Period(JULY.first + 1, JULY.last, JULY.as_of)
    assert run_backtest(app, ProposedChange(FLOAT), later).totals["subjects"] == 0


@pytest.mark.parametrize(("limit", "flips"), [("999.99", 1), ("1000", 0)])
def test_a_parameter_is_written_in_yuan_as_the_law_is(any_app, tmp_path, limit, flips):
    school = School(1, facts={"subject": "arts"})
    school.contract(fee="1000.00")
    build(any_app, [school], tmp_path / "world")
    found = run_backtest(any_app, ProposedChange((read_setting(f"prepaid_fee_max={limit}"),)), JULY)
    assert found.totals["contracts"] == flips


def test_a_breach_that_a_change_lifts_is_told_apart(any_app, tmp_path):
    school = School(1, facts={"subject": "arts"})
    school.contract(fee="6000.00", student="S1")
    school.contract(fee="7000.00", student="S1")
    build(any_app, [school], tmp_path / "world")
    change = ProposedChange((Setting("prepaid_fee_max", "8000"),), "370702")
    found = run_backtest(any_app, change, JULY, rules=["FEE-CAP-5000"])
    told = backtest_json(found)
    (flipped,) = told["institutions"]
    assert (flipped["no_longer"], flipped["breaches_before"], flipped["breaches_after"]) == (
        2,
        2,
        0,
    )
    assert (told["totals"]["contracts"], told["totals"]["families"]) == (2, 1)


def test_a_draft_rule_is_tried_beside_the_live_book(weifang, tmp_path):
    app, _ = weifang
    draft = tmp_path / "draft"
    (draft / "rulebook").mkdir(parents=True)
    (draft / "rulebook" / "FEE-SMALL.toml").write_text(
        """
id = "FEE-SMALL"
title = { zh = "小额", en = "A small fee" }
department = { zh = "教育行政部门", en = "Education department" }
fact = "charged"
subject = "charge"
unit = "fen"
measured = "fee_fen"
limit = "3500"
breach = "fee_fen < 3500"
cause = "course_id"
amount = "fee_fen"
evidence = ["contract"]
calculation = { zh = "{measured:yuan}", en = "{measured:yuan}" }
cure = { zh = "无", en = "none" }
[[severity]]
level = "notice"
[[in_force]]
jurisdiction = "370700"
from = 2021-10-29
authority = "preset"
""",
        encoding="utf-8",
    )
    found = run_backtest(app, ProposedChange(draft=draft), JULY)
    assert [each.rule for each in found.rules] == ["FEE-SMALL"]
    assert {
        (each["before_outcome"], each["after_outcome"], each["subjects"])
        for each in found.rules[0].transitions
    } == {("none", "breach", 3), ("none", "compliant", 2)}


def rows(app):
    with app.database.reading() as tx:
        return {
            table.name: tx.scalar(select(func.count()).select_from(table))
            for table in metadata.sorted_tables
        }


def test_nothing_is_written(weifang):
    app, _ = weifang
    run_check(app, JULY.as_of)
    before = rows(app)
    assert before["alert"] > 0
    run_backtest(app, ProposedChange(FLOAT), JULY)
    assert rows(app) == before
    # and the check finds nothing to do again
    assert run_check(app, JULY.as_of).institutions == 0


def test_a_person_sees_only_what_flips_in_the_own_district(weifang):
    app, _ = weifang
    elsewhere = run_backtest(app, ProposedChange(FLOAT), JULY, scope=Scope("330300"))
    assert elsewhere.totals["subjects"] == 0
    assert {each["district"] for each in elsewhere.institutions} == set()
    assert (
        run_backtest(app, ProposedChange(FLOAT), JULY, scope=Scope("370700")).totals["subjects"]
        == 2
    )
    with pytest.raises(InvalidInputError, match="outside your district"):
        run_backtest(app, ProposedChange(FLOAT, "370700"), JULY, scope=Scope("330300"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (ProposedChange((Setting("no_such", "1"),)), "PARAMETER-UNKNOWN"),
        (ProposedChange((Setting("prepaid_lessons_max", "six"),)), "SETTING-VALUE"),
        (ProposedChange((Setting("prepaid_lessons_max", "6.5"),)), "SETTING-VALUE"),
        (ProposedChange((Setting("float_up", "1.5"),)), "SETTING-VALUE"),
        *(
            (ProposedChange((Setting(name, value),)), "SETTING-VALUE")
            for name in ("float_up", "prepaid_lessons_max")
            for value in ("1e999999", "-1e999999", "1e-999999", "0e99999999", "9" * 5000, "1e18")
        ),
        (ProposedChange(FLOAT, "371002"), "PRICE-NONE"),
        (ProposedChange(FLOAT, "Weifang"), "PLACE"),
        (ProposedChange((Setting("public_coverage_days", "40"),)), "BACKTEST-NOTHING"),
        (ProposedChange(), "BACKTEST-NOTHING"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(weifang, change, code):
    with pytest.raises(InvalidInputError) as refused:
        run_backtest(weifang[0], change, JULY)
    assert refused.value.code == code


def test_the_period_must_run_forward(weifang):
    with pytest.raises(InvalidInputError, match="from ≤ to"):
        run_backtest(weifang[0], ProposedChange(FLOAT), Period(JULY.last, JULY.first, JULY.as_of))


def test_a_strict_reading_is_tried_by_setting_its_option(any_app, tmp_path):
    school = School(1)
    school.contract(paid_on="2026-07-02", basis="period", lessons="61", ends_on="2026-08-01")
    build(any_app, [school], tmp_path / "world")
    strict = ProposedChange((read_setting("is_either_limit_strict=true"),))
    (example,) = effect(run_backtest(any_app, strict, JULY), "FEE-HOURS-60").examples
    assert (example.after, example.measured) == ("breach", 61)
    with pytest.raises(InvalidInputError, match="is no flag"):
        run_backtest(any_app, ProposedChange((read_setting("is_either_limit_strict=1"),)), JULY)
