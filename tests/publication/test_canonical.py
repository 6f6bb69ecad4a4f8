"""The bytes that are signed are those of RFC 8785 (JCS), which other programs can make as well."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from feewatch.publication.signing import canonical

#: What editions hold: names that we choose, texts that others wrote, whole numbers, yes and no.
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_every_document_of_texts_and_whole_numbers_has_the_bytes_of_rfc_8785(document):
    assert canonical(document) == rfc8785.dumps(document)


@pytest.mark.parametrize(
    "text", ["\u2028", "\x7f", "\x1f", '"\\/\b\f\n\r\t', "\U00020000\ufb33", "é e\u0301", "€＜"]
)
def test_texts_that_writers_of_json_treat_differently_have_one_form(text):
    assert canonical({"name": text}) == rfc8785.dumps({"name": text})


def numbers_and_keys(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from numbers_and_keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_and_keys(inner)
    elif isinstance(value, int | float):
        yield value


def test_published_editions_are_of_that_form_and_hold_no_fraction_and_no_foreign_key(published):
    editions = sorted(published.district.glob("*/edition.json"))
    assert len(editions) >= 3
    for path in editions:
        content = path.read_bytes()
        document = json.loads(content)
        assert content == rfc8785.dumps(document)
        parts = list(numbers_and_keys(document))
        assert all(part.isascii() if isinstance(part, str) else type(part) in (int, bool)
                   for part in parts)  # fmt: skip
