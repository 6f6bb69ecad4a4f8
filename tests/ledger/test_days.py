from itertools import permutations

from feewatch.ledger.balances import DayTotal, Span
from feewatch.ledger.days import (
    Closing,
    Link,
    closings,
    common_ranges,
    covered_ranges,
    links,
    shared_ranges,
    told_ranges,
)


def span(key: int, first: int, last: int, opening: int | None, closing: int | None) -> Span:
    return Span(first, last, f"sha{key}", 1, key, opening, closing)


def total(statement: int, day: int, fen: int, rows: int = 1) -> DayTotal:
    return DayTotal(statement, day, fen, rows, fen, fen, rows, fen)


def test_adjacent_and_overlapping_days_are_one_range() -> None:
    spans = [span(1, 1, 5, 0, 0), span(2, 6, 8, 0, 0), span(3, 7, 7, 0, 0), span(4, 10, 11, 0, 0)]
    assert covered_ranges(spans) == [(1, 8), (10, 11)]


def test_shared_days_are_those_of_two_statements() -> None:
    spans = [span(1, 1, 9, 0, 0), span(2, 3, 4, 0, 0), span(3, 9, 12, 0, 0), span(4, 13, 14, 0, 0)]
    assert shared_ranges(told_ranges(spans, [])) == [(3, 4), (9, 9)]
    assert shared_ranges(told_ranges(spans[-1:], [])) == []
    assert common_ranges([(3, 4), (9, 9)], [(4, 9)]) == [(4, 4), (9, 9)]


def test_a_day_closes_with_its_last_balance_and_first_and_last_days_are_there() -> None:
    found = closings([span(1, 1, 9, 100, 130)], [total(1, 3, 50), total(1, 5, -20, 2)])
    assert found == [
        Closing(1, 100, 0, 1),
        Closing(3, 150, 1, 1),
        Closing(5, 130, 2, 1),
        Closing(9, 130, 0, 1),
    ]


def test_a_partial_last_day_takes_the_statement_that_has_it_whole() -> None:
    spans = [span(1, 1, 5, 100, 150), span(2, 5, 9, 100, 120)]
    totals = [total(1, 5, 50), total(2, 5, 70, 2), total(2, 9, -50)]
    assert Closing(5, 170, 3, 2) in closings(spans, totals)
    assert links(spans, totals) == [Link(2, 1, 5, 0, 0)]


def test_two_statements_that_end_on_a_day_are_believed_by_their_rows() -> None:
    spans = [span(1, 1, 5, 100, 150), span(2, 5, 5, 100, 170)]
    totals = [total(1, 5, 50), total(2, 5, 70, 2)]
    assert closings(spans, totals)[-1].closing_fen == 170


def test_a_statement_of_the_afternoon_is_believed_over_that_of_the_morning() -> None:
    spans = [span(1, 1, 5, 100, 190), span(2, 5, 5, 190, 170), span(3, 6, 6, 170, 170)]
    totals = [total(1, 5, 90, 3), total(2, 5, -20)]
    assert closings(spans, totals)[1] == Closing(5, 170, 4, 2)
    assert {link.difference_fen for link in links(spans, totals)} == {0}


def test_a_statement_without_opening_is_reckoned_back_from_its_closing() -> None:
    found = closings([span(1, 1, 9, None, 130)], [total(1, 3, 50), total(1, 5, -20)])
    assert [(each.day, each.closing_fen) for each in found] == [(1, 100), (3, 150), (5, 130), (9, 130)]  # fmt: skip # noqa: E501


def test_a_statement_without_balances_closes_no_day_and_breaks_no_joint() -> None:
    spans = [span(1, 1, 5, None, None), span(2, 6, 9, 100, 100)]
    assert closings(spans, [total(1, 3, 50)]) == [Closing(6, 100, 0, 2), Closing(9, 100, 0, 2)]
    assert links(spans, []) == []


def test_the_rest_of_a_partial_day_may_stand_in_a_statement_without_balances() -> None:
    spans = [span(1, 1, 5, 100, 150), span(2, 3, 9, None, None), span(3, 6, 8, 170, 170)]
    totals = [total(1, 5, 50), total(2, 5, 70, 2)]
    assert Closing(5, 170, 3, 1) in closings(spans, totals)
    assert links(spans, totals)[-1] == Link(3, 1, 6, 0, 0)


def test_a_statement_of_part_of_one_day_closes_none_that_another_has_whole() -> None:
    spans = [span(1, 5, 5, 100, 150), span(2, 3, 9, None, None)]
    assert closings(spans, [total(1, 5, 50), total(2, 5, 70, 2)]) == []
    assert closings(spans, [total(1, 5, 50), total(2, 5, 50)]) == [Closing(5, 150, 2, 1)]


def test_missing_days_are_counted_from_the_statement_that_reaches_furthest() -> None:
    spans = [span(1, 1, 10, 0, 0), span(2, 2, 4, 0, 0), span(3, 14, 20, 7, 7)]
    assert links(spans, [])[-1] == Link(3, 1, 11, 3, 0)


def test_no_day_is_missing_between_neighbours() -> None:
    assert links([span(1, 1, 10, 0, 5), span(2, 11, 20, 5, 5)], []) == [Link(2, 1, 11, 0, 0)]


def test_an_opening_that_differs_from_the_closing_before_is_a_difference() -> None:
    assert links([span(1, 1, 10, 0, 5), span(2, 11, 20, 8, 8)], []) == [Link(2, 1, 11, 0, 3)]


def test_an_overlap_joins_where_the_earlier_statement_had_the_opening_on_the_eve() -> None:
    spans = [span(1, 1, 10, 100, 130), span(2, 6, 20, 150, 130)]
    totals = [total(1, 3, 50), total(1, 8, -20), total(2, 8, -20)]
    assert links(spans, totals) == [Link(2, 1, 6, 0, 0)]


def test_a_statement_may_begin_where_a_partial_day_stopped() -> None:
    spans = [span(1, 1, 5, 100, 150), span(2, 5, 9, 150, 170)]
    totals = [total(1, 5, 50), total(2, 5, 20)]
    assert links(spans, totals) == [Link(2, 1, 5, 0, 0)]
    assert Closing(5, 170, 2, 2) in closings(spans, totals)


def test_statements_that_begin_on_one_day_join_by_their_openings() -> None:
    spans = [span(1, 1, 2, 0, 0), span(2, 5, 6, 7, 7), span(3, 5, 9, 7, 7)]
    assert links(spans, []) == [Link(2, 1, 3, 2, 0), Link(3, 2, 5, 0, 0)]


def test_one_day_has_one_link_the_first_that_does_not_join() -> None:
    spans = [span(1, 1, 4, 0, 0), span(2, 5, 6, 0, 0), span(3, 5, 7, 9, 9), span(4, 5, 8, 8, 8)]
    assert links(spans, []) == [Link(3, 1, 5, 0, 9)]


def test_the_order_of_arrival_changes_nothing() -> None:
    spans = [span(1, 1, 5, 0, 5), span(2, 5, 9, 5, 7), span(3, 5, 5, 0, 5), span(4, 12, 14, 7, 7)]
    totals = [total(1, 5, 5), total(3, 5, 5), total(2, 7, 2)]
    every = [(links(order, totals), closings(order, totals)) for order in permutations(spans)]
    assert all(each == every[0] for each in every)
