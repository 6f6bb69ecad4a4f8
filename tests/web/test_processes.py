"""How many processes serve, and how one that dies is replaced without haste."""

import os

import pytest

from feewatch.web.processes import Child, Processes, count_processes


@pytest.mark.parametrize(
    ("wanted", "cores", "number"), [(0, 1, 1), (0, 2, 2), (0, 16, 4), (1, 16, 1), (6, 2, 6)]
)
def test_one_a_core_and_at_most_four_unless_told_otherwise(monkeypatch, wanted, cores, number):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert count_processes(wanted) == number


def test_who_dies_young_is_replaced_later_each_time_and_who_dies_old_at_once(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    processes = Processes(2, [], lambda: None)
    waits = []
    for _ in range(9):
        processes._miss(Child(1, clock[0] - 1), 1)
        waits.append(processes._not_before - clock[0])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    processes._miss(Child(1, clock[0] - 31), -9)
    assert processes._not_before == clock[0]
