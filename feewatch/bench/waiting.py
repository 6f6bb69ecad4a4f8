"""How long people and programs wait while an office of thousands is checked as a whole.

A real ``feewatch serve`` answers; programs hand in files and officers look at pages from processes
of their own, while ``feewatch check --full`` is at work in another, begun again where it ends. On
SQLite, and on a PostgreSQL of one's own where the machine has one.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from feewatch.bench.desk_office import (
    ALERTS,
    ENTRIES,
    give_token,
    open_office,
    prepare,
    size_of,
)
from feewatch.bench.desk_visits import PAGES, Answer, list_kinds, list_visits, log_in
from feewatch.bench.figures import Figure, Target
from feewatch.bench.postgres import served_cluster
from feewatch.bench.served import pay_apart, paying, percentile, served
from feewatch.bench.uploading import Uploads, uploading
from feewatch.bench.watching import Checks, checking
from feewatch.kernel.text import Text

TITLE = Text("全量检查期间的等待", "Waiting during a full check")
_RATE, _PROGRAMS, _SECONDS, _LEAST_SECONDS = 20, 10, 60, 1
_MOST_UPLOAD_SECONDS, _MOST_PAGE_MS = 2, 150
#: Of so many seconds each: load goes on until one check was there from its beginning to its end.
_MOST_WINDOWS = 15
#: As docs/deploy/postgresql.md sets a server up, with less memory than it grants one of its own.
_GUIDE = (
    "-c shared_buffers=1GB -c effective_cache_size=4GB -c max_wal_size=4GB "
    "-c work_mem=64MB -c temp_buffers=64MB"
)
_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


class _Seen(NamedTuple):
    """What came of the visits and files of one database."""

    pages: list[Answer]
    files: list[Answer]
    checks: Checks
    seconds: float
    load: float


def run(scale: float, folder: Path | None = None) -> Iterator[Figure]:
    """Files, pages and errors on each database. ``folder``: where the office on SQLite is kept."""
    with tempfile.TemporaryDirectory() as passing:
        home = folder or Path(passing) / "sqlite"
        yield from _figures("sqlite", scale, *_measure(home, scale))
        with served_cluster(_GUIDE) as cluster:
            if cluster is None:
                yield Figure(Text("PostgreSQL：本机没有，略去", "PostgreSQL: none here, left out"))
                return
            measured = _measure(Path(passing) / "postgres", scale, cluster.new_database())
            yield from _figures("postgres", scale, *measured)


def _measure(home: Path, scale: float, url: str = "") -> tuple[int, _Seen]:
    """How many institutions there are, and what was seen."""
    codes = prepare(home, size_of(scale), int(ALERTS * scale), url)
    app = open_office(home)
    token = give_token(app)
    app.database.dispose()
    seconds = max(_SECONDS * scale, _LEAST_SECONDS)
    pages: list[Answer] = []
    files: list[Answer] = []
    windows, load = 0, os.getloadavg()[0]
    visits = list_visits(codes, max(int(_RATE * seconds), len(PAGES)))
    with served(home) as site:
        pay_apart(site.port, list_kinds(codes), _RATE)  # templates, statements: translated once
        known = log_in(site.port, visits)
        with checking(home) as checks:
            while windows < _MOST_WINDOWS and not (windows and checks.is_first_done.is_set()):
                uploads = Uploads(_PROGRAMS, seconds, len(codes))
                with (
                    uploading(site.port, token, uploads) as sent,
                    paying(site.port, visits, _RATE, known) as paid,
                ):
                    pages += paid.result()
                    files += sent.result()
                windows += 1
    return len(codes), _Seen(pages, files, checks, windows * seconds, load)


def _figures(database: str, scale: float, institutions: int, seen: _Seen) -> Iterator[Figure]:
    name = _NAMES[database]
    sent = sorted(each.seconds for each in seen.files)
    yield Figure(
        Text(f"{name}：上传，第 99 百分位", f"{name}: uploads, 99th percentile"),
        percentile(sent, 99), "s", Target("≤", _MOST_UPLOAD_SECONDS),
        {"p50_s": percentile(sent, 50), "p95_s": percentile(sent, 95), "longest_s": sent[-1],
         "files": len(sent), "programs": _PROGRAMS, "files_per_second": len(sent) / seen.seconds},
    )  # fmt: skip
    looked = sorted(1000 * each.seconds for each in seen.pages)
    by_page = {
        f"p95_ms_{page}": percentile(
            sorted(1000 * each.seconds for each in seen.pages if each.page == page), 95
        )
        for page in PAGES
    }
    yield Figure(
        Text(f"{name}：页面，第 95 百分位", f"{name}: pages, 95th percentile"),
        percentile(looked, 95), "ms", Target("≤", _MOST_PAGE_MS),
        {"p50_ms": percentile(looked, 50), "p99_ms": percentile(looked, 99),
         "longest_ms": looked[-1], "requests": len(looked), "requests_per_second": _RATE}
        | by_page,
    )  # fmt: skip
    answers = seen.pages + seen.files
    yield Figure(
        Text(f"{name}：出错的请求", f"{name}: requests that failed"),
        sum(not 200 <= each.status < 300 for each in answers), "requests", Target("≤", 0),
        {"requests": len(answers), "seconds": seen.seconds,
         **{f"status_{status}": sum(each.status == status for each in answers)
            for status in sorted({each.status for each in answers})},
         "checks_ended": len(seen.checks.seconds), "checks_failed": seen.checks.failed,
         **({"first_check_seconds": seen.checks.seconds[0]} if seen.checks.seconds else {}),
         "institutions": institutions, "entries": int(ENTRIES * scale),
         "alerts": int(ALERTS * scale), "load_before": seen.load},
    )  # fmt: skip
