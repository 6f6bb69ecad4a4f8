"""The chain of the audit trail: never forked, nothing rolled back in it, kept by triggers."""

import threading
from contextlib import suppress

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from feewatch.store import audit as trail
from feewatch.store import chain, covering, guards
from feewatch.store.database import tried
from feewatch.store.tables import metadata
from feewatch.store.tables.operations import audit, audit_head
from feewatch.store.tables.publication import standing_order

ORDER = {"given_by": "wei", "given_at": "2026-07-31T09:00:00+08:00", "is_given": True}


def links(app):
    with app.database.reading() as tx:
        return tx.execute(select(audit).order_by(audit.c.number)).mappings().all()


def assert_whole(app):
    rows = links(app)
    previous = chain.GENESIS
    for number, row in enumerate(rows, 1):
        assert (row["number"], row["previous"]) == (number, previous)
        previous = chain.link_hash(row)
        assert row["hash"] == previous
    with app.database.reading() as tx:
        head = tx.execute(select(audit_head)).one()
    assert (head.number, head.hash) == (len(rows), previous)


def test_four_writers_side_by_side_never_fork_the_chain(any_app):
    def write(writer):
        for n in range(8):
            with any_app.database.transaction() as tx:
                trail.record(tx, f"w{writer}", "test", str(n))
                tx.execute(insert(standing_order).values(ORDER | {"reason": f"{writer}/{n}"}))
                trail.record(tx, f"w{writer}", "test.more", str(n), reason="原因")

    writers = [threading.Thread(target=write, args=[n]) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(links(any_app)) == 64
    assert_whole(any_app)


def test_a_long_act_keeps_no_other_waiting_for_its_place_in_the_chain(postgres_app):
    """On SQLite writers wait for one another anyway; here a short act overtakes a long one."""
    with postgres_app.database.transaction() as long:
        trail.record(long, "long", "test", "begun")
        with postgres_app.database.transaction(patience_seconds=5) as short:
            trail.record(short, "short", "test", "done")
    assert [row["actor"] for row in links(postgres_app)] == ["short", "long"]


def test_who_vouches_anew_for_history_keeps_no_other_waiting_either(postgres_app):
    """The head was locked before other rows of the act: an erasure and a file met in the middle."""
    covers = {"visit": {"1": "0" * 64}}
    with postgres_app.database.transaction() as long:
        trail.record(long, "long", "test", "begun")
        chain.cover_anew(long, "record.erased", "visit", covers)
        with postgres_app.database.transaction(patience_seconds=5) as short:
            trail.record(short, "short", "test", "done")
    told = [(row["actor"], row["action"], row["covers"]) for row in links(postgres_app)]
    assert told == [
        ("short", "test", None), ("feewatch", "record.erased", covers), ("long", "test", None),
    ]  # fmt: skip
    assert_whole(postgres_app)
    assert_whole(postgres_app)


def test_what_is_rolled_back_is_in_no_link(any_app):
    with any_app.database.transaction() as tx:
        trail.record(tx, "a", "test", "kept")
        with tried(tx):
            trail.record(tx, "a", "test", "tried")
            tx.execute(insert(standing_order).values(ORDER | {"reason": "tried"}))
        trail.record(tx, "a", "test", "kept too")
    with suppress(ZeroDivisionError), any_app.database.transaction() as tx:
        trail.record(tx, "a", "test", "lost")
        raise ZeroDivisionError
    assert [row["object"] for row in links(any_app)] == ["kept", "kept too"]
    assert [row["covers"] for row in links(any_app)] == [None, None]
    assert_whole(any_app)


def test_a_link_carries_the_hashes_of_what_the_act_wrote_into_history(any_app):
    with any_app.database.transaction() as tx:
        tx.execute(insert(standing_order).values(ORDER | {"reason": "名单待核"}))
    (row,) = links(any_app)
    with any_app.database.reading() as tx:
        hashes = {str(key): value for key, value in covering.hash_rows(tx, "standing_order")}
    assert (row["actor"], row["action"], row["object"]) == (
        "feewatch", "record.rows", "standing_order",
    )  # fmt: skip
    assert row["covers"] == {"standing_order": hashes}
    assert_whole(any_app)


def test_the_way_an_act_came_stands_beside_it(any_app):
    with trail.coming_from("shell", "root"), any_app.database.transaction() as tx:
        trail.record(tx, "a", "test", "x")
    (row,) = links(any_app)
    assert (row["way"], row["origin"]) == ("shell", "root")
    assert_whole(any_app)


class Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


@pytest.mark.parametrize("name", ["audit", *covering.HISTORY])
def test_the_database_itself_refuses_to_change_history(any_app, name):
    table = metadata.tables[name]
    key = table.c.id
    with suppress(Undone), any_app.database.transaction() as tx:
        _point_nowhere(tx, name)
        tx.execute(insert(table).values(_values(table)))
        for change in (update(table).values({key: key + 1}), delete(table)):
            with pytest.raises(DBAPIError, match="APPEND-ONLY"), tx.begin_nested():
                tx.execute(change)
        with guards.passing(tx, "retention"):
            assert tx.execute(delete(table)).rowcount == 1
        raise Undone


def test_the_tables_cannot_be_emptied_at_one_stroke_either(postgres_app):
    for name in ("audit", "case_event"):
        with (
            pytest.raises(DBAPIError, match="APPEND-ONLY"),
            postgres_app.database.transaction() as tx,
        ):
            tx.execute(text(f"TRUNCATE {name} CASCADE"))


def test_a_pass_ends_with_its_transaction(any_app):
    with any_app.database.transaction() as tx:
        trail.record(tx, "a", "test", "x")
    with any_app.database.transaction() as tx, guards.passing(tx, "retention"):
        pass
    with pytest.raises(DBAPIError, match="APPEND-ONLY"), any_app.database.transaction() as tx:
        tx.execute(delete(audit))


def _point_nowhere(tx, name):
    """What a row points to is not asked for here; the transaction is rolled back."""
    if tx.dialect.name == "sqlite":
        tx.execute(text("PRAGMA defer_foreign_keys = ON"))
        return
    tx.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER ALL"))
    for act in ("update", "delete"):
        tx.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER {name}_{act}_refused"))


def _values(table):
    """Something for each column that must be filled; of the trail a row that is linked."""
    of_kind = {int: 1, str: "x", bool: True, object: {}}
    needed = [each for each in table.c if not each.nullable and each.name != "id"]
    values = {each: of_kind[each.type.python_type] for each in needed}
    return values | ({audit.c.number: 1} if table is audit else {})
