"""What each public list means and what follows from it, as list_meanings.toml says it."""

import shutil

import pytest

from feewatch.credit.lists import LISTS
from feewatch.engine.list_meanings import NAMES
from feewatch.engine.loader import SHIPPED, load_rule_book
from feewatch.kernel.errors import InvalidInputError


def test_every_list_of_the_field_has_its_words():
    assert set(NAMES) == set(LISTS)
    assert set(load_rule_book().meanings_json()) == set(LISTS)


def test_no_consequence_is_told_but_by_an_article_that_was_read():
    told = load_rule_book().meanings_json()
    bases = {
        name: words["consequence"]["basis"] for name, words in told.items() if words["consequence"]
    }
    assert set(bases) == {"black", "credit_black"}
    assert all(basis["certainty"] in ("V1", "V2") for basis in bases.values())


def refusal(tmp_path, before, after):
    folder = shutil.copytree(SHIPPED, tmp_path / "rules")
    file = folder / "list_meanings.toml"
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(InvalidInputError) as refused:
        load_rule_book([folder], shipped=False)
    return str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('article = "第三条"', 'article = "第九十九条"', "第九十九条"),
        ('source = "credit-repair-2025"', 'source = "nowhere"', "nowhere"),
        ('source = "credit-repair-2025"\narticle = "第三条"\n', "", "source"),
        ("[white]", "[pink]", "pink"),
        ("means_not", "mean", "means_not"),
    ],
)
def test_a_consequence_without_a_read_article_and_a_slip_are_refused(
    tmp_path, before, after, words
):
    assert words in refusal(tmp_path, before, after)


def test_an_article_that_nobody_read_carries_no_consequence(tmp_path):
    unread = 'source = "credit-repair-2023"\narticle = "行政处罚信息的公示期限"'
    read = 'source = "credit-repair-2025"\narticle = "第三条"'
    assert "没有核读过的文件写明的后果不写" in refusal(tmp_path, read, unread)
