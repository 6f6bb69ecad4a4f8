"""What stands as gathered, contradictions and requests, on SQLite and PostgreSQL."""

from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.province import asking, overview
from feewatch.store.lists import correction_requests as requests
from feewatch.store.lists import gathered as stored
from feewatch.store.pages import gathered as pages
from feewatch.store.people import users
from tests.services.province.conftest import entry, feed, uscc_of

A, B = "370703", "370704"
TORN = uscc_of(A, 1)
ALL = Scope("370700")


def test_both_databases_tell_the_same(any_app):
    feed(any_app, A, black=[entry(TORN, "甲", "教罚字〔2026〕第1号")])
    feed(any_app, B, white=[entry(TORN, "乙")], unrated=[{"uscc": uscc_of(B, 2), "name": "丙"}])
    feed(any_app, B, 2, white=[entry(TORN, "乙")])
    refused = stored.RefusedThing("VERIFY-FORK", "chain.jsonl", Text("分叉", "a fork"), 3, "f" * 64)
    with any_app.database.transaction() as tx:
        assert stored.note_failing(tx, B, refused)
        assert not stored.note_failing(tx, B, refused)
        assert pages.list_of_other_places(tx, ALL, [A, B], 9) == [TORN]
    states = {each.district: each for each in overview.list_states(any_app, ALL)}
    assert (states[B].newest.number, states[B].refused, states[B].row.code) == (
        2, 1, "VERIFY-FORK",
    )  # fmt: skip
    found = overview.list_contradictions(any_app, ALL)
    assert [(each.kind, each.uscc, len(each.rows)) for each in found] == [
        ("listed", TORN, 2), ("names", TORN, 2),
    ]  # fmt: skip
    assert overview.list_contradictions(any_app, Scope(A)) == []
    assert overview.page_entries(any_app, ALL, "", "", 1).total == 2
    ensure_signing_key(any_app)
    with any_app.database.transaction() as tx:
        users.add(tx, "li", "officer", "370700", None, "x")
    key = asking.find_entry_key(any_app, ALL, B, "white", TORN)
    made = asking.ask(any_app, key, actor="li", reason="核实")
    with any_app.database.transaction() as tx:
        assert [row.id for row in requests.list_open_out(tx, B)] == [made]
        assert requests.answer(tx, made, outcome="stands", answer="{}")
        assert not requests.answer(tx, made, outcome="stands", answer="{}")
        assert requests.next_number(tx, "370702", 2026).endswith("0002")
