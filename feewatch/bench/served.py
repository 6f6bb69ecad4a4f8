"""A real ``feewatch serve`` beside a benchmark, and visits to it from another process."""

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import NamedTuple

from feewatch.bench.desk_visits import WORKERS, Answer, LogIn, Visit, log_in, pay


class Served(NamedTuple):
    """A server that answers: where, and its first process."""

    port: int
    pid: int


@contextmanager
def served(home: Path) -> Iterator[Served]:
    """A server of its own for the office."""
    config = str(home / "feewatch.toml")
    command = [sys.executable, "-m", "feewatch", "--config", config, "serve", "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().strip()
            yield Served(int(address.rstrip("/").rpartition(":")[2]), server.pid)
        finally:
            server.terminate()


@contextmanager
def paying(
    port: int, visits: Sequence[Visit], rate: float, known: Mapping[str, LogIn],
    clients: int = WORKERS,
) -> Iterator[Future[list[Answer]]]:  # fmt: skip
    """Visits that come from another process while the block goes on, as ``pay`` has them."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        yield pool.submit(pay, port, visits, rate, known, clients)


def pay_apart(port: int, visits: Sequence[Visit], rate: float) -> list[Answer]:
    """What visits brought that came from another process, so many a second."""
    with paying(port, visits, rate, log_in(port, visits)) as paid:
        return paid.result()


def percentile(times: list[float], share: int) -> float:
    """The value that so many per cent do not exceed."""
    return times[max(ceil(len(times) * share / 100) - 1, 0)]
