"""A rule as a jurist reads it, and the law in force in a place on a day."""

import pytest

from feewatch.engine.loader import load_rule_book
from feewatch.engine.portrait import At, portray
from feewatch.kernel.days import parse_day

BOOK = load_rule_book()


def on(rule, place, day):
    return portray(BOOK, BOOK.rules[rule], At(place, parse_day(day)))


def test_a_document_is_quoted_with_number_days_and_certainty():
    (basis,) = portray(BOOK, BOOK.rules["FEE-CAP-5000"])["in_force"][0]["basis"]
    assert basis["number"] == "教监管〔2022〕4号"
    assert (basis["issued"], basis["effective_from"]) == ("2022-12-29", "2022-12-29")
    assert (basis["article"], basis["certainty"]) == ("培训收费（条次未录）", "V2")
    assert (basis["issuer"], basis["read_as"]["en"]) == ("教育部等十三部门", "press report")
    assert "5000" in basis["says"]["zh"]


def test_a_clue_shows_the_law_that_would_apply_and_claims_none():
    (block,) = portray(BOOK, BOOK.rules["OUT-DIVIDEND"])["in_force"]
    assert (block["authority"], block["basis"]) == ("preset", [])
    assert [each["article"] for each in block["would_apply"]] == [
        "收益分配（条次未录）",
        "第十九条",
    ]


def test_every_rule_can_be_shown():
    for rule in BOOK.rules.values():
        shown = portray(BOOK, rule)
        assert len(shown["in_force"]) == len(rule.in_force)
        assert [each["parameter"] for each in shown["parameters"]] == list(rule.parameters)


@pytest.mark.parametrize(
    ("place", "day", "authorities"),
    [
        ("320104", "2022-03-31", ["preset"]),
        ("320104", "2022-04-01", ["local"]),
        ("330302", "2022-04-01", ["preset"]),
        ("330302", "2021-10-28", []),
    ],
)
def test_the_nearest_block_of_the_day_is_the_law(place, day, authorities):
    blocks = on("FEE-EARLY-NEW", place, day)["in_force"]
    assert [each["authority"] for each in blocks] == authorities


@pytest.mark.parametrize(("place", "value"), [("460105", "-1 课时"), ("370702", "20 课时")])
def test_a_figure_is_that_of_the_place(place, value):
    figures = on("FEE-EARLY-RENEW", place, "2026-07-01")["parameters"]
    (shown,) = [each for each in figures if each["parameter"] == "renewal_lessons_max"]
    assert [each["value"]["zh"] for each in shown["values"]] == [value]


@pytest.mark.parametrize(
    ("place", "day", "classes"),
    [
        ("370702", "2022-01-06", []),
        ("370702", "2022-01-07", [(1, 9), (10, 35), (36, None)]),
        ("422801", "2023-01-14", [(1, 10), (11, 34), (35, None)]),
        ("422801", "2023-01-15", []),
        ("371002", "2026-07-01", []),
    ],
)
def test_prices_are_those_of_the_day(place, day, classes):
    prices = on("PRICE-GUIDE", place, day)["prices"]
    found = [
        (each["class_from"], each["class_to"]) for each in prices if each["stage"] == "primary"
    ]
    assert found == classes
