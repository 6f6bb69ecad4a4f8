"""A real ``feewatch serve`` beside a benchmark, and visits to it from another process."""

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from feewatch.bench.desk_visits import Answer, Visit, pay


@contextmanager
def served(home: Path) -> Iterator[int]:
    """The port on which a server of its own answers for the office."""
    config = str(home / "feewatch.toml")
    command = [sys.executable, "-m", "feewatch", "--config", config, "serve", "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().strip()
            yield int(address.rstrip("/").rpartition(":")[2])
        finally:
            server.terminate()


def pay_apart(port: int, visits: Sequence[Visit], rate: float) -> list[Answer]:
    """What visits brought that came from another process, so many a second."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        return pool.submit(pay, port, visits, rate).result()


def percentile(times: list[float], share: int) -> float:
    """The value that so many per cent do not exceed."""
    return times[max(ceil(len(times) * share / 100) - 1, 0)]
