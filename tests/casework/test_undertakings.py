"""Undertakings as people type them, and the day on which refunds reach a sum."""

import pytest

from feewatch.casework.undertakings import Paid, day_reached, read_contract_lines
from feewatch.kernel.errors import InvalidInputError


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("HT1 1200", ("HT1", 120_000)),
        ("HT1，1,200.50 元", ("HT1", 120_050)),
        ("HT1：300元", ("HT1", 30_000)),
        ("  HT1  ", ("HT1", None)),
    ],
)
def test_a_line_is_a_contract_and_an_amount_if_any(typed, read):
    assert read_contract_lines(f"\n{typed}\n\n") == (read,)


@pytest.mark.parametrize("typed", ["HT1 about 300", "HT1 0", "HT1 -5", "HT1 1.234"])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(InvalidInputError) as refusal:
        read_contract_lines(f"HT0 5\n{typed}")
    assert refusal.value.code == "UNDERTAKING-AMOUNT"


@pytest.mark.parametrize(("amount", "day"), [(1, 5), (100, 5), (101, 7), (300, 7), (301, None)])
def test_the_day_is_that_on_which_the_sum_is_reached(amount, day):
    refunds = [Paid(7, 200, "b", 1), Paid(5, 100, "a", 1)]
    assert day_reached(refunds, amount) == day
