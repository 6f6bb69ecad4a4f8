"""A thread that gives way: of lower priority than who asks, and otherwise as if done here."""

import os
import threading

import pytest

from feewatch.kernel import clock
from feewatch.kernel.aside import HERE, giving_way


def priority():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_what_is_done_aside_has_a_lower_priority_and_who_asks_keeps_theirs():
    before = priority()
    with giving_way(3) as aside:
        assert aside.do(priority) == min(before + 3, 19)
        assert priority() == before
    assert HERE.do(priority) == before
    with giving_way(0) as aside:
        assert aside is HERE


def test_it_knows_the_moment_of_who_asks_and_its_faults_are_theirs():
    with giving_way(1) as aside, clock.fixed(clock.now()):
        assert aside.do(clock.now) == clock.now()
        with pytest.raises(ZeroDivisionError):
            aside.do(lambda: 1 // 0)
