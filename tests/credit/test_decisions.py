"""A decision as it is proposed: every fault at once, and what follows from its sanction."""

import tomllib
from dataclasses import replace

import pytest

from feewatch.credit.decision_form import EXAMPLE, read_decision
from feewatch.credit.decision_frame import DecisionFrame, Registered
from feewatch.credit.decisions import IN_FORCE
from feewatch.engine.loader import load_rule_book
from feewatch.kernel.days import format_day, parse_day

USCC = "52370702651728628K"
TERMS = load_rule_book().credit_terms


def day(text):
    found = parse_day(text)
    assert found is not None
    return found


def raw(**changes):
    """A sound decision of 2026-06-01: confiscation; None takes a key out."""
    found = tomllib.loads(EXAMPLE) | {"uscc": USCC} | changes
    return {key: value for key, value in found.items() if value is not None}


ON_FILE = Registered("示例培训中心", "370702", ("旧名培训中心",))


def read(registered=ON_FILE, imported=False, **changes):
    frame = DecisionFrame(
        TERMS,
        day("2026-11-29"),
        {"潍城区教育局": "", "市场监管局": r"市监罚〔20\d\d〕\d+号"},
        lambda served: served + 7,
        registered,
        ("张伟",),
        imported,
    )
    return read_decision(raw(**changes), frame)


def codes(**changes):
    decision, problems = read(**changes)
    assert (decision is None) == bool(problems)
    return [(problem.code, problem.column) for problem in problems]


def sound(**changes):
    decision, problems = read(**changes)
    assert problems == []
    assert decision is not None
    return replace(decision, status=IN_FORCE)


def test_the_example_is_a_decision():
    found = sound()
    assert (found.list, found.gravity, format_day(found.last_day)) == (
        "black",
        "general",
        "2027-06-01",
    )
    assert format_day(found.earliest_repair) == "2026-09-01"
    assert found.reason == "超时段、超课时或超限额收费；逾期未整改"


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
    ("on", "sanctions", "gravity", "last_day", "repair"),
    [
        ("2026-06-01", ["confiscation"], "general", "2027-06-01", "2026-09-01"),
        ("2026-06-01", ["没收违法所得"], "general", "2027-06-01", "2026-09-01"),
        ("2026-06-01", ["licence_revoked", "warning"], "serious", "2029-06-01", "2027-06-01"),
        ("2026-03-31", ["confiscation"], "general", "2029-03-31", "2026-06-30"),
        ("2026-04-01", ["confiscation"], "general", "2027-04-01", "2026-07-01"),
    ],
)
def test_class_and_days_follow_from_the_sanction(on, sanctions, gravity, last_day, repair):
    days = {"date": on, "notice_served_on": "2026-03-01", "objection_until": "2026-03-20"}
    found = sound(sanctions=sanctions, **days)
    shown = found.gravity, format_day(found.last_day), format_day(found.earliest_repair)
    assert shown == (gravity, last_day, repair)


@pytest.mark.parametrize("key", ["class", "publish_from", "last_day", "earliest_repair"])
def test_what_follows_is_never_typed(key):
    assert codes(**{key: "2026-09-01"}) == [("DECISION-COMPUTED", key)]


def test_only_a_minor_matter_is_left_unpublished_and_only_it_says_why_not():
    found = sound(sanctions=["warning"])
    assert not found.is_public(day("2026-07-01"))
    shown = sound(sanctions=["warning"], why_necessary="涉及众多家庭")
    assert shown.is_public(day("2026-07-01"))
    assert codes(why_necessary="涉及众多家庭") == [("DECISION-NECESSARY", "why_necessary")]


@pytest.mark.parametrize(
    ("until", "fault"),
    [
        ("2026-05-16", True),  # six days after the notice
        ("2026-05-17", False),
        ("2026-05-31", False),
        ("2026-06-01", True),  # still open on the day of the decision
    ],
)
def test_the_window_lies_between_notice_and_decision(until, fault):
    expected = [("DECISION-WINDOW", "objection_until")] if fault else []
    assert codes(objection_until=until) == expected


def test_the_least_window_is_the_default():
    assert format_day(sound(objection_until=None).objection_until) == "2026-05-17"
    assert codes(objection_until=None, notice_served_on="2026-05-28") == [
        ("DECISION-WINDOW", "objection_until")
    ]


def test_of_before_the_window_is_as_it_was():
    assert codes(imported=True, objection_until="2026-05-11") == []


def test_black_alone_names_premises_of_the_register():
    place = Registered("某托管班", "370702")
    found, problems = read(place, uscc=None, name=None, premises="CS1", district=None)
    assert problems == []
    assert (found.uscc, found.name, found.premises_no) == ("", "某托管班", "CS1")
    faults = codes(registered=place, uscc=None, name=None, premises="CS1", list="notice")
    assert faults == [("DECISION-USCC", "uscc")]
    nobody = {"registered": None, "uscc": None, "name": None}
    assert codes(**nobody, premises="CS9") == [("DECISION-PREMISES", "premises")]
    assert codes(**nobody) == [("DECISION-WHO", "uscc")]


def test_name_and_district_are_the_registers():
    found = sound(name=None, district=None)
    assert (found.name, found.district) == ("示例培训中心", "370702")
    assert codes(name="别家培训中心") == [("DECISION-NAME", "name")]
    assert codes(district="370703") == [("DECISION-DISTRICT", "district")]
    assert codes(name="旧名培训中心") == [("DECISION-NAME", "name")]
    assert codes(name="旧名培训中心", former_name=True) == []
    assert codes(registered=None) == [("DECISION-REGISTER", "uscc")]


@pytest.mark.parametrize(
    ("authority", "document", "expected"),
    [
        ("市场监管局", "市监罚〔2026〕12号", []),
        ("市场监管局", "教罚〔2026〕12号", [("DECISION-NUMBER", "document")]),
        ("潍城区教育局", "见会议纪要", [("DECISION-NUMBER", "document")]),
        ("某镇办公室", "镇〔2026〕1号", [("DECISION-AUTHORITY", "authority")]),
    ],
)
def test_the_number_is_one_of_an_authority_of_the_list(authority, document, expected):
    assert codes(authority=authority, document=document) == expected


@pytest.mark.parametrize("text", ["家长电话13812345678", "身份证370702199001011234"])
def test_personal_data_are_refused_and_not_echoed(text):
    _, problems = read(sanctions=["warning"], why_necessary=text)
    assert [problem.code for problem in problems] == ["DECISION-PERSONAL"]
    assert text[-6:] not in problems[0].message.both()


def test_registered_persons_are_never_named():
    said = codes(sanctions=["warning"], why_necessary="法定代表人张伟多次承诺未兑现")
    assert said == [("DECISION-PERSON", "why_necessary")]


def test_it_is_public_from_its_day_to_its_last():
    found = sound()
    shown = {
        text: found.is_public(day(text))
        for text in ("2026-05-31", "2026-06-01", "2027-06-01", "2027-06-02")
    }
    assert list(shown.values()) == [False, True, True, False]


@pytest.mark.parametrize("status", ["proposed", "reviewed", "refused"])
def test_before_three_persons_have_acted_it_is_nowhere(status):
    assert not replace(sound(), status=status).is_public(day("2026-07-01"))


def test_a_revoked_decision_counts_no_more_at_any_cut_off_a_repaired_one_from_its_day():
    revoked = replace(sound(), status="revoked", ended_on=day("2026-08-01"))
    assert not revoked.is_public(day("2026-07-01"))
    repaired = replace(sound(), status="repaired", ended_on=day("2026-10-01"))
    assert repaired.is_public(day("2026-09-30"))
    assert not repaired.is_public(day("2026-10-01"))


def test_an_authority_is_told_as_the_list_writes_it_however_it_was_typed():
    """A name keeps the marks of the office's list, full-width; a text those it was typed with."""
    listed = "某市教育局（示范）"
    for typed in (listed, "某市教育局(示范)", " 某市教育局（示范） "):
        frame = DecisionFrame(
            TERMS, day("2026-11-29"), {listed: ""}, lambda served: served + 7, ON_FILE
        )
        basis = {"document": "处罚办法（试行）", "level": "rule", "clause": "第二条；第三条"}
        decision, problems = read_decision(raw(authority=typed, basis=basis), frame)
        assert problems == []
        assert decision.authority == listed
        assert decision.basis["document"] == "处罚办法（试行）"
        assert decision.basis["clause"] == "第二条；第三条"
