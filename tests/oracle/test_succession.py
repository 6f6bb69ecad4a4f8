"""One institution succeeds another, by figures worked out by hand from section 4 and the edges."""

from datetime import date

import pytest
from oracle import by_hand
from oracle.amounts import claims, consumed_between, released
from oracle.by_hand import AS_OF, NEW, OLD, breaches, contract, lessons, outcomes, verdicts
from oracle.opening import open_books

ON = date(2026, 5, 11)


@pytest.fixture
def made():
    """B succeeds A on 05-11."""
    made = by_hand.world()
    by_hand.school(made, OLD, opening=9000)
    by_hand.school(made, NEW, opening=0)
    by_hand.succession(made, str(ON))
    return made


def book(made, day, yuan, memo="", uscc=OLD, to=""):
    by_hand.book(made, day, yuan, memo, f"fee {uscc}", party_no=f"fee {to}" if to else "")


def owed(made, uscc, day):
    return claims(open_books(made, uscc), day).most


def test_contracts_and_liability_move_on_the_day_and_unexplained_receipts_stay(made):
    contract(made, "A1", "2026-03-02", 4000)
    book(made, "2026-03-02", 4000, "学费 A1")
    book(made, "2026-03-03", 500, "无名")
    assert [owed(made, OLD, day) for day in (date(2026, 5, 10), ON)] == [450000, 50000]
    assert [owed(made, NEW, day) for day in (date(2026, 5, 10), ON)] == [0, 400000]
    # the money stayed with A: B has none for what it took over
    assert list(breaches(made, "BAL-COVER")) == [(NEW, NEW, "0.0000")]


def test_an_alert_is_whose_the_contract_was_on_the_law_day(made):
    contract(made, "A1", "2026-05-10", 4000, lessons="61")
    contract(made, "A2", "2026-05-11", 4000, lessons="61")
    assert [each[:2] for each in breaches(made, "FEE-HOURS-60")] == [(OLD, "A1"), (NEW, "A2")]
    lessons(made, "A2", "2026-05-10", 70)
    lessons(made, "A2", "2026-05-12", 1)
    lessons(made, "A1", "2026-05-12", 62)
    assert {each[:2] for each in breaches(made, "CON-OVER")} == {(NEW, "A1"), (OLD, "A2")}


def test_money_that_comes_after_the_day_pays_a_contract_of_before(made):
    contract(made, "A1", "2026-05-09", 3300)
    book(made, "2026-05-12", 3300, "学费 A1", NEW)
    assert outcomes(made, "ACC-OFF") == {"A1": "compliant"}
    assert not list(breaches(made, "ACC-UNMATCHED"))


def test_money_that_reaches_the_other_before_the_day_pays_nothing_there(made):
    contract(made, "A1", "2026-05-09", 3300)
    book(made, "2026-05-10", 3300, "学费 A1", NEW)
    assert list(breaches(made, "ACC-OFF")) == [(OLD, "A1", 330000)]
    assert [each[0] for each in breaches(made, "ACC-UNMATCHED")] == [NEW]


def test_money_between_the_two_is_internal_from_the_day_on(made):
    for day, yuan in (("2026-05-10", 1000), ("2026-05-11", 2000)):
        book(made, day, -yuan, "承继划转", OLD, NEW)
        book(made, day, yuan, "承继划转", NEW, OLD)
    old, new = open_books(made, OLD), open_books(made, NEW)
    assert [each.kind for each in old.entries] == ["release", "internal"]
    assert [each.kind for each in new.entries] == ["receipt", "internal"]
    assert released(old, by_hand.FIRST, AS_OF) == 100000


def test_both_sides_of_rel_sync_count_from_the_day(made):
    contract(made, "A1", "2026-03-02", 4000)
    lessons(made, "A1", "2026-04-10", 10)
    lessons(made, "A1", "2026-05-10", 5)
    lessons(made, "A1", "2026-05-11", 3)
    old, new = open_books(made, OLD), open_books(made, NEW)
    # 15 lessons of 100 yuan while it was A's, 3 as B's
    assert consumed_between(old, by_hand.FIRST, AS_OF).most == 150000
    assert consumed_between(new, by_hand.FIRST, AS_OF).most == 30000
    book(made, "2026-05-20", -300, "划拨", NEW)
    book(made, "2026-05-21", -4, "划拨", NEW)  # 4 yuan over 300: more than 1 %
    book(made, "2026-05-22", -1500, "划拨", OLD)
    assert outcomes(made, "REL-SYNC") == {
        "B/2026-05-20": "compliant", "B/2026-05-21": "breach", "A/2026-05-22": "compliant"
    }  # fmt: skip


def test_what_was_charged_before_the_day_is_added_to_what_the_successor_charges(made):
    contract(made, "A1", "2026-05-01", 3000, student="S1", lessons="10")
    contract(made, "A2", "2026-05-09", 1000, student="S1", lessons="10")
    contract(made, "A3", "2026-05-12", 1000, student="S1", lessons="10")
    assert not list(breaches(made, "FEE-SPLIT"))
    contract(made, "A4", "2026-05-20", 1000, student="S1", lessons="10")
    (breach,) = breaches(made, "FEE-SPLIT")
    assert breach == (NEW, "B/S1/KCA/2026-05-20", 600000)


def test_what_was_charged_before_the_day_is_judged_by_itself_where_it_was_charged(made):
    """Over a limit by itself, it is the breach of who charged it and part of no sum."""
    contract(made, "A1", "2026-05-01", 5001, student="S1")
    contract(made, "A2", "2026-05-12", 3000, student="S1")
    assert not verdicts(made, "FEE-SPLIT")


def test_refunds_stay_with_whom_they_were_asked_of(made):
    contract(made, "A1", "2026-03-02", 4000)
    by_hand.refund(made, "T1", "A1", "2026-05-10", "1000.00")
    by_hand.refund(made, "T2", "A1", "2026-05-11", "1000.00")
    book(made, "2026-05-20", -1000, "退费 T1", OLD)
    assert [each[:2] for each in breaches(made, "REF-LATE")] == [(NEW, "T2")]
    assert owed(made, NEW, AS_OF) == 300000  # what A paid back lowers what B owes


def test_successions_follow_one_another(made):
    by_hand.school(made, "C", opening=0)
    by_hand.succession(made, "2026-06-01", NEW, "C")
    contract(made, "A1", "2026-03-02", 4000)
    days = (date(2026, 5, 10), date(2026, 5, 31), date(2026, 6, 1))
    assert [[owed(made, uscc, day) for day in days] for uscc in (OLD, NEW, "C")] == [
        [400000, 0, 0], [0, 400000, 0], [0, 0, 400000]
    ]  # fmt: skip
