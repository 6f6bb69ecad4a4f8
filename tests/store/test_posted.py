"""What is posted for the public, asked on SQLite and PostgreSQL alike."""

import pytest
from sqlalchemy import insert

from feewatch.kernel.days import FIRST_DAY, LAST_DAY
from feewatch.store.lists import posted as posting
from feewatch.store.lists.posted import PostedEntry, PostedHead
from feewatch.store.pages import posted
from feewatch.store.tables import registers

TODAY = 20_000
ONE, TWO = "52370702651728628K", "523201041982410526"


@pytest.fixture
def database(any_app):
    facts = {"subject": "arts", "nature": "for_profit", "custody": "both", "valid_to": LAST_DAY}
    with any_app.database.transaction() as tx:
        tx.execute(insert(registers.institution), [{"id": 1, "uscc": ONE}, {"id": 2, "uscc": TWO}])
        for key, name, district in ((1, "舞Ab坊", "370702"), (2, "舞Cd坊", "320104")):
            row = {"institution_id": key, "name": name, "district": district, **facts}
            tx.execute(insert(registers.institution_fact).values(row | {"valid_from": FIRST_DAY}))
        account = {"institution_id": 1, "bank": "银行", "imported_on": 1, "opened_on": 19_000}
        for number, kind, closed in (
            ("A1", "fee", None),
            ("A2", "fee", TODAY),
            ("A3", "deposit", None),
        ):
            row = account | {"account_no": number, "kind": kind, "closed_on": closed}
            tx.execute(insert(registers.account).values(row))
        for name in ("舞AB坊", "舞Ab新坊"):  # posted twice: the second stands
            head = PostedHead("370702", 1, "ab", "{}", "s", "{}", "s")
            entry = PostedEntry("370702", 1, "white", 0, ONE, name.upper(), "{}", "s")
            posting.replace(tx, head, [entry])
    return any_app.database


def test_a_district_is_posted_anew_in_place_of_what_was(database):
    with database.reading() as tx:
        assert [entry.name for entry in posting.list_entries(tx, "370702")] == ["舞AB新坊"]
        assert list(posting.list_heads(tx)) == ["370702"]
        assert [row.meanings for row in posted.list_heads(tx, "370702")] == ["{}"]
        assert [row.meanings for row in posted.list_heads(tx, "110108")] == [""]
        assert len(posted.list_entries(tx, "370702", "white", limit=50, offset=0)) == 1
        assert posted.list_entries(tx, "370702", "white", limit=50, offset=50) == []


def test_an_institution_is_asked_for_by_its_code(database):
    with database.reading() as tx:
        assert [row.head_number for row in posted.list_places(tx, ONE)] == [1]
        assert posted.list_places(tx, TWO) == []
        rows = posted.find_registered(tx, TODAY, ONE)
        assert [(row.kind, row.head_district) for row in rows] == [
            ("deposit", "370702"), ("fee", "370702"),
        ]  # fmt: skip
        assert [row.kind for row in posted.find_registered(tx, TODAY, TWO)] == [None]
        for number, is_right in (("A1", True), ("A2", False), ("A3", False), ("A9", False)):
            assert posted.has_fee_account(tx, TODAY, ONE, number) is is_right
        assert not posted.has_fee_account(tx, TODAY, TWO, "A1")


def test_a_search_finds_entries_first_and_no_institution_twice(database):
    with database.reading() as tx:
        found = posted.search(tx, TODAY, "坊", limit=10)
        assert [(row.uscc, row.turn) for row in found] == [(ONE, 0), (TWO, 1)]
        assert [row.uscc for row in posted.search(tx, TODAY, "CD", limit=10)] == [TWO]
        assert [row.uscc for row in posted.search(tx, TODAY, "5237", limit=10)] == [ONE]
        assert len(posted.search(tx, TODAY, "坊", limit=1)) == 1
        assert posted.search(tx, TODAY, "%", limit=10) == []
