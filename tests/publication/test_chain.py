"""The transparency file: only appended, and two copies show where an office said two things."""

import json

import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError
from feewatch.publication.chain import (
    ChainEntry,
    EditionName,
    extend_chain,
    first_fork,
    read_chain,
)
from feewatch.publication.signing import SigningKey, new_private_pem, read_public_keys

KEY = SigningKey(new_private_pem())
KEYS = read_public_keys(KEY.public_pem)
DAY = parse_day("2026-07-31")


def entries(*hashes, district="370702"):
    return [ChainEntry(district, n, DAY + n, hashed) for n, hashed in enumerate(hashes, 1)]


def extend(path, *hashes, key=KEY):
    extend_chain(path, "局", entries(*hashes), key)
    return read_chain(path.read_bytes(), KEYS)


def test_each_edition_has_one_line_and_lines_that_stand_are_never_written_anew(tmp_path):
    path = tmp_path / "chain.jsonl"
    extend(path, "a", "b")
    before = path.read_bytes()
    copy = extend(path, "a", "b", "c")
    assert path.read_bytes().startswith(before)
    assert copy == ({EditionName("370702", n): h for n, h in enumerate("abc", 1)}, [])
    again = path.read_bytes()
    extend(path, "a", "b", "c")
    assert path.read_bytes() == again


@pytest.mark.parametrize("torn", [b"{", b'{"format":"feewatch-chain/1"'])
def test_what_a_killed_process_left_of_a_line_is_taken_away(tmp_path, torn):
    path = tmp_path / "chain.jsonl"
    extend(path, "a")
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    assert read_chain(path.read_bytes(), KEYS).faults == []
    extend(path, "a")
    assert path.read_bytes() == whole


def test_a_record_that_says_otherwise_than_the_file_is_refused(tmp_path):
    path = tmp_path / "chain.jsonl"
    extend(path, "a", "b")
    before = path.read_bytes()
    with pytest.raises(ConflictError) as refused:
        extend(path, "a", "x", "c")
    assert refused.value.code == "CHAIN-DIFFERS"
    assert path.read_bytes() == before


def test_a_lost_file_is_made_anew_and_bound_as_before_even_by_another_key(tmp_path):
    extend(tmp_path / "one", "a", "b")
    other = SigningKey(new_private_pem())
    extend_chain(tmp_path / "two", "局", entries("a", "b"), other)
    bound = [
        [json.loads(line)["previous"] for line in (tmp_path / name).read_bytes().splitlines()]
        for name in ("one", "two")
    ]
    assert bound[0] == bound[1]


def test_two_copies_name_the_first_edition_at_which_they_part(tmp_path):
    one = extend(tmp_path / "one", "a", "b", "c").editions
    longer = extend(tmp_path / "longer", "a", "b", "c", "d").editions
    forked = extend(tmp_path / "forked", "a", "x", "y").editions
    assert first_fork(one, longer) == []
    assert first_fork(one, forked) == [EditionName("370702", 2)]


def test_the_file_of_an_office_holds_all_districts_in_whatever_order_they_came(tmp_path):
    path = tmp_path / "chain.jsonl"
    here, there = entries("a", "b"), entries("c", district="370703")
    extend_chain(path, "局", [here[0], *there], KEY)
    extend_chain(path, "局", [*here, *there], KEY)
    copy = read_chain(path.read_bytes(), KEYS)
    assert (len(copy.editions), copy.faults) == (3, [])
