import chinese_calendar
import pytest

from feewatch.casework.deadlines import default_deadline
from feewatch.casework.workdays import (
    add_working_days,
    calendar,
    is_working_day,
    working_days_between,
)
from feewatch.engine.holidays import Holidays
from feewatch.kernel.days import date_of, format_day, parse_day


def day(text):
    found = parse_day(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2026-09-28", 1, "2026-09-29"),
        ("2026-09-30", 1, "2026-10-08"),  # 国庆 2026: 1 to 7 October
        ("2026-10-08", 2, "2026-10-10"),  # Saturday 10 October is a make-up day
        ("2026-10-08", 3, "2026-10-12"),  # Sunday 11 October is none
        ("2026-09-18", 1, "2026-09-20"),  # Sunday 20 September is a make-up day
        ("2026-09-24", 1, "2026-09-28"),  # 中秋 25 to 27 September
        ("2026-10-03", 1, "2026-10-08"),  # from within the holiday
        ("2026-09-28", 0, "2026-09-28"),
    ],
)
def test_working_days_skip_holidays_and_know_make_up_days(start, count, expected):
    found = add_working_days(day(start), count)
    assert (format_day(found.day), found.provisional) == (expected, False)


def test_a_year_not_yet_announced_counts_weekdays_and_is_provisional():
    found = add_working_days(day("2026-12-31"), 1)
    assert (format_day(found.day), found.provisional) == ("2027-01-01", True)
    assert add_working_days(day("2026-12-30"), 1).provisional is False


def test_a_deadline_reached_by_skipping_days_of_an_unannounced_year_is_provisional():
    # 2027-01-02 and -03 are a weekend; had they been make-up days, Monday would be the second day
    found = add_working_days(day("2027-01-01"), 1)
    assert (format_day(found.day), found.provisional) == ("2027-01-04", True)


def test_far_years_do_not_fail():
    assert is_working_day(day("2040-10-01"))  # a Monday
    assert not is_working_day(day("2040-09-30"))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-09-30", "2026-10-07", 0),
        ("2026-09-30", "2026-10-08", 1),
        ("2026-09-30", "2026-10-10", 3),
        ("2026-09-30", "2026-10-11", 3),
        ("2026-09-30", "2026-09-30", 0),
        ("2026-10-08", "2026-09-01", 0),
    ],
)
def test_working_days_between_leave_out_the_start_and_take_in_the_end(start, end, expected):
    assert working_days_between(day(start), day(end)) == expected


@pytest.mark.parametrize("count", range(1, 30))
def test_counting_back_what_was_added_gives_the_same_number(count):
    start = day("2026-09-15")
    assert working_days_between(start, add_working_days(start, count).day) == count


def test_a_notified_institution_has_fifteen_working_days():
    found = default_deadline("notify", day("2026-09-21"))
    # 22-24, 28-30 September, 8-10 (the 10th is a make-up Saturday), 12-16, 19 October
    assert format_day(found.day) == "2026-10-19"
    assert working_days_between(day("2026-09-21"), found.day) == 15


def holidays(years, off=(), work=()):
    return Holidays(frozenset(years), frozenset(map(day, off)), frozenset(map(day, work)))


def test_a_make_up_saturday_counts_and_a_bridge_day_does_not():
    assert is_working_day(day("2026-05-09"))  # Saturday
    assert not is_working_day(day("2026-05-04"))  # Monday
    assert not is_working_day(day("2026-05-10"))


def test_a_year_is_crossed_by_the_notices_of_both():
    # 31 December 2022 is off by the notice of 2023, 3 January 2023 the first working day
    found = add_working_days(day("2022-12-30"), 1)
    assert (format_day(found.day), found.provisional) == ("2023-01-03", False)


def test_an_offices_own_year_ends_what_was_provisional():
    own = holidays([2027], ["2027-01-01"], ["2027-01-02"])
    found = add_working_days(day("2026-12-31"), 1, own)
    assert (format_day(found.day), found.provisional) == ("2027-01-02", False)
    assert working_days_between(day("2026-12-31"), day("2027-01-04"), own) == 2
    assert working_days_between(day("2026-12-31"), day("2027-01-04")) == 2  # 1 and 4 January


def test_a_year_without_a_file_is_answered_by_the_library():
    assert not is_working_day(day("2026-10-02"), holidays([]))
    assert is_working_day(day("2026-10-10"), holidays([]))
    assert add_working_days(day("2026-10-02"), 1, holidays([])).provisional is False


def test_a_year_on_file_is_not_asked_of_the_library():
    assert is_working_day(day("2026-10-02"), holidays([2026]))


@pytest.mark.parametrize("year", range(2018, 2027))
def test_the_years_on_file_agree_with_the_library(year):
    for number in range(day(f"{year}-01-01"), day(f"{year}-12-31") + 1):
        assert is_working_day(number) == chinese_calendar.is_workday(date_of(number))


def test_the_calendar_of_facts_is_laid_out_by_the_same_days():
    own = holidays([2027], ["2027-01-01"], ["2027-01-02"])
    shown = calendar(day("2026-12-31"), day("2027-01-04"), own)
    assert [(each.is_off, each.is_provisional, each.workday_no) for each in shown] == [
        (0, 0, 1), (1, 0, 1), (0, 0, 2), (1, 0, 2), (0, 0, 3),
    ]  # fmt: skip
