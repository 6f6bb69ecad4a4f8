"""Pushes of editions to subscribers in the form of Standard Webhooks 1.0; never follows a redirect.

``webhook-signature`` has a signature for each secret: ``v1`` HMAC-SHA-256 of a ``whsec_`` secret,
``v1a`` Ed25519 of a ``whsk_`` key, over ``ID.TIMESTAMP.BODY``. Only a receipt that names the id
and the SHA-256 of the body counts as taken.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from feewatch.gateways.deadlines import watched_session
from feewatch.kernel.numbers import read_whole

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
_SHARED, _KEY, _PUBLIC = "whsec_", "whsk_", "whpk_"
_SHARED_BYTES = range(24, 65)
#: A receipt is short; a stranger must not fill the memory with one.
_RECEIPT_BYTES = 4096
_LONGEST_WAIT_SECONDS = 86_400
#: Answers after which a subscriber may have taken the body: success, and that it has it already.
_HAS_IT = frozenset({*range(200, 300), 409})
_GONE = 410


class Secret(NamedTuple):
    """One secret by which pushes are signed."""

    scheme: Literal["v1", "v1a"]
    key: bytes

    def sign(self, content: bytes) -> str:
        """The signature as the header has it."""
        if self.scheme == "v1":
            value = hmac.new(self.key, content, hashlib.sha256).digest()
        else:
            value = Ed25519PrivateKey.from_private_bytes(self.key).sign(content)
        return f"{self.scheme},{base64.b64encode(value).decode()}"


class Pushed(NamedTuple):
    """What came of one try."""

    fate: Literal["taken", "later", "gone"]
    error: str | None = None
    wait_seconds: int = 0  # what the subscriber asks for at least


def make_secret(scheme: Literal["v1", "v1a"]) -> tuple[str, str]:
    """A new secret as a file holds it, and what the subscriber is given to verify by."""
    if scheme == "v1":
        secret = _SHARED + base64.b64encode(secrets.token_bytes(32)).decode()
        return secret, secret
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    text = base64.b64encode(key.private_bytes_raw() + public).decode()
    return _KEY + text, _PUBLIC + base64.b64encode(public).decode()


def read_secrets(text: str) -> list[Secret]:
    """The secrets of a file, one a line; a line of another form is a shared secret as it is.

    Raises: ValueError for one that is cut short or no base64.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [_read_secret(line) for line in lines]


def _read_secret(line: str) -> Secret:
    try:
        if line.startswith(_SHARED):
            key = base64.b64decode(line.removeprefix(_SHARED), validate=True)
            if len(key) not in _SHARED_BYTES:
                raise ValueError("a shared secret has 24 to 64 bytes")
            return Secret("v1", key)
        if line.startswith(_KEY):
            key = base64.b64decode(line.removeprefix(_KEY), validate=True)
            if len(key) not in (32, 64):
                raise ValueError("an Ed25519 key has 32 or 64 bytes")
            return Secret("v1a", key[:32])
    except binascii.Error:
        raise ValueError("no base64") from None
    return Secret("v1", line.encode())


def push(
    url: str,
    body: bytes,
    *,
    signed_by: Sequence[Secret],
    timestamp: int,
    key: str,
    timeout_seconds: float,
) -> Pushed:
    """What came of one try to hand a body over.

    ``timestamp``: Unix seconds of this try. ``key``: the same for every try, so that a subscriber
    takes an edition once. ``timeout_seconds``: for the whole of it, however slowly it drips.
    """
    content = f"{key}.{timestamp}.".encode() + body
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        ID_HEADER: key,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(secret.sign(content) for secret in signed_by),
    }
    with watched_session(timeout_seconds) as (session, cut):
        try:
            with session.post(
                url, data=body, headers=headers, timeout=timeout_seconds, allow_redirects=False,
                stream=True,
            ) as answer:  # fmt: skip
                receipt = answer.raw.read(_RECEIPT_BYTES + 1, decode_content=True)
        except Exception as fault:  # noqa: BLE001 - whatever a stranger's server does, it is told
            return Pushed("later", "timed out" if cut.is_set() else type(fault).__name__)
        if cut.is_set():
            return Pushed("later", "timed out")
        return _judge(answer, receipt, key, hashlib.sha256(body).hexdigest())


def _judge(answer: requests.Response, receipt: bytes, key: str, sha256: str) -> Pushed:
    status = answer.status_code
    if status == _GONE:
        return Pushed("gone", "HTTP 410: gone")
    if 300 <= status < 400:
        return Pushed("later", f"HTTP {status}: redirect refused")
    if status not in _HAS_IT:
        return Pushed("later", f"HTTP {status}", _retry_after(answer))
    wanted = {"id": key, "sha256": sha256}
    told = _read_receipt(receipt)
    if told is None:
        return Pushed("later", f"HTTP {status}: no receipt")
    if {name: told.get(name) for name in wanted} != wanted:
        return Pushed("later", f"HTTP {status}: the receipt is for something else")
    return Pushed("taken")


def _read_receipt(content: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(content) if len(content) <= _RECEIPT_BYTES else None
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _retry_after(answer: requests.Response) -> int:
    text = answer.headers.get("Retry-After", "")
    return min(read_whole(text, 10**9 - 1) or 0, _LONGEST_WAIT_SECONDS)
