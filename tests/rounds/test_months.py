"""Which visits are owed: each institution of an inspector, so many a month."""

from feewatch.kernel.days import parse_day
from feewatch.rounds.months import Assignment, Owed, owed

MAY, JUNE, JULY = (parse_day(f"2026-0{month}-01") for month in (5, 6, 7))
END_OF_JUNE = JULY - 1


def days(*texts):
    return [parse_day(text) for text in texts]


def test_a_month_without_a_visit_is_missing_and_one_with_a_visit_is_not():
    anna = Assignment("anna", 1, MAY, None, is_substitute=False)
    assert owed([anna], {(1, MAY): 1}, MAY, END_OF_JUNE, 1) == [Owed(JUNE, 1, "anna", 0, 1)]
    assert owed([anna], {(1, MAY): 1, (1, JUNE): 1}, MAY, END_OF_JUNE, 1) == []
    assert owed([anna], {(1, MAY): 2, (1, JUNE): 1}, MAY, END_OF_JUNE, 2) == [
        Owed(JUNE, 1, "anna", 1, 2)
    ]


def test_who_came_or_left_within_a_month_owes_nothing_in_it():
    came, left = days("2026-05-02", "2026-06-29")
    anna = Assignment("anna", 1, came, left, is_substitute=False)
    assert owed([anna], {}, MAY, END_OF_JUNE, 1) == []
    whole = anna._replace(first=MAY, last=END_OF_JUNE)
    assert [each.month for each in owed([whole], {}, MAY, END_OF_JUNE, 1)] == [MAY, JUNE]


def test_who_stands_in_owes_nothing():
    boris = Assignment("boris", 1, MAY, None, is_substitute=True)
    assert owed([boris], {}, MAY, END_OF_JUNE, 1) == []
