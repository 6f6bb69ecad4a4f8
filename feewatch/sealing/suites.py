"""The suites by which files are encrypted: AES-256-GCM, and SM4-GCM where OpenSSL has it.

Each file has a key of its own, derived from the office's key and the file's salt, so that a chunk
number is never used twice as nonce under one key. A suite that is not known is refused.
"""

from functools import cache
from typing import Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from feewatch.kernel.errors import UnavailableError

AES_SUITE, SM4_SUITE = "aes-256-gcm", "sm4-gcm"
TAG_BYTES = 16
_INFO = b"feewatch file "


class FileCipher(Protocol):
    """Encrypts and decrypts the chunks of one file; the tag stands behind each."""

    def encrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """The encrypted chunk, bound to what else must hold of it."""

    def decrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """The clear chunk.

        Raises: InvalidTag where the chunk, or what it is bound to, is another.
        """


class FileSuite(Protocol):
    """One way to encrypt files."""

    name: str

    @property
    def is_installed(self) -> bool:
        """Whether the program can use it here."""

    def cipher(self, secret: bytes, salt: bytes) -> FileCipher:
        """The cipher of a file with this salt."""


class AesSuite:
    """AES-256 in Galois counter mode; the file's key by HKDF with SHA-256."""

    name = AES_SUITE
    is_installed = True

    def cipher(self, secret: bytes, salt: bytes) -> FileCipher:
        """The cipher of a file with this salt."""
        return AESGCM(_derived(hashes.SHA256(), 32, secret, salt, self.name))


class _Sm4Cipher:
    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """The encrypted chunk with its tag."""
        encryptor = Cipher(self._key, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """The clear chunk."""
        if len(data) < TAG_BYTES:
            raise InvalidTag
        mode = modes.GCM(nonce, data[-TAG_BYTES:])
        decryptor = Cipher(self._key, mode).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


class Sm4Suite:
    """SM4 (GB/T 32907) in Galois counter mode; the file's key by HKDF with SM3."""

    name = SM4_SUITE

    @property
    def is_installed(self) -> bool:
        """Whether the OpenSSL in use was built with SM4-GCM."""
        return _has_sm4()

    def cipher(self, secret: bytes, salt: bytes) -> FileCipher:
        """The cipher of a file with this salt."""
        return _Sm4Cipher(_derived(hashes.SM3(), 16, secret, salt, self.name))


SUITES: dict[str, FileSuite] = {suite.name: suite for suite in (AesSuite(), Sm4Suite())}


def suite_of(name: str) -> FileSuite:
    """A suite that can be used here.

    Raises: UnavailableError for one that is not known or not installed; never skipped.
    """
    suite = SUITES.get(name)
    if suite is None:
        raise UnavailableError(
            "SEAL-SUITE",
            f"加密算法 {name[:40]!r} 不认识，文件不予读取",
            f"encryption suite {name[:40]!r} is not known: the file is not read",
        )
    if not suite.is_installed:
        raise UnavailableError(
            "SEAL-SUITE",
            f"本机的 OpenSSL 不支持加密算法 {name}，请更换 cryptography 软件包",
            f"the OpenSSL in use here lacks encryption suite {name}: install another build of "
            "the package cryptography",
        )
    return suite


@cache
def _has_sm4() -> bool:
    try:
        Cipher(algorithms.SM4(bytes(16)), modes.GCM(bytes(12))).encryptor()
    except UnsupportedAlgorithm:
        return False
    return True


def _derived(
    digest: hashes.HashAlgorithm, length: int, secret: bytes, salt: bytes, name: str
) -> bytes:
    return HKDF(digest, length, salt, _INFO + name.encode()).derive(secret)
