"""Memory of a server over many requests, and what a night without news adds to the database.

A real ``feewatch serve`` answers two clients as fast as they get their answers, every kind of page
among them. Its memory is looked at all the while: what grows with requests would not end growing.
"""

import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

from feewatch.bench.desk_office import ALERTS, ENTRIES, open_office, prepare, size_of
from feewatch.bench.desk_visits import Answer, Visit, list_kinds, list_visits, log_in
from feewatch.bench.figures import Figure, Target
from feewatch.bench.nights import list_growth
from feewatch.bench.page_kinds import PageKind, list_page_kinds
from feewatch.bench.served import pay_apart, paying, served
from feewatch.bench.watching import megabytes_of, quarters
from feewatch.kernel.text import Text
from feewatch.services.lists.keys import ensure_signing_key

TITLE = Text("服务器内存与数据库增长", "Memory of the server, growth of the database")
_REQUESTS, _LEAST_REQUESTS, _CLIENTS = 20_000, 60, 2
#: One of so many requests is for another kind of page than those people look at all day.
_OTHERS = 10
_MOST_GROWTH, _MOST_STATEMENTS, _MOST_BYTES = 1.1, 25, 10_000
_LOOK_SECONDS, _LEAST_LOOKS = 0.25, 8
#: The first days are those in which the looks of a day gather; after them nothing may grow.
_NIGHTS, _FIRST_NIGHTS, _MOMENTS, _LEAST_MOMENTS = 6, 2, 1440, 24
#: So many of the pages that ask most stand beside the one that asks most of all.
_SHOWN = 8


def run(scale: float, folder: Path | None = None) -> Iterator[Figure]:
    """Memory, errors, statements, growth. ``folder``: where the office is kept."""
    with tempfile.TemporaryDirectory() as passing:
        home = folder or Path(passing)
        codes = prepare(home, size_of(scale), int(ALERTS * scale))
        app = open_office(home)
        ensure_signing_key(app)
        kinds = list_page_kinds(app, codes)
        app.database.dispose()
        visits = _mixed(codes, kinds, max(int(_REQUESTS * scale), _LEAST_REQUESTS))
        answers, megabytes = _serve(home, list_kinds(codes), visits)
        yield from _memory(answers, megabytes, len(kinds), len(codes), scale)
        yield from _costs(kinds)
        app = open_office(home)
        moments = max(int(_MOMENTS * scale), _LEAST_MOMENTS)
        growth = list_growth(app, _NIGHTS, moments)[_FIRST_NIGHTS - 1 :]
        app.database.dispose()
    yield Figure(
        Text("数据库：无新数据的一夜最多增长", "database: what a night without news adds"),
        max(growth), "bytes", Target("≤", _MOST_BYTES),
        {"nights": len(growth), "bytes_of_all_nights": sum(growth), "moments_a_day": moments},
    )  # fmt: skip


def _mixed(codes: Sequence[str], kinds: Sequence[PageKind], number: int) -> list[Visit]:
    """The pages of all day, and among them one of another kind after every few."""
    others = cycle([kind.visit for kind in kinds])
    usual = iter(list_visits(codes, number))
    return [next(usual) if place % _OTHERS else next(others) for place in range(number)]


def _serve(
    home: Path, first: Sequence[Visit], visits: Sequence[Visit]
) -> tuple[list[Answer], list[float]]:
    """What the visits brought, and the memory of the server all the while."""
    megabytes: list[float] = []
    with served(home) as site:
        pay_apart(site.port, first, _CLIENTS)  # templates, statements: translated once
        known = log_in(site.port, visits)
        with paying(site.port, visits, math.inf, known, _CLIENTS) as paid:
            while not paid.done() or len(megabytes) < _LEAST_LOOKS:
                time.sleep(_LOOK_SECONDS)
                megabytes.append(megabytes_of(site.pid))
            return paid.result(), megabytes


def _memory(
    answers: Sequence[Answer], megabytes: Sequence[float], kinds: int, institutions: int,
    scale: float,
) -> Iterator[Figure]:  # fmt: skip
    early, late = quarters(megabytes)
    yield Figure(
        Text("内存：最后四分之一与第二个四分之一之比", "memory: last quarter by second"),
        late / early, "×", Target("≤", _MOST_GROWTH),
        {"early_mb": early, "late_mb": late, "first_mb": megabytes[0],
         "most_mb": max(megabytes), "requests": len(answers), "kinds_of_pages": kinds,
         "institutions": institutions, "entries": int(ENTRIES * scale),
         "alerts": int(ALERTS * scale)},
    )  # fmt: skip
    yield Figure(
        Text("出错的请求", "requests that failed"),
        sum(answer.status != 200 for answer in answers), "requests", Target("≤", 0),
        {f"status_{status}": sum(answer.status == status for answer in answers)
         for status in sorted({answer.status for answer in answers})},
    )  # fmt: skip


def _costs(kinds: Sequence[PageKind]) -> Iterator[Figure]:
    most = sorted(kinds, key=lambda kind: -kind.statements)
    yield Figure(
        Text("每个请求的 SQL 语句，最多的页面", "statements of a request, the page with most"),
        most[0].statements, "statements", Target("≤", _MOST_STATEMENTS),
        {kind.visit.address: kind.statements for kind in most[:_SHOWN]},
    )  # fmt: skip
    dear = sorted(kinds, key=lambda kind: -kind.cpu_ms)
    yield Figure(
        Text("每个请求的处理器时间，最多的页面", "processor time of a request, the page with most"),
        dear[0].cpu_ms, "CPU ms", None,
        {kind.visit.address: kind.cpu_ms for kind in dear[:_SHOWN]},
    )  # fmt: skip
