from typing import NamedTuple

import pytest

from feewatch.kernel.scratch import Packed


class Pair(NamedTuple):
    name: str | None
    fen: int


@pytest.mark.parametrize("count", [0, 1, 4095, 4096, 4097, 10_000])
def test_records_come_back_in_their_order_as_often_as_they_are_asked_for(count):
    pairs = [Pair(f"王{n}" if n % 3 else None, n - 5_000) for n in range(count)]
    packed = Packed(Pair)
    for pair in pairs:
        packed.append(pair)
    assert len(packed) == count
    assert list(packed) == pairs
    assert list(packed) == pairs
    assert all(type(pair) is Pair for pair in packed)


def test_records_may_be_added_after_they_were_gone_through():
    packed = Packed(Pair)
    for n in range(5_000):
        packed.append(Pair(None, n))
        if n == 4_500:
            assert len(list(packed)) == 4_501
    assert [pair.fen for pair in packed] == list(range(5_000))
