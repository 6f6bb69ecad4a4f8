"""Counting many rules in one reading of their fact says what their rows say one by one."""

from collections import Counter

import pytest
from worlds.builder import AS_OF, School, build

from feewatch.engine.compiler import BREACH, NOT_YET
from feewatch.engine.counting import group_rules
from feewatch.kernel.days import parse_day
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.store.check import checks

DAY = parse_day(AS_OF)


def academic_and_arts(folder, app):
    """Contracts on both sides of limits, of days on which the law of Shandong changed, and unknown.

    The cap of 5,000 yuan holds for arts from 2022-12-29, for academic schools from 2025-11-05.
    """
    academic = School(1, course={"stage": "primary"})
    arts = School(2, facts={"subject": "arts"})
    for school in (academic, arts):
        for paid_on in ("2021-10-28", "2022-12-28", "2022-12-29", "2025-11-04", "2025-11-05"):
            school.contract(paid_on, fee="5000.01")
        school.contract("2026-07-01", lessons="60", gift_lessons="1")
        school.contract("2026-07-01", lessons="")
        school.contract("2026-07-02", basis="both", starts_on="2026-08-03", ends_on="2026-11-03")
        early = {"payment": "pay_after", "starts_on": "2026-07-20"}
        school.contract("", arrives="2026-07-03", fee="5000.01", lessons="61", **early)
        school.contract("", arrives="", fee="5000.02", lessons="62", **early)
        school.contract("2026-08-01", fee="6000.00")
    build(app, [academic, arts], folder)
    match_changed(app)


def tally(rows):
    """(institution, outcome) of judged rows, counted; those whose day has not come left out."""
    return Counter(
        (row["institution_id"], row["outcome"]) for row in rows if row["outcome"] != NOT_YET
    )


def told(counts):
    """The same of what was counted."""
    found = Counter()
    for each in counts:
        known = each["breaches"] + each["undetermined"]
        found[each["institution_id"], BREACH] += each["breaches"]
        found[each["institution_id"], None] += each["undetermined"]
        found[each["institution_id"], 0] += each["evaluated"] - known
    return +found


def test_rules_counted_together_say_what_their_rows_say(any_app, tmp_path):
    academic_and_arts(tmp_path / "world", any_app)
    book = rule_book(any_app)
    rules = list(book.rules.values())
    with any_app.database.reading() as tx:
        everyone = {*checks.list_institutions(tx), checks.OFFICE}
        evaluation = Evaluation(tx, any_app.database.dialect, book, DAY, "370702", everyone)
        counts = [told(each.count()) for each in evaluation.of_each(rules)]
        for rule, counted in zip(rules, counts, strict=True):
            with evaluation.of(rule) as outcomes:
                assert counted == tally(outcomes.rows()), rule.id
        found = dict(zip(book.rules, counts, strict=True))
    # arts: 5,000.01 yuan from 2022-12-29 on, three contracts, and the receipt of 2026-07-03
    assert sorted(found["FEE-CAP-5000"].items()) == [
        ((1, 0), 3), ((1, 1), 2), ((2, 0), 3), ((2, 1), 4),
    ]  # fmt: skip
    assert found["FEE-HOURS-60"][1, BREACH] == 2
    assert found["FEE-HOURS-60"][1, None] == 1
    together = {tuple(rule.id for rule in group) for group in group_rules(rules, book)}
    assert ("FEE-CAP-5000", "FEE-EARLY-NEW", "FEE-HOURS-60", "FEE-SPAN-3M") in together


def test_a_contract_of_a_later_day_is_not_counted_yet_but_says_when_it_will_be(any_app, tmp_path):
    school = School(1)
    school.contract("2026-08-01", lessons="61")
    build(any_app, [school], tmp_path / "world")
    book = rule_book(any_app)
    day = parse_day("2026-08-01")
    with any_app.database.reading() as tx:
        for as_of, evaluated, due_on in ((day - 1, 0, day), (day, 1, None)):
            evaluation = Evaluation(tx, any_app.database.dialect, book, as_of, "370702", {1})
            with evaluation.of(book.rules["FEE-HOURS-60"]) as outcomes:
                (counted,) = outcomes.count()
            assert (counted["evaluated"], counted["due_on"]) == (evaluated, due_on)


def test_outcomes_are_read_inside_their_block_alone(any_app):
    book = rule_book(any_app)
    rules = [book.rules[name] for name in ("FEE-HOURS-60", "REL-SYNC")]
    with any_app.database.reading() as tx:
        evaluation = Evaluation(tx, any_app.database.dialect, book, DAY, "370702", {1})
        with evaluation.of(rules[0]) as outcomes:
            assert outcomes.count() == []
            with (
                pytest.raises(RuntimeError, match="REL-SYNC: the law of FEE-HOURS-60 still stands"),
                evaluation.of(rules[1]),
            ):
                pass
            assert list(outcomes.findings()) == []
        with pytest.raises(RuntimeError, match="FEE-HOURS-60 is read after its block"):
            outcomes.breaches()
        earlier, later = evaluation.of_each(rules), evaluation.of_each(rules)
        first = next(earlier)
        with pytest.raises(RuntimeError, match="still stands"):
            next(later)
        assert next(earlier).rule is rules[1]
        for read in (first.count, first.rows, first.breaches):
            with pytest.raises(RuntimeError, match="FEE-HOURS-60 is read after its block"):
                read()
