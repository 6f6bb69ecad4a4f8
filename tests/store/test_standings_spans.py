"""Districts are read together as far as memory is meant for, each whole and once."""

import pytest

from feewatch.store.lists.standings import READ_TOGETHER, _spans

HALF = READ_TOGETHER // 2


@pytest.mark.parametrize(
    ("sizes", "spans"),
    [
        ([], []),
        ([("a", 1)], [("a", "a")]),
        ([("a", HALF), ("b", READ_TOGETHER - HALF)], [("a", "b")]),
        ([("a", HALF), ("b", READ_TOGETHER - HALF + 1)], [("a", "a"), ("b", "b")]),
        ([("a", 2 * READ_TOGETHER), ("b", 1), ("c", 1)], [("a", "a"), ("b", "c")]),
        ([("a", 1), ("b", 2 * READ_TOGETHER)], [("a", "a"), ("b", "b")]),
    ],
)
def test_spans(sizes, spans):
    assert list(_spans(sizes)) == spans
