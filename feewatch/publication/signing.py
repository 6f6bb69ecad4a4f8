"""Canonical bytes, their hash, and signatures over them. The only place that knows the suites.

Suite ``ed25519-sha256``: Ed25519 over the SHA-256 of the canonical bytes without signatures. A
further suite (``sm2-sm3``) is one more entry of the same list.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text

SUITE = "ed25519-sha256"
_SIGNATURES = "signatures"
_END = b"-----END PUBLIC KEY-----"

PublicKeys = Mapping[str, Ed25519PublicKey]


def canonical(document: Mapping[str, Any] | list[Any]) -> bytes:
    """The one form of a document in bytes, that of RFC 8785: sorted keys, no white space, UTF-8.

    It is that form for texts, whole numbers below 2^53 and ASCII keys, and editions hold no others.
    """
    return json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def sha256(content: bytes) -> str:
    """The hash of a file, as ``sha256sum`` prints it."""
    return hashlib.sha256(content).hexdigest()


class SigningKey:
    """A private key that signs documents."""

    def __init__(self, pem: bytes) -> None:
        key = load_pem_private_key(pem, password=None)
        assert isinstance(key, Ed25519PrivateKey)
        self._key = key
        self.id = key_id(key.public_key())

    @property
    def public_pem(self) -> bytes:
        """The public half as PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, document: Mapping[str, Any]) -> bytes:
        """The canonical bytes of the document with its signature in it."""
        body = _Body(document)
        value = self._key.sign(body.digest()).hex()
        return body.signed([{"suite": SUITE, "key_id": self.id, "value": value}])


class _Body:
    """The canonical bytes of a document around the place of its signatures, made once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._before = _members({key: document[key] for key in document if key < _SIGNATURES})
        self._after = _members({key: document[key] for key in document if key > _SIGNATURES})

    def digest(self) -> bytes:
        """What is signed: the SHA-256 of the document without signatures."""
        return hashlib.sha256(self._joined(b"")).digest()

    def signed(self, signatures: list[Any]) -> bytes:
        """The canonical bytes with these signatures."""
        return self._joined(b'"signatures":' + canonical(signatures))

    def _joined(self, signatures: bytes) -> bytes:
        parts = (self._before, signatures, self._after)
        return b"{" + b",".join(part for part in parts if part) + b"}"


def _members(part: Mapping[str, Any]) -> bytes:
    return canonical(part)[1:-1]


def new_private_pem() -> bytes:
    """A fresh private key as unencrypted PEM; the file's mode protects it."""
    return Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: the first 16 digits of the hash of its raw bytes."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw))[:16]


def read_public_keys(pem: bytes) -> dict[str, Ed25519PublicKey]:
    """The keys of a file with one public key or several (after a rotation), by key id.

    Raises: InvalidInputError where the file holds anything else.
    """
    keys = {}
    for part in pem.split(_END)[:-1]:
        try:
            key = load_pem_public_key(part + _END + b"\n")
        except ValueError:
            raise _no_key() from None
        if not isinstance(key, Ed25519PublicKey):
            raise _no_key()
        keys[key_id(key)] = key
    if not keys:
        raise _no_key()
    return keys


def read_signed(content: bytes, keys: PublicKeys) -> tuple[dict[str, Any] | None, Text | None]:
    """The document of signed bytes, or None and what is wrong with them.

    The bytes must be canonical to the last one, so that no change goes unseen.
    """
    try:
        document = json.loads(content.decode())
    except (ValueError, RecursionError):
        return None, Text("不是有效的 JSON", "is no valid JSON")
    if not isinstance(document, dict) or not isinstance(document.get(_SIGNATURES), list):
        return None, Text("没有签名", "carries no signatures")
    try:
        body = _Body(document)
        is_canonical = body.signed(document[_SIGNATURES]) == content
    except (ValueError, RecursionError):
        return None, Text("不是有效的 JSON", "is no valid JSON")
    if not is_canonical:
        return None, Text("不是规范格式，内容被改动", "is not in canonical form: it was altered")
    digest = body.digest()
    if not any(_is_valid(digest, each, keys) for each in document[_SIGNATURES]):
        return None, Text("没有可信密钥的有效签名", "no valid signature by a trusted key")
    return document, None


def _is_valid(digest: bytes, signature: Any, keys: PublicKeys) -> bool:
    if not isinstance(signature, dict) or signature.get("suite") != SUITE:
        return False
    key, value = keys.get(str(signature.get("key_id"))), str(signature.get("value"))
    try:
        raw = bytes.fromhex(value)
    except ValueError:
        return False
    # the other spellings of the same hexadecimal digits would be alterations that nobody sees
    if key is None or raw.hex() != value:
        return False
    try:
        key.verify(raw, digest)
    except InvalidSignature:
        return False
    return True


def _no_key() -> InvalidInputError:
    return InvalidInputError(
        "KEY-FORMAT",
        "密钥文件须为 PEM 格式的 Ed25519 公钥",
        "the key file must hold Ed25519 public keys in PEM form",
    )
