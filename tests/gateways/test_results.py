"""Results on their way to subscribers: beside editions, in their order, only to who takes them."""

import datetime as dt
import json

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config, Publication, Subscriber
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.lists.delivery import deliver
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish
from feewatch.services.lists.subscribers import list_push_faults, list_results
from feewatch.store.lists import outbox
from feewatch.store.tables.publication import outbox as owed

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=SHANGHAI)


@pytest.fixture
def make(tmp_path, subscriber):
    made = []

    def office(*takes):
        (tmp_path / "secret").write_text("whsec_" + "c2hhcmVkIHNlY3JldCBvZiAyNCBieXRlcw==" + "\n")
        portal = Subscriber(
            "portal", subscriber.url, "secret", timeout_seconds=1.0, max_attempts=2,
            takes=list(takes),
        )  # fmt: skip
        app = initialise(Config(folder=tmp_path, publication=Publication(subscribers=[portal])))
        ensure_signing_key(app)
        made.append(app)
        return app

    yield office
    for app in made:
        app.database.dispose()


def push(app, rows, district="370702", after=None):
    def document(number):
        return json.dumps({"type": "results", "number": number, "rows": rows})

    with fixed(NOON), app.database.transaction() as tx:
        last = outbox.last_number(tx, district) if after is None else after
        return outbox.put_results(
            tx, district, document, after=last, content_sha256=str(rows), made_by="anna",
            subscribers=["portal"],
        )  # fmt: skip


def test_rows_read_before_another_push_do_not_follow_it(make):
    app = make("results")
    assert push(app, ["newer"]) == 1
    assert push(app, ["read before"], after=0) is None
    with app.database.reading() as tx:
        assert outbox.last_number(tx, "370702") == 1
        assert outbox.last_content(tx, "370702") == "['newer']"


def deliver_at(app, minutes):
    with fixed(NOON + dt.timedelta(minutes=minutes)):
        return tuple(deliver(app))


def test_results_arrive_in_order_each_once_under_ids_of_their_own(make, subscriber):
    app = make("results")
    assert (push(app, [1]), push(app, [2]), push(app, [3], "370703")) == (1, 2, 1)
    assert deliver_at(app, 0) == (3, 0, 0)
    assert deliver_at(app, 60) == (0, 0, 0)
    bodies = [json.loads(body) for _, body in subscriber.received]
    told = [(body["number"], body["rows"]) for body in bodies]
    assert sorted(told) == [(1, [1]), (1, [3]), (2, [2])]
    assert told.index((1, [1])) < told.index((2, [2]))
    ids = [headers["webhook-id"] for headers, _ in subscriber.received]
    assert all(each.startswith("results-3707") for each in ids)
    assert len(set(ids)) == 3
    assert [row.status for row in list_results(app)] == ["sent"] * 3


def test_the_second_waits_for_the_first_and_a_later_push_tries_anew_what_was_given_up(
    make, subscriber
):
    app = make("results")
    push(app, [1])
    push(app, [2])
    subscriber.answers = [500, 500]
    assert deliver_at(app, 0) == (0, 1, 0)
    assert deliver_at(app, 60) == (0, 0, 1)
    assert [json.loads(body)["number"] for _, body in subscriber.received] == [1, 1]
    (fault,) = [each.zh for each in list_push_faults(app)]
    assert "1 次处置结果" in fault
    push(app, [3])
    assert deliver_at(app, 120) == (3, 0, 0)
    assert list_push_faults(app) == []


def test_who_takes_results_alone_is_owed_no_edition(make, subscriber):
    app = make("results")
    with fixed(NOON):
        publish(
            app, parse_day("2026-07-31"), actor="wang", findings=lambda *_, **__: [],
            rule_book=lambda _: "rb1",
        )  # fmt: skip
    with app.database.reading() as tx:
        assert tx.execute(select(owed)).all() == []


def test_a_paused_subscriber_is_sent_no_results_until_it_is_resumed(make, subscriber):
    app = make("editions", "results")
    push(app, [1])
    with app.database.transaction() as tx:
        assert outbox.pause(tx, "portal", "gu", "停机")
    assert deliver_at(app, 0) == (0, 0, 0)
    with fixed(NOON), app.database.transaction() as tx:
        assert outbox.resume(tx, "portal")
    assert deliver_at(app, 0) == (1, 0, 0)


@pytest.mark.parametrize("takes", [[], ["edition"], ["editions", "cases"]])
def test_what_a_subscriber_may_take_is_one_of_two_words(takes):
    with pytest.raises(InvalidInputError):
        Subscriber("portal", "http://127.0.0.1/", "secret", takes=takes)
