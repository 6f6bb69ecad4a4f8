"""Turns to compute: one at a time a person, two at a time the office, whoever's process it is."""

import os
import signal
import time

import pytest

from feewatch.kernel.people import User
from feewatch.services.trials import turns
from feewatch.services.trials.turns import TurnError, turn


def person(key):
    return User(key, f"p{key}", "viewer", "370702", None, "-", False, 1)


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0.01)


def is_refused(app, key):
    try:
        with turn(app, person(key)):
            return False
    except TurnError:
        return True


def test_one_a_person_and_two_an_office(any_app):
    with turn(any_app, person(1)):
        assert is_refused(any_app, 1)
        with turn(any_app, person(2)):
            assert is_refused(any_app, 3)
        assert not is_refused(any_app, 3)
    assert not is_refused(any_app, 1)


def test_a_turn_ends_with_a_fault_too(any_app):
    with pytest.raises(ZeroDivisionError), turn(any_app, person(1)):
        raise ZeroDivisionError
    assert not is_refused(any_app, 1)


def test_the_turn_of_a_process_that_died_is_free_at_once(any_app):
    any_app.database.dispose()  # a child has no connection of its parent
    begun, has_begun = os.pipe()
    child = os.fork()
    if not child:
        with turn(any_app, person(1)):
            os.write(has_begun, b"1")
            time.sleep(60)
        os._exit(0)
    assert os.read(begun, 1) == b"1"
    assert is_refused(any_app, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    wait_for(lambda: not is_refused(any_app, 1))


def wait_for(is_so):
    """PostgreSQL notices a moment later that a session is gone."""
    for _ in range(50):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError


def test_a_turn_waits_for_nobody_who_writes(any_app):
    with any_app.database.transaction(), turn(any_app, person(1)):
        assert is_refused(any_app, 1)
