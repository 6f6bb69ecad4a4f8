"""Runs a piece of work in a process of its own and watches it with all processes that it begins.

A session of Spark is three programs at least, and PostgreSQL a server beside: time and memory of
the first process alone would tell little. Needs /proc, which Linux has.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_LOOK_SECONDS = 0.2
#: Adding up memory costs more than reading clocks.
_LOOKS_A_WEIGHING = 5
_TICKS = os.sysconf("SC_CLK_TCK")


class Spent(NamedTuple):
    """What a piece of work took, with all processes that it began."""

    seconds: float
    cpu_seconds: float
    peak_mb: float  # of all at once, what they share counted once


class _Clock(NamedTuple):
    parent: int
    seconds: float


Watch = Callable[[Sequence[int]], None]


def run_watched(
    work: Callable[..., object], *arguments: Any, beside: int | None = None,
    watch: Watch | None = None,
) -> Spent:  # fmt: skip
    """Run a function of a module with these arguments in a fresh process.

    ``beside``: a server that works for it; what it does meanwhile is counted too.
    ``watch``: is told the processes at each look.

    Raises: RuntimeError where the process fails.
    """
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    before = {pid: clock.seconds for pid, clock in _clocks().items()}
    begun, looks, peak_mb = time.perf_counter(), 0, 0.0
    spent: dict[int, float] = {}
    process.start()
    assert process.pid is not None
    roots = [process.pid] if beside is None else [process.pid, beside]
    try:
        while process.is_alive():
            clocks = _clocks()
            family = _family(clocks, roots)
            spent |= {pid: clocks[pid].seconds - before.get(pid, 0.0) for pid in family}
            if looks % _LOOKS_A_WEIGHING == 0:
                peak_mb = max(peak_mb, sum(map(_megabytes, family)))
            if watch is not None:
                watch(family)
            looks += 1
            process.join(_LOOK_SECONDS)
    finally:
        process.terminate()  # where it was broken off
    seconds = time.perf_counter() - begun
    if process.exitcode != 0:
        raise RuntimeError(f"{work.__name__} ended with {process.exitcode}")
    return Spent(seconds, sum(spent.values()), peak_mb)


def command_of(pid: int) -> str:
    """The command line of a process; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


def _clocks() -> dict[int, _Clock]:
    """All processes of the machine that still are: parent, and processor seconds so far."""
    clocks = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdecimal():
            continue
        try:
            told = Path(entry.path, "stat").read_text(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        # the name stands in brackets and may hold anything
        fields = told.rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        clocks[int(entry.name)] = _Clock(int(fields[1]), ticks / _TICKS)
    return clocks


def _family(clocks: dict[int, _Clock], roots: Sequence[int]) -> list[int]:
    """Some processes and all that descend from them."""
    children: dict[int, list[int]] = {}
    for pid, clock in clocks.items():
        children.setdefault(clock.parent, []).append(pid)
    family = [pid for pid in roots if pid in clocks]
    for pid in family:  # grows while it is gone through
        family += children.get(pid, [])
    return family


def _megabytes(pid: int) -> float:
    """The memory of a process, of what it shares its part alone."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    line = next((each for each in told.splitlines() if each.startswith("Pss:")), "Pss: 0 kB")
    return int(line.split()[1]) / 1024
