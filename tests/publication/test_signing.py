import json

import pytest

from feewatch.kernel.errors import InvalidInputError
from feewatch.publication.signing import (
    SigningKey,
    canonical,
    new_private_pem,
    read_public_keys,
    read_signed,
    sha256,
)

KEY = SigningKey(new_private_pem())
KEYS = read_public_keys(KEY.public_pem)
DOCUMENT = {"名": "星海", "b": [1, None], "a": {"z": True}}


def test_canonical_bytes_are_sorted_compact_utf8():
    assert canonical(DOCUMENT).decode() == '{"a":{"z":true},"b":[1,null],"名":"星海"}'


def test_a_signature_says_suite_key_and_value():
    (signature,) = json.loads(KEY.sign(DOCUMENT))["signatures"]
    assert signature["suite"] == "ed25519-sha256"
    assert signature["key_id"] == KEY.id
    assert len(signature["value"]) == 128


def test_the_same_document_and_key_give_the_same_bytes():
    assert KEY.sign(DOCUMENT) == KEY.sign(dict(reversed(DOCUMENT.items())))


def test_a_signed_document_is_read_with_the_right_key_only():
    assert read_signed(KEY.sign(DOCUMENT), KEYS)[1] is None
    stranger = read_public_keys(SigningKey(new_private_pem()).public_pem)
    assert read_signed(KEY.sign(DOCUMENT), stranger)[0] is None


def test_every_flipped_bit_is_seen():
    signed = KEY.sign({"a": 1})
    for place in range(len(signed)):
        for bit in range(8):
            altered = bytearray(signed)
            altered[place] ^= 1 << bit
            assert read_signed(bytes(altered), KEYS)[0] is None, (place, bit)


@pytest.mark.parametrize("tail", [b"\n", b" ", b"{}"])
def test_nothing_may_follow_the_document(tail):
    assert read_signed(KEY.sign(DOCUMENT) + tail, KEYS)[0] is None


def test_a_signature_of_another_suite_beside_it_does_no_harm():
    signed = json.loads(KEY.sign(DOCUMENT))
    signed["signatures"].append({"suite": "sm2-sm3", "key_id": "x", "value": "y"})
    assert read_signed(canonical(signed), KEYS)[1] is None


def test_a_key_file_may_hold_the_keys_of_several_rotations():
    other = SigningKey(new_private_pem())
    assert set(read_public_keys(KEY.public_pem + other.public_pem)) == {KEY.id, other.id}


@pytest.mark.parametrize("content", [b"", b"hello", new_private_pem()])
def test_a_file_without_public_keys_is_refused(content):
    with pytest.raises(InvalidInputError):
        read_public_keys(content)


def test_hashes_are_those_of_sha256sum():
    assert sha256(b"").startswith("e3b0c44298fc1c14")
