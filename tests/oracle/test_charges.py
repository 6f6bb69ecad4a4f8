"""Contracts charged in parts, by figures worked out by hand from the contract's section 4."""

from datetime import date

from oracle import by_hand
from oracle.amounts import claims, liability
from oracle.by_hand import book, breaches, charge, contract, outcomes, school, verdicts, world
from oracle.opening import open_books


def parts(made, number, *charges, fee, **given):
    """A contract charged on some days: (day, yuan, lessons)."""
    contract(made, number, charges[0][0], fee, **given)
    for at, (day, yuan, lessons) in enumerate(charges, 1):
        charge(made, number, at, day, f"{yuan}.00", lessons)


def test_hundred_lessons_in_two_charges_of_fifty_are_lawful_and_in_one_are_not():
    made = world()
    school(made)
    contract(made, "ONE", fee=4000, lessons="100")
    parts(made, "TWO", ("2026-03-02", 2000, "50"), ("2026-05-02", 2000, "50"), fee=4000,
          lessons="100")  # fmt: skip
    assert outcomes(made, "FEE-HOURS-60") == {
        "ONE": "breach", "TWO/1": "compliant", "TWO/2": "compliant"
    }  # fmt: skip


def test_each_charge_is_measured_against_the_law_of_its_own_day():
    made = world()
    school(made)
    # 15,000.01 in three: the first of 5,000.01 before the cap of 2022-12-29, the others after it
    contract(made, "A1", "2022-12-28", 15000, basis="both")
    charge(made, "A1", 1, "2022-12-28", "5000.01", "60", "2023-01-01", "2023-03-31")
    charge(made, "A1", 2, "2022-12-29", "5000.01", "61", "2023-04-01", "2023-07-01")
    charge(made, "A1", 3, "2023-06-01", "4999.98", "60", "2023-08-01", "2023-10-31")
    assert outcomes(made, "FEE-CAP-5000") == {"A1/2": "breach", "A1/3": "compliant"}
    assert outcomes(made, "FEE-HOURS-60")["A1/2"] == "breach"
    # 04-01 … 07-01 is three months and a day; 08-01 … 10-31 is a day short of three months
    assert outcomes(made, "FEE-SPAN-3M") == {
        "A1/1": "compliant", "A1/2": "breach", "A1/3": "compliant"
    }  # fmt: skip


def test_a_later_charge_without_days_of_its_own_is_not_early():
    made = world()
    school(made)
    # paid on 03-02 for a course from 04-03 on: more than a month before
    contract(made, "A1", "2026-03-02", 4000, starts_on="2026-04-03")
    charge(made, "A1", 1, "2026-03-02", "1000.00")
    charge(made, "A1", 2, "2026-03-03", "1000.00")
    charge(made, "A1", 3, "2026-05-31", "1000.00", starts_on="2026-06-30")
    charge(made, "A1", 4, "2026-06-01", "1000.00", starts_on="2026-07-02")
    assert outcomes(made, "FEE-EARLY-NEW") == {
        "A1/1": "breach", "A1/3": "compliant", "A1/4": "breach"
    }  # fmt: skip


def test_three_charges_of_2000_within_thirty_days_are_split():
    made = world()
    school(made)
    days = ("2026-03-02", "2026-03-16", "2026-04-01")  # the last 30 days after the first
    parts(made, "A1", *((day, 2000, "10") for day in days), fee=6000)
    (verdict,) = (each for each in verdicts(made, "FEE-SPLIT").values() if each.figures)
    assert (verdict.on, verdict.measured) == (date(2026, 4, 1), 600000)
    days = ("2026-03-02", "2026-03-16", "2026-04-02")
    made = world()
    school(made)
    parts(made, "A1", *((day, 2000, "10") for day in days), fee=6000)
    assert not any(each.figures for each in verdicts(made, "FEE-SPLIT").values())


def test_two_of_three_charges_paid_owe_nothing_on_the_third():
    made = world()
    school(made, opening=0)
    parts(made, "A1", ("2026-03-02", 1500, "15"), ("2026-05-02", 1500, "15"), fee=4000)
    charge(made, "A1", 3, "", "1000.00", "10", due_on="2026-08-02")
    book(made, "2026-03-02", 1500, "学费 A1")
    book(made, "2026-05-02", 1500, "学费 A1")
    by_hand.lessons(made, "A1", "2026-05-20", 10)
    # 3,000 paid, 10 of 40 lessons of a fee of 4,000 used: 2,000 left; 3,000 in the account
    assert liability(open_books(made, "A"), date(2026, 7, 31)).most == 200000
    assert outcomes(made, "ACC-OFF") == {"A1/1": "compliant", "A1/2": "compliant"}
    assert outcomes(made, "BAL-COVER") == {"A": "compliant"}


def test_named_money_pays_the_charges_in_the_order_in_which_they_fall_due():
    made = world()
    school(made)
    days = ("2026-03-02", "2026-05-02", "2026-07-02")
    parts(made, "A1", *((day, 2000, "10") for day in days), fee=6000)
    book(made, "2026-03-02", 2000, "学费 A1")
    book(made, "2026-07-02", 2500, "学费 A1")
    # 4,500 pay the first two; the third, of July, lacks 1,500
    assert list(breaches(made, "ACC-OFF")) == [("A", "A1/3", 150000)]


def test_money_by_its_amount_alone_may_be_a_charge_but_only_one():
    made = world()
    school(made)
    parts(made, "A1", ("2026-03-02", 1000, "5"), ("2026-05-02", 1300, "5"), fee=2300)
    parts(made, "A2", ("2026-06-01", 900, "5"), ("2026-06-03", 900, "5"), fee=1800)
    book(made, "2026-05-04", 1300, "学费")
    book(made, "2026-06-02", 900, "学费")  # either of two charges: no explanation
    assert [each[1] for each in breaches(made, "ACC-OFF")] == ["A1/1", "A2/1", "A2/2"]
    assert [each[2] for each in breaches(made, "ACC-UNMATCHED")] == [90000]
    # 2,300 and 1,800 paid in, says the register, and 900 for nobody: presumed prepaid
    assert claims(open_books(made, "A"), date(2026, 7, 31)).most == 230000 + 180000 + 90000


def test_a_deposit_and_a_missing_account_are_asked_for_charges_paid_in_the_window():
    made = world()
    school(made, custody="risk_deposit")
    # paid in the three months to 07-31: after 04-30
    parts(made, "A1", ("2026-04-30", 1000, "5"), ("2026-05-01", 1500, "5"), fee=5000)
    charge(made, "A1", 3, "", "2500.00", due_on="2026-08-30")
    # the ninety days to 07-31 begin on 05-02
    charge_less, *_ = verdicts(made, "ACC-NONE").values()
    assert (charge_less.outcome, charge_less.measured) == ("compliant", 0)
    by_hand.account(made, "A", "deposit", 1499)
    assert list(breaches(made, "DEP-MIN")) == [("A", "A", 149900)]


def test_a_refund_starts_from_what_was_paid_of_the_parts():
    made = world()
    school(made)
    parts(made, "A1", ("2026-03-02", 1000, "10"), ("2026-05-02", 1000, "10"), fee=4000)
    charge(made, "A1", 3, "", "2000.00", due_on="2026-09-01")
    by_hand.lessons(made, "A1", "2026-03-20", 5)
    by_hand.refund(made, "T1", "A1", "2026-05-10")
    book(made, "2026-05-12", -1499, "退费 T1")
    # 2,000 paid, 5 of 40 lessons of 4,000 are 500: 1,500 due, 1 yuan short
    assert list(breaches(made, "REF-SHORT")) == [("A", "T1", 100)]
