"""Release lists beside bank and lessons: each credit used once, the unknown never a match."""

import pytest

from feewatch.kernel.days import parse_day
from feewatch.ledger.contract_releases import (
    BankCredit,
    ContractRelease,
    compare_with_bank,
    compare_with_lessons,
    lesson_day,
    worth_of,
)

DAY = parse_day("2026-07-10")


def release(key, fen=100, day=DAY, into="A", contract=1, lesson_on=DAY):
    return ContractRelease(key, day, fen, into, contract, lesson_on)


def credit(key, fen=100, day=DAY, account="A", *, is_of_list=True):
    return BankCredit(key, account, day, fen, is_of_list)


def everywhere(_day):
    return True


def fates(releases, incoming, *, covered=True):
    found = compare_with_bank(releases, incoming, lambda _account, _day: covered, everywhere)
    return [found.fates[each.key] for each in releases], [each.key for each in found.unlisted]


@pytest.mark.parametrize(
    ("gap", "fate"), [(0, "single"), (1, "single"), (-1, "single"), (2, "not_seen")]
)
def test_a_credit_of_the_same_amount_a_day_off_at_most_is_the_release(gap, fate):
    assert fates([release(1)], [credit(9, day=DAY + gap, is_of_list=False)])[0] == [fate]


def test_one_credit_answers_for_one_release():
    assert fates([release(1), release(2)], [credit(9)])[0] == ["single", "not_seen"]


def test_the_sum_of_a_day_answers_for_all_of_it_and_part_of_it_for_none():
    some = [release(1, 100), release(2, 250)]
    assert fates(some, [credit(9, 350)]) == (["together", "together"], [])
    assert fates(some, [credit(9, 349)]) == (["not_seen", "not_seen"], [9])


def test_what_the_bank_does_not_cover_or_nobody_registered_is_unknown():
    assert fates([release(1)], [], covered=False)[0] == ["unknown"]
    assert fates([release(1, into=None)], [credit(9)])[0] == ["unknown"]
    first_day_alone = compare_with_bank(
        [release(1)], [], lambda _account, day: day == DAY, everywhere
    )
    assert first_day_alone.fates[1] == "unknown"  # it may come the day after


def test_other_money_in_is_no_difference():
    assert fates([], [credit(9, is_of_list=False), credit(8)])[1] == [8]


def test_a_credit_of_a_day_of_which_no_list_tells_is_missing_in_none():
    found = compare_with_bank([], [credit(9)], lambda _account, _day: True, lambda day: day == DAY)
    assert (found.unlisted, found.unjudged) == ((), 1)  # it may be a release of the day before


@pytest.mark.parametrize(
    ("fen", "fate"),
    [(1000, "agrees"), (1001, "agrees"), (999, "agrees"), (1002, "more"), (998, "less")],
)
def test_a_list_may_round_a_lesson_by_one_fen(fen, fate):
    (line,) = compare_with_lessons([release(1, fen)], {(1, DAY): 1000}, lambda _: True)
    assert (line.fate, line.due_fen, line.released_fen) == (fate, 1000, fen)


def test_a_lesson_released_twice_is_more_than_it_is_worth():
    (line,) = compare_with_lessons(
        [release(1, 1000), release(2, 1000)], {(1, DAY): 1000}, lambda _: True
    )
    assert (line.fate, line.releases) == ("more", (1, 2))


@pytest.mark.parametrize(("covered", "fate"), [(True, "no_lesson"), (False, "unknown")])
def test_a_day_without_lessons_is_told_only_where_lessons_are_known(covered, fate):
    (line,) = compare_with_lessons([release(1)], {}, lambda _: covered)
    assert line.fate == fate


def test_a_contract_that_does_not_tell_its_lessons_cannot_be_compared():
    assert worth_of(1000, None, [(DAY, 2)]) == {DAY: None}
    (line,) = compare_with_lessons([release(1)], {(1, DAY): None}, lambda _: True)
    assert line.fate == "unknown"


def test_lessons_are_worth_what_the_fee_says_and_never_more_in_all():
    worth = worth_of(1000, 3, [(DAY, 1), (DAY + 1, 1), (DAY + 2, 1), (DAY + 3, 1)])
    assert list(worth.values()) == [333, 334, 333, 0]


@pytest.mark.parametrize(
    ("memo", "day"),
    [
        ("课时释放 HT1  2026-07-10  2", "2026-07-10"),
        ("课时释放 HT1 2026/7/10 2", "2026-07-10"),
        ("课时释放 HT-2026-07-10", None),
        ("课时释放 2026-07-10 2026-07-11", None),
        ("课时释放", None),
        (None, None),
    ],
)
def test_a_memo_names_one_day_of_a_lesson_or_none(memo, day):
    assert lesson_day(memo) == (parse_day(day) if day else None)
