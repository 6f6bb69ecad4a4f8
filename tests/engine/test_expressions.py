"""Rule expressions: what is allowed, and house functions that mean the same on every engine."""

import itertools

import pytest

from feewatch.bootstrap import App
from feewatch.engine.expressions import faults, split_quotient, to_sql
from feewatch.kernel.money import half_up

NAMES, LISTS = {"a", "b", "memo"}, {"words"}
NUMBERS = [None, 0, 1, 2, 3, 7, 10**12, -5]


@pytest.mark.parametrize(
    "text",
    ["a + b * 2 - 1 > 0", "a IS NULL OR NOT b IN (1, 2)", "CASE WHEN a > 1 THEN b ELSE 0 END",
     "has_word(memo, words)", "word_in(memo, words, words)",
     "larger(a, smaller(b, 3)) BETWEEN 1 AND 2", "memo || 'x' = 'y'"],
)  # fmt: skip
def test_the_white_list_lets_through(text):
    assert faults(text, NAMES, LISTS) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a / b", "Div is not allowed"),
        ("a % b", "Mod is not allowed"),
        ("ROUND(a)", "Round is not allowed"),
        ("MAX(a, b)", "Max is not allowed"),
        ("GREATEST(a, b)", "Greatest is not allowed"),
        ("memo LIKE 'x'", "Like is not allowed"),
        ("memo ILIKE 'x'", "ILike is not allowed"),
        ("CURRENT_DATE > a", "is not allowed"),
        ("CAST(a AS TEXT)", "Cast is not allowed"),
        ("(SELECT 1)", "is not allowed"),
        ("a > 1.5", "only whole numbers"),
        ("c > 1", "unknown column c"),
        ("contract.a > 1", "unknown column contract.a"),
        ("sleep(1)", "no such function"),
        ("larger(a)", "no such function"),
        ("has_word(memo, a)", "needs a word-list parameter"),
        ("has_word(memo, words, a)", "needs a word-list parameter"),
        ("has_word(memo, words, words, words)", "no such function"),
        ("memo = words", "stands only in has_word and word_in"),
        ("has_word(words, words)", "stands only in has_word and word_in"),
        ("1 + quotient(a, b)", "only as the whole expression"),
        ("a >", "does not parse"),
        ("a; DROP TABLE alert", "does not parse"),
    ],
)
def test_everything_else_is_refused_in_words(text, words):
    assert words in " ".join(each.en for each in faults(text, NAMES, LISTS))


def test_a_quotient_is_held_as_two_whole_numbers():
    assert split_quotient("quotient(a * 2, b)") == ("a * 2", "b")
    assert split_quotient("a + 1") == ("a + 1", "1")


def evaluate(app: App, text, **values):
    """The value of an expression on the real engine, names standing for literals."""

    def literal(value):
        if value is None:
            return "CAST(NULL AS BIGINT)"
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        return f"CAST({value} AS BIGINT)"

    columns = ", ".join(f"{literal(value)} AS {name}" for name, value in values.items())
    lists = {"words": [("贷款", "分'期")], "exceptions": [("非贷款", "贷款利率", "贷款利率表")]}
    sql = to_sql(text, app.database.dialect, lambda name: f"f.{name}", lists)
    with app.database.reading() as tx:
        return tx.exec_driver_sql(f"SELECT {sql} AS v FROM (SELECT {columns}) AS f").scalar()


def floor_div(a, b):
    return None if a is None or b is None or b <= 0 else a // b


def known(compute):
    return lambda a, b: None if a is None or b is None else compute(a, b)


EXPECTED = {
    "floor_div": floor_div,
    "larger": known(max),
    "smaller": known(min),
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_house_functions_agree_with_python(any_app, name):
    for a, b in itertools.product(NUMBERS, NUMBERS):
        found = evaluate(any_app, f"{name}(a, b)", a=a, b=b)
        assert (found if found is None else int(found)) == EXPECTED[name](a, b), (a, b)


def test_half_up_rounds_as_the_kernel_does(any_app):
    for a, b in itertools.product([0, 1, 2, 3, 5, 7, -1, -3, -5, 10**13 + 5], [1, 2, 3, 4, 10]):
        assert int(evaluate(any_app, "half_up(a, b)", a=a, b=b)) == half_up(a, b), (a, b)


@pytest.mark.parametrize("divisor", [0, -1, None])
@pytest.mark.parametrize("name", ["floor_div", "half_up"])
def test_nothing_is_divided_by_what_is_not_above_zero(any_app, name, divisor):
    assert evaluate(any_app, f"{name}(a, b)", a=1, b=divisor) is None


@pytest.mark.parametrize(
    ("memo", "word", "has"), [("学费", None, 0), ("小额贷款", "贷款", 1), ("分'期付", "分'期", 1)]
)
def test_words_are_found(any_app, memo, word, has):
    assert evaluate(any_app, "word_in(memo, words)", memo=memo) == word
    assert int(evaluate(any_app, "has_word(memo, words)", memo=memo)) == has


@pytest.mark.parametrize(
    ("memo", "word"),
    [
        ("非贷款", None),
        ("非贷款,另有贷款", "贷款"),
        ("贷款非贷款", "贷款"),
        ("查贷款利率表", None),
        ("非贷款 分'期", "分'期"),
        ("贷非贷款款", None),  # what an exception parts does not grow together
    ],
)
def test_an_exception_excuses_the_words_it_contains_and_no_others(any_app, memo, word):
    assert evaluate(any_app, "word_in(memo, words, exceptions)", memo=memo) == word
    has = evaluate(any_app, "has_word(memo, words, exceptions)", memo=memo)
    assert bool(has) == (word is not None)


def test_a_text_that_is_unknown_stays_unknown(any_app):
    unknown = "CASE WHEN a = 0 THEN 'x' END"
    assert evaluate(any_app, f"has_word({unknown}, words)", a=1) is None
    assert evaluate(any_app, f"has_word({unknown}, words, exceptions)", a=1) is None
    assert evaluate(any_app, f"includes({unknown}, 'x')", a=1) is None
