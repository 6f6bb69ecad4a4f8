import tomllib
from dataclasses import replace

import pytest

from feewatch.credit.decision_form import EXAMPLE, Registered, read_decision
from feewatch.kernel.days import format_day, parse_day

USCC = "52370702651728628K"


def day(text):
    found = parse_day(text)
    assert found is not None
    return found


def raw(**changes):
    """A sound decision of 2026-06-01 in the general class; None takes a key out."""
    found = tomllib.loads(EXAMPLE) | {"uscc": USCC} | changes
    return {key: value for key, value in found.items() if value is not None}


def read(**changes):
    return read_decision(raw(**changes), Registered("星海培训中心", "370702"))


def codes(**changes):
    decision, problems = read(**changes)
    assert (decision is None) == bool(problems)
    return [(problem.code, problem.column) for problem in problems]


def sound(**changes):
    decision, problems = read(**changes)
    assert problems == []
    assert decision is not None
    return decision


def test_the_example_is_a_decision():
    found = sound()
    assert (found.list, found.gravity, format_day(found.last_day)) == (
        "black",
        "general",
        "2026-12-01",
    )


def test_all_faults_are_told_at_once():
    assert codes(list="grey", uscc="123", document=None, date="2026-6-1", colour="red") == [
        ("KEY-MISSING", "document"),
        ("KEY-VALUE", "date"),
        ("KEY-UNKNOWN", "colour"),
        ("KEY-VALUE", "list"),
        ("DECISION-USCC", "uscc"),
    ]


def test_the_basis_is_a_whole_table():
    assert codes(basis={"document": "x", "level": "custom"}) == [
        ("KEY-MISSING", "basis.clause"),
        ("KEY-VALUE", "basis.level"),
    ]


@pytest.mark.parametrize(
    ("gravity", "last_day", "ok"),
    [
        ("minor", "2026-09-01", True),
        ("minor", "2026-09-02", False),
        ("general", "2026-08-31", False),
        ("general", "2026-09-01", True),
        ("general", "2027-06-01", True),
        ("general", "2027-06-02", False),
        ("serious", "2027-05-31", False),
        ("serious", "2027-06-01", True),
        ("serious", "2029-06-01", True),
        ("serious", "2029-06-02", False),
    ],
)
def test_the_term_fits_the_class(gravity, last_day, ok):
    found = codes(**{"class": gravity}, last_day=last_day, earliest_repair=None)
    assert found == ([] if ok else [("DECISION-TERM", "last_day")])


def test_only_a_minor_matter_may_be_left_unpublished():
    unpublished = {"last_day": None, "publish_from": None, "earliest_repair": None}
    assert codes(**unpublished) == [("KEY-MISSING", "last_day")]
    found = sound(**unpublished, **{"class": "minor"})
    assert not found.is_public(day("2026-07-01"))
    assert not found.excludes(day("2026-07-01"))


def test_days_stand_in_their_order():
    assert codes(
        notice_served_on="2026-06-16", publish_from="2026-05-31", earliest_repair="2026-12-02"
    ) == [
        ("DECISION-ORDER", "objection_until"),
        ("DECISION-ORDER", "publish_from"),
        ("DECISION-ORDER", "last_day"),
    ]


def test_only_black_names_premises_without_a_credit_code():
    found, _ = read_decision(raw(uscc=None), None)
    assert found is not None
    assert found.uscc == ""
    _, problems = read_decision(raw(uscc=None, list="notice"), None)
    assert [problem.code for problem in problems] == ["DECISION-USCC"]


def test_name_and_district_come_from_the_register_where_they_are_left_out():
    found = sound(name=None, district=None)
    assert (found.name, found.district) == ("星海培训中心", "370702")
    _, problems = read_decision(raw(name=None, district=None), None)
    assert [problem.column for problem in problems] == ["name", "district"]


@pytest.mark.parametrize("text", ["家长电话13812345678", "身份证370702199001011234"])
def test_personal_data_are_refused_and_not_echoed(text):
    _, problems = read(reason=text)
    assert [problem.code for problem in problems] == ["DECISION-PERSONAL"]
    assert text[-6:] not in problems[0].message.both()


def test_it_is_public_after_the_objection_window_to_its_last_day():
    found = sound(publish_from=None)
    shown = {
        text: found.is_public(day(text))
        for text in ("2026-06-15", "2026-06-16", "2026-12-01", "2026-12-02")
    }
    assert list(shown.values()) == [False, True, True, False]


def test_an_objection_window_that_is_open_holds_it_back_whatever_publish_from_says():
    found = sound(publish_from="2026-06-10")
    assert not found.is_public(day("2026-06-15"))
    assert found.is_public(day("2026-06-16"))


def test_it_bars_from_red_lists_once_notice_is_served():
    found = sound()
    assert [found.excludes(day(text)) for text in ("2026-05-09", "2026-05-10", "2026-12-02")] == [
        False,
        True,
        False,
    ]


def test_a_revoked_decision_counts_no_more_at_any_cut_off_a_repaired_one_from_its_day():
    revoked = replace(sound(), status="revoked", ended_on=day("2026-08-01"))
    assert not revoked.is_public(day("2026-07-01"))
    repaired = replace(sound(), status="repaired", ended_on=day("2026-10-01"))
    assert repaired.is_public(day("2026-09-30"))
    assert not repaired.is_public(day("2026-10-01"))


def test_no_repair_before_the_least_term_of_the_class():
    assert format_day(sound(earliest_repair="2026-06-20").repairable_from) == "2026-09-01"
    assert format_day(sound(earliest_repair="2026-10-01").repairable_from) == "2026-10-01"
