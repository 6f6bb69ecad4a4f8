"""Editions: the same record gives the same bytes; gates hold additions and never removals."""

import shutil

import pytest
from sqlalchemy import select

from feewatch.config import Subscriber
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import ConflictError
from feewatch.store.tables import publication

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


def test_the_same_record_gives_the_same_bytes_and_one_edition(town):
    (first,) = town.publish()
    before = town.files()
    (again,) = town.publish()
    assert (first.is_new, again.is_new) == (True, False)
    assert again.sha256 == first.sha256
    assert town.files() == before
    shutil.rmtree(town.app.editions)
    town.publish()
    assert town.files() == before


def test_another_installation_with_the_same_record_and_key_gives_the_same_bytes(
    town, tmp_path, build_town
):
    other = build_town(tmp_path / "other")
    for number in range(3):
        other.add(number)
    shutil.copy(town.app.keys / "signing.pem", other.app.keys / "signing.pem")
    town.publish()
    other.publish()
    assert town.files() == other.files()


def test_a_dry_run_shows_the_edition_and_leaves_no_trace(town):
    (found,) = town.publish(dry_run=True)
    assert found.document["counts"]["white"] == 3
    assert found.sha256 is None
    assert not town.app.editions.exists()
    (real,) = town.publish()
    assert real.document == found.document


def test_what_changes_on_the_day_of_the_cut_off_makes_another_edition(town):
    town.publish()
    town.decide(1)
    (found,) = town.publish()
    assert (found.document["number"], found.is_new) == (2, True)
    assert town.publish()[0].is_new is False


def test_an_earlier_cut_off_is_what_it_was_or_refused(town):
    (july,) = town.publish()
    town.publish(AUGUST)
    town.decide(1)
    (again,) = town.publish(JULY)
    assert (again.sha256, again.is_new) == (july.sha256, False)
    with pytest.raises(ConflictError):
        town.publish(JULY - 1)


def test_too_many_additions_are_refused_with_the_reason(town):
    town.publish()
    for number in range(10, 16):
        town.add(number)
    (found,) = town.publish(AUGUST)
    assert found.document is None
    assert found.as_json()["code"] == "GATE-ADDITIONS"
    assert "max_added_share" in found.held[0].en
    assert not (town.app.editions / DISTRICT / "2").exists()


def test_a_refused_edition_still_lets_removals_out(town):
    town.decide(1)
    town.publish()
    for number in range(10, 16):
        town.add(number)
    town.end(1, "void")
    found = town.publish(AUGUST)
    assert found[0].held
    assert {key[:2] for key in town.why(found)} == {("removed", "black")}
    assert town.names(found) == ["机构0", "机构2"]
    (again,) = town.publish(AUGUST)
    assert (again.document, again.is_new) == (None, False)


def test_subscribers_are_owed_an_edition_in_its_own_transaction(tmp_path, build_town):
    town = build_town(tmp_path, subscribers=[Subscriber("portal", "http://127.0.0.1/", "secret")])
    town.publish()
    town.publish()
    with town.app.database.reading() as tx:
        rows = tx.execute(select(publication.outbox)).all()
    assert [(row.subscriber, row.status, row.attempts) for row in rows] == [
        ("portal", "waiting", 0)
    ]
