import pytest

from feewatch.kernel.days import parse_day
from feewatch.registry.kinds import KINDS

USCC = "52370702651728628K"


def contract(lessons=40, gifts=0, starts="2026-03-01", ends="2026-05-31", paid="2026-02-20"):
    days = [parse_day(day) if day else None for day in (starts, ends, paid)]
    return KINDS["contracts"].make(
        [
            *("HT1", USCC, "KC1", "S1", "hours", lessons, gifts, *days[:2]),
            *(100, days[2], None, None, None, "prepaid", None, None, None),
        ]
    )


@pytest.mark.parametrize(
    ("lessons", "gifts", "total"), [(40, 4, 44), (None, 4, None), (0, 0, None), (0, 4, 4)]
)
def test_total_lessons_count_gifts_and_are_unknown_where_nothing_divides(lessons, gifts, total):
    assert contract(lessons, gifts).total_lessons == total


@pytest.mark.parametrize(
    ("starts", "ends", "months"),
    [
        ("2026-03-01", "2026-05-31", 2),
        ("2026-03-01", "2026-06-01", 3),
        ("2025-11-30", "2026-02-28", 3),
        ("", "2026-06-01", None),
        ("2026-03-01", "", None),
    ],
)
def test_span_is_counted_in_completed_calendar_months(starts, ends, months):
    assert contract(starts=starts, ends=ends).span_months == months


@pytest.mark.parametrize(
    ("paid", "completed", "up"),
    [
        ("2026-02-01", 1, 1),
        ("2026-01-31", 1, 2),
        ("2026-03-01", 0, 0),
        ("2026-04-15", 0, 0),
        ("", None, None),
    ],
)
def test_lead_is_counted_both_ways_from_payment_to_start(paid, completed, up):
    measured = contract(paid=paid)
    assert (measured.lead_months, measured.lead_months_up) == (completed, up)
