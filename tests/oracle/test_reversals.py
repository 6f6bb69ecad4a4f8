"""Money that the bank sent back (冲正, 退汇): linked where its original is seen, either way."""

from datetime import date

from oracle.amounts import liability, refunded, released
from oracle.by_hand import AS_OF, FIRST, book, breaches, contract, outcomes, refund, school, world
from oracle.opening import open_books


def kinds(made):
    return [entry.kind for entry in open_books(made, "A").entries]


def test_a_release_that_came_back_never_left():
    made = world()
    school(made)
    book(made, "2026-06-01", -500, "货款")
    book(made, "2026-06-03", 500, "退汇")
    assert kinds(made) == ["reversed", "reversed"]
    assert released(open_books(made, "A"), FIRST, AS_OF) == 0
    assert not outcomes(made, "REL-SYNC")  # no release, no day to judge


def test_a_return_of_nothing_seen_lowers_what_was_released():
    made = world()
    school(made)
    book(made, "2026-06-01", -500, "货款")
    book(made, "2026-06-03", 400, "退汇")
    assert kinds(made) == ["release", "returned"]
    assert released(open_books(made, "A"), FIRST, AS_OF) == 10000


def test_a_refund_that_came_back_is_not_paid():
    made = world()
    school(made)
    contract(made, "A1")
    refund(made, "T1", "A1", "2026-06-01", "4000.00")
    book(made, "2026-06-05", -4000, "退费 T1")
    assert refunded(open_books(made, "A"), "A1", AS_OF) == 400000
    book(made, "2026-06-08", 4000, "退汇 退费 T1")
    books = open_books(made, "A")
    assert (refunded(books, "A1", AS_OF), liability(books, AS_OF).most) == (0, 400000)
    assert list(breaches(made, "REF-LATE")) == [("A", "T1", (AS_OF - date(2026, 6, 1)).days)]


def test_a_receipt_sent_back_pays_nothing():
    made = world()
    school(made)
    contract(made, "A1", "2026-03-02", 4000)
    book(made, "2026-03-02", 4000, "学费 A1")
    book(made, "2026-03-04", -4000, "退汇")
    assert kinds(made) == ["reversed", "reversed"]
    assert list(breaches(made, "ACC-OFF")) == [("A", "A1", 400000)]


def test_a_refund_that_came_back_in_part_is_paid_for_the_rest():
    made = world()
    school(made)
    contract(made, "A1")
    refund(made, "T1", "A1", "2026-06-01", "4000.00")
    book(made, "2026-06-05", -4000, "退费 T1")
    book(made, "2026-06-08", 3000, "退回")
    books = open_books(made, "A")
    assert (refunded(books, "A1", AS_OF), liability(books, AS_OF).most) == (100000, 300000)


def test_a_word_makes_no_reversal_of_money_that_leaves():
    made = world()
    school(made)
    book(made, "2026-06-01", -500, "冲正")
    book(made, "2026-06-03", 700, "冲正")
    assert kinds(made) == ["release", "reversed"]


def test_what_comes_back_is_sought_within_thirty_days():
    made = world()
    school(made)
    book(made, "2026-06-01", -500, "货款")
    book(made, "2026-07-01", 500, "退汇")
    assert kinds(made) == ["reversed", "reversed"]
    made.bank["fee A"][1].day = date(2026, 7, 2)
    assert kinds(made) == ["release", "returned"]
