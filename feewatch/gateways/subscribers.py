"""Pushes of editions to subscribers: signed with a shared secret, never following a redirect."""

import hashlib
import hmac

import requests

TIMESTAMP_HEADER = "X-Feewatch-Timestamp"
SIGNATURE_HEADER = "X-Feewatch-Signature"
KEY_HEADER = "Idempotency-Key"


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """The HMAC-SHA-256 of ``TIMESTAMP.BODY`` that a receiver recomputes."""
    digest = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def push(
    url: str, body: bytes, *, secret: bytes, timestamp: str, key: str, timeout_seconds: float
) -> str | None:
    """None once the subscriber has taken the body, else a short reason.

    ``timestamp`` are Unix seconds; ``key`` is the same for every try, so that a subscriber takes
    an edition once.
    """
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: signature(secret, timestamp, body),
        KEY_HEADER: key,
    }
    try:
        with requests.post(
            url,
            data=body,
            headers=headers,
            timeout=timeout_seconds,
            allow_redirects=False,
            stream=True,
        ) as answer:
            status = answer.status_code
    except requests.RequestException as fault:
        return type(fault).__name__
    if 200 <= status < 300:
        return None
    return f"HTTP {status}: redirect refused" if 300 <= status < 400 else f"HTTP {status}"
