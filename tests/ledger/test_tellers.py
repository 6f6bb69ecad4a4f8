"""Statements of parts of a day that chain tell of it as one."""

from feewatch.ledger.balances import DayTotal, Span
from feewatch.ledger.tellers import DayTellers, Tellers

DAY = 5


def timed(told: tuple[Span, DayTotal], first: str, last: str) -> tuple[Span, DayTotal]:
    """The same part, whose rows tell their times."""
    span, total = told
    return span, total._replace(first_time=first, last_time=last)


def part(key: int, opening: int | None, *amounts: int, first: int = DAY, last: int = DAY):
    closing = None if opening is None else opening + sum(amounts)
    span = Span(first, last, f"sha{key:02d}", 1, key, opening, closing)
    least, most, rows, fen = min(amounts), max(amounts), len(amounts), sum(amounts)
    return span, DayTotal(key, DAY, fen, rows, least, most, rows, fen)


def tellers(*parts) -> DayTellers:
    spans, totals = zip(*parts, strict=True)
    return Tellers(spans, totals).of(DAY)


def test_the_afternoon_goes_on_where_the_morning_stopped():
    morning, afternoon = part(1, 0, 100, first=1), part(2, 100, 100, last=9)
    day = tellers(morning, afternoon)
    assert day.list_chains() == [(1, 2)]
    assert day.are_parts(1, 2)
    assert day.are_parts(2, 1)


def test_a_whole_day_beside_its_parts_is_another_teller():
    day = tellers(part(1, 0, 100), part(2, 0, 100, 100), part(3, 100, 100))
    assert day.list_chains() == [(1, 3), (2,)]
    assert not day.are_parts(1, 2)


def test_the_chain_that_tells_most_comes_first_and_the_rest_is_told_apart():
    noon, evening = part(2, 100, 100), part(3, 100, 100, 100)
    day = tellers(part(1, 0, 100), noon, evening)
    assert day.list_chains() == [(1, 3), (2,)]
    assert day.are_parts(1, 2)
    assert not day.are_parts(2, 3)


def test_parts_between_others_join_them():
    first, last = part(1, 0, 1), part(3, 3, 4)
    assert not tellers(first, last).are_parts(1, 3)
    day = tellers(first, part(2, 1, 2), last)
    assert day.list_chains() == [(1, 2, 3)]
    assert day.are_parts(1, 3)


def test_a_part_that_comes_to_nothing_is_told_again_by_one_that_has_as_many_rows():
    nothing = part(1, 50, 100, -100, first=1)
    assert tellers(nothing, part(2, 50, 100, -100, 7, last=9)).list_chains() == [(1,), (2,)]
    assert tellers(nothing, part(2, 50, 100, last=9)).list_chains() == [(1, 2)]


def test_times_tell_whether_a_part_comes_after_the_other():
    morning = timed(part(1, 0, 300, -300), "09:00:00", "10:00:00")
    again = part(2, 0, 300, -300)
    assert tellers(morning, again).list_chains() == [(1,), (2,)]
    later = timed(again, "11:00:00", "12:00:00")
    assert tellers(morning, later).list_chains() == [(1, 2)]
    assert tellers(later, morning).list_chains() == [(1, 2)]
    whole = timed(part(2, 0, 300, -300, 50), "09:00:00", "15:00:00")
    assert tellers(morning, whole).list_chains() == [(1,), (2,)]


def test_in_one_second_nothing_is_paid_twice():
    both = timed(part(1, 0, 300, -300), "09:00:00", "09:00:00")
    one = timed(part(2, 0, 300), "09:00:00", "09:00:00")
    assert tellers(both, one).list_chains() == [(1,), (2,)]
    assert tellers(both, part(2, 0, 300)).list_chains() == [(1, 2)]


def test_a_part_told_again_by_a_day_that_comes_to_nothing_is_no_part_before_it():
    half = part(1, -50, 50, first=1)
    assert tellers(half, part(2, 0, -50, 50)).list_chains() == [(1,), (2,)]
    assert tellers(half, part(2, 0, -50, -7)).list_chains() == [(1, 2)]


def test_statements_without_balances_and_those_of_several_days_chain_with_none():
    assert tellers(part(1, None, 100), part(2, None, 100)).list_chains() == [(1,), (2,)]
    assert tellers(part(1, 0, 100, last=6), part(2, 100, 100)).list_chains() == [(2,), (1,)]
    assert tellers(part(1, 0, 100), part(2, 100, 100, first=4)).list_chains() == [(2,), (1,)]


def test_a_thousand_parts_of_a_day_are_one_chain():
    day = tellers(*(part(n, n, 1) for n in range(2000)))
    assert day.list_chains() == [tuple(range(2000))]
    assert day.are_parts(0, 1999)


def test_parts_that_come_to_nothing_and_follow_each_other_both_ways_end_in_one_chain():
    assert tellers(part(1, 5, 1, -1), part(2, 5, 2, 2, -4)).list_chains() == [(2, 1)]
    day = tellers(part(1, 5, 1, 1, 1, -3), part(2, 5, 20, -20))
    assert day.list_chains() == [(1, 2)]
