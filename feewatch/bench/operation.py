"""Half an hour of an office at work on one machine: people, programs, files that come, a check.

A real ``feewatch serve`` answers; visits and files come from another process at a steady pace; in
the midst ``feewatch check --full`` judges everything in a process of its own. Told are what failed,
how long who writes waited, and whether the memory of the server stays as it is.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from itertools import cycle
from pathlib import Path
from random import Random
from typing import NamedTuple

from feewatch.bench.desk_office import give_token, open_office, prepare
from feewatch.bench.desk_visits import Answer, Visit, list_visits, log_in
from feewatch.bench.desk_world import OFFICE, PROGRAM
from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import Size
from feewatch.bench.served import paying, percentile, served
from feewatch.bench.uploading import statement
from feewatch.bench.watching import begin_check, megabytes_of, quarters
from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.store.tables import metadata

TITLE = Text("半小时混合负载，其间全量检查", "Half an hour of mixed load, with a full check")
_ALERTS, _ENTRIES, _INSTITUTIONS = 5_000, 50_000, 100
_RATE, _SECONDS, _LEAST_SECONDS = 8, 1800, 20
_MOST_MS, _MOST_WAIT_SECONDS, _MOST_GROWTH = 500, 2, 1.1
#: So often the memory is looked at, in parts of the whole time.
_LOOKS = 180
#: Of so many visits in turn: pages of the desk, of anybody, answers to programs, files, notes.
_SHARES = {"desk": 14, "public": 2, "api": 2, "file": 1, "note": 1}
_WRITERS = ("file", "note")


class Watched(NamedTuple):
    """What was seen beside the visits."""

    megabytes: list[float]  # of all processes of the server, in the order of time
    check_seconds: float
    check_code: int


def run(scale: float, folder: Path | None = None) -> Iterator[Figure]:
    """What failed, pages and writers, memory, the check. ``folder``: where the office is kept."""
    seconds = max(_SECONDS * scale, _LEAST_SECONDS)
    with tempfile.TemporaryDirectory() as passing:
        home = folder or Path(passing)
        size = Size.of_entries(int(_ENTRIES * scale), max(int(_INSTITUTIONS * scale), 2))
        codes = prepare(home, size, int(_ALERTS * scale))
        app = open_office(home)
        token = give_token(app)
        visits = _list_visits(app, codes, int(_RATE * seconds))
        app.database.dispose()
        with (
            served(home) as site,
            paying(site.port, visits, _RATE, log_in(site.port, visits, {PROGRAM: token})) as paid,
        ):
            watched = _watch(site.pid, home, paid, seconds)
            answers = paid.result()
    yield from _figures(answers, watched, seconds)


def _list_visits(app: App, codes: Sequence[str], number: int) -> list[Visit]:
    """As many visits, their kinds by turns and evenly among each other."""
    rng, day = Random(17), today()  # noqa: S311 - no secret is made of it
    case_file = metadata.tables["case_file"]
    with app.database.reading() as tx:
        cases = [row.number for row in tx.execute(case_file.select())]
    desk = iter(list_visits(codes, number))
    kinds = [kind for kind, share in _SHARES.items() for _ in range(share)]
    rng.shuffle(kinds)
    turns = cycle(kinds)
    return [_visit(next(turns), place, desk, codes, cases, rng, day) for place in range(number)]


def _visit(
    kind: str, place: int, desk: Iterator[Visit], codes: Sequence[str], cases: Sequence[str],
    rng: Random, day: Day,
) -> Visit:  # fmt: skip
    match kind:
        case "desk":
            return next(desk)
        case "public":
            return Visit(kind, kind, "", rng.choice(("/", f"/?district={OFFICE}", "/charge")))
        case "api":
            address = rng.choice(("/api/v1/matters", "/api/v1/alerts?status=open"))
            return Visit(kind, kind, PROGRAM, address)
        case "note" if not cases:  # of a small world
            return next(desk)
        case "note":
            number = rng.choice(cases)
            return Visit(kind, kind, "officer", f"/desk/cases/{number}/notes", f"reason=n{place}")
        case _:
            content = statement(rng.randrange(len(codes)) + 1, place, day)
            return Visit(kind, kind, PROGRAM, f"/api/v1/statements?name={place}.csv", content)


def _watch(pid: int, home: Path, paid: "Future[list[Answer]]", seconds: float) -> Watched:
    """Look at the server's memory until all visits are paid, and check in the midst."""
    begun, megabytes = time.monotonic(), []
    check: subprocess.Popen[bytes] | None = None
    check_begun = check_seconds = 0.0
    while not paid.done():
        time.sleep(seconds / _LOOKS)
        megabytes.append(megabytes_of(pid))
        now = time.monotonic()
        if check is None and now - begun > seconds / 3:
            check, check_begun = begin_check(home), now
        if check is not None and not check_seconds and check.poll() is not None:
            check_seconds = now - check_begun
    if check is None:
        check, check_begun = begin_check(home), time.monotonic()
    code = check.wait()
    return Watched(megabytes, check_seconds or time.monotonic() - check_begun, code)


def _figures(answers: Sequence[Answer], watched: Watched, seconds: float) -> Iterator[Figure]:
    failed = sum(not 200 <= answer.status < 400 for answer in answers)
    yield Figure(
        Text("出错的请求", "requests that failed"), failed, "requests", Target("≤", 0),
        {"requests": len(answers), "seconds": seconds, "requests_per_second": _RATE,
         **{f"status_{status}": sum(answer.status == status for answer in answers)
            for status in sorted({answer.status for answer in answers})},
         "load": os.getloadavg()[1]},
    )  # fmt: skip
    read = sorted(1000 * each.seconds for each in answers if each.page not in _WRITERS)
    yield Figure(
        Text("读取：第 95 百分位", "reading: 95th percentile"), percentile(read, 95), "ms",
        Target("≤", _MOST_MS),
        {"p50_ms": percentile(read, 50), "p99_ms": percentile(read, 99), "requests": len(read)},
    )  # fmt: skip
    written = sorted(each.seconds for each in answers if each.page in _WRITERS)
    yield Figure(
        Text("写入：最久的等待", "writing: the longest wait"), written[-1], "s",
        Target("≤", _MOST_WAIT_SECONDS),
        {"p50_s": percentile(written, 50), "p95_s": percentile(written, 95),
         "requests": len(written)},
    )  # fmt: skip
    early, late = quarters(watched.megabytes)
    yield Figure(
        Text("内存：最后四分之一与第二个四分之一之比", "memory: last quarter by second"),
        late / early, "×", Target("≤", _MOST_GROWTH),
        {"early_mb": early, "late_mb": late, "most_mb": max(watched.megabytes)},
    )  # fmt: skip
    yield Figure(
        Text("其间的全量检查", "the full check in its midst"), watched.check_seconds, "s", None,
        {"exit_code": watched.check_code},
    )  # fmt: skip
