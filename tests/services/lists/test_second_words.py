"""A large share of a list leaves by the word of two persons; the clock does not publish past it."""

import pytest
from sqlalchemy import select

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.services.lists.holds import decide_hold
from feewatch.services.lists.publication import publish_by, publish_given
from feewatch.services.lists.second_words import (
    give_second_word,
    require_standing_order,
    set_standing_order,
)
from feewatch.store.people import users
from feewatch.store.tables import publication
from feewatch.store.tables.papers import message

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")
SEPTEMBER = parse_day("2026-09-30")


def lose(town, *numbers):
    """Let institutions be removed from the white list by the next edition, by officers' words."""
    for number in numbers:
        town.outcomes[number + 1] = {"BAL-COVER": "breach"}
    town.publish(AUGUST)
    for number in numbers:
        decide_hold(town.app, town.uscc(number), "remove", actor="li", reason="未补足")


def give(town, actor, **options):
    return give_second_word(town.app, actor=actor, reason="已逐家核对", **options)


def words(town):
    with town.app.database.reading() as tx:
        return tx.execute(select(publication.second_word)).all()


def test_a_third_leaves_by_one_word(town):
    town.publish()
    lose(town, 0)
    (edition,) = town.publish(SEPTEMBER)
    assert edition.held == ()
    assert town.names([edition]) == ["机构1", "机构2"]
    (leave,) = edition.as_json()["leaving"]
    assert leave == {"list": "white", "entries": 1, "of": 3, "needs_second": False}


def test_more_than_a_third_waits_for_another_person(town):
    town.publish()
    lose(town, 0, 1)
    (held,) = town.publish(SEPTEMBER)
    assert held.as_json()["code"] == "SECOND-WORD"
    assert held.document["kind"] == "regular"
    assert town.names([held]) == ["机构0", "机构1", "机构2"]  # nobody leaves meanwhile
    assert held.document["unrated"] == []
    assert "2 of 3 (66 %)" in held.held[0].en
    with pytest.raises(ForbiddenError, match="another person"):
        give(town, "wang")
    assert give(town, "zhao") == {DISTRICT: (SEPTEMBER, True)}
    (edition,) = town.publish(SEPTEMBER)  # of the same cut-off, as its lists differ now
    assert (edition.held, town.names([edition])) == ((), ["机构2"])
    (word,) = words(town)
    assert (word.first_by, word.second_by, word.reason) == ("wang", "zhao", "已逐家核对")


def test_the_word_holds_for_those_it_named_and_no_others(town):
    town.add(3)
    town.publish()
    lose(town, 0, 1)
    assert town.publish(SEPTEMBER)[0].held
    give(town, "zhao")
    town.outcomes[3] = {"BAL-COVER": "breach"}
    town.app.database.dispose()
    lose_now = parse_day("2026-10-31")
    (edition,) = town.publish(lose_now)
    assert town.names([edition]) == ["机构2", "机构3"]  # the third is on hold only now
    with pytest.raises(ConflictError, match="nothing waits"):
        give(town, "zhao")


def test_a_preview_says_who_would_leave_and_asks_nobody(town):
    town.publish()
    lose(town, 0, 1)
    (seen,) = town.publish(SEPTEMBER, dry_run=True)
    assert [(leave.list, len(leave.entries), leave.size) for leave in seen.leaves] == [
        ("white", 2, 3)
    ]
    assert words(town) == []
    with pytest.raises(ConflictError, match="nothing waits"):
        give(town, "zhao")


def test_what_rests_on_decisions_leaves_by_them_and_waits_for_nobody(town):
    for number in (0, 1):
        town.decide(number)
    town.publish()
    town.outcomes[3] = {"BAL-COVER": "breach"}
    town.publish(AUGUST)
    decide_hold(town.app, town.uscc(2), "remove", actor="li", reason="未补足")
    for number in (0, 1):
        town.end(number, "void")
    (edition,) = town.publish(SEPTEMBER)
    assert [each.code for each in edition.objections] == ["SECOND-WORD"]
    # they are proven again and back; those whom an officer removes stay until both words are given
    assert town.names([edition], "black") == []
    assert "机构2" in town.names([edition])
    assert edition.document["kind"] == "regular"


def test_a_decision_that_is_due_waits_for_no_second_word(town):
    """A list that shrinks much held the whole edition back, and with it black entries."""
    town.add(3)
    town.publish()
    lose(town, 0, 1)
    town.decide(2)
    (edition,) = town.publish(SEPTEMBER)
    assert [each.code for each in edition.objections] == ["SECOND-WORD"]
    assert town.names([edition], "black") == ["机构2"]
    assert town.names([edition]) == ["机构0", "机构1", "机构3"]


def test_the_clock_publishes_nothing_past_it_and_tells(town):
    with town.app.database.transaction() as tx:
        users.add(tx, "chen", "publisher", DISTRICT, None, "x")
    town.publish()
    lose(town, 0, 1)
    (held,) = town.publish(SEPTEMBER, actor="scheduler")
    assert (held.document["kind"], held.objections[0].code) == ("regular", "SECOND-WORD")
    assert not town.publish(SEPTEMBER, actor="scheduler")[0].is_new
    with town.app.database.reading() as tx:
        told = [
            users.find_by_id(tx, key).name
            for key in tx.scalars(select(message.c.user_id).where(message.c.kind == "second_word"))
        ]
    assert sorted(told) == ["chen", "wang", "zhao"]
    # nobody ordered it: the first to agree is the first of two
    assert give(town, "chen") == {DISTRICT: (SEPTEMBER, False)}
    with pytest.raises(ForbiddenError):
        give(town, "chen")
    assert not town.publish(SEPTEMBER, actor="scheduler")[0].is_new
    give(town, "wang")
    assert town.publish(SEPTEMBER, actor="scheduler")[0].is_new


def test_the_standing_order_is_the_first_word_of_who_gave_it(town):
    set_standing_order(town.app, actor="wang", reason="每月一日", is_given=True)
    town.publish()
    lose(town, 0, 1)
    town.publish(SEPTEMBER, actor="scheduler")
    with pytest.raises(ForbiddenError):
        give(town, "wang")
    assert give(town, "zhao") == {DISTRICT: (SEPTEMBER, True)}


def test_a_standing_order_that_was_withdrawn_stops_the_clock(town):
    require_standing_order(town.app)
    set_standing_order(town.app, actor="wang", reason="停一期", is_given=False)
    with pytest.raises(ConflictError, match="wang withdrew"):
        require_standing_order(town.app)
    with pytest.raises(ForbiddenError):
        set_standing_order(town.app, actor="li", reason="x", is_given=True)
    set_standing_order(town.app, actor="wang", reason="恢复", is_given=True)
    require_standing_order(town.app)


@pytest.mark.parametrize("actor", ["li", "reader", "nobody"])
def test_others_give_no_second_word(town, actor):
    town.publish()
    lose(town, 0, 1)
    town.publish(SEPTEMBER)
    with pytest.raises(ForbiddenError):
        give(town, actor)


def test_another_places_publisher_sees_nothing_to_agree_to(town):
    town.publish()
    lose(town, 0, 1)
    town.publish(SEPTEMBER)
    with pytest.raises(ConflictError, match="nothing waits"):
        give(town, "elsewhere")
    with pytest.raises(ForbiddenError):
        give(town, "elsewhere", district=DISTRICT)


def test_the_second_word_publishes(town):
    town.publish()
    lose(town, 0, 1)
    town.publish(SEPTEMBER)
    give(town, "zhao")
    (edition,) = publish_given(
        town.app, SEPTEMBER, actor="zhao", district=DISTRICT,
        findings=town.findings, rule_book=lambda _: "rb1",
    )  # fmt: skip
    assert town.names([edition]) == ["机构2"]


@pytest.mark.parametrize("actor", ["li", "zhao", "reader", "nobody"])
def test_only_a_publisher_publishes(town, actor):
    with pytest.raises(ForbiddenError):
        publish_by(town.app, JULY, actor=actor, findings=town.findings)


def test_a_publisher_publishes_the_districts_of_their_scope(town):
    town.add(9, district="110108")
    done = publish_by(
        town.app, JULY, actor="wang", findings=town.findings, rule_book=lambda _: "rb1"
    )
    assert [each.district for each in done] == [DISTRICT]
    with pytest.raises(ForbiddenError):
        publish_by(town.app, JULY, actor="wang", district="110108", findings=town.findings)


def test_a_day_to_come_is_an_administrators(town):
    with town.app.database.transaction() as tx:
        users.add(tx, "root", "administrator", "000000", None, "x")
    ahead = parse_day("2090-01-01")
    with pytest.raises(InvalidInputError, match="is after today"):
        publish_by(town.app, ahead, actor="wang", findings=town.findings)
    with pytest.raises(ForbiddenError):
        publish_by(town.app, ahead, actor="wang", force=True, findings=town.findings)
    (edition,) = publish_by(
        town.app, ahead, actor="root", force=True, findings=town.findings,
        rule_book=lambda _: "rb1",
    )  # fmt: skip
    assert edition.is_new
