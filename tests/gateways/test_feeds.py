"""Reading a bank's feed from a real server: pages, retries, and what is never believed."""

import json
import time

import pytest
from bank import TOKEN, Bank

from feewatch.gateways.feeds import BankFeed, Patience, check_address
from feewatch.kernel.errors import InvalidInputError, UnavailableError

ITEM = {"position": "1", "name": "a", "sha256": "0" * 64, "url": "/files/1"}


@pytest.fixture
def bank():
    running = Bank()
    running.files = [b"one", b"two", b"three"]
    yield running
    running.stop()


def open_feed(bank, **given):
    patience = Patience(
        given.pop("timeout_seconds", 5), given.pop("max_attempts", 3), 0.01,
        given.pop("longest_seconds", 30),
    )  # fmt: skip
    options = {"page_size": 10, "max_bytes": 100} | given
    return BankFeed(bank.url, TOKEN, patience=patience, **options)


def test_pages_follow_one_another_with_the_token_and_the_position(bank):
    feed = open_feed(bank, page_size=10)
    first = feed.list_offers(None)
    second = feed.list_offers(first.items[-1].position)
    assert [each.name for each in (*first.items, *second.items)] == ["1.csv", "2.csv", "3.csv"]
    assert (first.has_more, second.has_more) == (True, False)
    assert bank.asked == [
        ("/statements", {"limit": "10"}, f"Bearer {TOKEN}"),
        ("/statements", {"limit": "10", "after": "2"}, f"Bearer {TOKEN}"),
    ]
    assert feed.fetch(second.items[0]) == b"three"


@pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "cut", "slow", "wrong"])
def test_a_passing_fault_is_tried_again(bank, fault):
    feed = open_feed(bank, timeout_seconds=1)
    offer = feed.list_offers(None).items[0]
    bank.faults["/files/1"] = [fault, fault]
    assert feed.fetch(offer) == b"one"
    assert len([path for path, *_ in bank.asked if path == "/files/1"]) == 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (503, "HTTP 503"),
        ("cut", "Error"),
        ("slow", "ConnectionError|ReadTimeout"),
        ("wrong", "SHA"),
    ],
)
def test_a_fault_that_does_not_pass_is_told_after_the_last_try(bank, fault, words):
    feed = open_feed(bank, timeout_seconds=1, max_attempts=2)
    offer = feed.list_offers(None).items[0]
    bank.faults["/files/1"] = [fault] * 5
    with pytest.raises(UnavailableError, match=words):
        feed.fetch(offer)
    assert len([path for path, *_ in bank.asked if path == "/files/1"]) == 2


@pytest.mark.parametrize("path", ["/statements", "/files/1"])
def test_a_bank_that_drips_is_left_as_a_whole(bank, path):
    bank.files = [b"x" * 100]
    feed = open_feed(bank, timeout_seconds=5, longest_seconds=0.4, max_attempts=2)
    offer = open_feed(bank).list_offers(None).items[0]
    bank.faults[path] = ["drip", "drip"]
    begun = time.monotonic()
    with pytest.raises(UnavailableError, match="timed out as a whole"):
        feed.list_offers(None) if path == "/statements" else feed.fetch(offer)
    assert time.monotonic() - begun < 4
    bank.faults[path] = ["drip"]  # the next try is answered in time
    assert feed.list_offers(None).items
    assert feed.fetch(offer) == b"x" * 100


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404])
def test_a_refusal_or_redirect_is_told_at_once_and_not_followed(bank, status):
    bank.faults["/statements"] = [status]
    with pytest.raises(UnavailableError, match=f"HTTP {status}"):
        open_feed(bank).list_offers(None)
    assert len(bank.asked) == 1


def test_a_file_of_the_largest_size_is_taken_and_a_larger_one_is_not(bank):
    bank.files = [b"x" * 100, b"x" * 101]
    feed = open_feed(bank, max_bytes=100)
    most, more = feed.list_offers(None).items
    assert len(feed.fetch(most)) == 100
    with pytest.raises(UnavailableError, match="more than 100 bytes"):
        feed.fetch(more)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"<html>",
        b"{}",
        json.dumps({"items": [], "more": "no"}).encode(),
        json.dumps({"items": [{}], "more": False}).encode(),
        json.dumps({"items": [ITEM | {"position": ""}], "more": False}).encode(),
        json.dumps({"items": [ITEM | {"position": "x" * 501}], "more": False}).encode(),
        json.dumps({"items": [ITEM | {"position": 1}], "more": False}).encode(),
    ],
)
def test_a_page_of_another_form_is_refused(bank, document):
    bank.document = document
    with pytest.raises(UnavailableError, match="another form"):
        open_feed(bank).list_offers(None)


@pytest.mark.parametrize("url", ["https://evil.example/x", "//evil.example/x", "ftp://127.0.0.1/x"])
def test_a_file_of_another_host_is_not_fetched(bank, url):
    bank.document = json.dumps({"items": [ITEM | {"url": url}], "more": False}).encode()
    with pytest.raises(UnavailableError, match="another host"):
        open_feed(bank).list_offers(None)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://bank.example.cn/x", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://[::1]/x", True),
        ("http://localhost/x", True),
        ("http://bank.example.cn/x", False),
        ("http://127.0.0.1.example.cn/x", False),
        ("http://10.0.0.1/x", False),
        ("ftp://127.0.0.1/x", False),
        ("https://", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_an_address_is_https_or_of_this_machine(url, is_safe):
    if is_safe:
        check_address(url)
    else:
        with pytest.raises(InvalidInputError, match="https"):
            check_address(url)
