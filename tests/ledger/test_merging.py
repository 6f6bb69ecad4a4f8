import re
from itertools import count, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feewatch.ledger.merging import EntryTexts, Payment, StatedEntry, fits, merge_day
from feewatch.ledger.numbering import NoIds

FEE = 320_000
NO_IDS = NoIds()
_keys = count(1)


def row(statement: int, amount: int = FEE, n: int = 0, **told: object) -> StatedEntry:
    return StatedEntry(next(_keys), statement, amount, n, EntryTexts(**told))  # type: ignore[arg-type]


def merged(*statements: list[StatedEntry], no_ids: NoIds = NO_IDS) -> list[Payment]:
    return merge_day(statements, no_ids)


def test_the_same_payment_in_two_statements_is_one_entry() -> None:
    assert len(merged([row(1, balance_fen=5)], [row(2, balance_fen=5)])) == 1


def test_two_equal_payments_of_one_statement_stay_two() -> None:
    assert len(merged([row(1), row(1)])) == 2


def test_the_larger_count_among_the_statements_survives() -> None:
    assert len(merged([row(1), row(1)], [row(2), row(2), row(2)], [row(3)])) == 3


def test_different_amounts_and_directions_never_merge() -> None:
    assert len(merged([row(1, FEE)], [row(2, -FEE)], [row(3, FEE + 1)])) == 3


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("balance_fen", 100, 101),
        ("counterparty", "张伟", "李明"),
        ("memo", "学费", "资料费"),
        ("reference", "A1", "A2"),
    ],
)
def test_a_field_that_both_carry_and_that_differs_keeps_rows_apart(
    field: str, one: object, other: object
) -> None:
    assert len(merged([row(1, **{field: one})], [row(2, **{field: other})])) == 2
    assert len(merged([row(1, **{field: one})], [row(2, **{field: one})])) == 1
    assert len(merged([row(1, **{field: one})], [row(2)])) == 1


def test_a_reference_that_is_no_id_contradicts_nothing() -> None:
    rows = [row(1, reference="3")], [row(2, reference="1")]
    assert len(merged(*rows)) == 2
    assert len(merged(*rows, no_ids=NoIds(frozenset({"3"})))) == 1


def test_rows_of_mixed_carriers_become_one_entry_that_knows_all() -> None:
    (payment,) = merged(
        [row(1, counterparty="张伟")], [row(2, balance_fen=900)], [row(3, memo="学费 HT1")]
    )
    entry, *others = payment.rows()
    assert entry.told == EntryTexts(balance_fen=900, counterparty="张伟", memo="学费 HT1")
    assert entry.filled == 0b1001  # balance and memo are other rows'
    assert [(other.merged_into, other.n) for other in others] == [(entry.id, 0)] * 2


def test_a_third_statement_must_fit_all_that_is_known_of_the_entry() -> None:
    payments = merged(
        [row(1, counterparty="张伟")], [row(2, balance_fen=900)], [row(3, balance_fen=800)]
    )
    assert len(payments) == 2


def test_the_likest_rows_are_paired_first() -> None:
    payments = merged([row(1), row(1, memo="学费")], [row(2, memo="学费"), row(2, memo="资料费")])
    assert sorted(each.known.memo or "" for each in payments) == ["学费", "资料费"]


def test_pairs_give_way_where_that_lets_one_more_row_find_its_entry() -> None:
    # alike rows first would leave 学费 and 资料费 without a partner and count three payments
    payments = merged([row(1), row(1, memo="学费")], [row(2, memo="资料费"), row(2)])
    assert len(payments) == 2


def test_what_tells_little_leaves_the_choice_to_what_tells_more() -> None:
    # the memo fits either balance; the third statement says which, and no third payment is made
    memos = [row(1, memo="学费"), row(1, memo="资料费")]
    balances = [row(2, balance_fen=2), row(2, balance_fen=1)]
    both = [row(3, balance_fen=1, memo="学费"), row(3, balance_fen=2, memo="资料费")]
    payments = merged(memos, balances, both)
    assert {(each.known.memo, each.known.balance_fen) for each in payments} == {
        ("学费", 1),
        ("资料费", 2),
    }
    assert [each.kept.statement_id for each in payments] == [1, 1]


@pytest.mark.parametrize("seed", range(300))
def test_equal_payments_told_in_any_fields_are_never_counted_twice(seed: int) -> None:
    dice = Random(seed)
    truth = [
        {"balance_fen": i, "counterparty": dice.choice("王李"), "memo": dice.choice("甲乙丙"),
         "reference": f"R{i}"}
        for i in range(dice.randrange(2, 5))
    ]  # fmt: skip
    statements = []
    for n in range(dice.randrange(2, 6)):
        told = {name for name in truth[0] if dice.random() < 0.6}
        empty = {name for name in ("memo", "counterparty") if dice.random() < 0.2}
        seen = truth[: dice.randrange(1, len(truth) + 1)] if dice.random() < 0.3 else truth
        statements.append([
            row(n, **{k: v for k, v in each.items()
                      if k in told and not (k in empty and dice.random() < 0.5)})
            for each in (seen[::-1] if dice.random() < 0.2 else seen)
        ])  # fmt: skip
    assert len(merged(*statements)) == max(map(len, statements))


def test_masked_rows_merge_and_the_unmasked_row_stands_in_the_ledger() -> None:
    masked, full = row(1, counterparty="王*明"), row(2, counterparty="王小明")
    (payment,) = merged([masked], [full])
    assert payment.kept == full


def test_a_text_cut_short_contradicts_nothing_and_the_whole_one_stands_in_the_ledger() -> None:
    cut = row(1, memo="学费", counterparty="启明教育咨询有限公司")
    whole = row(2, memo="学费 HT2026001", counterparty="启明教育咨询")
    (payment,) = merged([cut], [whole])
    assert payment.kept == whole
    assert payment.known == EntryTexts(memo="学费 HT2026001", counterparty="启明教育咨询有限公司")


def test_a_text_cut_short_is_part_of_one_payment_alone() -> None:
    payments = merged([row(1, memo="学费")], [row(2, memo="学费 HT1")], [row(3, memo="学费 HT2")])
    assert sorted(str(each.known.memo) for each in payments) == ["学费 HT1", "学费 HT2"]


def test_equal_rows_are_numbered_in_the_order_of_statements() -> None:
    first, second = row(1, balance_fen=1), row(1, balance_fen=2)
    third = row(2, balance_fen=3)
    numbers = {each.id: each.n for payment in merged([first, second], [third]) for each in payment.rows()}  # fmt: skip # noqa: E501
    assert numbers == {first.id: 1, second.id: 2, third.id: 3}


def test_a_number_once_given_stays_with_its_payment() -> None:
    late, given = row(1, balance_fen=1), row(2, n=1, balance_fen=2)
    assert [(each.kept, each.n) for each in merged([late], [given])] == [(late, 2), (given, 1)]


def test_the_number_moves_to_the_row_that_now_stands_for_the_payment() -> None:
    earlier, given = row(1), row(2, n=1)
    (payment,) = merged([earlier], [given])
    assert [(each.id, each.n) for each in payment.rows()] == [(earlier.id, 1), (given.id, 0)]


def test_the_ids_of_rows_that_is_the_order_of_arrival_change_nothing() -> None:
    told = [
        EntryTexts(balance_fen=1),
        EntryTexts(memo="学费"),
        EntryTexts(counterparty="张伟"),
        EntryTexts(balance_fen=2),
    ]

    def outcome(ids: tuple[int, ...]) -> list[list[int]]:
        rows = [[StatedEntry(key, i, FEE, 0, told[i])] for i, key in enumerate(ids)]
        return [[row.statement_id for row in each.members] for each in merge_day(rows)]

    assert len({str(outcome(ids)) for ids in permutations(range(4))}) == 1


@pytest.mark.parametrize(
    ("one", "other", "may_be_same"),
    [
        ("6226******5669", "6226000012345669", True),
        ("6226******5669", "6226000012345668", False),
        ("中***融科技有限公司", "中安信融科技有限公司", True),
        ("**微超", "王微超", True),
        ("王**", "王*明", True),
        ("王**", "李**", False),
        ("学费 HT 1", "学费HT1", True),
        ("学费", "学费1", True),  # cut short
        ("网银转账 学费 HT1", "学费HT1", True),  # one more field of the same row
        ("学费 HT1", "学费 HT2", False),
        ("启明培训", "启蒙培训", False),
        (None, "学费", True),
    ],
)
def test_texts_fit_where_nothing_visible_differs(
    one: str | None, other: str, may_be_same: bool
) -> None:
    assert fits(one, other) is may_be_same
    assert fits(other, one) is may_be_same


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_stars_stand_for_what_a_pattern_would_let_them_stand_for(masked: str, full: str) -> None:
    pattern = re.sub(r"\*+", ".+", masked)
    is_part = "*" not in masked and (masked in full or full in masked)
    assert fits(masked, full) is (is_part or re.fullmatch(pattern, full) is not None)


def test_a_text_of_many_stars_is_compared_without_trying_every_way() -> None:
    assert not fits("a*" * 5_000 + "b", "a" * 50_000)
    assert fits("a*" * 5_000 + "b", "a" * 50_000 + "b")


def test_a_thousand_equal_rows_without_balances_merge_in_reasonable_time() -> None:
    plain = [row(1) for _ in range(1000)]
    payments = merged(plain, [row(2, balance_fen=i) for i in range(1000)])
    assert len(payments) == 1000
