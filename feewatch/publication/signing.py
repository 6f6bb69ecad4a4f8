"""Canonical bytes, their hash, and signatures over them, by whichever suite a key has.

A signature counts only by a key that is trusted, in use on the day of the document, and not
revoked, unless the revocation stands by this very document. A suite that is not known is refused.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.errors import InvalidInputError, UnavailableError
from feewatch.kernel.text import Text
from feewatch.publication.suites import ED25519_SUITE, SUITES, Suite, private_pem, public_pem

_SIGNATURES = "signatures"
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)
_BLOCK = re.compile(
    rb"-----BEGIN (PUBLIC|PRIVATE) KEY-----\s+([A-Za-z0-9+/=\s]+?)-----END \1 KEY-----"
)


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a key is trusted no more, and the documents the office stands by all the same."""

    on: Day
    reason: str
    stands_by: frozenset[str] = frozenset()  # SHA-256 of signed documents, byte by byte


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that a reader trusts; of several the newest has the lowest rank."""

    suite: str
    raw: bytes
    rank: int = 0
    valid_from: Day | None = None
    valid_until: Day | None = None  # the last day of documents that it may sign
    revocation: Revocation | None = None

    @property
    def id(self) -> str:
        """The name of the key."""
        return key_id(self.raw)

    @property
    def pem(self) -> bytes:
        """The key as PEM."""
        return public_pem(SUITES[self.suite], self.raw)


PublicKeys = Mapping[str, PublicKey]


def canonical(document: Mapping[str, Any] | list[Any]) -> bytes:
    """The one form of a document in bytes, that of RFC 8785: sorted keys, no white space, UTF-8.

    It is that form for texts, whole numbers below 2^53 and ASCII keys, and editions hold no others.
    """
    return _ENCODER.encode(document).encode()


def sha256(content: bytes) -> str:
    """The hash of a file, as ``sha256sum`` prints it."""
    return hashlib.sha256(content).hexdigest()


class SigningKey:
    """A private key that signs documents, alone or with keys of other suites beside it.

    Raises: InvalidInputError for no private key, UnavailableError where its suite is not installed.
    """

    def __init__(self, pem: bytes, beside: Sequence["SigningKey"] = ()) -> None:
        self._suite, self._private = _read_private(pem)
        _must_be_installed(self._suite)
        self._beside = tuple(beside)
        raw = self._suite.public_of(self._private)
        self.public = PublicKey(self._suite.name, raw)
        self.id = self.public.id

    @property
    def suite(self) -> str:
        """The name of its suite."""
        return self._suite.name

    @property
    def all(self) -> "tuple[SigningKey, ...]":
        """The key and those beside it."""
        return (self, *self._beside)

    @property
    def public_pem(self) -> bytes:
        """The public half as PEM."""
        return self.public.pem

    def sign(self, document: Mapping[str, Any]) -> bytes:
        """The canonical bytes of the document with a signature of each key in it."""
        body = _Body(document)
        content = body.unsigned()
        return body.signed(
            [
                {"suite": key.suite, "key_id": key.id, "value": key._value(content)}
                for key in self.all
            ]
        )

    def _value(self, content: bytes) -> str:
        return self._suite.sign(self._private, content).hex()


class _Body:
    """The canonical bytes of a document around the place of its signatures, made once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._before = _members({key: document[key] for key in document if key < _SIGNATURES})
        self._after = _members({key: document[key] for key in document if key > _SIGNATURES})

    def unsigned(self) -> bytes:
        """What is signed: the document without signatures."""
        return self._joined(b"")

    def signed(self, signatures: list[Any]) -> bytes:
        """The canonical bytes with these signatures."""
        return self._joined(b'"signatures":' + canonical(signatures))

    def _joined(self, signatures: bytes) -> bytes:
        parts = (self._before, signatures, self._after)
        return b"{" + b",".join(part for part in parts if part) + b"}"


def _members(part: Mapping[str, Any]) -> bytes:
    return canonical(part)[1:-1]


def new_private_pem(suite: str = ED25519_SUITE) -> bytes:
    """A fresh private key as unencrypted PEM; the file's mode protects it.

    Raises: UnavailableError where the suite is not installed.
    """
    _must_be_installed(SUITES[suite])
    return private_pem(SUITES[suite], SUITES[suite].new_key())


def key_id(raw: bytes) -> str:
    """The name of a key: the first 16 digits of the hash of its raw bytes."""
    return sha256(raw)[:16]


def read_public_keys(pem: bytes) -> dict[str, PublicKey]:
    """The keys of a file with one public key or several, the newest first, by key id.

    Raises: InvalidInputError where the file holds anything else.
    """
    blocks = _BLOCK.findall(pem)
    if not blocks or any(label != b"PUBLIC" for label, _ in blocks):
        raise _no_key()
    if pem.count(b"-----BEGIN") != len(blocks):
        raise _no_key()
    keys = {}
    for rank, (_, text) in enumerate(blocks):
        suite, raw = _read_public(_der(text))
        keys[key_id(raw)] = PublicKey(suite.name, raw, rank)
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
    fault = _fault_of(document, body.unsigned(), content, keys)
    return (None, fault) if fault is not None else (document, None)


def _fault_of(
    document: Mapping[str, Any], bare: bytes, content: bytes, keys: PublicKeys
) -> Text | None:
    """Why no signature carries the document; None where one does and none is false."""
    fault: Text | None = Text("没有可信密钥的有效签名", "no valid signature by a trusted key")
    for signature in document[_SIGNATURES]:
        name = signature.get("suite") if isinstance(signature, dict) else None
        if name not in SUITES:
            return Text(f"签名算法 {name} 不认识", f"signature suite {name} is not known")
        key = keys.get(str(signature.get("key_id")))
        if key is None or key.suite != name:
            continue
        if not SUITES[name].is_installed:
            return _not_installed(SUITES[name])
        if not _is_valid(bare, signature, key):
            return Text(f"密钥 {key.id} 的签名无效", f"the signature of key {key.id} is not valid")
        refusal = _refusal(document, content, key)
        if refusal is None:
            fault = None
        elif fault is not None:
            fault = refusal
    return fault


def _is_valid(bare: bytes, signature: Mapping[str, Any], key: PublicKey) -> bool:
    value, suite = str(signature.get("value")), SUITES[key.suite]
    try:
        raw = bytes.fromhex(value)
    except ValueError:
        return False
    # the other spellings of the same hexadecimal digits would be alterations that nobody sees
    if raw.hex() != value or len(raw) != suite.sizes[2]:
        return False
    return suite.verify(key.raw, raw, bare)


def _refusal(document: Mapping[str, Any], content: bytes, key: PublicKey) -> Text | None:
    """Why a valid signature of a trusted key does not count."""
    if key.revocation is not None and sha256(content) not in key.revocation.stands_by:
        on = format_day(key.revocation.on)
        return Text(
            f"密钥 {key.id} 自 {on} 起已吊销，本文件不在吊销名单所确认之列",
            f"key {key.id} is revoked from {on}, which does not stand by this document",
        )
    day = _day_of(document)
    if key.valid_until is not None and day is not None and day > key.valid_until:
        until = format_day(key.valid_until)
        return Text(
            f"密钥 {key.id} 只用到 {until}，文件的日期在此之后",
            f"key {key.id} was in use until {until}, before the day of the document",
        )
    return None


def _day_of(document: Mapping[str, Any]) -> Day | None:
    named = document.get("cut_off", document.get("issued_on"))
    return parse_day(named) if isinstance(named, str) else None


def _der(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _no_key() from None


def _read_public(der: bytes) -> tuple[Suite, bytes]:
    for suite in SUITES.values():
        raw = der.removeprefix(suite.public_head)
        if raw != der and len(raw) == suite.sizes[1]:
            if suite.is_installed and not suite.is_public(raw):
                break
            return suite, raw
    raise _no_key()


def _read_private(pem: bytes) -> tuple[Suite, bytes]:
    blocks: Collection[tuple[bytes, bytes]] = _BLOCK.findall(pem)
    for label, text in blocks:
        der = _der(text)
        for suite in SUITES.values():
            size = suite.sizes[0]
            raw = der.removeprefix(suite.private_head)
            if label == b"PRIVATE" and raw != der and len(raw) >= size:
                return suite, raw[:size]
    raise InvalidInputError(
        "KEY-FORMAT",
        "不是 PEM 格式的 Ed25519 或 SM2 私钥",
        "this is no Ed25519 or SM2 private key in PEM form",
    )


def _must_be_installed(suite: Suite) -> None:
    if not suite.is_installed:
        raise UnavailableError("SUITE-EXTRA", *_not_installed(suite))


def _not_installed(suite: Suite) -> Text:
    return Text(
        f"签名算法 {suite.name} 须先安装：pip install '{suite.extra}'",
        f"signature suite {suite.name} must be installed: pip install '{suite.extra}'",
    )


def _no_key() -> InvalidInputError:
    return InvalidInputError(
        "KEY-FORMAT",
        "密钥文件须为 PEM 格式的 Ed25519 或 SM2 公钥",
        "the key file must hold Ed25519 or SM2 public keys in PEM form",
    )
