"""The suites of signature: how each makes keys, writes them, signs and verifies.

Each signs a hash of the content: ``ed25519-sha256`` its SHA-256, ``sm2-sm3`` its SM3, as the
message of GB/T 32918.2 (which hashes it once more with the default identity of GM/T 0009).
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

try:
    import gmalg
except ImportError:  # the extra `gm` is not installed
    gmalg = None

SM2_SUITE, ED25519_SUITE = "sm2-sm3", "ed25519-sha256"
_SM2_IDENTITY = b"1234567812345678"


class Suite(Protocol):
    """One way of signing. Keys are raw bytes here; the heads are their DER up to these bytes."""

    name: str
    #: What must be installed for it; empty where nothing more is needed.
    extra: str
    public_head: bytes
    private_head: bytes
    sizes: tuple[int, int, int]  # of a private key, a public key, a signature

    @property
    def is_installed(self) -> bool:
        """Whether the program can use it here."""

    def new_key(self) -> bytes:
        """A fresh private key."""

    def public_of(self, private: bytes) -> bytes:
        """The public half."""

    def is_public(self, public: bytes) -> bool:
        """Whether bytes are a public key of the suite."""

    def sign(self, private: bytes, content: bytes) -> bytes:
        """The signature; the same for the same key and content."""

    def verify(self, public: bytes, signature: bytes, content: bytes) -> bool:
        """Whether the signature is of this key and content."""


class Ed25519Suite:
    """Ed25519 over the SHA-256 of the content."""

    name, extra = ED25519_SUITE, ""
    public_head = bytes.fromhex("302a300506032b6570032100")
    private_head = bytes.fromhex("302e020100300506032b657004220420")
    sizes = (32, 32, 64)
    is_installed = True

    def new_key(self) -> bytes:
        """A fresh private key."""
        return Ed25519PrivateKey.generate().private_bytes_raw()

    def public_of(self, private: bytes) -> bytes:
        """The public half."""
        return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def is_public(self, public: bytes) -> bool:
        """Whether bytes are a public key of the suite."""
        return len(public) == self.sizes[1]

    def sign(self, private: bytes, content: bytes) -> bytes:
        """The signature."""
        key = Ed25519PrivateKey.from_private_bytes(private)
        return key.sign(hashlib.sha256(content).digest())

    def verify(self, public: bytes, signature: bytes, content: bytes) -> bool:
        """Whether the signature is of this key and content."""
        key = Ed25519PublicKey.from_public_bytes(public)
        try:
            key.verify(signature, hashlib.sha256(content).digest())
        except InvalidSignature:
            return False
        return True


class Sm2Suite:
    """SM2 over the SM3 of the content, signatures as r and s of 32 bytes each."""

    name, extra = SM2_SUITE, "feewatch[gm]"
    public_head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
    private_head = bytes.fromhex(
        "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420"
    )
    sizes = (32, 65, 64)

    @property
    def is_installed(self) -> bool:
        """Whether the extra is there."""
        return gmalg is not None

    def new_key(self) -> bytes:
        """A fresh private key."""
        private, _ = gmalg.SM2().generate_keypair()
        return bytes(private).rjust(32, b"\0")

    def public_of(self, private: bytes) -> bytes:
        """The public half: 04, x, y."""
        return bytes(gmalg.SM2().generate_pk(private))

    def is_public(self, public: bytes) -> bool:
        """Whether bytes are a point of the curve."""
        return public[:1] == b"\x04" and bool(gmalg.SM2().verify_pk(public))

    def sign(self, private: bytes, content: bytes) -> bytes:
        """The signature; its secret number follows from key and content, as RFC 6979 has it.

        So nothing hangs on the quality of randomness, and equal editions have equal bytes.
        """
        message = _sm3(content)
        return sm2_signature(private, message, _nonces(private, message))

    def verify(self, public: bytes, signature: bytes, content: bytes) -> bool:
        """Whether the signature is of this key and content."""
        return sm2_verify(public, signature, _sm3(content))


@lru_cache(maxsize=4096)
def sm2_verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an SM2 signature, r and s, is of this key and message; slow, so it is kept."""
    half = len(signature) // 2
    key = gmalg.SM2(uid=_SM2_IDENTITY, pk=public)
    return bool(key.verify(message, signature[:half], signature[half:]))


def sm2_signature(private: bytes, message: bytes, nonce: Callable[[int], int]) -> bytes:
    """An SM2 signature; ``nonce`` gives numbers of so many bits until one fits."""
    r, s = gmalg.SM2(private, _SM2_IDENTITY, rnd_fn=nonce).sign(message)
    return bytes(r).rjust(32, b"\0") + bytes(s).rjust(32, b"\0")


def _sm3(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


def _nonces(private: bytes, message: bytes) -> Callable[[int], int]:
    digest, count = hashlib.sha256(message).digest(), 0

    def next_nonce(bits: int) -> int:
        nonlocal count
        count += 1
        block = hmac.new(private, digest + count.to_bytes(4, "big"), hashlib.sha256).digest()
        return int.from_bytes(block, "big") >> (256 - bits)

    return next_nonce


SUITES: dict[str, Suite] = {suite.name: suite for suite in (Ed25519Suite(), Sm2Suite())}


def to_pem(label: str, der: bytes) -> bytes:
    """DER between the lines of PEM."""
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def public_pem(suite: Suite, public: bytes) -> bytes:
    """A public key as PEM that OpenSSL reads."""
    return to_pem("PUBLIC KEY", suite.public_head + public)


def private_pem(suite: Suite, private: bytes) -> bytes:
    """A private key as unencrypted PEM that OpenSSL reads; the file's mode protects it."""
    tail = b""
    if suite.name == SM2_SUITE:
        tail = bytes.fromhex("a144034200") + suite.public_of(private)
    return to_pem("PRIVATE KEY", suite.private_head + private + tail)
