"""Suites against published figures.

SM2: the example of a signature of GB/T 32918.2 over the recommended curve (GM/T 0003.5, appendix
A). The private key, the secret number and the message are given there, and what follows from them.
"""

import pytest

from feewatch.publication.suites import (
    SUITES,
    private_pem,
    public_pem,
    sm2_signature,
    sm2_verify,
)

SM2, ED25519 = SUITES["sm2-sm3"], SUITES["ed25519-sha256"]
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
MESSAGE = b"message digest"
SECRET = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)


def test_sm2_gives_the_public_key_and_the_signature_of_the_standard():
    assert SM2.public_of(PRIVATE) == PUBLIC
    assert sm2_signature(PRIVATE, MESSAGE, lambda _: SECRET) == SIGNATURE
    assert sm2_verify(PUBLIC, SIGNATURE, MESSAGE)


def test_sm3_is_that_of_the_standard():
    """GB/T 32905, example 1: the hash of abc; what is signed of a content is its hash."""
    digest = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm2_verify(PUBLIC, SM2.sign(PRIVATE, b"abc"), bytes.fromhex(digest))


@pytest.mark.parametrize("place", [0, 31, 32, 63])
def test_sm2_refuses_the_signature_of_the_standard_once_it_is_altered(place):
    altered = bytearray(SIGNATURE)
    altered[place] ^= 1
    assert not sm2_verify(PUBLIC, bytes(altered), MESSAGE)
    assert not sm2_verify(PUBLIC, SIGNATURE, MESSAGE + b".")


def test_ed25519_signs_the_hash_as_rfc_8032_has_it_for_these_bytes():
    """RFC 8032, 7.1, test 1 is over the empty message; the suite signs its SHA-256."""
    private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert ED25519.public_of(private) == public
    assert ED25519.verify(public, ED25519.sign(private, b""), b"")
    assert not ED25519.verify(public, ED25519.sign(private, b""), b"x")


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_a_suite_signs_alike_each_time_and_keeps_its_sizes(suite):
    private = suite.new_key()
    public = suite.public_of(private)
    signature = suite.sign(private, MESSAGE)
    assert (len(private), len(public), len(signature)) == suite.sizes
    assert suite.is_public(public)
    assert suite.sign(private, MESSAGE) == signature
    assert suite.verify(public, signature, MESSAGE)
    assert not suite.verify(suite.public_of(suite.new_key()), signature, MESSAGE)


def test_what_is_no_point_of_the_curve_is_no_key():
    assert not SM2.is_public(b"\x04" + bytes(63) + b"\x01")
    assert not SM2.is_public(b"\x00" * 65)


def test_keys_are_written_as_openssl_writes_them():
    assert private_pem(SM2, PRIVATE).decode().splitlines()[1] == (
        "MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgOUUgj3shRLE/NuOK"
    )
    assert (
        public_pem(SM2, PUBLIC)
        .decode()
        .splitlines()[1]
        .startswith("MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE")
    )
