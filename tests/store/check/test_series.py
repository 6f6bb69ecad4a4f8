"""The chart's two lines: escrow balance and the claims on it."""

import pytest
from offices import initialise
from sqlalchemy import insert

from feewatch.config import Config
from feewatch.kernel.days import parse_day
from feewatch.store.check import series
from feewatch.store.tables import ledger, places, registers

APRIL = parse_day("2026-04-01")


@pytest.fixture
def tx(tmp_path):
    app = initialise(Config(folder=tmp_path))
    with app.database.transaction() as tx:
        tx.execute(insert(registers.institution), [{"id": 1, "uscc": "A"}, {"id": 2, "uscc": "B"}])
        yield tx
    app.database.dispose()


def contract(tx, key=1, institution=1, **values):
    given = {"id": key, "institution_id": institution, "contract_no": f"HT{key}", "course_id": "K"}
    given |= {"student": "S", "basis": "hours", "gift_lessons": 0, "payment": "prepaid"}
    given |= {"lessons": 3, "total_lessons": 3, "fee_fen": 1000, "paid_on": APRIL} | values
    tx.execute(insert(registers.contract), given)


def lesson(tx, day, lessons=1, key=1):
    values = {"contract_id": key, "institution_id": 1, "held_on": day, "lessons": lessons}
    tx.execute(insert(registers.lesson), values)


def account(tx, key=1, kind="fee", closings=(), **values):
    given = {"id": key, "account_no": f"N{key}", "institution_id": 1, "bank": "B", "kind": kind}
    tx.execute(insert(registers.account), given | {"imported_on": 0} | values)
    statement = {"id": key, "file_sha256": f"{key}", "n": 1, "account_no": f"N{key}"}
    statement |= {"currency": "CNY", "from_day": 0, "to_day": 0, "entries": 0, "problems": []}
    tx.execute(insert(ledger.statement), statement | {"status": "accepted", "recorded_at": ""})
    for day, fen in closings:
        row = {"account_id": key, "day": day, "institution_id": 1, "closing_fen": fen}
        tx.execute(insert(ledger.account_day), row | {"entries": 1, "statement_id": key})


def liability(tx, day):
    return series.list_points(tx, 1, [day])[0].liability_fen


def balance(tx, day):
    return series.list_points(tx, 1, [day])[0].balance_fen


def test_a_fee_is_owed_from_the_day_it_is_paid(tx):
    contract(tx)
    assert liability(tx, APRIL - 1) == 0
    assert liability(tx, APRIL) == 1000


def test_lessons_held_are_consumed_half_up_on_the_day_they_are_held(tx):
    contract(tx, fee_fen=1000)  # a third is 333.33 fen, two thirds 666.67
    lesson(tx, APRIL + 5)
    lesson(tx, APRIL + 6)
    assert liability(tx, APRIL + 4) == 1000
    assert liability(tx, APRIL + 5) == 667
    assert liability(tx, APRIL + 6) == 333


def test_half_a_fen_is_rounded_up(tx):
    contract(tx, fee_fen=1001, lessons=2, total_lessons=2)
    lesson(tx, APRIL)
    assert liability(tx, APRIL) == 1001 - 501


def test_more_lessons_than_agreed_consume_the_fee_and_no_more(tx):
    contract(tx)
    lesson(tx, APRIL, lessons=9)
    assert liability(tx, APRIL) == 0


def test_a_period_without_lessons_is_consumed_by_the_day_the_first_included(tx):
    contract(tx, basis="period", starts_on=APRIL, ends_on=APRIL + 9, paid_on=APRIL - 9)
    assert liability(tx, APRIL - 1) == 1000
    assert liability(tx, APRIL) == 900
    assert liability(tx, APRIL + 8) == 100
    assert liability(tx, APRIL + 9) == liability(tx, APRIL + 99) == 0


def test_a_contract_that_lacks_lessons_counts_in_full_and_is_counted_as_unknown(tx):
    contract(tx, lessons=None, total_lessons=None)
    lesson(tx, APRIL)
    assert series.list_points(tx, 1, [APRIL]) == [series.Point(APRIL, None, 1000, 1)]


def test_without_lessons_a_contract_by_lessons_is_not_consumed_whatever_it_states(tx):
    contract(tx, lessons=None, total_lessons=None)
    contract(tx, key=2, basis="both", lessons=None, total_lessons=None)
    assert series.list_points(tx, 1, [APRIL]) == [series.Point(APRIL, None, 2000, 0)]


def test_lessons_after_the_last_day_shown_are_not_known_on_it(tx):
    """As of a day before its first lesson a contract by period is consumed by its days."""
    contract(tx, basis="period", starts_on=APRIL, ends_on=APRIL + 9)
    lesson(tx, APRIL + 5)
    assert liability(tx, APRIL) == 900
    points = series.list_points(tx, 1, [APRIL, APRIL + 5])
    assert [point.liability_fen for point in points] == [1000, 667]


def test_a_period_that_lacks_one_of_its_days_is_known_outside_of_them(tx):
    contract(tx, basis="period", ends_on=APRIL + 9)
    contract(tx, key=2, basis="period", starts_on=APRIL + 5)
    points = series.list_points(tx, 1, [APRIL, APRIL + 8, APRIL + 9])
    assert [(each.liability_fen, each.unknown) for each in points] == [
        (2000, 1), (2000, 2), (1000, 1)
    ]  # fmt: skip


def test_a_contract_that_moved_is_owed_by_who_holds_it_on_the_day(tx):
    contract(tx)
    contract(tx, key=2, institution=2, fee_fen=50)
    held = {"institution_id": 1}
    tx.execute(insert(places.holding), [
        held | {"holder_id": 1, "from_day": -25567, "to_day": APRIL + 4},
        held | {"holder_id": 2, "from_day": APRIL + 5, "to_day": 2932896},
    ])  # fmt: skip
    for key, owed in ((1, [1000, 0]), (2, [50, 1050])):
        points = series.list_points(tx, key, [APRIL + 4, APRIL + 5])
        assert [point.liability_fen for point in points] == owed


def test_a_receipt_before_the_first_lesson_makes_a_contract_paid_after_lessons_prepaid(tx):
    contract(tx, payment="pay_after", paid_on=None)
    contract(tx, key=2, payment="pay_after", paid_on=None)
    account(tx)
    for key, day in ((1, APRIL + 3), (2, APRIL + 4)):
        entry = {"id": key, "account_id": 1, "institution_id": 1, "statement_id": 1, "line": key}
        entry |= {"seq": key, "booked_on": day, "amount_fen": 1000, "reversal_mark": False}
        entry |= {"filled": 0, "n": 1, "kind": "receipt", "matched_fen": 1000}
        tx.execute(insert(ledger.entry), entry)
        paid = {"institution_id": 1, "entry_id": key, "contract_id": key, "kind": "receipt"}
        paid |= {"amount_fen": 1000, "booked_on": day, "how": "contract_no"}
        tx.execute(insert(ledger.match), paid)
        lesson(tx, APRIL + 4, key=key)
    points = series.list_points(tx, 1, [APRIL + 2, APRIL + 3, APRIL + 4])
    assert [point.liability_fen for point in points] == [0, 1000, 667]


def test_refunds_lower_what_is_owed_never_below_nothing(tx):
    contract(tx)
    contract(tx, key=2)
    account(tx)
    entry = {"id": 1, "account_id": 1, "institution_id": 1, "statement_id": 1, "line": 1, "seq": 0}
    entry |= {"booked_on": APRIL + 3, "amount_fen": -1200, "reversal_mark": False, "filled": 0}
    tx.execute(insert(ledger.entry), entry | {"n": 1, "matched_fen": 1200})
    paid = {"institution_id": 1, "entry_id": 1, "contract_id": 1, "kind": "refund"}
    paid |= {"amount_fen": 1200, "booked_on": APRIL + 3, "how": "refund_no"}
    tx.execute(insert(ledger.match), paid)
    assert liability(tx, APRIL + 2) == 2000
    assert liability(tx, APRIL + 3) == 1000


def test_pay_after_and_other_institutions_owe_nothing_here(tx):
    contract(tx, payment="pay_after")
    contract(tx, key=2, institution=2)
    assert liability(tx, APRIL) == 0


def test_the_balance_is_the_last_closing_of_each_fee_account_at_or_before_the_day(tx):
    account(tx, closings=[(APRIL, 100), (APRIL + 5, 70)])
    account(tx, key=2, closings=[(APRIL + 2, 30)])
    account(tx, key=3, kind="deposit", closings=[(APRIL, 999)])
    assert balance(tx, APRIL - 1) is None
    assert balance(tx, APRIL + 1) == 100
    assert balance(tx, APRIL + 2) == 130
    assert balance(tx, APRIL + 5) == 100


def test_a_closed_account_holds_nothing(tx):
    account(tx, closings=[(APRIL, 100)], closed_on=APRIL + 5)
    assert balance(tx, APRIL + 4) == 100
    assert balance(tx, APRIL + 5) == 0


def test_what_no_contract_explains_is_claimed_and_never_less_than_nothing(tx):
    account(tx)
    rows = [(APRIL, 500, "receipt", 100), (APRIL + 1, -150, "refund", 50),
            (APRIL + 2, -900, "refund", 0)]  # fmt: skip
    for key, (day, fen, kind, matched) in enumerate(rows, 1):
        entry = {"id": key, "account_id": 1, "institution_id": 1, "statement_id": 1, "line": key}
        entry |= {"seq": key, "booked_on": day, "amount_fen": fen, "reversal_mark": False}
        entry |= {"filled": 0, "n": 1, "kind": kind, "matched_fen": matched}
        tx.execute(insert(ledger.entry), entry)
    days = [APRIL - 1, APRIL, APRIL + 1, APRIL + 2]
    points = series.list_points(tx, 1, days)
    assert [point.unexplained_fen for point in points] == [0, 400, 300, 0]
    assert [point.claims_fen for point in points] == [0, 400, 300, 0]


def test_points_come_in_the_order_asked_for(tx):
    contract(tx)
    days = [APRIL, APRIL - 1]
    assert [point.day for point in series.list_points(tx, 1, days)] == days
    assert series.list_points(tx, 1, []) == []
