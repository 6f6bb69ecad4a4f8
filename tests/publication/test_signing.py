import json
from dataclasses import replace

import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError, UnavailableError
from feewatch.publication import suites
from feewatch.publication.signing import (
    Revocation,
    SigningKey,
    canonical,
    new_private_pem,
    read_public_keys,
    read_signed,
    sha256,
)

PEM = new_private_pem()
KEY = SigningKey(PEM)
KEYS = read_public_keys(KEY.public_pem)
SM2_KEY = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
SM2_TAIL = bytes.fromhex("a144034200") + bytes(65)
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


def with_signature(signed, **signature):
    document = json.loads(signed)
    document["signatures"].append(signature)
    return canonical(document)


def test_a_signature_by_a_stranger_beside_it_does_no_harm():
    signed = with_signature(KEY.sign(DOCUMENT), suite="sm2-sm3", key_id="x", value="y")
    assert read_signed(signed, KEYS)[1] is None


@pytest.mark.parametrize("suite", ["rsa-md5", "", None, 7, "ED25519-SHA256"])
def test_a_suite_that_is_not_known_is_refused_and_never_skipped(suite):
    signed = with_signature(KEY.sign(DOCUMENT), suite=suite, key_id="x", value="y")
    document, fault = read_signed(signed, KEYS)
    assert document is None
    assert "不认识" in fault.zh


def test_a_false_signature_of_a_trusted_key_is_refused_beside_a_true_one():
    other = SigningKey(new_private_pem())
    keys = {**KEYS, **read_public_keys(other.public_pem)}
    false = json.loads(other.sign({"another": 1}))["signatures"][0]
    document, fault = read_signed(with_signature(KEY.sign(DOCUMENT), **false), keys)
    assert (document, other.id in fault.zh) == (None, True)


def test_a_document_bears_the_signatures_of_both_suites_and_either_key_reads_it():
    chinese = SigningKey(new_private_pem("sm2-sm3"))
    both = SigningKey(PEM, [chinese])
    signed = both.sign(DOCUMENT)
    assert [each["suite"] for each in json.loads(signed)["signatures"]] == [
        "ed25519-sha256", "sm2-sm3",
    ]  # fmt: skip
    assert signed == both.sign(DOCUMENT), "equal editions have equal bytes"
    for pem in (both.public_pem, chinese.public_pem, both.public_pem + chinese.public_pem):
        assert read_signed(signed, read_public_keys(pem))[1] is None
    altered = signed.replace("星海".encode(), "星河".encode())
    assert read_signed(altered, read_public_keys(chinese.public_pem))[0] is None


def test_where_the_extra_is_missing_it_says_what_to_install(monkeypatch):
    chinese = SigningKey(new_private_pem("sm2-sm3"))
    signed, keys = chinese.sign(DOCUMENT), read_public_keys(chinese.public_pem)
    monkeypatch.setattr(suites, "gmalg", None)
    document, fault = read_signed(signed, keys)
    assert (document, "feewatch[gm]" in fault.zh) == (None, True)
    assert read_public_keys(chinese.public_pem).keys() == keys.keys()
    for act in (lambda: new_private_pem("sm2-sm3"), lambda: SigningKey(chinese_pem())):
        with pytest.raises(UnavailableError) as refused:
            act()
        assert refused.value.code == "SUITE-EXTRA"


def chinese_pem():
    """A private SM2 key as OpenSSL writes it: that of the example of GB/T 32918.2."""
    return suites.to_pem("PRIVATE KEY", suites.SUITES["sm2-sm3"].private_head + SM2_KEY + SM2_TAIL)


@pytest.mark.parametrize(
    ("field", "day", "is_good"),
    [
        ("cut_off", "2026-07-31", True),
        ("cut_off", "2026-08-01", False),
        ("issued_on", "2026-08-01", False),
    ],
)
def test_a_retired_key_signs_nothing_of_after_its_last_day(field, day, is_good):
    keys = {KEY.id: replace(KEYS[KEY.id], valid_until=parse_day("2026-07-31"))}
    assert (read_signed(KEY.sign({field: day}), keys)[1] is None) is is_good


def test_of_a_revoked_key_only_what_the_office_stands_by_counts():
    good, forged = KEY.sign(DOCUMENT), KEY.sign({"forged": 1})
    revocation = Revocation(parse_day("2026-07-31"), "失窃", frozenset({sha256(good)}))
    keys = {KEY.id: replace(KEYS[KEY.id], revocation=revocation)}
    assert read_signed(good, keys)[1] is None
    document, fault = read_signed(forged, keys)
    assert (document, "2026-07-31" in fault.zh) == (None, True)


def test_a_key_file_may_hold_the_keys_of_several_rotations():
    other = SigningKey(new_private_pem())
    assert set(read_public_keys(KEY.public_pem + other.public_pem)) == {KEY.id, other.id}


@pytest.mark.parametrize("content", [b"", b"hello", new_private_pem()])
def test_a_file_without_public_keys_is_refused(content):
    with pytest.raises(InvalidInputError):
        read_public_keys(content)


def test_hashes_are_those_of_sha256sum():
    assert sha256(b"").startswith("e3b0c44298fc1c14")
