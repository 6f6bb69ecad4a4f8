import pytest

from feewatch.ledger.numbers import NumberIndex

ON_FILE = ["HT1", "HT12", "HT2026-1", "HT2026-1-2", "鲁培(2026)007", "20260301"]
INDEX = NumberIndex((number, place) for place, number in enumerate(ON_FILE))


@pytest.mark.parametrize(
    ("memo", "named"),
    [
        ("学费HT1", ["HT1"]),
        ("学费 ht1 全款", ["HT1"]),
        ("学费ＨＴ１", ["HT1"]),
        ("学费 H T12 全款", ["HT12"]),
        ("HT12、HT1,HT12", ["HT12", "HT1"]),
        ("HT12 HT1", ["HT12", "HT1"]),
        ("HT1 2026春季", ["HT1"]),
        ("鲁培（2026）007号", ["鲁培(2026)007"]),
        ("缴费20260301班", ["20260301"]),
        ("学费", []),
        (None, []),
    ],
)
def test_a_memo_names_numbers_in_its_order(memo, named):
    assert [ON_FILE[place] for place in INDEX.named_in(memo)] == named


@pytest.mark.parametrize("memo", ["HT123", "XHT1", "2HT1", "HT1A", "HT2026-10", "120260301", "H1"])
def test_a_number_inside_a_longer_run_is_another_number(memo):
    assert INDEX.named_in(memo) == ()


def test_the_longest_number_is_the_one_named():
    assert [ON_FILE[place] for place in INDEX.named_in("HT2026-1-2")] == ["HT2026-1-2"]
    assert [ON_FILE[place] for place in INDEX.named_in("HT2026-1-3")] == ["HT2026-1"]


def test_what_can_be_read_as_two_numbers_names_neither():
    assert INDEX.named_in("HT1 2") == ()
    assert NumberIndex([("ht1", 1), ("HT1", 2)]).named_in("HT1") == ()


def test_nothing_on_file_names_nothing():
    assert NumberIndex([]).named_in("HT1") == ()
    assert NumberIndex([(" ", 1)]).named_in("HT1") == ()


def test_a_number_is_never_glued_over_the_end_of_a_line():
    index = NumberIndex([("HT20260012", 1)])
    assert index.named_in("学费 HT2026001 2人班") == (1,), "a space inside is the payer's"
    assert index.named_in("学费 HT2026001  2人班") == ()
    both = NumberIndex([("HT20260012", 1), ("HT2026001", 2)])
    assert both.named_in("学费 HT2026001 2人班") == ()
    assert both.named_in("学费 HT2026001  2人班  HT20260012") == (2, 1)
    assert both.named_in("HT2026001  HT 2026001") == (2,)


def test_a_memo_without_spaces_names_whole_runs_of_letters_and_digits():
    index = NumberIndex([("HT1", 1), ("ht22", 2), ("HT3", 3), ("HT3", 4)])
    assert index.named_in("学费ht1、ＨＴ２２") == (1, 2)
    assert index.named_in("HT1HT22") == ()
    assert index.named_in("HT1/HT3/HT1") == (1,)
    assert index.named_in("学费HT 22") == (2,)
