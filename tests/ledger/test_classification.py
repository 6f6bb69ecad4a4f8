import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.ledger.classification import classify, list_returns
from feewatch.ledger.holder import Entry, Holder, LedgerAccount
from feewatch.ledger.numbers import NumberIndex

ACCOUNTS = [
    LedgerAccount(1, "621700001", "fee"),
    LedgerAccount(2, "621700002", "fee"),
    LedgerAccount(3, "621700003", "deposit"),
    LedgerAccount(4, "621700004", "settlement"),
]
BOOKED_IN = {"F1": 1, "F2": 2, "D": 3, "S": 4}
HOLDER = Holder(
    ["星海(潍坊)培训中心", "星海培训学校"],
    ACCOUNTS,
    NumberIndex([("HT26000001", 1), ("HT26000002", 2)]),
    NumberIndex([("TF001", 1)]),
)


def read(table):
    """Lines `account day yuan counterparty its-account memo kind`; `-` unknown, `!` a mark."""
    entries, kinds = [], []
    for key, line in enumerate(table.strip().splitlines()):
        *stated, kind = line.split()
        account, day, yuan, party, number, memo = (None if each == "-" else each for each in stated)
        entries.append(
            Entry(
                key,
                BOOKED_IN[account.rstrip("!")],
                parse_day(f"2026-{day}"),
                parse_yuan(yuan),
                party,
                number,
                memo,
                account.endswith("!"),
            )
        )
        kinds.append(kind)
    return entries, kinds


def assert_reads(table):
    """The kinds come out as the table says; gives which line reverses which."""
    entries, kinds = read(table)
    classified = classify(HOLDER, entries)
    assert [each.kind for each in classified] == kinds
    return {each.entry.id: each.reverses for each in classified if each.reverses is not None}


def test_inflows_of_a_fee_account():
    assert_reads(
        """
        F1 03-01 +100.00 张三                -         学费HT26000001     receipt
        F1 03-01 +100.00 -                   -         -                  receipt
        F1 03-02   +3.21 -                   -         存款利息           interest
        F1 03-02   +3.21 -                   -         活期结息           interest
        F1 03-03  +80.00 张三                -         学费HT26000001含利息 receipt
        F1 03-04 +500.00 -                   621700004 往来               own
        F1 03-04 +500.00 星海(潍坊)培训中心   -         往来               own
        F1 03-04 +500.00 星海培训学校        999       往来               own
        F1 03-04 +500.00 星海(潍坊)***       -         往来               receipt
        F1 03-05 +700.00 李四                -         退汇户名不符       returned
        F1 03-05 +700.00 李四                -         退回               returned
        F1 03-06   +0.00 -                   -         利息税             other
        """
    )


def test_outflows_of_a_fee_account():
    assert_reads(
        """
        F1 03-01 -100.00 张三   -         退费HT26000001   refund
        F1 03-01 -100.00 张三   -         课程退款         refund
        F1 03-01 -100.00 张三   -         TF001            refund
        F1 03-01 -100.00 张三   -         TF0011           release
        F1 03-02   -1.00 -      -         手续费           charge
        F1 03-02   -3.50 -      -         账户管理费       charge
        F1 03-03 -900.00 -      621700004 划拨已消课资金   release
        F1 03-03 -900.00 -      -         -                release
        """
    )


def test_deposit_and_settlement_accounts():
    assert_reads(
        """
        D 03-01 +5000.00 -    - 缴存保证金   deposit_in
        D 03-02    +9.00 -    - 结息         interest
        D 03-03    -1.00 -    - 手续费       charge
        D 03-04  -100.00 张三 - 退费         refund
        D 03-05  -110.00 张三 - 垫付         deposit_out
        D 03-06  +120.00 张三 - 退汇         returned
        D 03-07   +70.00 -    - 冲正         reversal
        S 03-01  +900.00 -    - 划拨         other
        S 03-01  -900.00 -    - 冲正         other
        """
    )


def test_a_reversal_takes_its_original_with_it():
    links = assert_reads(
        """
        F1  03-01 +100.00 张三 - 学费         reversal
        F1  03-02 -100.00 张三 - 冲正         reversal
        F1  03-03 -900.00 -    - 划拨         reversal
        F1! 03-03 +900.00 -    - -            reversal
        F1  03-04  -50.00 李四 - 退费         reversal
        F1  03-05  +50.00 李四 - 退费抹账     reversal
        """
    )
    assert links == {1: 0, 3: 2, 5: 4}


def test_an_original_is_reversed_once_and_the_nearest_first():
    links = assert_reads(
        """
        F1 03-01 +100.00 - - 学费   receipt
        F1 03-02 +100.00 - - 学费   reversal
        F1 03-03 +100.00 - - 学费   reversal
        F1 03-03 -100.00 - - 冲账   reversal
        F1 03-03 -100.00 - - 撤销   reversal
        F1 03-03 +100.00 - - 学费   receipt
        """
    )
    assert links == {3: 2, 4: 1}


@pytest.mark.parametrize(("day", "linked"), [("03-31", {1: 0}), ("04-01", {})])
def test_an_original_is_at_most_thirty_days_old(day, linked):
    first, second = ("reversal", "reversal") if linked else ("receipt", "release")
    links = assert_reads(
        f"""
        F1 03-01 +100.00 - - 学费   {first}
        F1 {day} -100.00 - - 冲正   {second}
        """
    )
    assert links == linked


def test_another_account_amount_or_counterparty_is_no_original():
    links = assert_reads(
        """
        F2 03-01 +100.00 -    -    学费   receipt
        F1 03-01 +100.01 -    -    学费   receipt
        F1 03-01 +100.00 李四 -    学费   receipt
        F1 03-01 +100.00 张三 6222 学费   receipt
        F1 03-02 -100.00 张三 6228 冲正   release
        """
    )
    assert links == {}


def test_a_payer_s_word_alone_makes_no_reversal_of_nothing_on_file_but_the_bank_s_mark_does():
    links = assert_reads(
        """
        F1  03-01 -100.00 张三 - 冲正       release
        F1  03-01 -100.00 张三 - 撤销       release
        F1  03-01 -100.00 张三 - 退费冲正   refund
        D   03-01 -100.00 张三 - 冲正       deposit_out
        F1! 03-01 -100.00 张三 - 冲正       reversal
        F1  03-01 +777.00 张三 - 冲正       reversal
        """
    )
    assert links == {}


def test_a_masked_or_missing_counterparty_does_not_keep_a_reversal_from_its_original():
    links = assert_reads(
        """
        F1 03-01 +100.00 李四 -    学费   receipt
        F1 03-01 +100.00 *三  6222 学费   reversal
        F1 03-02 -100.00 张三 -    冲正   reversal
        """
    )
    assert links == {2: 1}


def test_where_the_bank_marks_both_rows_the_second_reverses_the_first():
    links = assert_reads(
        """
        F1! 03-01 +100.00 - - 学费   reversal
        F1! 03-01 -100.00 - - 学费   reversal
        """
    )
    assert links == {1: 0}


def test_money_going_back_is_no_reversal():
    assert_reads(
        """
        F1 03-01 -100.00 - - 课程撤销退费   refund
        F1 03-02 +101.00 - - 撤销退汇       returned
        F1 03-03 -100.00 - - 转对冲账户     release
        """
    )


def test_both_legs_between_fee_accounts_are_internal():
    assert_reads(
        """
        F1 03-01 -800.00 -                 621700002 调拨   internal
        F2 03-02 +800.00 星海(潍坊)培训中心 -         调拨   internal
        F1 03-05 -700.00 -                 621700002 调拨   internal
        F2 03-05 +700.00 -                 -         -      internal
        """
    )


def test_a_deposit_that_moves_into_a_fee_account_is_internal_there_and_own_money_here():
    assert_reads(
        """
        D  03-01 -800.00 -                 621700001 转出   internal
        F1 03-02 +800.00 -                 -         -      own
        D  03-05 -700.00 -                 -         转出   internal
        F2 03-05 +700.00 星海培训学校      621700003 转入   own
        """
    )


def test_a_deposit_fed_from_a_fee_account_comes_in_internal_and_left_as_a_release():
    assert_reads(
        """
        F1 03-01 -800.00 -                 621700003 补足   release
        D  03-01 +800.00 -                 621700001 -      internal
        F1 03-05 -800.00 -                 621700003 补足   release
        D  03-07 +800.00 -                 621700001 -      deposit_in
        """
    )


def test_a_deposit_that_goes_elsewhere_is_used():
    assert_reads(
        """
        D  03-01 -800.00 -                 621700004 转出   deposit_out
        F1 03-01 +800.00 -                 621700004 转入   own
        D  03-05 -700.00 -                 621700001 转出   deposit_out
        """
    )


def test_one_leg_alone_is_a_release_or_own_money():
    assert_reads(
        """
        F1 03-01 -800.00 - 621700002 调拨   release
        F2 03-03 +800.00 - 621700001 调拨   own
        """
    )


def test_legs_that_contradict_each_other_or_tell_nothing_are_no_transfer():
    assert_reads(
        """
        F1 03-01 -800.00 - 621700004 划拨             release
        F2 03-01 +800.00 - 621700001 调拨             own
        F1 03-05 -700.00 - -         划拨             release
        F2 03-05 +700.00 - -         学费             receipt
        F1 03-08 -600.00 - 621700002 调拨             release
        F2 03-08 +600.00 - -         学费HT26000001   receipt
        F1 03-09 -500.00 - 621700001 调拨             release
        F1 03-09 +500.00 - 621700001 调拨             own
        """
    )


def returns(table):
    """Which line brings back which, and how much."""
    classified = classify(HOLDER, read(table)[0])
    found = list_returns(e for e, kind, _ in classified if kind in ("refund", "returned"))
    return {key: (each.refund.id, each.fen // 100) for key, each in found.items()}


def test_what_the_bank_brings_back_takes_its_payment_with_it():
    links = assert_reads(
        """
        F1 03-01 -100.00 张三       -    退费   reversal
        F1 03-01 -100.00 李四       -    房租   reversal
        F1 03-03 +100.00 张三       -    退汇   reversal
        F1 03-04 +100.00 待清算款项 -    退汇   reversal
        F1 03-05 +480.00 王五       -    学费   reversal
        F1 03-06 -480.00 王五       -    退汇   reversal
        F1 03-07 -300.00 某公司     -    货款   reversal
        F1 03-08 +300.00 -          -    退票   reversal
        """
    )
    assert links == {2: 0, 3: 1, 5: 4, 7: 6}


def test_what_may_be_two_payments_or_none_is_brought_back_by_neither():
    links = assert_reads(
        """
        F1 03-01 -100.00 张三 - 退费 refund
        F1 03-01 -100.00 李四 - 房租 release
        F1 03-04 +100.00 -    - 退汇 returned
        F1 03-04  +90.00 -    - 退汇 returned
        F2 03-04 +100.00 张三 - 退汇 returned
        F1 03-05 -100.00 张三 - 退费退汇重付 refund
        """
    )
    assert links == {}


def test_the_other_side_of_a_reversal_is_never_the_institution_itself():
    links = assert_reads(
        """
        F1! 03-01 -100.00 张三                 6222      划拨   reversal
        F1! 03-02 +100.00 星海(潍坊)培训中心   621700001 -      reversal
        F1  03-03 +480.00 王五                 -         学费   reversal
        F1  03-04 -480.00 星海(潍坊)培训中心   -         冲正   reversal
        """
    )
    assert links == {1: 0, 3: 2}


def test_a_returned_refund_is_found_by_counterparty_and_amount_else_by_either_alone():
    assert returns(
        """
        F1 03-01 -100.00 张三 - 退费 refund
        F1 03-01 -100.00 李四 - 退费 refund
        F1 03-03 +100.00 张三 - 退回 returned
        F1 03-04 +100.00 待清算款项 - 退回 returned
        F1 03-05 -300.00 王五 - 退费 refund
        F1 03-06 +120.00 王五 - 退汇 returned
        """
    ) == {2: (0, 100), 3: (1, 100), 5: (4, 120)}


def test_a_return_that_may_be_of_two_refunds_or_of_none_brings_back_neither():
    assert (
        returns(
            """
        F1 03-01 -100.00 张三 - 退费 refund
        F1 03-01 -100.00 李四 - 退费 refund
        F1 03-04 +100.00 - - 退汇 returned
        F1 03-04 +90.00 - - 退汇 returned
        F2 03-04 +100.00 张三 - 退汇 returned
        F1 03-04 +500.00 张三 - 退汇 returned
        """
        )
        == {}
    )


@pytest.mark.parametrize(("day", "found"), [("03-31", {1: (0, 100)}), ("04-01", {})])
def test_a_refund_comes_back_within_thirty_days(day, found):
    assert (
        returns(
            f"""
        F1 03-01 -100.00 张三 - 退费 refund
        F1 {day} +100.00 张三 - 退回 returned
        """
        )
        == found
    )
