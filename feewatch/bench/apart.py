"""Runs a piece of work in a process of its own: its memory is its own, and so is its rubbish."""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bench.timing import seconds_of


class Run(NamedTuple):
    """What a piece of work took."""

    seconds: float
    peak_mb: float  # of the whole process, the interpreter included
    cpu_seconds: float = 0.0  # of the processors, whatever else the machine does


def run_apart(work: Callable[..., object], *arguments: Any) -> Run:
    """Run a function of a module with these arguments in a fresh process."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        return pool.submit(_measured, work, *arguments).result()


def _measured(work: Callable[..., object], *arguments: Any) -> Run:
    begun = time.process_time()
    seconds = seconds_of(lambda: work(*arguments))
    return Run(seconds, _peak_mb(), time.process_time() - begun)


def _peak_mb() -> float:
    """The most memory this process held at once; without /proc that of its forebears counts too."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 2**10
