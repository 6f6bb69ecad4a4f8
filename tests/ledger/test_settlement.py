import pytest

from feewatch.kernel.days import date_of, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.ledger.books import Books, ContractInBooks, Given
from feewatch.ledger.channels import find_channel, load_channels
from feewatch.ledger.holder import Entry, LedgerAccount
from feewatch.ledger.matching import derive

FEE = LedgerAccount(1, "621700001", "fee")
PAYER = {"wechat": "财付通支付科技有限公司", "alipay": "支付宝(中国)网络技术有限公司"}


def _day(text):
    return parse_day(f"2026-{text}")


#: Saturdays and Sundays, and the holiday of early May.
DAYS_OFF = frozenset(
    day
    for day in range(_day("01-01"), _day("12-31"))
    if date_of(day).weekday() >= 5 or _day("05-01") <= day <= _day("05-05")
)


def contracts(table):
    """Lines `number fee paid_on channel`."""
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        ContractInBooks(key, number, parse_yuan(fee), _day(paid), "prepaid", channel)
        for key, (number, fee, paid, channel) in enumerate(rows)
    ]


def entries(table):
    """Lines `day amount payer memo`; wechat and alipay stand for their clearing accounts."""
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        Entry(key, 1, _day(day), parse_yuan(amount), PAYER.get(payer, payer), memo=memo)
        for key, (day, amount, payer, memo) in enumerate(rows)
    ]


def derived(of, listed, given=()):
    books = Books(
        frozenset(), [FEE], of, [], listed, given, channels=load_channels(), days_off=DAYS_OFF
    )
    return derive(books)


def settled(of, listed, given=()):
    """Which contracts each entry paid, how, and what of it is left over, with the reason."""
    derivation = derived(of, listed, given)
    numbers = {contract.id: contract.contract_no for contract in of}
    paid = {}
    for each in derivation.matches:
        paid.setdefault((each.entry_id, each.how), []).append(numbers[each.contract_id])
        assert each.amount_fen <= next(c.fee_fen for c in of if c.id == each.contract_id)
    left = {
        entry.id: (parse_yuan_of(entry.amount_fen - told.matched_fen), derivation.unexplained[key])
        for key, (entry, told) in enumerate(zip(listed, derivation.entries, strict=True))
        if entry.id in derivation.unexplained
    }
    return {key: " ".join(sorted(named)) for key, named in paid.items()}, left


def parse_yuan_of(fen):
    return fen / 100


WEEKEND = """
    HT1 1000 03-06 wechat
    HT2 2500 03-07 wechat
    HT3  800 03-08 wechat
    HT4  700 03-09 alipay
"""


def test_on_a_monday_a_lump_is_for_friday_and_the_weekend():
    assert settled(contracts(WEEKEND), entries("03-09 4300 wechat 结算")) == (
        {(0, "settlement"): "HT1 HT2 HT3"},
        {},
    )


def test_after_a_holiday_a_lump_is_for_the_whole_holiday():
    of = contracts("""
        HT1 1000 04-30 wechat
        HT2 2500 05-02 wechat
        HT3  800 05-05 wechat
    """)
    assert settled(of, entries("05-06 4300 wechat 结算"))[0] == {(0, "settlement"): "HT1 HT2 HT3"}


def test_a_lump_is_for_the_days_since_the_one_before():
    of = contracts("""
        HT1 1000 03-02 wechat
        HT2 2500 03-03 wechat
        HT3  800 03-05 wechat
        HT4  600 03-05 wechat
        HT5  900 03-06 wechat
    """)
    listed = entries("""
        03-03 1000 wechat 结算
        03-06 3900 wechat 结算
    """)
    assert settled(of, listed)[0] == {(0, "amount"): "HT1", (1, "settlement"): "HT2 HT3 HT4"}


def test_a_channel_may_settle_on_the_day_itself():
    of = contracts("""
        HT1 1000 03-03 wechat
        HT2 2500 03-04 wechat
        HT3  800 03-05 wechat
    """)
    listed = entries("""
        03-03 1000 wechat 结算
        03-05 3300 wechat 结算
    """)
    assert settled(of, listed)[0] == {(0, "amount"): "HT1", (1, "settlement"): "HT2 HT3"}


@pytest.mark.parametrize(
    ("amount", "is_settled"),
    [
        ("4300.00", True),  # gross
        ("4274.20", True),  # net: 0.6 % of 4300 is 25.80
        ("4274.19", False),
        ("4274.21", False),
        ("4299.99", False),
    ],
)
def test_a_lump_is_gross_or_net_of_the_fee_on_file_to_the_fen(amount, is_settled):
    derivation = derived(contracts(WEEKEND), entries(f"03-09 {amount} wechat 结算"))
    (told,) = derivation.entries
    if is_settled:
        assert sum(each.amount_fen for each in derivation.matches) == 430000
        assert told.matched_fen == parse_yuan(amount)
        assert derivation.unexplained == {}
    else:
        assert (derivation.matches, told.matched_fen) == ([], 0)
        assert derivation.unexplained == {0: "settlement_differs"}
        assert (derivation.windows[0][0].sum_fen, derivation.windows[0][0].net_fen) == (
            430000,
            427420,
        )


def test_the_fee_is_rounded_on_the_sum_or_on_each_contract():
    of = contracts("""
        HT1 100.75 03-06 wechat
        HT2 100.75 03-06 wechat
    """)  # 0.6 % of each is 60.45 fen, of the sum 120.9 fen
    assert settled(of, entries("03-09 200.29 wechat 结算"))[1] == {}
    assert settled(of, entries("03-09 200.30 wechat 结算"))[1] == {}
    assert settled(of, entries("03-09 200.28 wechat 结算"))[0] == {}


def test_one_contract_net_of_the_fee_is_paid_in_full():
    derivation = derived(contracts("HT1 1000 03-06 wechat"), entries("03-09 994 wechat 结算"))
    assert [each.amount_fen for each in derivation.matches] == [100000]
    assert derivation.entries[0].matched_fen == 99400


def test_two_windows_that_both_fit_are_no_explanation():
    of = contracts("""
        HT1 1000 03-03 wechat
        HT2 2000 03-03 wechat
        HT3  500 03-04 wechat
        HT4 2500 03-04 wechat
    """)
    listed = entries("""
        03-03 99 wechat 结算
        03-04 3000 wechat 结算
    """)
    assert settled(of, listed) == (
        {},
        {0: (99, "settlement_differs"), 1: (3000, "several_settlements")},
    )


def test_a_contract_of_the_lump_s_amount_is_a_second_explanation():
    of = contracts(WEEKEND + "    HT5 4300 03-09 bank")
    listed = entries("03-09 4300 wechat 结算")
    assert settled(of, listed) == ({}, {0: (4300, "several_settlements")})


@pytest.mark.parametrize("channel", ["cash", "alipay"])
def test_a_contract_paid_another_way_is_no_explanation_of_a_channel_s_money(channel):
    of = contracts(WEEKEND + f"    HT5 4300 03-09 {channel}")
    listed = entries("03-09 4300 wechat 结算")
    assert settled(of, listed)[0] == {(0, "settlement"): "HT1 HT2 HT3"}
    alone = contracts(f"HT5 4300 03-09 {channel}")
    assert settled(alone, listed) == ({}, {0: (4300, "settlement_differs")})


def test_the_second_explanation_is_gone_once_another_receipt_pays_it():
    of = contracts(WEEKEND + "    HT5 4300 03-09 bank")
    listed = entries("""
        03-09 4300 wechat 结算
        03-10 4300 张三 HT5
    """)
    assert settled(of, listed)[0] == {
        (0, "settlement"): "HT1 HT2 HT3",
        (1, "contract_no"): "HT5",
    }


def test_contracts_named_are_not_settled_again():
    of = contracts(WEEKEND)
    listed = entries("""
        03-06 1000 张三 HT1
        03-09 3300 wechat 结算
    """)
    assert settled(of, listed) == (
        {(0, "contract_no"): "HT1", (1, "settlement"): "HT2 HT3"},
        {},
    )


def test_a_payment_seen_as_the_family_s_transfer_and_in_the_lump_pays_once():
    of = contracts(WEEKEND)
    listed = entries("""
        03-06 1000 张三 学费
        03-09 4300 wechat 结算
    """)
    assert settled(of, listed) == (
        {(0, "amount"): "HT1", (1, "settlement"): "HT2 HT3"},
        {1: (1000, "paid_twice")},
    )


def test_a_lump_of_which_all_was_paid_already_pays_nothing():
    of = contracts("HT1 1000 03-06 wechat\nHT2 500 03-06 wechat")
    listed = entries("""
        03-06 1500 张三 HT1HT2
        03-06 1500 张三 HT1、HT2
        03-09 1491 wechat 结算
    """)
    assert settled(of, listed)[0] == {(1, "contract_no"): "HT1 HT2"}
    assert settled(of, listed)[1][2] == (1491, "paid_twice")


def test_a_contract_paid_in_part_stands_in_no_lump():
    of = contracts(WEEKEND)
    listed = entries("""
        03-06 1 张三 HT1
        03-09 4300 wechat 结算
    """)
    assert settled(of, listed)[1] == {1: (4300, "settlement_differs")}


def test_several_lumps_of_a_day_are_each_for_days_of_their_own():
    of = contracts(WEEKEND + "    HT5 900 03-06 wechat")
    listed = entries("""
        03-09 1900 wechat 结算
        03-09 2500 wechat 结算
        03-09 795.20 wechat 结算
    """)
    assert settled(of, listed)[0] == {
        (0, "settlement"): "HT1 HT5",
        (1, "amount"): "HT2",
        (2, "settlement"): "HT3",
    }


def test_daily_lumps_of_one_contract_each_at_one_price_go_to_their_own_day():
    of = contracts("""
        HT1 1000 03-03 wechat
        HT2 1000 03-04 wechat
        HT3 1000 03-05 alipay
    """)
    listed = entries("""
        03-04 994 wechat 结算
        03-05 994 wechat 结算
        03-06 994 alipay 结算
    """)
    # by itself the first might be for its own day too, but the second is for that one
    assert settled(of, listed)[0] == {
        (0, "settlement"): "HT1",
        (1, "settlement"): "HT2",
        (2, "settlement"): "HT3",
    }


def test_an_officer_s_decision_on_a_lump_comes_first():
    of = contracts(WEEKEND)
    listed = entries("03-09 3500 wechat 结算")
    given = [Given(0, 0, 100000), Given(0, 1, 250000)]
    assert settled(of, listed, given) == ({(0, "manual"): "HT1 HT2"}, {})
    assert settled(of, listed, given[:1]) == (
        {(0, "manual"): "HT1"},
        {0: (2500, "decided_in_part")},
    )


@pytest.mark.parametrize(
    ("counterparty", "memo", "channel"),
    [
        ("财付通支付科技有限公司", None, "wechat"),
        ("财付通支付科技有限公司客户备付金", None, "wechat"),
        ("深圳市腾讯计算机系统有限公司", None, "wechat"),
        ("支付宝(中国)网络技术有限公司", None, "alipay"),
        ("蚂蚁智安支付", None, "alipay"),
        ("中国银联股份有限公司", None, "unionpay"),
        ("China UnionPay", None, "unionpay"),
        ("区校外培训监管平台资金户", None, "platform"),
        ("张三", "微信商户结算", None),
        (None, "微信商户结算", "wechat"),
        (None, "微信转账学费", None),
        (None, None, None),
        ("银联商务支付宝", None, None),
    ],
)
def test_a_channel_is_known_by_its_clearing_account_else_by_the_memo(counterparty, memo, channel):
    found = find_channel(load_channels(), Entry(1, 1, 20000, 100, counterparty, memo=memo))
    assert (found.name if found else None) == channel
