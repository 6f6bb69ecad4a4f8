"""One push: signed as Standard Webhooks say, taken by its receipt alone, never longer than told."""

import base64
import hashlib
import hmac
import socket
import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from feewatch.gateways.subscribers import make_secret, push, read_secrets

BODY = '{"名单":1}'.encode()
KEY = "370702-1-ab"
SHARED = "whsec_" + base64.b64encode(b"k" * 32).decode()


def send(url, timeout_seconds=5.0, secrets=SHARED):
    return push(
        url, BODY, signed_by=read_secrets(secrets), timestamp=1785456000, key=KEY,
        timeout_seconds=timeout_seconds,
    )  # fmt: skip


def signatures(subscriber):
    ((headers, body),) = subscriber.received
    names = {name.lower(): value for name, value in headers.items()}
    signed = f"{names['webhook-id']}.{names['webhook-timestamp']}.".encode() + body
    pairs = [each.split(",", 1) for each in names["webhook-signature"].split(" ")]
    return signed, [(scheme, base64.b64decode(value)) for scheme, value in pairs]


def test_the_vector_of_the_standard():
    """The example that the reference libraries of the standard are tested with."""
    (secret,) = read_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    content = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    assert secret.sign(content) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_recomputes_the_signature_over_id_time_and_body(subscriber):
    assert send(subscriber.url).fate == "taken"
    signed, ((scheme, value),) = signatures(subscriber)
    assert (scheme, value) == ("v1", hmac.digest(b"k" * 32, signed, "sha256"))
    assert signed == b"370702-1-ab.1785456000." + BODY


def test_each_secret_of_a_file_signs_and_a_public_key_verifies(subscriber):
    private, public = make_secret("v1a")
    send(subscriber.url, secrets=f"{private}\n{SHARED}\n")
    signed, pairs = signatures(subscriber)
    assert [scheme for scheme, _ in pairs] == ["v1a", "v1"]
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    key.verify(pairs[0][1], signed)
    with pytest.raises(InvalidSignature):
        key.verify(pairs[0][1], signed + b" ")


def test_a_secret_of_before_signs_as_it_is(subscriber):
    send(subscriber.url, secrets="shared\n")
    signed, ((_, value),) = signatures(subscriber)
    assert value == hmac.new(b"shared", signed, hashlib.sha256).digest()


@pytest.mark.parametrize("text", ["whsec_!!", "whsec_c2hvcnQ=", "whsk_c2hvcnQ=", "whsec_YQ"])
def test_a_secret_that_is_cut_short_is_refused(text):
    with pytest.raises(ValueError, match=r"base64|bytes"):
        read_secrets(text)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_answer_that_is_no_success_is_told(subscriber, status):
    subscriber.answers = [status]
    assert send(subscriber.url)[:2] == ("later", f"HTTP {status}")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_not_followed(subscriber, status):
    subscriber.answers = [status]
    assert send(subscriber.url).error == f"HTTP {status}: redirect refused"
    assert len(subscriber.received) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("silent", "HTTP 200: no receipt"),
        ("rubbish", "HTTP 200: no receipt"),
        ("endless", "HTTP 200: no receipt"),
        ("wrong", "HTTP 200: the receipt is for something else"),
        ("cut", "ProtocolError"),
        ("lost", "ConnectionError"),
        (204, "HTTP 204: no receipt"),
    ],
)
def test_nothing_counts_as_taken_without_its_receipt(subscriber, answer, error):
    subscriber.answers = [answer]
    assert send(subscriber.url)[:2] == ("later", error)


def test_one_that_has_it_already_says_so_with_its_receipt(subscriber):
    subscriber.answers = ["duplicate", 409]
    assert send(subscriber.url).fate == "taken"
    assert send(subscriber.url).error == "HTTP 409: no receipt"


def test_gone_is_told_apart_and_a_wait_is_heard(subscriber):
    subscriber.answers, subscriber.retry_after = [410, 503, 503], "120"
    assert send(subscriber.url).fate == "gone"
    assert send(subscriber.url).wait_seconds == 120
    subscriber.retry_after = "99999999999"
    assert send(subscriber.url).wait_seconds == 0


def test_a_subscriber_that_is_too_slow_is_given_up(subscriber):
    subscriber.delay_seconds = 1.0
    assert send(subscriber.url, timeout_seconds=0.2).error in ("ReadTimeout", "timed out")


def test_one_that_drips_is_given_up_when_its_time_is_over(subscriber):
    subscriber.answers = ["drip"]
    began = time.monotonic()
    assert send(subscriber.url, timeout_seconds=0.6).error == "timed out"
    assert time.monotonic() - began < 2.5


def test_a_subscriber_that_is_not_there_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/").error == "ConnectionError"


def test_one_whose_tls_fails_is_told(subscriber):
    assert send(subscriber.url.replace("http:", "https:")).error == "SSLError"
