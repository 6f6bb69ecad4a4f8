"""How a contract ends, by figures worked out by hand from the contract's section 4."""

from datetime import date

import pytest
from oracle.amounts import consumed, liability
from oracle.by_hand import book, breaches, contract, lessons, outcomes, refund, school, world
from oracle.opening import open_books


def ended(settlement, ended_on="2026-05-20", amount=""):
    """4,000 for 40 lessons, 10 held by the request of 05-12, ended and settled on some day."""
    made = world()
    school(made)
    contract(made, "A1", ended_on=ended_on, settlement=settlement)
    lessons(made, "A1", "2026-04-10", 10)
    refund(made, "T1", "A1", "2026-05-12", amount)
    return made


def test_from_its_end_it_carries_no_liability_and_consumes_nothing():
    made = ended("agreed")
    lessons(made, "A1", "2026-05-19", 2)
    lessons(made, "A1", "2026-05-20", 4)
    books = open_books(made, "A")
    # the lessons of the day itself and after use up nothing: 12 of 40
    eve, day = date(2026, 5, 19), date(2026, 5, 20)
    assert consumed(books, books.contracts["A1"], eve) == 120000
    assert consumed(books, books.contracts["A1"], date(2026, 7, 31)) == 120000
    assert (liability(books, eve).most, liability(books, day).most) == (280000, 0)


def test_days_of_a_period_stop_at_its_end():
    made = world()
    school(made)
    contract(made, "A1", "2026-04-01", 1000, basis="period", starts_on="2026-04-01",
             ends_on="2026-04-10", ended_on="2026-04-04", settlement="lapsed")  # fmt: skip
    books = open_books(made, "A")
    assert consumed(books, books.contracts["A1"], date(2026, 4, 10)) == 30000  # three of ten days


def test_a_day_without_a_settlement_ends_nothing():
    made = ended("")
    assert liability(open_books(made, "A"), date(2026, 7, 31)).most == 300000


@pytest.mark.parametrize(
    ("settlement", "outcome"),
    [("refunded", "breach"), ("lapsed", "breach"), ("", "breach"), ("agreed", "compliant"),
     ("court", "compliant"), ("transferred", "compliant")],
)  # fmt: skip
def test_what_was_due_stays_with_ref_short_unless_the_parties_or_a_court_settled_it(
    settlement, outcome
):
    made = ended(settlement)
    book(made, "2026-05-18", -2500, "退费 T1")  # of 3,000 due
    assert outcomes(made, "REF-SHORT") == {"T1": outcome}
    if outcome == "breach":
        assert list(breaches(made, "REF-SHORT")) == [("A", "T1", 50000)]


@pytest.mark.parametrize(
    ("settlement", "ended_on", "outcome"),
    [
        ("agreed", "2026-05-27", "compliant"),  # 15 days after the request
        ("agreed", "2026-05-28", "breach"),
        ("transferred", "2026-05-20", "compliant"),
        ("court", "2026-05-12", "compliant"),
        ("refunded", "2026-05-20", "breach"),
        ("lapsed", "2026-05-20", "breach"),
        ("", "2026-05-20", "breach"),
    ],
)
def test_a_settlement_in_time_meets_a_request_and_a_late_one_comes_late(
    settlement, ended_on, outcome
):
    assert outcomes(ended(settlement, ended_on, "3000.00"), "REF-LATE") == {"T1": outcome}
