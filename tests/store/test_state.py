"""Marks of many institutions are set in one order: who sets them at once never waits in a ring."""

import threading
import time

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from feewatch.store import state
from feewatch.store.people import countersigns
from feewatch.store.tables.checks import institution_state
from feewatch.store.tables.registers import coverage, institution

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


def test_who_asks_for_a_second_officer_lets_files_of_the_institution_in(postgres_app):
    """One holds the mark and then the institution; a file writes its rows before it marks."""
    database = postgres_app.database
    with database.transaction() as tx:
        tx.execute(insert(institution), {"id": 1, "uscc": "52370702MJE0000018"})
    with database.transaction() as asking:
        state.mark_changed(asking, [1])
        countersigns.lock(asking, 1)
        with database.transaction(patience_seconds=0.5) as tx:
            row = {"institution_id": 1, "register": "lessons", "from_day": 1, "to_day": 2}
            tx.execute(insert(coverage), row | {"declared": True})
        with (
            pytest.raises(OperationalError),
            database.transaction(patience_seconds=0.1) as another,
        ):
            countersigns.lock(another, 1)
