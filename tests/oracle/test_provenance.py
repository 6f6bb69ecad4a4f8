"""What the institution alone tells of its accounts, by cases worked out by hand."""

from datetime import date

from oracle import by_hand
from oracle.by_hand import AS_OF, FIRST, breaches, outcomes, school
from oracle.elements import ALL
from oracle.world import BankRow, Paper


def told(*parts):
    """A school whose account is told in parts: (last day, whose word), one after the other."""
    made = by_hand.world()
    made.elements = ALL
    school(made)
    made.papers.clear()
    first = FIRST
    for last, word in parts:
        made.papers.append(Paper("fee A", first, last, 0, [], word=word))
        first = date.fromordinal(last.toordinal() + 1)
    return made


def test_days_told_by_the_institution_alone_are_shown_after_45_days():
    # 07-31 less 45 days is 06-16
    for last, outcome in ((date(2026, 6, 16), "compliant"), (date(2026, 6, 15), "breach")):
        made = told((last, "office"), (AS_OF, "institution"))
        assert outcomes(made, "DATA-SELF") == {"fee A": outcome}
        assert outcomes(made, "DATA-STALE") == {"fee A": "compliant"}
    assert list(breaches(made, "DATA-SELF")) == [("A", "fee A", 46)]


def test_days_that_nobody_told_are_no_word_of_the_institution():
    made = told((date(2026, 6, 1), "office"))
    assert outcomes(made, "DATA-SELF") == {"fee A": "compliant"}
    assert outcomes(made, "DATA-STALE") == {"fee A": "breach"}


def test_where_two_tell_a_day_differently_the_other_word_stands_and_the_difference_is_told():
    made = told((AS_OF, "office"))
    row = BankRow(date(2026, 5, 4), 500000, "王女士", "", "学费")
    made.papers.append(Paper("fee A", row.day, row.day, 0, [row], word="institution"))
    assert list(breaches(made, "DATA-GAP")) == [("A", "fee A/2026-05-04", 500000)]
    assert not outcomes(made, "ACC-UNMATCHED")
    assert outcomes(made, "DATA-SELF") == {"fee A": "compliant"}
