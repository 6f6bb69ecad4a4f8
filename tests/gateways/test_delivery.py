"""Editions on their way to a real subscriber: tries, waits, and senders that do not collide."""

import datetime as dt
import threading
from dataclasses import replace

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
from feewatch.services.lists.subscribers import list_push_faults, list_subscribers
from feewatch.services.waiting import wait_after
from feewatch.store.lists import outbox as store
from feewatch.store.lists.editions import get_edition
from feewatch.store.tables.publication import outbox

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=SHANGHAI)


@pytest.fixture
def app(tmp_path, subscriber):
    """An installation that owes its subscriber one edition since noon."""
    (tmp_path / "secret").write_text("whsec_" + "c2hhcmVkIHNlY3JldCBvZiAyNCBieXRlcw==" + "\n")
    portal = Subscriber("portal", subscriber.url, "secret", timeout_seconds=1.0, max_attempts=3)
    config = Config(folder=tmp_path, publication=Publication(subscribers=[portal]))
    made = initialise(config)
    ensure_signing_key(made)
    publish_on(made, "2026-07-31")
    yield made
    made.database.dispose()


def publish_on(app, day):
    with fixed(NOON):
        publish(
            app, parse_day(day), actor="wang",
            findings=lambda *_, **__: [], rule_book=lambda _: "rb1",
        )  # fmt: skip


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
    assert deliver_at(app, 1.3) == (0, 1, 0)  # a wait is up to a quarter longer
    assert deliver_at(app, 3.2) == (0, 0, 0)
    assert deliver_at(app, 4) == (1, 0, 0)
    assert len({headers["webhook-id"] for headers, _ in subscriber.received}) == 1
    assert (row(app).status, row(app).attempts, row(app).last_error) == ("sent", 3, None)


def test_after_the_last_try_it_has_failed_for_good(app, subscriber):
    subscriber.answers = [500, 302, 500]
    results = [deliver_at(app, minutes) for minutes in (0, 60, 120, 180)]
    assert results == [(0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]
    assert (row(app).status, row(app).last_error) == ("failed", "HTTP 500")


def test_a_subscriber_that_hangs_costs_a_time_out_and_a_try(app, subscriber):
    subscriber.delay_seconds = 2.0
    assert deliver_at(app, 0) == (0, 1, 0)
    assert row(app).last_error in ("ReadTimeout", "timed out")


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


def resume(app):
    with fixed(NOON), app.database.transaction() as tx:
        assert store.resume(tx, "portal")


def ids(app, *numbers):
    with app.database.reading() as tx:
        shas = {number: get_edition(tx, "370702", number).sha256 for number in numbers}
    return [f"370702-{number}-{sha[:16]}" for number, sha in shas.items()]


FAILURES = (
    "refused", "slow", "drip", 500, 302, "wrong", "cut", "tls", "lost", "silent", 410, 503, 409,
)  # fmt: skip


def fail(app, subscriber, how):
    """The subscriber fails in one way until it is well again; the installation that sees it."""
    if how == "slow":
        subscriber.delay_seconds = 3.0
    elif how in ("refused", "tls"):
        wrong = "https:" if how == "tls" else "http:"
        url = subscriber.url.replace("http:", wrong)
        if how == "refused":
            url = "http://127.0.0.1:9/feewatch"
        (portal,) = app.config.publication.subscribers
        portal = replace(portal, url=url)
        config = replace(app.config, publication=Publication(subscribers=[portal]))
        return replace(app, config=config)
    else:
        subscriber.answers = [how]
    return app


@pytest.mark.parametrize("how", FAILURES)
def test_each_edition_arrives_once_and_in_order_whatever_failed(app, subscriber, how):
    publish_on(app, "2026-08-01")
    failing = fail(app, subscriber, how)
    deliver_at(failing, 0)
    subscriber.delay_seconds = 0.0
    if how == 410:
        resume(app)
    publish_on(app, "2026-08-02")
    for minutes in (10, 20, 40):
        deliver_at(app, minutes)
    assert subscriber.taken == ids(app, 1, 2, 3)
    with app.database.reading() as tx:
        assert set(tx.scalars(select(outbox.c.status))) == {"sent"}


def test_an_edition_waits_for_the_one_before_it(app, subscriber):
    publish_on(app, "2026-08-01")
    subscriber.answers = [500]
    assert deliver_at(app, 0) == (0, 1, 0)
    assert len(subscriber.received) == 1
    assert deliver_at(app, 2) == (2, 0, 0)
    assert subscriber.taken == ids(app, 1, 2)


def test_one_that_is_gone_is_sent_nothing_more_until_somebody_resumes(app, subscriber):
    subscriber.answers = [410]
    assert deliver_at(app, 0) == (0, 1, 0)
    assert deliver_at(app, 600) == (0, 0, 0)
    (state,) = list_subscribers(app)
    assert (state.paused.reason, state.waiting) == ("HTTP 410: gone", 1)
    assert any("paused by feewatch" in fault.en for fault in list_push_faults(app))
    resume(app)
    assert deliver_at(app, 601) == (1, 0, 0)


def test_a_new_edition_wakes_what_was_given_up_on(app, subscriber):
    subscriber.answers = [500, 500, 500]
    for minutes in (0, 60, 120):
        deliver_at(app, minutes)
    assert row(app).status == "failed"
    assert any("given up on" in fault.en for fault in list_push_faults(app))
    publish_on(app, "2026-08-01")
    assert deliver_at(app, 121) == (2, 0, 0)
    assert subscriber.taken == ids(app, 1, 2)
    assert list_push_faults(app) == []


def test_a_replay_keeps_ids_so_that_a_receiver_takes_each_once(app, subscriber):
    publish_on(app, "2026-08-01")
    deliver_at(app, 0)
    with fixed(NOON), app.database.transaction() as tx:
        assert store.replay(tx, "portal", "370702", 2, None) == 1
        assert store.replay(tx, "late", None, 1, None) == 2  # one that was never owed anything
    with fixed(NOON):
        deliver(app)
    names = [dict(headers)["webhook-id"] for headers, _ in subscriber.received]
    assert names == [*ids(app, 1, 2), *ids(app, 2)]
    assert subscriber.taken == ids(app, 1, 2)


def test_a_wait_that_the_subscriber_asks_for_is_kept(app, subscriber):
    subscriber.answers, subscriber.retry_after = [503], "3600"
    deliver_at(app, 0)
    assert deliver_at(app, 59) == (0, 0, 0)
    assert deliver_at(app, 76) == (1, 0, 0)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (99, 360)]
)
def test_the_wait_doubles_up_to_six_hours(attempts, minutes):
    assert wait_after(attempts) == dt.timedelta(minutes=minutes)
