"""The publisher's whole way on each database: decided, published, recalled, corrected, pushed."""

import pytest

from feewatch.config import Subscriber
from feewatch.kernel import clock
from feewatch.kernel.people import Scope
from feewatch.services.lists.decision_corrections import ask_correction, confirm_correction
from feewatch.services.lists.delivery import deliver
from feewatch.services.lists.recalls import (
    end_and_correct,
    lift_recall,
    list_deadlines,
    recall_entry,
)
from feewatch.services.lists.subscribers import list_subscribers, replay
from feewatch.store.people import users
from tests.gateways.conftest import subscriber
from tests.services.lists.conftest import AUGUST, DISTRICT, JULY, moment_of, number_of

__all__ = ["subscriber"]


@pytest.fixture(params=["sqlite", "postgres"])
def town(request, tmp_path, build_town, subscriber):
    """Three institutions that have everything, a portal that takes editions."""
    url = ""
    if request.param == "postgres":
        pattern = request.getfixturevalue("postgres_pattern")
        url = request.getfixturevalue("new_database")(pattern)
    (tmp_path / "secret").write_text("whsec_" + "c2hhcmVkIHNlY3JldCBvZiAyNCBieXRlcw==" + "\n")
    portal = Subscriber("portal", subscriber.url, "secret")
    town = build_town(tmp_path, url=url, subscribers=[portal])
    for number in range(3):
        town.add(number)
    with town.app.database.transaction() as tx:
        users.add(tx, "qian", "publisher", DISTRICT, None, "x")
    return town


def black(edition):
    return [entry["decided_on"] for entry in edition.document["lists"]["black"]]


def test_a_decision_is_published_recalled_corrected_ended_and_every_edition_arrives(
    town, subscriber
):
    app, document = town.app, number_of(0)
    with clock.fixed(moment_of(JULY)):
        town.decide(0)
        (first,) = town.publish(JULY)
    assert (black(first), town.names([first])) == (["2026-06-01"], ["机构1", "机构2"])

    with clock.fixed(moment_of(JULY + 3)):
        known = {"actor": "wang", "reason": "同名误列", "rule_book": lambda _: "rb1"}
        recalled = recall_entry(app, DISTRICT, "black", town.uscc(0), **known)
        (second,) = recalled.published
        assert black(second) == []
        (deadline,) = list_deadlines(app, Scope())
        assert (deadline.row["done_number"], deadline.is_open) == (2, False)
        lift_recall(app, deadline.row["id"], actor="qian", reason="核对无误")

        ask_correction(app, document, {"date": "2026-06-02"}, actor="li", reason="笔误")
        confirm_correction(app, document, actor="zhao", reason="属实", accept=True)
        (third,) = town.publish(JULY + 3)
        assert black(third) == ["2026-06-02"]

        _, corrected = end_and_correct(
            app, document, "revoked", on=JULY + 3, reason="复议撤销", actor="wang",
            rule_book=lambda _: "rb1",
        )  # fmt: skip
        (fourth,) = corrected.published
        assert (black(fourth), fourth.document["number"]) == ([], 4)

    with clock.fixed(moment_of(AUGUST)):
        assert tuple(deliver(app)) == (4, 0, 0)
        ids = [headers["webhook-id"] for headers, _ in subscriber.received]
        assert len(set(ids)) == 4
        count = replay(app, "portal", actor="wang", reason="对方丢失", district=None, first=2,
                       last=3)  # fmt: skip
        assert count == 2
        assert tuple(deliver(app)) == (2, 0, 0)
        assert [headers["webhook-id"] for headers, _ in subscriber.received][4:] == ids[1:3]
        (portal,) = list_subscribers(app)
        assert (portal.taken, portal.waiting, portal.failed) == (4, 0, 0)
    report = town.verify()
    assert (report.is_good, report.number) == (True, 4)
