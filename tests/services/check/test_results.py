"""Why rules could not judge an institution, by frequency, with what to enter and where."""

from collections import Counter

import pytest
from worlds import builder
from worlds.builder import School, build

from feewatch.engine.entering import is_target, target_in_words
from feewatch.engine.loader import load_rule_book
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import Scope
from feewatch.services.cases.desk import get_institution
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings

AS_OF = parse_day(builder.AS_OF)
EVERYWHERE = Scope("000000", None)


def pupils_of(district):
    """Three contracts for courses of primary school: two whole, one without lessons."""
    school = School(1, facts={"district": district}, course={"stage": "primary"})
    school.contract(paid_on="2026-07-01")
    school.contract(paid_on="2026-07-02")
    school.contract(paid_on="2026-07-03", lessons="")
    return school


def results(app, school):
    return {each.rule: each for each in get_institution(app, EVERYWHERE, school.uscc).results}


@pytest.mark.parametrize("district", ["371002", "371081"], ids=["Weihai", "Wendeng"])
def test_a_place_without_a_price_is_told_what_to_enter_and_where(any_app, tmp_path, district):
    school = pupils_of(district)
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, AS_OF)
    guided = results(any_app, school)["PRICE-GUIDE"]
    assert (guided.evaluated, guided.breaches, guided.undetermined) == (3, 0, 3)
    assert guided.title.zh == "收费高于政府指导价上限"
    price, lessons = guided.reasons
    assert (price.subjects, lessons.subjects) == (2, 1)
    assert "没有政府指导价" in price.text.zh
    (target,) = price.enter
    assert target.is_of_office
    assert target.file == "parameters/guided_prices.csv"
    assert ".csv" not in target.words.en
    assert lessons.enter[0].words.zh == "“合同”登记册的“课时数”"
    assert not lessons.enter[0].is_of_office


def test_a_place_with_a_price_is_judged(any_app, tmp_path):
    """Weifang has a price on file: the same contracts, all but the one without lessons."""
    school = pupils_of("370702")
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, AS_OF)
    guided = results(any_app, school)["PRICE-GUIDE"]
    assert (guided.evaluated, guided.undetermined) == (3, 1)
    assert [each.text.zh for each in guided.reasons] == ["合同未填课时数"]


def test_reasons_are_those_of_the_findings(any_app, tmp_path):
    school = pupils_of("371002")
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, AS_OF)
    found = Counter(
        (each.identity.rule, each.reason)
        for each in list_findings(any_app, AS_OF)
        if each.outcome == "undetermined"
    )
    shown = {
        (rule, reason.text): reason.subjects
        for rule, each in results(any_app, school).items()
        for reason in each.reasons
    }
    assert shown == found


def test_what_was_entered_makes_the_reason_go_at_the_next_check(any_app, tmp_path):
    school = pupils_of("370702")
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, AS_OF)
    school.contracts[2]["lessons"] = "40"
    school.entries.clear()
    build(any_app, [school], tmp_path / "mended")
    run_check(any_app, AS_OF)
    assert results(any_app, school)["PRICE-GUIDE"].reasons == ()


def test_every_reason_of_the_shipped_book_says_what_to_enter_and_where():
    book = load_rule_book()
    needs = [need for rule in book.rules.values() for need in rule.needs]
    assert len(needs) > 40
    for need in needs:
        assert need.enter, need.reason.zh
        for target in need.enter:
            assert is_target(target, book.parameters), target
            assert all(target_in_words(target, book.parameters)), target
