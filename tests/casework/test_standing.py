"""The engine's present word: the worst of a matter's alerts; what cannot be judged never passed."""

import pytest

from feewatch.casework.standing import Standing, in_words, of_matter


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["over", "breach", "undetermined"], "breach"),
        (["over", "undetermined"], "undetermined"),
        (["over"], "over"),
        ([], "over"),
    ],
)
def test_a_matter_is_as_the_worst_of_its_alerts(words, word):
    assert of_matter(words) == word


@pytest.mark.parametrize(
    ("checked_on", "words", "is_over"),
    [
        (20_000, ["over", "over"], True),
        (20_000, ["over", "undetermined"], False),
        (20_000, ["over", "breach"], False),
        (None, ["over"], False),
    ],
)
def test_a_case_is_over_when_a_check_says_so_of_every_matter(checked_on, words, is_over):
    assert Standing(checked_on, dict(enumerate(words))).is_over == is_over


def test_it_is_told_with_how_many_of_how_many_and_how_old_the_check_is():
    kept = Standing(20_665, {1: "breach", 2: "breach", 3: "undetermined"}).as_json(20_676)
    assert in_words(kept).zh == "仍违反 2/3，无法判断 1/3（2026-07-31 的检查，距当日 11 天）"
    assert in_words(kept).en == (
        "still in breach: 2 of 3, cannot be judged: 1 of 3 (check of 2026-07-31, 11 days old)"
    )
    assert kept["by_matter"] == {"1": "breach", "2": "breach", "3": "undetermined"}


def test_without_a_check_it_says_so():
    assert "尚未检查" in in_words(Standing(None, {1: "breach"}).as_json(20_676)).zh
