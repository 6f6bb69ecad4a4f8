import random

import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.ledger.books import Books, ContractInBooks, RefundRequest
from feewatch.ledger.holder import Entry, LedgerAccount
from feewatch.ledger.matching import REASONS, derive

FEE = LedgerAccount(1, "621700001", "fee")
DEPOSIT = LedgerAccount(2, "621700002", "deposit")


def _day(text):
    return parse_day(f"2026-{text}")


def contracts(table):
    """Lines `number fee paid_on`; `-` for pay_after without a day."""
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        ContractInBooks(
            key,
            number,
            parse_yuan(fee),
            None if paid == "-" else _day(paid),
            "pay_after" if paid == "-" else "prepaid",
        )
        for key, (number, fee, paid) in enumerate(rows)
    ]


def requests(table, of):
    """Lines `number contract requested_on amount`."""
    keys = {contract.contract_no: contract.id for contract in of}
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        RefundRequest(key, number, keys[contract], _day(day), parse_yuan(amount))
        for key, (number, contract, day, amount) in enumerate(rows)
    ]


def entries(table, account=FEE):
    """Lines `day amount memo`."""
    rows = [line.split(maxsplit=2) for line in table.strip().splitlines()]
    return [
        Entry(key, account.id, _day(day), parse_yuan(amount), memo=memo)
        for key, (day, amount, memo) in enumerate(rows)
    ]


def matched(of, listed, asked=()):
    """What was derived, as (entry, contract number, yuan, how, request number) and why not."""
    derivation = derive(Books(frozenset(), [FEE, DEPOSIT], of, asked, listed))
    numbers = {contract.id: contract.contract_no for contract in of}
    refunds = {request.id: request.refund_no for request in asked}
    sums = {each.entry_id: each.matched_fen for each in derivation.entries}
    assert set(derivation.unexplained) <= {each.id for each in listed}
    assert set(derivation.unexplained.values()) <= set(REASONS)
    for entry in listed:
        of_entry = [each.amount_fen for each in derivation.matches if each.entry_id == entry.id]
        assert sums[entry.id] == sum(of_entry) <= abs(entry.amount_fen)
    rows = [
        (each.entry_id, numbers[each.contract_id], each.amount_fen // 100, each.how)
        + ((refunds[each.refund_request_id],) if each.refund_request_id is not None else ())
        for each in derivation.matches
    ]
    return rows, derivation.unexplained


def test_receipts_pay_the_contracts_they_name_in_the_order_named_up_to_the_fee():
    of = contracts("""
        HT1 1000 03-01
        HT2  500 03-01
        HT3  800 -
    """)
    listed = entries("""
        03-01 1200 学费HT2、HT1
        03-02  400 HT1
        06-01  800 HT3先学后付
    """)
    assert matched(of, listed) == (
        [
            (0, "HT2", 500, "contract_no"),
            (0, "HT1", 700, "contract_no"),
            (1, "HT1", 300, "contract_no"),
            (2, "HT3", 800, "contract_no"),
        ],
        {1: "paid_up"},
    )


def test_names_come_before_amounts_whatever_the_day():
    of = contracts("HT1 1000 03-02")
    listed = entries("""
        03-01 1000 学费
        03-03 1000 学费HT1
    """)
    assert matched(of, listed) == ([(1, "HT1", 1000, "contract_no")], {0: "no_contract"})


@pytest.mark.parametrize(
    ("booked_on", "is_matched"),
    [("03-06", False), ("03-07", True), ("03-10", True), ("03-13", True), ("03-14", False)],
)
def test_an_amount_is_matched_within_three_days(booked_on, is_matched):
    rows, _ = matched(contracts("HT1 1000 03-10"), entries(f"{booked_on} 1000 学费"))
    assert rows == ([(0, "HT1", 1000, "amount")] if is_matched else [])


@pytest.mark.parametrize("amount", ["999.99", "1000.01"])
def test_an_amount_is_matched_exactly(amount):
    rows, why = matched(contracts("HT1 1000 03-10"), entries(f"03-10 {amount} 学费"))
    assert (rows, why) == ([], {0: "no_contract"})


def test_two_contracts_are_no_explanation():
    of = contracts("""
        HT1 1000 03-10
        HT2 1000 03-12
    """)
    assert matched(of, entries("03-11 1000 学费")) == ([], {0: "several_contracts"})


def test_a_contract_paid_in_part_is_not_short_by_its_whole_fee():
    of = contracts("""
        HT1 1000 03-10
        HT2 1000 03-12
    """)
    listed = entries("""
        03-10    1 HT1
        03-11 1000 学费
        03-11 1000 学费
    """)
    assert matched(of, listed) == (
        [(0, "HT1", 1, "contract_no"), (1, "HT2", 1000, "amount")],
        {2: "no_contract"},
    )


def test_a_contract_paid_after_lessons_is_a_contract_like_others_to_an_amount():
    of = [ContractInBooks(0, "HT1", 100000, _day("03-10"), "pay_after")]
    assert matched(of, entries("03-10 1000 学费")) == ([(0, "HT1", 1000, "amount")], {})
    two = [*of, ContractInBooks(1, "HT2", 100000, _day("03-10"), "prepaid")]
    assert matched(two, entries("03-10 1000 学费")) == ([], {0: "several_contracts"})


def test_a_reversed_receipt_pays_nothing():
    of = contracts("HT1 1000 03-01")
    listed = entries("""
        03-01  1000 学费HT1
        03-02 -1000 冲正
        03-03  1000 学费HT1
    """)
    assert matched(of, listed) == ([(2, "HT1", 1000, "contract_no")], {})


def test_a_refund_belongs_to_its_number_else_to_its_contract_number():
    of = contracts("""
        HT1 1000 03-01
        HT2 1000 03-01
    """)
    asked = requests(
        """
        TF1 HT1 04-01 300
        TF2 HT2 04-01 300
        TF3 HT2 04-02 200
        """,
        of,
    )
    listed = entries("""
        04-03 -300 TF2
        04-03 -200 退费HT2
        04-03 -100 退费HT1
        04-03  -50 退费HT2
        04-03 -300 TF1对应HT2
    """)
    assert matched(of, listed, asked) == (
        [
            (0, "HT2", 300, "refund_no", "TF2"),
            (1, "HT2", 200, "contract_no", "TF3"),
            (2, "HT1", 100, "contract_no", "TF1"),
            (3, "HT2", 50, "contract_no"),
            (4, "HT1", 300, "refund_no", "TF1"),
        ],
        {},
    )


@pytest.mark.parametrize(
    ("booked_on", "is_matched"),
    [("03-31", False), ("04-01", True), ("05-01", True), ("05-02", False)],
)
def test_an_unnamed_refund_follows_its_request_within_thirty_days(booked_on, is_matched):
    of = contracts("HT1 1000 03-01")
    asked = requests("TF1 HT1 04-01 300", of)
    rows, why = matched(of, entries(f"{booked_on} -300 退费"), asked)
    assert rows == ([(0, "HT1", 300, "request", "TF1")] if is_matched else [])
    assert why == ({} if is_matched else {0: "no_request"})


def test_an_unnamed_refund_needs_the_only_open_request():
    of = contracts("""
        HT1 1000 03-01
        HT2 1000 03-01
    """)
    asked = requests(
        """
        TF1 HT1 04-01 300
        TF2 HT2 04-01 300
        """,
        of,
    )
    alone = entries("04-02 -300 退款")
    assert matched(of, alone, asked) == ([], {0: "several_requests"})
    after_a_named_one = entries("""
        04-02 -300 退款
        04-03 -300 退款TF1
    """)
    assert matched(of, after_a_named_one, asked) == (
        [(1, "HT1", 300, "refund_no", "TF1"), (0, "HT2", 300, "request", "TF2")],
        {},
    )


def test_a_refund_that_names_two_contracts_has_no_explanation():
    of = contracts("""
        HT1 1000 03-01
        HT2 1000 03-01
    """)
    assert matched(of, entries("04-02 -300 退费HT1HT2")) == ([], {0: "no_request"})
    assert matched(of, entries("04-02 -300 退费HT1、HT2")) == ([], {0: "several_named"})


def test_payments_to_students_out_of_the_deposit_are_refunds():
    of = contracts("HT1 1000 03-01")
    listed = entries("04-02 -300 退费HT1", account=DEPOSIT)
    assert matched(of, listed) == ([(0, "HT1", 300, "contract_no")], {})


def a_term(seed):
    """The books of a term with few different fees, and which contract each receipt really paid.

    Some receipts name their contract, in several spellings, and may come late; the others name
    none or a number that is not on file, and come within three days. One in ten never comes.
    """
    rng = random.Random(seed)
    of, rows = [], []
    for key in range(300):
        paid_on = 20000 + rng.randrange(120)
        fee = rng.choice((100000, 120000, 168000, 200000)) + rng.randrange(3) * 100
        number = f"HT26{key:06d}"
        of.append(ContractInBooks(key, number, fee, paid_on, "prepaid"))
        named = rng.choice(
            (f"学费{number}", f"{number[:4].lower()} {number[4:]} 全款", number + "补")
        )
        unnamed = rng.choice(("学费", "", None, f"收据{number}7", f"X{number}"))
        memo, late = rng.choice(((named, rng.randrange(9)), (unnamed, rng.randrange(-3, 4))))
        if rng.random() < 0.9:
            rows.append((paid_on + late, fee, memo, key))
    rows += [(20000 + rng.randrange(120), rng.randrange(1, 900) * 100, "往来款", None)] * 20
    rows.sort(key=lambda row: row[0])
    listed = [Entry(n, 1, day, fen, memo=memo) for n, (day, fen, memo, _) in enumerate(rows)]
    return Books(frozenset(), [FEE], of, [], listed), {n: row[3] for n, row in enumerate(rows)}


def _names(entry, key):
    memo = (entry.memo or "").upper().replace(" ", "")
    return memo.startswith(("学费HT", "HT")) and f"HT26{key:06d}" in memo


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_matched_is_right(seed):
    books, truth = a_term(seed)
    matches = derive(books).matches
    assert [each for each in matches if truth[each.entry_id] != each.contract_id] == []
    assert {each.how for each in matches} == {"contract_no", "amount"}
    named = {n for n, key in truth.items() if key is not None and _names(books.entries[n], key)}
    assert named == {each.entry_id for each in matches if each.how == "contract_no"}


def test_the_same_books_give_the_same_result():
    books, _ = a_term(7)
    shuffled = books._replace(
        contracts=random.Random(1).sample(list(books.contracts), len(books.contracts))
    )
    assert derive(books) == derive(books)
    assert set(derive(shuffled).matches) == set(derive(books).matches)


def test_a_refund_that_came_back_pays_nothing_back_and_leaves_its_request_open():
    of = contracts("HT1 1000 03-01")
    asked = requests("TF1 HT1 04-01 300", of)
    listed = entries("""
        04-02 -300 退费
        04-04  300 退汇
        04-08 -300 退费
    """)
    assert matched_of(of, listed, asked) == [(2, "HT1", 300, "request")]
    derivation = derive(Books(frozenset(), [FEE, DEPOSIT], of, asked, listed))
    assert [(each.kind, each.reverses, each.matched_fen) for each in derivation.entries] == [
        ("reversal", None, 0),
        ("reversal", 0, 0),
        ("refund", None, 30000),
    ]
    assert derivation.unexplained == {}


def test_of_a_refund_that_came_back_in_part_the_rest_pays_back():
    of = contracts("HT1 1000 03-01")
    listed = [
        Entry(0, 1, _day("04-02"), -30000, "张三", memo="退费HT1"),
        Entry(1, 1, _day("04-04"), 10000, "张三", memo="退汇"),
    ]
    assert matched_of(of, listed) == [(0, "HT1", 200, "contract_no")]


def matched_of(of, listed, asked=()):
    derivation = derive(Books(frozenset(), [FEE, DEPOSIT], of, asked, listed))
    numbers = {contract.id: contract.contract_no for contract in of}
    return [
        (each.entry_id, numbers[each.contract_id], each.amount_fen // 100, each.how)
        for each in derivation.matches
    ]
