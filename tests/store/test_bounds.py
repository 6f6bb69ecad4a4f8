"""What SQLite holds in memory and writes ahead is bounded, however many read."""

import threading
from contextlib import ExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as NoConnectionError

from feewatch.config import Config, DatabaseConfig, Office, Web
from feewatch.founding import initialise
from feewatch.kernel.errors import InvalidInputError
from feewatch.store import database as databases
from feewatch.store.connections import size_of_log
from feewatch.store.database import Database
from feewatch.web.site import create_app

ROW = "x" * 20_000


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'office.db'}", cache_mb=8, connections=4)
    with made.transaction() as tx:
        tx.execute(text("CREATE TABLE note (content TEXT)"))
    yield made
    made.dispose()


def kilobytes(tx):
    return -tx.scalar(text("PRAGMA cache_size"))


def test_all_connections_together_hold_as_many_pages_as_configured(database):
    database.share_pages(4)
    with ExitStack() as held:
        views = [held.enter_context(database.reading()) for _ in range(4)]
        assert sum(map(kilobytes, views)) == 8 * 1024


def test_a_connection_that_is_open_already_takes_the_new_share(database):
    with database.reading() as tx:
        before = kilobytes(tx)
    database.share_pages(8)
    with database.reading() as tx:
        assert (before, kilobytes(tx)) == (2048, 1024)


def test_no_process_opens_more_connections_than_it_may(database):
    database.engine.pool._timeout = 0.01
    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(database.reading())
        with pytest.raises(NoConnectionError), database.reading():
            pass


def test_the_processes_that_serve_share_what_is_configured(tmp_path):
    config = Config(
        tmp_path, Office(district="370702"), web=Web(processes=3, threads=4),
        database=DatabaseConfig(cache_mb=120, connections=5),
    )  # fmt: skip
    app = initialise(config)
    create_app(app)
    with app.database.reading() as tx:
        assert kilobytes(tx) == 120 * 1024 // (3 * 5)
    app.database.dispose()


def test_fewer_connections_than_threads_are_refused(tmp_path):
    with pytest.raises(InvalidInputError, match=r"database\.connections"):
        Config(tmp_path, web=Web(threads=17))
    assert Config(tmp_path, web=Web(threads=16)).web.threads == 16


def most_of_log(database, beat):
    """The most bytes the log had while one of two readers always looked, and many rows came."""
    stop, first_looks = threading.Event(), threading.Event()
    sizes = []

    def read(looks, other_looks):
        while not stop.is_set():
            with database.reading() as tx:
                tx.execute(text("SELECT count(*) FROM note")).one()
                looks.set()
                other_looks.wait(0.5)  # not before the other one has its view
                other_looks.clear()
                stop.wait(0.02)

    second_looks = threading.Event()
    readers = [
        threading.Thread(target=read, args=each)
        for each in ((first_looks, second_looks), (second_looks, first_looks))
    ]
    for reader in readers:
        reader.start()
    for number in range(600):
        with database.transaction() as tx:
            tx.execute(text("INSERT INTO note VALUES (:row)"), {"row": ROW})
        if number % 20 == 0:
            beat()
            sizes.append(size_of_log(database._file))
    stop.set()
    for reader in readers:
        reader.join()
    return max(sizes)


def test_the_log_stays_bounded_beside_readers_that_never_leave_it_alone(database, monkeypatch):
    monkeypatch.setattr(databases, "LOG_MOST", 1_000_000)
    left_alone = most_of_log(database, lambda: None)
    assert left_alone > 5_000_000  # some 12 MB were written
    database.tidy()
    assert most_of_log(database, database.bound_log) < 3_000_000


def test_a_view_that_is_held_for_long_lets_the_log_be_and_writers_go_on(database, monkeypatch):
    monkeypatch.setattr(databases, "LOG_MOST", 100_000)
    with database.reading() as view:
        view.execute(text("SELECT count(*) FROM note")).one()
        for _ in range(20):
            with database.transaction() as tx:
                tx.execute(text("INSERT INTO note VALUES (:row)"), {"row": ROW})
        database.bound_log()
        assert size_of_log(database._file) > 100_000
        with database.transaction() as tx:
            tx.execute(text("INSERT INTO note VALUES (:row)"), {"row": ROW})
    database.bound_log()
    assert size_of_log(database._file) == 0
