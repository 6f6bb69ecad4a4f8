"""Errors on a list: recalled with a reason, out by a correction edition, overdue after a day."""

import datetime as dt

import pytest

from feewatch.kernel import clock
from feewatch.kernel.clock import SHANGHAI
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.lists.recalls import (
    end_and_correct,
    lift_recall,
    list_deadlines,
    note_falls,
    recall_edition,
    recall_entry,
)
from feewatch.store.people import users
from tests.services.lists.conftest import number_of

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")
SEPTEMBER = parse_day("2026-09-30")
NOON = dt.datetime(2026, 8, 3, 12, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _clock():
    with clock.fixed(NOON):
        yield


def recall(town, number, actor="wang", list_name="white"):
    return recall_entry(
        town.app, DISTRICT, list_name, town.uscc(number), actor=actor, reason="同名误列",
        rule_book=lambda _: "rb1",
    )  # fmt: skip


def recall_whole(town, number, actor="wang"):
    return recall_edition(
        town.app, DISTRICT, number, actor=actor, reason="数据有误", rule_book=lambda _: "rb1"
    )


def end(town, number, status="revoked"):
    return end_and_correct(
        town.app, number_of(number), status, on=parse_day("2026-08-03"), reason="复议撤销",
        actor="wang", rule_book=lambda _: "rb1",
    )  # fmt: skip


def waiting(town):
    return [each for each in list_deadlines(town.app, Scope()) if each.is_open]


def test_a_recalled_entry_leaves_at_once_and_does_not_come_back(town):
    town.publish()
    (edition,) = recall(town, 1).published
    assert (edition.document["kind"], town.names([edition])) == ("correction", ["机构0", "机构2"])
    assert town.why([edition]) == {("removed", "white", "机构1"): "登载有误，已撤回"}
    assert town.names(town.publish(AUGUST)) == ["机构0", "机构2"]
    ((row, is_open, is_overdue),) = list_deadlines(town.app, Scope())
    assert (row["actor"], row["reason"], row["done_number"]) == ("wang", "同名误列", 2)
    assert (is_open, is_overdue) == (False, False)


def test_another_person_lets_it_be_listed_again(town):
    with town.app.database.transaction() as tx:
        users.add(tx, "chen", "publisher", DISTRICT, None, "x")
    town.publish()
    recall(town, 1)
    key = list_deadlines(town.app, Scope())[0].row["id"]
    with pytest.raises(ForbiddenError, match="another person"):
        lift_recall(town.app, key, actor="wang", reason="查明无误")
    lift_recall(town.app, key, actor="chen", reason="查明无误")
    assert "机构1" in town.names(town.publish(AUGUST))
    with pytest.raises(ConflictError):
        lift_recall(town.app, key, actor="chen", reason="再次")


def test_a_name_on_black_can_be_recalled(town):
    town.decide(1)
    town.publish()
    (edition,) = recall(town, 1, list_name="black").published
    assert town.names([edition], "black") == []
    assert town.names(town.publish(AUGUST), "black") == []


def test_what_is_not_listed_cannot_be_recalled(town):
    with pytest.raises(NotFoundError, match="published nothing"):
        recall(town, 1)
    town.publish()
    with pytest.raises(NotFoundError):
        recall(town, 7)
    with pytest.raises(NotFoundError):
        recall(town, 1, list_name="black")
    for actor in ("li", "zhao", "elsewhere", "nobody"):
        with pytest.raises(ForbiddenError):
            recall(town, 1, actor=actor)


def test_a_recalled_edition_gives_way_to_the_one_before(town):
    town.publish()
    town.add(5)
    town.decide(0)
    town.publish(AUGUST)
    with pytest.raises(ConflictError, match=r"no\. 2"):
        recall_whole(town, 1)
    (edition,) = recall_whole(town, 2).published
    assert edition.document["number"] == 3
    assert town.names([edition], "black") == []
    # black keeps who is barred by a decision in force off the white list, whatever was recalled
    assert town.names([edition]) == ["机构1", "机构2"]
    assert waiting(town) == []
    assert town.verify(as_of=AUGUST).is_good


def test_a_recalled_edition_does_not_bring_back_what_fell_since(town):
    town.decide(0)
    town.publish()
    end(town, 0)
    (edition,) = recall_whole(town, 2).published
    assert town.names([edition], "black") == []


def test_a_recall_of_more_than_a_third_waits_for_a_second_word(town):
    town.publish()
    done = recall_whole(town, 1)
    assert done.delayed is not None
    assert "another person" in done.delayed.en
    assert len(waiting(town)) == 1


def test_a_decision_that_falls_leads_to_a_correction_at_once(town):
    town.decide(1)
    town.publish()
    ended, done = end(town, 1)
    assert [decision.document for decision in ended] == [number_of(1)]
    (edition,) = done.published
    assert (edition.document["kind"], town.names([edition], "black")) == ("correction", [])
    (deadline,) = list_deadlines(town.app, Scope())
    assert (deadline.row["cause"], deadline.is_open) == ("decision", False)


def test_what_is_not_out_after_a_day_is_overdue(town):
    town.decide(1)
    town.publish()
    town.end(1, "void", on=parse_day("2026-08-03"))
    note_falls(town.app)
    note_falls(town.app)
    (deadline,) = waiting(town)
    assert (deadline.row["due_at"], deadline.is_overdue) == ("2026-08-04T12:00:00+08:00", False)
    with clock.fixed(NOON + dt.timedelta(hours=24, seconds=1)):
        assert [each.is_overdue for each in waiting(town)] == [True]
    town.correct(SEPTEMBER)
    assert waiting(town) == []


def test_a_missing_key_delays_the_edition_and_not_the_record(town):
    town.decide(1)
    town.publish()
    (town.app.keys / "signing.pem").rename(town.app.keys / "away.pem")
    _, done = end(town, 1)
    assert done.published == []
    assert done.delayed is not None
    assert len(waiting(town)) == 1
    (town.app.keys / "away.pem").rename(town.app.keys / "signing.pem")
    town.correct(SEPTEMBER)
    assert waiting(town) == []


def test_a_repair_is_no_error(town):
    town.decide(1)
    town.publish()
    town.end(1, "repaired", on=parse_day("2026-09-01"))
    note_falls(town.app)
    assert list_deadlines(town.app, Scope()) == []
