"""Turns to compute: one at a time a person, two at a time the office, whoever's process it is."""

import datetime as dt
import time
from contextvars import Context

import pytest

from feewatch.kernel import clock
from feewatch.kernel.people import User
from feewatch.services.trials import turns
from feewatch.services.trials.turns import TurnError, turn

NOW = dt.datetime(2026, 7, 15, 10, 0, tzinfo=clock.SHANGHAI)


def person(key):
    return User(key, f"p{key}", "viewer", "370702", None, "-", False, 1)


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(turns, "_SECONDS", 0.01)
    with clock.fixed(NOW):
        yield


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


def test_the_turn_of_a_process_that_died_is_free_after_a_while(any_app):
    with turn(any_app, person(1)):
        assert is_refused(any_app, 1)
        with clock.fixed(NOW + turns._SPAN + dt.timedelta(seconds=1)):
            assert not is_refused(any_app, 1)


def test_a_turn_lasts_as_long_as_its_work(any_app, monkeypatch):
    monkeypatch.setattr(turns, "_SPAN", dt.timedelta(seconds=3))

    def work_for_long():
        with turn(any_app, person(1)):
            time.sleep(5)
            assert is_refused(any_app, 1)
        assert not is_refused(any_app, 1)

    Context().run(work_for_long)  # by the machine's clock, which goes on
