"""One view for all that a request reads: few ways to the server, and never older than it may be."""

import threading
import time

import pytest
from sqlalchemy import event, insert, text

from feewatch.services.people import sessions
from feewatch.services.people.users import add_user, get_user
from feewatch.store import connections, one_view
from feewatch.store.database import Database
from feewatch.store.tables.registers import institution
from feewatch.web.site import create_app

PASSWORD = "an office of its own 26"


@pytest.fixture(autouse=True)
def _no_view_is_old(monkeypatch):
    """On a machine that does much else a second passes between any two lines."""
    monkeypatch.setattr(one_view, "_LONGEST_SECONDS", 60.0)
    monkeypatch.setattr(connections, "_RESTED_SECONDS", 60.0)


@pytest.fixture
def database(any_app):
    return any_app.database


@pytest.fixture
def elsewhere_of():
    """Gives the database of an installation as another process holds it."""
    opened = []

    def make(app):
        opened.append(Database(app.config.database_url))
        return opened[-1]

    yield make
    for database in opened:
        database.dispose()


@pytest.fixture
def elsewhere(any_app, elsewhere_of):
    return elsewhere_of(any_app)


def count(database):
    with database.reading() as tx:
        return tx.scalar(text("SELECT COUNT(*) FROM institution"))


def add(database, uscc):
    with database.transaction() as tx:
        tx.execute(insert(institution).values(uscc=uscc))


def test_what_others_write_meanwhile_is_seen_by_the_next_view(database, elsewhere):
    with database.one_view():
        assert count(database) == 0
        add(elsewhere, "A")
        assert count(database) == 0
        with database.reading() as outer:  # also beside one that is open
            assert count(database) == outer.scalar(text("SELECT COUNT(*) FROM institution")) == 0
        database.look_anew()
        assert count(database) == 1
        add(elsewhere, "B")
    assert count(database) == 2


def test_a_thread_sees_what_it_wrote_itself(database):
    with database.one_view():
        assert count(database) == 0
        with database.transaction() as tx:
            tx.execute(insert(institution).values(uscc="A"))
            assert count(database) == 0  # not committed
        assert count(database) == 1
        with database.trying() as tx:
            tx.execute(insert(institution).values(uscc="B"))
        assert count(database) == 1


def test_an_old_view_is_given_to_nobody_else(database, elsewhere, monkeypatch):
    monkeypatch.setattr(one_view, "_LONGEST_SECONDS", 0.05)
    with database.one_view(), database.reading() as old:
        assert count(database) == 0
        add(elsewhere, "A")
        time.sleep(0.06)
        assert count(database) == 1
        assert old.scalar(text("SELECT COUNT(*) FROM institution")) == 0


def test_after_a_fault_a_view_is_given_to_nobody_else(database):
    """A server answers nothing more in it."""
    with database.one_view():
        with pytest.raises(Exception, match="no_such"), database.reading() as tx:
            tx.execute(text("SELECT * FROM no_such"))
        assert count(database) == 0


def test_who_reads_on_when_the_block_has_ended_has_the_view_to_the_end(database, elsewhere):
    """As an answer that is sent in parts does."""

    def parts():
        with database.reading() as tx:
            for _ in range(2):
                yield tx.scalar(text("SELECT COUNT(*) FROM institution"))

    with database.one_view():
        sent = parts()
        assert next(sent) == 0
    add(elsewhere, "A")
    assert count(database) == 1
    assert list(sent) == [0]
    assert database.engine.pool.checkedout() == 0


def test_another_thread_has_a_view_of_its_own(database, elsewhere):
    seen = []
    with database.one_view():
        assert count(database) == 0
        add(elsewhere, "A")
        other = threading.Thread(target=lambda: seen.append(count(database)))
        other.start()
        other.join()
    assert seen == [1]
    assert database.engine.pool.checkedout() == 0


def test_answers_that_are_kept_are_told_apart_by_the_view_in_which_they_are_asked(
    database, elsewhere
):
    def known():
        with database.reading() as tx:
            return database.kept.by_table(tx).answer(
                "institutions", lambda: tx.scalar(text("SELECT COUNT(*) FROM institution"))
            )

    with database.one_view():
        assert known() == 0
        add(elsewhere, "A")
        assert known() == 0
        database.look_anew()
        assert known() == 1
        add(database, "B")
        assert known() == 2
    assert known() == 2


def visitor_of(app):
    """A browser in which an officer is logged in."""
    add_user(app, "officer", "officer", password=PASSWORD, actor="cli", district="370702")
    client = create_app(app).test_client()
    with client.session_transaction() as session:
        browser = sessions.Caller("127.0.0.1", "Chrome")
        user = get_user(app, "officer")
        session["word"] = sessions.begin(app, user, browser, factor="password")
    return client


def test_a_page_opens_one_view_and_no_connection_is_asked_whether_it_is_there(
    postgres_app, monkeypatch
):
    """Each view would cost a server two more ways, and each question a third."""
    engine, client, begun = postgres_app.database.engine, visitor_of(postgres_app), []

    def never(_):
        raise AssertionError

    pages = ("/desk/today", "/desk/")
    for page in pages:  # statements are put together once
        client.get(page)
    monkeypatch.setattr(engine.dialect, "do_ping", never)
    event.listen(engine, "begin", begun.append)
    for page in pages:
        assert client.get(page).status_code == 200
    assert len(begun) == len(pages)


def test_a_connection_that_rested_is_asked_and_opened_anew_where_the_server_closed_it(
    postgres_app, monkeypatch
):
    database = postgres_app.database
    database.dispose()
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid"

    def number(tx):
        return tx.scalar(text("SELECT pg_backend_pid()"))

    with database.reading() as one, database.reading() as two:
        first, second = number(one), number(two)
    with database.reading() as tx:
        assert number(tx) in (first, second)
        other = ({first, second} - {number(tx)}).pop()
        tx.scalar(text(ours), {"pid": other})
    monkeypatch.setattr(connections, "_RESTED_SECONDS", 0)
    for _ in range(3):
        with database.reading() as one, database.reading() as two:
            assert other not in (number(one), number(two))


@pytest.mark.parametrize("then", ["ends", "writes"])
def test_a_view_that_the_server_ended_takes_nothing_of_what_was_read(
    postgres_app, elsewhere_of, then
):
    database, other = postgres_app.database, elsewhere_of(postgres_app)
    with database.one_view():
        with database.reading() as tx:
            number = tx.scalar(text("SELECT pg_backend_pid()"))
        with other.reading() as tx:
            tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": number})
        if then == "writes":
            add(database, "A")
    assert count(database) == (then == "writes")
