"""A long work on a server rests while others use the database, and no longer than it should."""

from contextlib import contextmanager
from threading import Event, Thread

import pytest
from sqlalchemy import text

from feewatch.config import Checking
from feewatch.founding import initialise
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.check.checking import office_of_check
from feewatch.store.check.allowance import OutOfTimeError, allowed
from feewatch.store.resting import Rests, count_others, rested_seconds

_WORK = text("SELECT pg_sleep(0.1)")
_SECONDS = 0.1


@contextmanager
def an_officer_at_work(app):
    """Looks of another process, one after the other; the first has been answered."""
    other, is_done, has_come = initialise(app.config), Event(), Event()

    def look():
        while not is_done.is_set():
            with other.database.reading() as tx:
                tx.execute(text("SELECT 1"))
            has_come.set()
            is_done.wait(0.05)

    officer = Thread(target=look)
    officer.start()
    has_come.wait()
    try:
        yield
    finally:
        is_done.set()
        officer.join()
        other.database.dispose()


def work(app, times=3):
    """Seconds rested in a view after so many statements of a tenth of a second."""
    with app.database.reading() as tx:
        for _ in range(times):
            tx.execute(_WORK)
        return rested_seconds(tx)


def test_a_full_check_rests_for_others_and_not_on_a_quiet_server(postgres_app):
    check = office_of_check(postgres_app, full=True)
    assert work(check) == 0
    with an_officer_at_work(postgres_app):
        rested = work(check)
        # as long as it worked for one officer, the last look apart
        assert rested >= 0.9 * 2 * _SECONDS
        assert work(office_of_check(postgres_app, full=False)) == 0
        assert work(postgres_app) == 0


def others_of(database):
    with database.engine.connect() as connection:  # what one transaction saw it sees until its end
        return count_others(connection)


def test_a_session_of_another_process_counts_though_its_number_was_one_of_ours(postgres_app):
    """A server that began anew gives the numbers of its processes once more: names tell."""
    database = postgres_app.database
    with database.reading(), database.engine.connect() as connection:
        assert others_of(database) == 0
        connection.execute(text("SELECT set_config('application_name', 'psql', FALSE)"))
        connection.commit()
        assert others_of(database) == 1
        connection.invalidate()
    database.dispose()
    with database.reading(), database.reading():
        assert others_of(database) == 0


def test_a_writer_rests_between_parts_alone(postgres_app):
    check = office_of_check(postgres_app, full=True).database
    rested = []
    with an_officer_at_work(postgres_app):
        for _ in check.unhurried(range(2)):
            with check.transaction() as tx:
                rested.append(rested_seconds(tx))
                tx.execute(_WORK)
                rested.append(rested_seconds(tx))
    assert rested[:2] == [0, 0]
    assert rested[2] == rested[3] >= 0.9 * _SECONDS


def test_what_an_institution_is_allowed_does_not_count_rests(postgres_app):
    check = office_of_check(postgres_app, full=True).database
    with an_officer_at_work(postgres_app), check.reading() as tx, allowed(tx, 1.0) as go_on:
        for _ in range(9):
            tx.execute(_WORK)
        go_on()  # work and rests are longer than what is allowed
        assert 0.8 <= rested_seconds(tx) <= 1.2
    with pytest.raises(OutOfTimeError), check.reading() as tx, allowed(tx, 0.1):
        tx.execute(text("SELECT pg_sleep(5)"))


def test_no_rest_is_longer_than_the_work_allows_or_than_others_are_there():
    rests = Rests(2, lambda: 9)
    rests.worked(0.05)
    rests.rest()
    assert rests.rested_seconds == pytest.approx(0.1, abs=0.01)
    rests.rest()
    assert rests.rested_seconds == pytest.approx(0.1, abs=0.01)
    one = Rests(2, lambda: 1)
    one.worked(0.05)
    one.rest()
    assert one.rested_seconds == pytest.approx(0.05, abs=0.01)
    quiet = Rests(2, lambda: 0)
    quiet.worked(100)
    quiet.rest()
    assert quiet.rested_seconds == 0


def test_work_of_a_few_milliseconds_is_put_together_until_a_rest_is_worth_it():
    rests = Rests(2, lambda: 9)
    for _ in range(9):
        rests.worked(0.002)
        rests.rest()
    assert rests.rested_seconds == 0
    rests.worked(0.002)
    rests.rest()
    assert rests.rested_seconds == pytest.approx(0.04, abs=0.002)


@pytest.mark.parametrize("rest", [-1, 10])
def test_a_share_of_rest_without_an_end_is_refused(rest):
    with pytest.raises(InvalidInputError, match=r"check\.rest"):
        Checking(rest=rest)
