"""Sums are whole numbers on both databases: pages write nothing else as fen."""

from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, cast, func, insert, select, text

from feewatch.store.tables.registers import institution


def test_a_sum_of_whole_numbers_is_a_whole_number(any_app):
    with any_app.database.transaction() as tx:
        tx.execute(insert(institution), [{"uscc": f"U{n}"} for n in range(3)])
        total = tx.scalar(select(func.sum(cast(institution.c.id, BigInteger) + 2**53)))
    assert type(total) is int
    assert total == 3 * 2**53 + 6


@pytest.mark.parametrize(
    ("told", "value"), [("-12.50", Decimal("-12.50")), ("1e3", 1000), ("'NaN'", Decimal("NaN"))]
)
def test_what_has_a_fraction_stays_exact(postgres_app, told, value):
    with postgres_app.database.reading() as tx:
        assert str(tx.scalar(text(f"SELECT CAST({told} AS numeric)"))) == str(value)
