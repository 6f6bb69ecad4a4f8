"""Entries of a day in the order of the statement that tells most, others put in between."""

from ledger.test_tellers import DAY, part

from feewatch.ledger.day_order import PlacedRow, day_orders
from feewatch.ledger.tellers import Tellers


def order(parts, **entries):
    """The order of entries 1, 2, ... of statements s1, s2, ... with their rows in turn."""
    spans, totals = zip(*parts, strict=True)
    rows = [
        PlacedRow(1, DAY, int(name[1:]), seq, entry)
        for name, told in entries.items()
        for seq, entry in enumerate(told)
    ]
    return day_orders(rows, lambda _: Tellers(spans, totals)).get((1, DAY))


def test_a_day_of_one_statement_keeps_the_order_it_has():
    assert order([part(1, 0, 5, 5)], s1=[1, 2]) is None


def test_what_only_another_statement_tells_stands_behind_what_it_comes_after():
    parts = [part(1, 0, 1, 1, 1), part(2, 0, 1, 1)]
    assert order(parts, s1=[10, 20, 30], s2=[20, 25]) == [10, 20, 25, 30]
    assert order(parts, s1=[10, 20, 30], s2=[5, 10]) == [5, 10, 20, 30]


def test_parts_stand_in_the_order_of_the_day_whichever_comes_first():
    afternoon, morning = part(1, 100, 7, 7), part(2, 0, 60, 40)
    assert order([afternoon, morning], s1=[3, 4], s2=[1, 2]) == [1, 2, 3, 4]
