import hashlib
import hmac
import socket

import pytest

from feewatch.gateways.subscribers import push

SECRET = b"shared"


def send(url, timeout_seconds=5.0):
    return push(
        url,
        '{"名单":1}'.encode(),
        secret=SECRET,
        timestamp="1785456000",
        key="370702-1-ab",
        timeout_seconds=timeout_seconds,
    )


def test_a_receiver_recomputes_the_signature_over_time_and_body(subscriber):
    assert send(subscriber.url) is None
    ((headers, body),) = subscriber.received
    signed = headers["X-Feewatch-Timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    assert headers["X-Feewatch-Signature"] == f"sha256={expected}"
    assert headers["Idempotency-Key"] == "370702-1-ab"
    assert body.decode() == '{"名单":1}'


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_answer_that_is_no_success_is_told(subscriber, status):
    subscriber.answers = [status]
    assert send(subscriber.url) == f"HTTP {status}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_not_followed(subscriber, status):
    subscriber.answers = [status]
    assert send(subscriber.url) == f"HTTP {status}: redirect refused"
    assert len(subscriber.received) == 1


def test_a_subscriber_that_is_too_slow_is_given_up(subscriber):
    subscriber.delay_seconds = 0.5
    assert send(subscriber.url, timeout_seconds=0.1) == "ReadTimeout"


def test_a_subscriber_that_is_not_there_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/") == "ConnectionError"
