"""What goes on beside the visits of a benchmark: checks in processes of their own, memory."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from feewatch.bench.desk_office import config_of


def begin_check(home: Path) -> "subprocess.Popen[bytes]":
    """A full check of an office, in a process of its own."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "feewatch", "--config", str(config_of(home)), "check", "--full"],
        stdout=subprocess.DEVNULL,
    )


class Checks:
    """Full checks, one after the other."""

    def __init__(self) -> None:
        self.seconds: list[float] = []  # of each that ended by itself
        self.failed = 0
        self.is_first_done = threading.Event()

    def go_on(self, home: Path, stop: threading.Event) -> None:
        """Check until told to stop; the one at work is then ended."""
        while not stop.is_set():
            begun, check = time.monotonic(), begin_check(home)
            while check.poll() is None and not stop.wait(0.05):
                pass
            if check.poll() is None:
                check.terminate()
                check.wait()
                return
            self.seconds.append(time.monotonic() - begun)
            self.failed += check.returncode != 0
            self.is_first_done.set()


@contextmanager
def checking(home: Path) -> Iterator[Checks]:
    """Full checks of an office while the block goes on."""
    checks, stop = Checks(), threading.Event()
    worker = threading.Thread(target=checks.go_on, args=(home, stop))
    worker.start()
    try:
        yield checks
    finally:
        stop.set()
        worker.join()


def megabytes_of(pid: int) -> float:
    """The memory of a process and of those that it has begun, what they share counted once."""
    kilobytes = 0
    for process in (pid, *_children_of(pid)):
        try:
            told = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        except OSError:  # it has ended meanwhile
            continue
        kilobytes += next(int(line.split()[1]) for line in told.splitlines() if "Pss:" in line)
    return kilobytes / 1024


def _children_of(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(each) for each in told.split()]


def quarters(values: Sequence[float]) -> tuple[float, float]:
    """The means of the second and of the last quarter of what was seen in the course of time."""
    part = max(len(values) // 4, 1)
    early, late = values[part : 2 * part] or values, values[-part:]
    return sum(early) / len(early), sum(late) / len(late)
