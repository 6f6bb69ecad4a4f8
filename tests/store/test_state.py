"""Marks of many institutions are set in one order: who sets them at once never waits in a ring."""

import threading
import time

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from feewatch.store import state
from feewatch.store.intake import bankfiles
from feewatch.store.people import countersigns
from feewatch.store.tables.checks import institution_state
from feewatch.store.tables.registers import account, institution

KEYS = [3, 2, 1]  # as they lie in the table: an update of all of them takes 3 first
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def held(key):
    column = institution_state.c.institution_id
    return select(column).where(column == key).with_for_update(nowait=True)


@pytest.mark.parametrize("mark", [state.mark_changed, state.mark_to_check, state.mark_matched])
def test_who_waits_for_the_first_row_holds_none_after_it(postgres_app, mark):
    database = postgres_app.database
    with database.transaction() as tx:
        tx.execute(
            insert(institution_state),
            [{"institution_id": key, "to_check": False, "to_match": False, "changes": 0}
             for key in KEYS],
        )  # fmt: skip

    def mark_all():
        with database.transaction() as tx:
            mark(tx, KEYS)

    other = threading.Thread(target=mark_all)
    with database.transaction() as tx:
        tx.execute(held(1))
        other.start()
        until = time.monotonic() + 10
        while not tx.scalar(WAITING):
            assert time.monotonic() < until
            time.sleep(0.01)
        tx.execute(held(3))
    other.join(10)
    assert not other.is_alive()


def test_who_asks_for_a_second_officer_holds_no_more_than_the_mark(postgres_app):
    """A file locks the institutions of its accounts and marks them then, who asks has the mark."""
    database = postgres_app.database
    with database.transaction() as tx:
        tx.execute(insert(institution), {"id": 1, "uscc": "52370702MJE0000018"})
        tx.execute(insert(account), {
            "account_no": "6222", "institution_id": 1, "bank": "建行", "kind": "fee",
            "imported_on": 1,
        })  # fmt: skip
        state.mark_changed(tx, [1])
    with database.transaction() as asking:
        state.mark_changed(asking, [1])
        countersigns.lock(asking, 1)
        with database.transaction(patience_seconds=0.5) as tx:
            assert [*bankfiles.lock_accounts(tx, ["6222"])] == ["6222"]
    with database.transaction() as asking:
        countersigns.lock(asking, 1)
        with (
            pytest.raises(OperationalError),
            database.transaction(patience_seconds=0.1) as another,
        ):
            countersigns.lock(another, 1)
