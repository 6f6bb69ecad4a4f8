"""Expressions of rules, asked of one subject without a database: as SQL would answer."""

import sqlite3
from itertools import product

import pytest

from feewatch.engine.judging import block_for, judge
from feewatch.engine.loader import load_rule_book
from feewatch.kernel.days import parse_day
from feewatch.kernel.places import ancestry

EXPRESSIONS = [
    "a > b", "a >= b", "a < b", "a <= b", "a = b", "a <> b", "a + b * 2 > 3", "a - b = -1",
    "a > 1 AND b > 1", "a > 1 OR b > 1", "NOT a > 1", "a IS NULL", "a IS NOT NULL",
    "a IN (1, 2)", "a IN (1, b)", "COALESCE(a, b) > 1", "(a > 1 OR b IS NULL) AND NOT b = 2",
    "CASE WHEN a > b THEN TRUE WHEN b <= 2 THEN FALSE END",
    "CASE WHEN a IS NULL THEN 1 ELSE 2 END",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_comes_to_what_sql_says(expression):
    database = sqlite3.connect(":memory:")
    for a, b in product((None, 0, 1, 2, 3), repeat=2):
        (said,) = database.execute(f"SELECT {expression} FROM (SELECT ? AS a, ? AS b)", (a, b))
        judged = judge(expression, {"a": a, "b": b})
        assert (judged if judged is None else int(judged)) == said[0], (expression, a, b)


def test_what_cannot_be_judged_here_is_refused_and_never_guessed():
    for expression, named in (("unknown > 1", "unknown"), ("floor_div(a, 2) > 1", "(?i)floor_div")):
        with pytest.raises(ValueError, match=named):
            judge(expression, {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("subject", "place", "authority"),
    [("arts", "110105", "law"), ("academic", "370702", "local"), ("academic", "110105", None)],
)
def test_the_block_in_force_goes_by_subject_and_place(subject, place, authority):
    rule = load_rule_book().rules["FEE-CAP-5000"]
    day = parse_day("2026-07-01")
    block = block_for(rule, ancestry(place), day, {"subject": subject})
    assert (block and block.authority) == authority
