"""Writers of one process wait in the order in which they came, and leave room for other writers."""

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from feewatch.kernel.errors import TryLaterError
from feewatch.store import database as databases
from feewatch.store.database import Database
from feewatch.store.writers import GAP_SECONDS, WriterQueue

PATIENCE = 20.0


def wait_until(is_so):
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.002)


def test_they_have_their_turns_in_the_order_in_which_they_came():
    queue, served = WriterQueue(9, PATIENCE), []

    def write(number):
        with queue.turn() as own:
            own.has_begun = True
            served.append(number)

    with ThreadPoolExecutor(9) as people, queue.turn() as turn:
        turn.has_begun = True
        for number in range(9):
            people.submit(write, number)
            wait_until(lambda wanted=number + 2: len(queue._line) == wanted)
    assert served == [*range(9)]


def test_as_many_wait_as_may_and_who_writes_is_none_of_them():
    queue = WriterQueue(1, 0.05)
    with queue.turn() as turn:
        with pytest.raises(TryLaterError), queue.turn():  # the first waits for other processes
            pass
        turn.has_begun = True
        begun = time.monotonic()
        with pytest.raises(TryLaterError), queue.turn():  # this one may wait, and does so in vain
            pass
        assert time.monotonic() - begun >= 0.05
    with queue.turn() as turn:  # nobody is in the line any more
        assert 0 < turn.seconds_left <= 0.05


def test_where_several_may_write_a_later_one_waits_for_the_first_that_ends():
    queue, served = WriterQueue(4, PATIENCE, at_once=2), []

    def write():
        with queue.turn() as own:
            own.has_begun = True
            served.append(len(queue._line))

    with ThreadPoolExecutor(1) as people, queue.turn() as first:
        first.has_begun = True
        with queue.turn() as second:
            second.has_begun = True
            waiting = people.submit(write)
            wait_until(lambda: len(queue._line) == 3)
            assert not served
        waiting.result(10)
    assert served == [2]


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'office.db'}")
    with made.transaction() as tx:
        tx.execute(text("CREATE TABLE note (place INTEGER)"))
    yield made
    made.dispose()


def test_who_comes_while_another_process_writes_waits_behind_those_who_wait(database):
    other = sqlite3.connect(database.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    served, limited = [], database.limited(4, PATIENCE)

    def write(number):
        with limited.transaction() as tx:
            tx.execute(text("INSERT INTO note VALUES (:n)"), {"n": number})
            served.append(number)

    with ThreadPoolExecutor(4) as people:
        for number in range(4):
            people.submit(write, number)
            wait_until(lambda wanted=number + 1: len(limited._queue._line) == wanted)
        other.rollback()
        other.close()
    assert served == [0, 1, 2, 3]


def parts_until_another_has_written(database):
    """How many parts of a long work went by before who waited had the turn."""
    had_turn = threading.Event()

    def write():
        with database.limited(4, PATIENCE).transaction():
            had_turn.set()

    with ThreadPoolExecutor(1) as person:
        for part in database.unhurried(range(100)):
            with database.transaction():
                if part == 0:
                    person.submit(write)
                    time.sleep(GAP_SECONDS)
                time.sleep(0.03)
            if had_turn.is_set():
                return part
    return 100


def test_all_who_wait_write_between_two_parts_of_a_long_work_in_another_process(database):
    others = [Database(str(database.url)) for _ in range(5)]
    wrote = []

    def write(other):
        with other.transaction():
            wrote.append(1)
            time.sleep(0.03)

    with ThreadPoolExecutor(5) as people:
        for part in database.unhurried(range(2)):
            if part == 1:
                assert wrote == [1] * 5
                break
            with database.transaction():
                for other in others:
                    people.submit(write, other)
                time.sleep(0.2)
    for other in others:
        other.dispose()


def test_a_long_work_comes_forward_though_somebody_always_waits(database, monkeypatch):
    monkeypatch.setattr(databases, "_LONGEST_GAP_SECONDS", 0.05)
    with database._room.inside():
        assert not database._room.is_empty()
        assert list(database.unhurried(range(3))) == [0, 1, 2]
    assert database._room.is_empty()


def test_who_waits_in_vain_or_was_killed_waits_no_longer(database):
    with database.transaction():
        with (
            pytest.raises(OperationalError),
            Database(str(database.url)).transaction(patience_seconds=0.01),
        ):
            pass
        assert database._room.is_empty()
    code = (
        "import os, pathlib, sys\n"
        "from feewatch.store.waiting_room import WaitingRoom\n"
        "with WaitingRoom(pathlib.Path(sys.argv[1])).inside():\n"
        "    print(1, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, database.url.database], check=False)
    assert database._room.is_empty()


def test_between_two_parts_of_a_long_work_another_writer_has_its_turn(database):
    # mostly right after the first part; without a gap it takes six of them on the average
    assert sum(parts_until_another_has_written(database) for _ in range(6)) <= 9
