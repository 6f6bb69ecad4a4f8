"""Entries of several statements that do not come to the balances stated."""

from feewatch.ledger.balances import DayTotal, Span
from feewatch.ledger.days import Link, closings
from feewatch.ledger.recomputation import all_links


def span(key, first, last, opening, closing):
    return Span(first, last, f"sha{key}", 1, key, opening, closing)


def total(key, day, fen, entries_fen=None):
    """The rows of a statement on a day, and what stands of them in the ledger."""
    standing = fen if entries_fen is None else entries_fen
    return DayTotal(key, day, fen, 1, fen, fen, 1, standing)


def gaps(spans, totals):
    found = all_links(spans, totals, closings(spans, totals))
    told = [(each.on_day, each.missing_days, each.difference_fen) for each in found]
    return [each for each in told if each[1:] != (0, 0)]


def test_a_ledger_that_recomputes_has_the_joints_of_its_statements_alone():
    spans = [span(1, 1, 5, 0, 30), span(2, 6, 9, 30, 50)]
    totals = [total(1, 2, 30), total(2, 7, 20)]
    assert all_links(spans, totals, closings(spans, totals)) == [Link(2, 1, 6, 0, 0)]


def test_a_row_that_two_statements_tell_and_that_stands_twice_is_a_gap_of_its_day():
    spans = [span(1, 1, 5, 0, 30), span(2, 1, 9, 0, 50)]
    totals = [total(1, 2, 30), total(2, 2, 30), total(2, 7, 20)]
    assert gaps(spans, totals) == [(2, 0, -30)]
    merged = [total(1, 2, 30), total(2, 2, 30, 0), total(2, 7, 20)]
    assert gaps(spans, merged) == []


def test_a_payment_lost_between_files_without_balances_is_a_gap_of_the_next_balance():
    spans = [span(1, 1, 3, 0, 0), span(2, 4, 4, None, None), span(3, 5, 9, 20, 20)]
    assert gaps(spans, [total(2, 4, 10)]) == [(5, 0, 10)]


def test_what_the_statements_say_of_themselves_is_not_said_twice():
    spans = [span(1, 1, 5, 0, 30), span(2, 6, 9, 31, 51)]
    totals = [total(1, 2, 30), total(2, 6, 20)]
    assert gaps(spans, totals) == [(6, 0, 1)]


def test_after_missing_days_the_ledger_begins_anew():
    spans = [span(1, 1, 5, 0, 30), span(2, 8, 9, 99, 109)]
    assert gaps(spans, [total(1, 2, 30), total(2, 9, 10)]) == [(6, 2, 0)]


def test_the_first_day_of_the_first_statement_counts_too():
    spans = [span(1, 1, 5, 0, 30), span(2, 1, 1, 0, 30)]
    assert gaps(spans, [total(1, 1, 30), total(2, 1, 30)]) == [(1, 0, -30)]
    chained = [span(1, 1, 1, 0, 30), span(2, 1, 1, 30, 60)]
    assert gaps(chained, [total(1, 1, 30), total(2, 1, 30)]) == []


def test_an_entry_outside_the_days_of_its_statement_is_no_gap():
    assert gaps([span(1, 5, 9, 0, 30)], [total(1, 2, 10), total(1, 7, 20)]) == []
