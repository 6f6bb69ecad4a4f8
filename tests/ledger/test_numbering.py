"""Numbers that two downloads of the same days do not share are no ids."""

import pytest
from ledger.test_tellers import part, tellers

from feewatch.ledger.numbering import Downloads, NoIds, NumberedRow


def made_anew(day, *rows):
    downloads = Downloads()
    downloads.add([NumberedRow(*row) for row in rows], day)
    return downloads.list_made_anew()


TWICE = tellers(part(1, 0, 100, 50), part(2, 0, 100, 50))


def test_numbers_that_two_downloads_of_a_day_do_not_share_are_no_ids():
    rows = [(1, 100, "a1"), (1, 50, "a2"), (2, 100, "b1"), (2, 50, "b2")]
    assert made_anew(TWICE, *rows) == {1, 2}


def test_numbers_that_are_shared_once_are_ids():
    rows = [(1, 100, "a1"), (1, 50, "a2"), (2, 100, "a1"), (2, 50, "a3")]
    assert made_anew(TWICE, *rows) == set()


@pytest.mark.parametrize(("amounts", "anew"), [((100, 7), {1, 2}), ((8, 7), set())])
def test_other_money_of_a_day_says_nothing_of_the_numbers(amounts, anew):
    rows = [(2, fen, f"b{n}") for n, fen in enumerate(amounts)]
    assert made_anew(TWICE, (1, 100, "a1"), (1, 50, "a2"), *rows) == anew


def test_parts_of_a_day_need_share_no_number():
    parts = tellers(part(1, 0, 100), part(2, 100, 100))
    assert made_anew(parts, (1, 100, "a1"), (2, 100, "b1")) == set()


def test_a_reference_is_no_id_by_its_word_or_by_its_statement():
    no_ids = NoIds(frozenset({"1"}), frozenset({7}))
    assert no_ids.holds(3, "1")
    assert no_ids.holds(7, "X9")
    assert not no_ids.holds(3, "X9")
    assert no_ids.joined({3}).holds(3, "X9")
