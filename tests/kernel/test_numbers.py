"""Numbers of any length and size are read at once, or refused at once."""

import time
from decimal import Decimal

import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.numbers import (
    MAX_WHOLE,
    chinese_numeral,
    exact_decimal,
    exact_whole,
    is_ordinary,
    read_decimal,
    read_whole,
)
from feewatch.kernel.toml import read_toml

HOSTILE = [
    "1e999999", "1e-999999", "-1e999999", "0e99999999", "9" * 100_000, "1" + "0" * 31, "NaN",
    "sNaN", "inf", "-Infinity", "", " ", "0x10", "٣", "１", "²", "1_000", "\x00", "a" * 10_000,
    "1e31",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_ordinary_number_is_none_and_costs_nothing(text):
    begun = time.process_time()
    assert read_whole(text) is None
    assert text == "1_000" or read_decimal(text) is None
    for read in (exact_decimal, exact_whole):
        if text != "1_000":
            with pytest.raises(ValueError, match="no ordinary number"):
                read(text)
    assert time.process_time() - begun < 0.05


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("007", 7), (str(MAX_WHOLE), MAX_WHOLE), (str(2**63), None)]
)
def test_whole_numbers_go_up_to_what_databases_hold(text, number):
    assert read_whole(text) == number
    assert exact_whole("-7") == -7
    assert read_whole("12", 11) is None


@pytest.mark.parametrize("text", ["0.05", "-1.50", "1e30", "1e-30", "00012", "0"])
def test_ordinary_numbers_are_exact(text):
    assert read_decimal(text) == Decimal(text)
    assert is_ordinary(Decimal(text))


@pytest.mark.parametrize("text", ["٢٠٢٦-٠١-٠١", "２０２６-01-01", "10000-01-01", "0000-01-01"])
def test_a_day_is_written_in_plain_digits(text):
    assert parse_day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "9" * 5000,
        "a = 0x" + "f" * 100_000,
        "a = 1e999999",
        "a = [1, {b = -9223372036854775809}]",
        "a = nan",
        "a = " + "[" * 20_000,
        "a = " + "[" * 60 + "]" * 60,
        "a = " + "{b = " * 20_000,
        ".".join("a" * 20_000) + " = 1",
        " . ".join(['"a"', "'b'"] * 10_000) + " = 1",
        "[" + ".".join("a" * 20_000) + "]",
    ],
)
def test_toml_that_costs_more_than_it_says_is_a_fault_of_the_file(text):
    faults = []
    begun = time.process_time()
    assert read_toml(text, "x.toml", faults) is None
    assert [fault.code for fault in faults] == ["TOML-SYNTAX"]
    assert len(faults[0].message.both()) < 500
    assert time.process_time() - begun < 1


def test_a_long_text_is_searched_for_long_names_in_one_go():
    def seconds(size):
        begun = time.process_time()
        for text in ("x" * size, '"a' * size, "a." * 90 + "=" * size):
            read_toml(f"a = '''{text}'''", "x.toml", [])
        return time.process_time() - begun

    assert min(seconds(400_000) for _ in range(3)) <= 3 * max(seconds(200_000), 0.02)


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (32, "三十二"),
     (99, "九十九")],
)  # fmt: skip
def test_headings_are_counted_in_chinese_past_ten(number, word):
    assert chinese_numeral(number) == word
