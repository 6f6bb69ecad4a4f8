import pytest

from feewatch.kernel.days import parse_day
from feewatch.ledger.books import Books, ContractInBooks, RefundRequest
from feewatch.ledger.candidates import Nearby
from feewatch.ledger.channels import load_channels
from feewatch.ledger.holder import Entry, LedgerAccount
from feewatch.ledger.matching import derive


def _day(text):
    return parse_day(f"2026-{text}")


CONTRACTS = [
    ContractInBooks(1, "HT1", 100000, _day("03-01"), "prepaid", "wechat"),
    ContractInBooks(2, "HT2", 100000, _day("03-20"), "prepaid", "bank"),
    ContractInBooks(3, "HT3", 100500, _day("03-02"), "prepaid", "cash"),
    ContractInBooks(4, "HT4", 100000, None, "pay_after"),
]
REQUESTS = [
    RefundRequest(1, "TF1", 1, _day("04-01"), 30000),
    RefundRequest(2, "TF2", 2, _day("04-20"), 30000),
    RefundRequest(3, "TF3", 3, _day("04-02"), 20000),
]


def nearest(*entries, contracts=CONTRACTS, requests=REQUESTS):
    """Of the last entry: name and codes of the obstacles."""
    books = Books(
        frozenset(),
        [LedgerAccount(1, "1", "fee")],
        contracts,
        requests,
        entries,
        (),
        load_channels(),
    )
    found = Nearby(books, derive(books)).of(entries[-1])
    return [(each.name, [obstacle.code for obstacle in each.obstacles]) for each in found]


def receipt(key, day, fen, payer="张三", memo=""):
    return Entry(key, 1, _day(day), fen, payer, memo=memo)


def test_a_paid_contract_one_of_another_day_and_one_of_another_amount():
    named, unnamed = receipt(1, "03-01", 100000, memo="HT1"), receipt(2, "03-01", 100000)
    assert nearest(named, unnamed) == [
        ("HT1", ["paid"]),
        ("HT4", ["pay_after"]),
        ("HT2", ["days"]),
    ]
    assert nearest(named, unnamed, contracts=CONTRACTS[:3])[2] == ("HT3", ["amount"])


def test_of_two_that_fit_each_is_not_alone():
    both = [CONTRACTS[0], CONTRACTS[1]._replace(paid_on=_day("03-02"))]
    assert nearest(receipt(1, "03-01", 100000), contracts=both) == [
        ("HT1", ["not_alone"]),
        ("HT2", ["not_alone"]),
    ]


def test_a_lump_shows_what_its_days_come_to_and_contracts_paid_otherwise():
    found = nearest(receipt(1, "03-02", 100600, "财付通"), contracts=CONTRACTS[:3])
    assert found == [("wechat", ["window"]), ("wechat", ["window"]), ("HT1", ["amount"])]
    assert nearest(receipt(1, "03-02", 100500, "财付通"), contracts=CONTRACTS[2:3])[2] == (
        "HT3",
        ["channel"],
    )


def test_the_difference_of_a_window_is_told_in_yuan():
    entry = receipt(1, "03-02", 100600, "财付通")
    books = Books(
        frozenset(), [LedgerAccount(1, "1", "fee")], CONTRACTS[:1], [], [entry], (), load_channels()
    )
    found = [each for each in Nearby(books, derive(books)).of(entry) if each.amount_fen == 100000]
    zh = "1 份未付合同合计 1,000.00 元（扣手续费后 994.00 元），相差 6.00 元"
    assert found[0].obstacles[0].text.zh == zh


@pytest.mark.parametrize(
    ("day", "fen", "first"),
    [
        ("04-19", 20001, ("TF3", ["amount"])),
        ("05-10", 20000, ("TF3", ["days"])),
        ("04-25", 30000, ("TF2", ["not_alone"])),
    ],
)
def test_a_refund_is_held_against_requests(day, fen, first):
    assert nearest(Entry(1, 1, _day(day), -fen, "张三", memo="退费"))[0] == first
