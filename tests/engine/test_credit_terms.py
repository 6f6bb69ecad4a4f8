"""What follows from a sanction by the law of the document's day, as credit_terms.toml says it."""

import shutil

import pytest

from feewatch.engine.credit_terms import CLASSES
from feewatch.engine.loader import SHIPPED, load_rule_book, read_rule_book
from feewatch.kernel.days import format_day, parse_day


@pytest.fixture(scope="module")
def terms():
    return load_rule_book().credit_terms


def outcome(terms, on, *sanctions):
    term = terms.term(parse_day(on), sanctions)
    if term is None:
        return None
    days = format_day(term.earliest_repair), format_day(term.last_day)
    return term.class_.name, *days, term.class_.published


@pytest.mark.parametrize(
    ("on", "sanctions", "expected"),
    [
        # Order 36, from its first day on
        ("2026-04-01", ["warning"], ("minor", "2026-04-01", "2026-07-01", False)),
        ("2026-06-01", ["confiscation"], ("general", "2026-09-01", "2027-06-01", True)),
        ("2026-06-01", ["licence_revoked"], ("serious", "2027-06-01", "2029-06-01", True)),
        # the gravest of several counts
        ("2026-06-01", ["warning", "banned"], ("serious", "2027-06-01", "2029-06-01", True)),
        # the day before it, Order 58 as the office takes it
        ("2026-03-31", ["confiscation"], ("general", "2026-06-30", "2029-03-31", True)),
        # the last day of a shorter month
        ("2026-11-30", ["large_fine"], ("general", "2027-02-28", "2027-11-30", True)),
    ],
)
def test_class_and_days_follow_from_sanction_and_day(terms, on, sanctions, expected):
    assert outcome(terms, on, *sanctions) == expected


def test_where_no_law_on_file_governs_the_day_nothing_is_computed(terms):
    assert outcome(terms, "2023-04-30", "confiscation") is None


@pytest.mark.parametrize("sanctions", [[], ["scolding"], ["warning", "scolding"]])
def test_what_the_law_does_not_know_is_no_sanction(terms, sanctions):
    with pytest.raises(ValueError, match="sanctions"):
        terms.term(parse_day("2026-06-01"), sanctions)


def test_each_sanction_has_one_class_on_each_day(terms):
    for regime in terms.regimes:
        named = [name for each in regime.classes for name in each.sanctions]
        assert sorted(named) == sorted(terms.sanctions)
        assert [each.name for each in regime.classes] == list(CLASSES)


def test_law_that_nobody_read_is_a_preset(terms):
    assert {regime.id: regime.preset for regime in terms.regimes} == {
        "order-58": True,
        "order-36": False,
    }


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ("from = 2026-04-01", "from = 2026-03-01", "CREDIT-TERMS", "overlaps"),
        ('"warning", "public', '"public', "CREDIT-TERMS", "belongs to no class"),
        ("most_months = 12", "most_months = 2", "KEY-VALUE", "below the least"),
        ("most_months = 12", "most_months = 13", "CREDIT-TERMS", "general 2026-07-01..2027-04-01"),
        ('["huge_fine"', '["confiscation", "huge_fine"', "CREDIT-TERMS", "two classes"),
        ("on = 2023-04-30", "on = 2023-04-29", "CREDIT-TERMS", "no scenario of 2023-04-30"),
        ("\npreset = true", "", "RULE-CERTAINTY", "preset = true"),
        ('article = "失信', 'article = "第九条失信', "RULE-ARTICLE", "has no article"),
        ('class = "serious"', 'class = "grave"', "KEY-VALUE", "serious"),
    ],
)
def test_lint_names_what_is_wrong(tmp_path, old, new, code, word):
    folder = tmp_path / "rules"
    shutil.copytree(SHIPPED, folder)
    file = folder / "credit_terms.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    faults = read_rule_book([folder])[1]
    assert (code, True) in {(each.code, word in each.message.en) for each in faults}


def test_terms_are_part_of_the_rule_book_that_an_edition_names(tmp_path):
    folder = tmp_path / "rules"
    shutil.copytree(SHIPPED, folder)
    before = read_rule_book([folder])[0].version
    file = folder / "credit_terms.toml"
    file.write_bytes(file.read_bytes() + b"\n# a remark\n")
    assert read_rule_book([folder])[0].version != before
