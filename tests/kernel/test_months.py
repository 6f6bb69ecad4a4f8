"""Months to the last one that a calendar has."""

import pytest

from feewatch.kernel.days import month_length, parse_day, parse_month


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("9999-11", "9999-11-01", "9999-11-30"),
        ("1900-02", "1900-02-01", "1900-02-28"),
    ],
)
def test_a_month_has_a_first_and_a_last_day(text, first, last):
    assert parse_month(text) == (parse_day(first), parse_day(last))


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "", "10000-01", "9999-12", "1900-01", "0001-01"]
)
def test_what_is_no_month_is_none(text):
    assert parse_month(text) is None


def test_the_length_of_a_month_needs_no_month_after_it():
    assert month_length(9999, 12) == 31
