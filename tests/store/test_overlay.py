"""What is tried lies over what is on file: read back as written, it locks and keeps nothing."""

import sqlite3

import pytest
from services.ledgers import office, register
from sqlalchemy import delete, func, insert, select, update

from feewatch.store.bulk import insert_rows, insert_values
from feewatch.store.database import tried
from feewatch.store.overlay import narrow
from feewatch.store.state import hold_still, mark_changed
from feewatch.store.tables import metadata
from feewatch.store.tables.ledger import source_file
from feewatch.store.tables.registers import contract, institution


@pytest.fixture
def app(tmp_path):
    """An office of two institutions, of which the second has the newest contract."""
    made = office(tmp_path)
    with made.database.transaction() as tx:
        tx.execute(insert(institution).values(id=2, uscc="52370703123456789F"))
        row = dict(tx.execute(select(contract)).first()._mapping)
        tx.execute(insert(contract).values(row | {"id": 900, "institution_id": 2}))
    yield made
    made.database.dispose()


@pytest.fixture
def writer(app):
    """Another connection that has the write lock all the time."""
    line = sqlite3.connect(app.database.url.database, isolation_level=None, timeout=0)
    line.execute("BEGIN IMMEDIATE")
    yield line
    line.rollback()
    line.close()


def on_file(app):
    with app.database.reading() as tx:
        return {
            name: tx.scalar(select(func.count()).select_from(table))
            for name, table in metadata.tables.items()
        }


def test_rows_are_inserted_changed_and_taken_away_and_none_of_it_is_kept(app, writer):
    before = on_file(app)
    with app.database.trying() as tx:
        narrow(tx, {1})
        mine = contract.c.institution_id == 1
        number = tx.scalar(select(func.count()).where(mine))
        row = dict(tx.execute(select(contract).where(mine)).first()._mapping)
        del row["id"]
        key = tx.scalar(
            insert(contract).values(row | {"contract_no": "T1"}).returning(contract.c.id)
        )
        assert key > 900  # no row of another table points to it
        tx.execute(update(contract).where(contract.c.id == key).values(fee_fen=7))
        assert tx.scalar(select(contract.c.fee_fen).where(contract.c.id == key)) == 7
        assert tx.scalar(select(func.count()).where(mine)) == number + 1
        tx.execute(delete(contract).where(mine))
        assert tx.scalar(select(func.count()).where(mine)) == 0
        names = ("institution_id", "course_id", "title", "discipline", "stage", "mode",
                 "lesson_minutes", "price_per_lesson_fen")  # fmt: skip
        course = metadata.tables["course"]
        insert_rows(tx, course, names, [(1, "C1", "t", "d", "primary", "offline", 45, 1)])
        assert tx.scalar(select(func.count()).select_from(course)) > before["course"]
    assert on_file(app) == before
    assert writer.in_transaction


def test_a_part_that_is_rolled_back_shows_what_is_on_file_again(app, writer):
    with app.database.trying() as tx:
        with tried(tx):
            tx.execute(update(contract).values(fee_fen=1))
            assert set(tx.scalars(select(contract.c.fee_fen))) == {1}
        assert 1 not in set(tx.scalars(select(contract.c.fee_fen)))
        tx.execute(update(contract).values(fee_fen=2))
        assert set(tx.scalars(select(contract.c.fee_fen))) == {2}
    assert writer.in_transaction


def test_keys_that_are_unique_stay_so(app, writer):
    with app.database.trying() as tx, pytest.raises(Exception, match="UNIQUE"):
        tx.execute(insert(institution).values(uscc="52370703123456789F"))
    assert writer.in_transaction


def test_afterwards_the_same_connection_writes_to_what_is_on_file(app):
    with app.database.trying() as tx:
        tx.execute(update(contract).values(fee_fen=1))
    with app.database.transaction() as tx:
        tx.execute(update(contract).values(fee_fen=3))
    with app.database.reading() as tx:
        assert set(tx.scalars(select(contract.c.fee_fen))) == {3}


def test_a_table_without_institutions_is_laid_over_whole(app, writer):
    with app.database.trying() as tx:
        narrow(tx, {1})
        number = tx.scalar(select(func.count()).select_from(source_file))
        tx.execute(delete(source_file))
        assert tx.scalar(select(func.count()).select_from(source_file)) == 0
    with app.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(source_file)) == number
    assert writer.in_transaction


def test_on_a_server_no_row_is_locked_and_none_of_it_is_kept(postgres_app):
    database = postgres_app.database
    with database.transaction() as tx:
        register(tx)
        tx.execute(select(func.setval(func.pg_get_serial_sequence("contract", "id"), 900)))
        mark_changed(tx, [1])
    before = on_file(postgres_app)
    with database.trying() as tx:
        narrow(tx, {1})
        with tried(tx):
            hold_still(tx, [1])
            mark_changed(tx, [1])
            tx.execute(update(contract).values(fee_fen=7))
            assert set(tx.scalars(select(contract.c.fee_fen))) == {7}
        assert 7 not in set(tx.scalars(select(contract.c.fee_fen)))
        hold_still(tx, [1])
        tx.execute(update(contract).values(fee_fen=8))
        row = dict(tx.execute(select(contract)).first()._mapping)
        del row["id"]
        for many in (3, 200, 2_000):  # in one statement, copied, copied by names
            rows = [row | {"contract_no": f"T{many}-{n}"} for n in range(many)]
            insert_rows(tx, contract, [*row], [[*each.values()] for each in rows])
        insert_values(tx, contract, [row | {"contract_no": f"V{n}"} for n in range(2_000)])
        with database.transaction(patience_seconds=0.2) as other:
            hold_still(other, [1])
            mark_changed(other, [1])
            other.execute(update(contract).values(fee_fen=9))
        assert set(tx.scalars(select(contract.c.fee_fen))) == {8}
        assert tx.scalar(select(func.count()).select_from(contract)) > 4_203
    assert on_file(postgres_app) == before
    with database.reading() as tx:
        assert set(tx.scalars(select(contract.c.fee_fen))) == {9}


def test_on_a_server_keys_that_are_unique_stay_so(postgres_app):
    with postgres_app.database.transaction() as tx:
        register(tx)
    with postgres_app.database.trying() as tx, pytest.raises(Exception, match="unique"):
        tx.execute(insert(institution).values(uscc="52370702651728628K"))
