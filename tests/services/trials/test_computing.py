"""Long work: one piece at a time the office, watched, stopped, kept; told where it broke off."""

import os
import signal
import threading
import time

import pytest

from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import User
from feewatch.services.trials import computing
from feewatch.services.trials.computing import Computing, OneAtATimeError
from feewatch.store.alone import OccupiedError, alone


def person(key):
    return User(key, f"p{key}", "officer", "370702", None, "-", False, 1)


class Bench:
    """Work that waits for a word before each of its three steps."""

    def __init__(self):
        self.go_on = threading.Semaphore(0)
        self.made = 0

    def work(self, _, who, asked, progress):
        progress.expect(3)
        for _ in range(3):
            while not self.go_on.acquire(timeout=0.05):
                progress.expect(0)
            progress.step()
        self.made += 1
        if asked["of"] == "nought":
            raise ZeroDivisionError
        if asked["of"] == "nothing":
            raise InvalidInputError("NOTHING", "没有", "nothing", field="of")
        return [who.name, asked["of"]]

    def finish(self):
        for _ in range(3):
            self.go_on.release()


@pytest.fixture
def bench():
    return Bench()


MADE = []


@pytest.fixture(autouse=True)
def _at_rest(any_app):
    """No thread has a connection when the database is closed."""
    del any_app
    yield
    for pieces in MADE:
        if pieces._worker is not None:
            pieces._worker.join(20)
    MADE.clear()


@pytest.fixture
def pieces(any_app, bench):
    return make(any_app, bench.work)


def make(app, work):
    pieces = Computing(app, {"count": work}, lambda _, key: person(key), lambda _: "")
    MADE.append(pieces)
    return pieces


def ask(pieces, key, what):
    return pieces.ask(person(key), "count", {"of": what}, f"/count?of={what}")


def wait_for(pieces, key, piece, state):
    for _ in range(200):
        if (known := pieces.get(person(key), piece.name)).state == state:
            return known
        time.sleep(0.05)
    raise AssertionError(known)


def test_a_piece_tells_how_far_it_has_come_and_its_result_is_kept_for_every_process(
    any_app, pieces, bench
):
    piece = ask(pieces, 1, "sheep")
    bench.go_on.release()
    known = wait_for(pieces, 1, piece, "running")
    while known.done < 1:
        known = pieces.get(person(1), piece.name)
    assert (known.done, known.steps) == (1, 3)
    bench.finish()
    done = wait_for(pieces, 1, piece, "done")
    other = make(any_app, bench.work)  # as another process has it
    assert other.result(done) == ["p1", "sheep"]
    assert ask(other, 1, "sheep").state == "done"  # the same question, the same data
    assert bench.made == 1
    assert ask(other, 2, "sheep").name != piece.name
    bench.finish()
    with pytest.raises(NotFoundError):
        other.get(person(2), piece.name)


def test_one_a_person_and_one_an_office(pieces, bench):
    first, second = ask(pieces, 1, "sheep"), ask(pieces, 2, "goats")
    wait_for(pieces, 1, first, "running")
    with pytest.raises(OneAtATimeError):
        ask(pieces, 1, "cows")
    assert pieces.get(person(2), second.name).state == "waiting"
    bench.finish()
    wait_for(pieces, 1, first, "done")
    wait_for(pieces, 2, second, "running")
    bench.finish()
    wait_for(pieces, 2, second, "done")


def test_other_data_are_another_question(any_app, pieces, bench):
    first = ask(pieces, 1, "sheep")
    bench.finish()
    wait_for(pieces, 1, first, "done")
    with any_app.database.transaction() as tx:
        tx.exec_driver_sql("UPDATE institution SET uscc = uscc")
    other = ask(pieces, 1, "sheep")
    assert other.name != first.name
    bench.finish()
    wait_for(pieces, 1, other, "done")


def test_a_piece_is_stopped_while_it_runs_and_while_it_waits_and_asked_for_again(pieces, bench):
    first, second = ask(pieces, 1, "sheep"), ask(pieces, 2, "goats")
    wait_for(pieces, 1, first, "running")
    with pytest.raises(NotFoundError):
        pieces.stop(person(2), first.name)
    pieces.stop(person(2), second.name)
    pieces.stop(person(1), first.name)
    assert wait_for(pieces, 1, first, "stopped").ended_at
    assert wait_for(pieces, 2, second, "stopped").begun_at == ""
    assert ask(pieces, 1, "sheep").state == "stopped"  # it does not begin by itself
    assert bench.made == 0
    pieces.forget(person(1), first.name)
    again = ask(pieces, 1, "sheep")
    bench.finish()
    wait_for(pieces, 1, again, "done")


def test_a_refusal_is_kept_as_a_result_is(pieces, bench):
    piece = ask(pieces, 1, "nothing")
    bench.finish()
    refused = wait_for(pieces, 1, piece, "refused")
    with pytest.raises(InvalidInputError) as told:
        pieces.result(refused)
    assert (told.value.code, told.value.field) == ("NOTHING", "of")


def test_what_failed_is_logged_and_told_as_unfinished(pieces, bench, caplog):
    piece = ask(pieces, 1, "nought")
    bench.finish()
    wait_for(pieces, 1, piece, "unfinished")
    assert "ZeroDivisionError" in caplog.text
    other = ask(pieces, 1, "sheep")  # the worker goes on
    bench.finish()
    wait_for(pieces, 1, other, "done")


def test_what_a_killed_process_was_at_is_told_as_unfinished(any_app, bench):
    any_app.database.dispose()  # a child has no connection of its parent
    has_begun, begun = os.pipe()
    child = os.fork()
    if not child:
        pieces = make(any_app, bench.work)
        wait_for(pieces, 1, ask(pieces, 1, "sheep"), "running")
        os.write(begun, b"1")
        time.sleep(60)
        os._exit(0)
    assert os.read(has_begun, 1) == b"1"
    pieces = make(any_app, bench.work)
    (piece,) = pieces.list_of(1)
    assert piece.state == "running"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    wait_for(pieces, 1, piece, "unfinished")
    pieces.forget(person(1), piece.name)
    again = ask(pieces, 1, "sheep")
    bench.finish()
    wait_for(pieces, 1, again, "done")


def test_what_waited_when_all_processes_ended_is_computed_by_the_next(any_app, bench):
    with alone(any_app.database, "computing"):
        waiting = ask(make(any_app, bench.work), 1, "sheep")
        assert waiting.state == "waiting"
        bench.finish()
    piece = ask(make(any_app, bench.work), 1, "sheep")
    assert piece.name == waiting.name
    wait_for(make(any_app, bench.work), 1, piece, "done")


def test_results_go_after_a_while_and_what_lies_there_tells_nothing(any_app, pieces, bench):
    for number in range(computing.MOST_OF_ONE + 3):
        piece = ask(pieces, 1, f"sheep {number}")
        bench.finish()
        wait_for(pieces, 1, piece, "done")
    assert len(pieces.list_of(1)) <= computing.MOST_OF_ONE
    folder = any_app.config.var / computing.FOLDER
    files = [path for path in folder.iterdir() if path.name.endswith(".sealed")]
    assert len(files) == len(pieces.list_of(1))
    assert not any(b"sheep" in path.read_bytes() for path in files)
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_the_place_of_one_that_computes_is_taken(any_app, pieces, bench):
    piece = ask(pieces, 1, "sheep")
    wait_for(pieces, 1, piece, "running")
    with pytest.raises(OccupiedError), alone(any_app.database, "computing"):
        pytest.fail("two at once")
    bench.finish()
    wait_for(pieces, 1, piece, "done")


def test_who_waits_asks_for_the_place_once_and_not_at_all_where_the_own_process_computes(
    any_app, pieces, bench, monkeypatch
):
    piece = ask(pieces, 1, "sheep")
    piece = wait_for(pieces, 1, piece, "running")
    asked = []

    def counted(database, name, **how):
        asked.append(name)
        return alone(database, name, **how)

    monkeypatch.setattr(computing, "alone", counted)
    monkeypatch.setattr(computing, "PATIENCE_SECONDS", 1.0)
    assert pieces.wait(piece).is_live
    assert asked == []
    assert make(any_app, bench.work).wait(piece).is_live  # as another process waits for it
    assert asked == ["computing"]
    bench.finish()
    wait_for(pieces, 1, piece, "done")
