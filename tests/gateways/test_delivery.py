"""Editions on their way to a real subscriber: tries, waits, and senders that do not collide."""

import datetime as dt
import threading

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.bootstrap import open_app
from feewatch.config import Config, Publication, Subscriber
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import parse_day
from feewatch.services.lists.delivery import deliver
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish
from feewatch.services.waiting import wait_after
from feewatch.store.lists import outbox as store
from feewatch.store.tables.publication import outbox

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=SHANGHAI)


@pytest.fixture
def app(tmp_path, subscriber):
    """An installation that owes its subscriber one edition since noon."""
    (tmp_path / "secret").write_text("shared\n")
    portal = Subscriber("portal", subscriber.url, "secret", timeout_seconds=0.3, max_attempts=3)
    config = Config(folder=tmp_path, publication=Publication(subscribers=[portal]))
    made = initialise(config)
    ensure_signing_key(made)
    with fixed(NOON):
        publish(
            made, parse_day("2026-07-31"), actor="wang",
            findings=lambda *_, **__: [], rule_book=lambda _: "rb1",
        )  # fmt: skip
    yield made
    made.database.dispose()


def deliver_at(app, minutes):
    with fixed(NOON + dt.timedelta(minutes=minutes)):
        return tuple(deliver(app))


def row(app):
    with app.database.reading() as tx:
        return tx.execute(select(outbox)).one()


def test_an_edition_arrives_byte_for_byte_and_once(app, subscriber):
    assert deliver_at(app, 0) == (1, 0, 0)
    assert deliver_at(app, 60) == (0, 0, 0)
    ((_, body),) = subscriber.received
    assert body == (app.editions / "370702" / "1" / "edition.json").read_bytes()


def test_a_failed_try_waits_longer_each_time_and_keeps_its_key(app, subscriber):
    subscriber.answers = [500, 500]
    assert deliver_at(app, 0) == (0, 1, 0)
    assert deliver_at(app, 0.9) == (0, 0, 0)
    assert deliver_at(app, 1) == (0, 1, 0)
    assert deliver_at(app, 2.9) == (0, 0, 0)
    assert deliver_at(app, 3) == (1, 0, 0)
    assert len({headers["Idempotency-Key"] for headers, _ in subscriber.received}) == 1
    assert (row(app).status, row(app).attempts, row(app).last_error) == ("sent", 3, None)


def test_after_the_last_try_it_has_failed_for_good(app, subscriber):
    subscriber.answers = [500, 302, 500]
    results = [deliver_at(app, minutes) for minutes in (0, 60, 120, 180)]
    assert results == [(0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]
    assert (row(app).status, row(app).last_error) == ("failed", "HTTP 500")


def test_a_subscriber_that_hangs_costs_a_time_out_and_a_try(app, subscriber):
    subscriber.delay_seconds = 0.6
    assert deliver_at(app, 0) == (0, 1, 0)
    assert row(app).last_error == "ReadTimeout"


def test_a_subscriber_without_a_secret_is_sent_nothing(app, subscriber):
    (app.config.folder / "secret").unlink()
    assert deliver_at(app, 0) == (0, 1, 0)
    assert "secret_file" in row(app).last_error
    assert subscriber.received == []


def test_two_senders_at_the_same_moment_send_once(app, subscriber):
    subscriber.delay_seconds = 0.1
    other = open_app(app.config)
    start = threading.Barrier(2)

    def send(each):
        start.wait()
        deliver(each)

    senders = [threading.Thread(target=send, args=(each,)) for each in (app, other)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    other.database.dispose()
    assert len(subscriber.received) == 1
    assert row(app).status == "sent"


def test_a_sender_that_died_is_succeeded_once_its_claim_runs_out(app, subscriber):
    until = (NOON + dt.timedelta(minutes=2)).isoformat()
    with app.database.transaction() as tx:
        assert store.claim(tx, row(app).id, NOON.isoformat(), until)
    assert deliver_at(app, 2) == (0, 0, 0)
    assert deliver_at(app, 2.1) == (1, 0, 0)
    assert len(subscriber.received) == 1


def test_a_sender_whose_claim_ran_out_does_not_overrule_the_next(app):
    with app.database.transaction() as tx:
        late = store.claim(tx, row(app).id, NOON.isoformat(), NOON.isoformat())
    assert deliver_at(app, 1) == (1, 0, 0)
    with app.database.transaction() as tx:
        store.settle(tx, late, "waiting", error="late", next_try_at=NOON.isoformat())
    assert row(app).status == "sent"


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (99, 360)]
)
def test_the_wait_doubles_up_to_six_hours(attempts, minutes):
    assert wait_after(attempts) == dt.timedelta(minutes=minutes)
