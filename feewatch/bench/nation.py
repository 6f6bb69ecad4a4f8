"""From one office to the nation: the same book on four engines, and on twenty times the data.

An office of a million entries stands on SQLite and on PostgreSQL and is exported; each engine
judges it by itself in processes of its own, and what they find is compared row for row. Larger
data are the export taken as often as if other offices had sent theirs (``shifted``), judged in one
piece.
"""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from math import log
from pathlib import Path
from typing import NamedTuple

from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import COLUMNS, Size, list_schools
from feewatch.bench.postgres import Cluster, served_cluster
from feewatch.bench.shifted import take_often
from feewatch.bench.tree import Watch, command_of, run_watched
from feewatch.bootstrap import App, has_database, open_app
from feewatch.config import Config, DatabaseConfig
from feewatch.founding import initialise
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.extras import library
from feewatch.kernel.text import Text
from feewatch.services.check import exporting
from feewatch.services.check.recheck import Export, compare, open_export, recheck, start
from feewatch.services.check.rulebook import shipped_book
from feewatch.services.intake.matching import match_changed
from feewatch.store import bulk

TITLE = Text("从一区到全国", "From one district to the nation")
_ENTRIES, _INSTITUTIONS = 1_000_000, 2_000
_AS_OF: Day = parse_day("2026-07-31") or 0
#: Offices whose exports are judged in one piece.
_OFFICES = (5, 20)
_MOST_EXPONENT = 1.05
_THREADS = 2
#: What DuckDB may hold in memory; the rest lies on disk.
_MEMORY_MB = 4_000
_TWO_WORKERS, _ONE_WORKER = "local-cluster[2,1,2048]", "local-cluster[1,1,2048]"
_EXECUTOR = "CoarseGrainedExecutorBackend"
#: The bytes of the database, and the first process of the server.
_ABOUT_SERVER = """
    SELECT pg_database_size(current_database()),
           CAST(split_part(pg_read_file('postmaster.pid'), chr(10), 1) AS INTEGER)
    """
#: The run with which others are compared.
_OURS = "sqlite"
_ENGINES = ("SQLite", "PostgreSQL", "DuckDB", "Spark")


class _Judged(NamedTuple):
    """What an engine found, and what that took."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    findings: int
    findings_bytes: int
    differing: int  # rows that SQLite has not, or that it has alone
    sums: dict[str, list[int]]  # by rule, where there is nothing to compare with row for row


class _Runs:
    """Runs of engines, each kept until all are done: one that is broken off goes on from there."""

    def __init__(self, home: Path, book: str) -> None:
        self._home, self._kept = home, home / "runs" / book[:16]

    def judge(
        self, key: str, work: Callable[..., object], *arguments: object, beside: int | None = None,
        watch: Watch | None = None,
    ) -> _Judged:  # fmt: skip
        """What a run came to: that of before, or one that is made now."""
        kept, out = self._kept / f"{key}.json", self.found(key)
        if kept.exists():
            return _Judged(**json.loads(kept.read_bytes()))
        shutil.rmtree(out, ignore_errors=True)
        spent = run_watched(work, out, *arguments, beside=beside, watch=watch)
        is_growing = key.endswith("offices")
        has_other = not is_growing and key != _OURS
        differences = compare(self.found(_OURS), out) if has_other else []
        judged = _Judged(
            *spent, _findings_of(out), _bytes_of([out]),
            sum(each.here + each.there for each in differences),
            sums_of(out) if is_growing else {},
        )  # fmt: skip
        exporting.put_json(kept, judged._asdict())
        if key != _OURS:
            shutil.rmtree(out)
        return judged

    def found(self, key: str) -> Path:
        """Where a run leaves what it finds."""
        return self._home / f"found-{key}"

    def forget(self) -> None:
        """All are done: the next time everything is measured anew."""
        shutil.rmtree(self._home / "runs")
        shutil.rmtree(self.found(_OURS))
        shutil.rmtree(self._home / "shifted", ignore_errors=True)


def run(scale: float, folder: Path | None = None) -> Iterator[Figure]:
    """Four engines on one office, two of them on twenty. ``folder``: where the office is kept."""
    with tempfile.TemporaryDirectory() as passing:
        home = folder or Path(passing)
        left_out = _left_out()
        export = _make_export(home, scale)
        runs = _Runs(home, shipped_book().version)
        yield from _on_engines(home, scale, export, left_out, runs)
        yield from _growing(export, left_out, runs)
        runs.forget()


def _left_out() -> dict[str, str]:
    """Engines that cannot be tried here, and what is missing."""
    missing = {}
    if find_spec("psycopg") is None:
        missing["PostgreSQL"] = "psycopg"
    if find_spec("pyspark") is None:
        missing["Spark"] = "pyspark"
    elif shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        missing["Spark"] = "Java"
    return missing


def _make_export(home: Path, scale: float) -> Path:
    """The export of an office on SQLite, made where there is none yet by the rule book of now."""
    export = home / "export"
    manifest = export / exporting.MANIFEST
    told = json.loads(manifest.read_bytes()) if manifest.exists() else {}
    if told.get("rule_book") != shipped_book().version:
        config = Config(home / "sqlite")
        app = initialise(config) if has_database(config) else _make_office(config, scale)
        exporting.export_tables(app, export, _AS_OF, actor="bench")
        app.database.dispose()
    return export


def _make_office(config: Config, scale: float) -> App:
    app = initialise(config)
    size = Size.of_entries(int(_ENTRIES * scale), max(int(_INSTITUTIONS * scale), 2))
    with app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, list_schools(size, _AS_OF - 1))
    app.database.take_stock(everything=True)
    match_changed(app)
    app.database.take_stock(everything=True)
    return app


def _on_engines(
    home: Path, scale: float, export: Path, left_out: dict[str, str], runs: _Runs
) -> Iterator[Figure]:
    """The office by each engine, beside what its database finds on SQLite.

    ``left_out`` is told further what is missing.
    """
    entries = _entries_of(export)
    config = Config(home / "sqlite")
    ours = runs.judge(_OURS, judge_database, config)
    yield _cost_figure("SQLite", entries, ours, {"database_bytes": _bytes_of([config.var])})
    exported = {"export_bytes": _bytes_of([export / "tables"])}
    duckdb = runs.judge("duckdb", judge_export, "duckdb", export, 1, "", _MEMORY_MB)
    yield from _compared(f"DuckDB, {_THREADS} threads", entries, duckdb, exported)
    with served_cluster() as cluster:
        if cluster is None:
            left_out.setdefault("PostgreSQL", "initdb")
        if cluster is not None and "PostgreSQL" not in left_out:
            theirs, stored = _on_postgres(home, scale, cluster, runs)
            yield from _compared("PostgreSQL", entries, theirs, {"database_bytes": stored})
    if "Spark" not in left_out:
        yield from _on_spark(entries, export, runs, exported)
    missing = "".join(f"; {name} left out for want of {what}" for name, what in left_out.items())
    lacking = "".join(f"；{name} 未比，缺 {what}" for name, what in left_out.items())
    yield Figure(
        Text(f"参与比对的引擎{lacking}", f"Engines that judged the office{missing}"),
        len(_ENGINES) - len(left_out), "engines", Target("≥", len(_ENGINES)),
    )  # fmt: skip


def _on_postgres(home: Path, scale: float, cluster: Cluster, runs: _Runs) -> tuple[_Judged, int]:
    """What the office finds on PostgreSQL, and the bytes of its database."""
    shutil.rmtree(home / "postgres", ignore_errors=True)
    config = Config(home / "postgres", database=DatabaseConfig(cluster.new_database()))
    app = _make_office(config, scale)
    with app.database.reading() as tx:
        stored, server = tx.exec_driver_sql(_ABOUT_SERVER).one()
    app.database.dispose()
    judged = runs.judge("postgres", judge_database, config, beside=server)
    shutil.rmtree(home / "postgres")
    return judged, stored


def _on_spark(
    entries: int, export: Path, runs: _Runs, exported: dict[str, int]
) -> Iterator[Figure]:
    """Two workers, one of them killed in mid-run, and one alone."""
    two = runs.judge("spark", judge_export, "spark", export, 1, _TWO_WORKERS, 0)
    yield from _compared(f"Spark {_TWO_WORKERS}, two workers", entries, two, exported)
    killer = _Killer(runs.found("spark-killed"), len(list(runs.found(_OURS).glob("rule=*"))) // 3)
    killed = runs.judge(
        "spark-killed", judge_export, "spark", export, 1, _TWO_WORKERS, 0, watch=killer.look
    )
    name = f"Spark {_TWO_WORKERS}, one of two workers killed in mid-run"
    yield from _compared(name, entries, killed, exported)
    one = runs.judge("spark-one", judge_export, "spark", export, 1, _ONE_WORKER, 0)
    yield from _compared(f"Spark {_ONE_WORKER}, one worker", entries, one, exported)
    yield Figure(
        Text("Spark 两个工作进程对一个", "Spark: two workers against one"),
        one.seconds / two.seconds, "× as fast", None,
        {"two_seconds": two.seconds, "one_seconds": one.seconds,
         "two_cpu_seconds": two.cpu_seconds, "one_cpu_seconds": one.cpu_seconds,
         "cores": os.cpu_count() or 0, "load": os.getloadavg()[0]},
    )  # fmt: skip


class _Killer:
    """Kills a worker of Spark once so many rules are done."""

    def __init__(self, out: Path, rules: int) -> None:
        self._out, self._rules = out, rules
        self.killed: list[int] = []

    def look(self, processes: Sequence[int]) -> None:
        """Kill where it is time, once."""
        if self.killed or len(list(self._out.glob("rule=*"))) < self._rules:
            return
        workers = [pid for pid in processes if _EXECUTOR in command_of(pid)]
        if not workers and len(list(self._out.glob("rule=*"))) > 2 * self._rules:
            raise AssertionError("no worker of Spark was there to be killed")
        for pid in workers[:1]:
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)


def _growing(export: Path, left_out: dict[str, str], runs: _Runs) -> Iterator[Figure]:
    """Engines on files, on more and more offices, and how their time grows.

    Engine by engine, as they take minutes and hours: who breaks off has what was measured so far.
    """
    each = _entries_of(export)
    sums: dict[int, dict[str, dict[str, list[int]]]] = {offices: {} for offices in _OFFICES}
    for engine, name, master, memory_mb in (
        ("DuckDB", "duckdb", "", _MEMORY_MB),
        ("Spark", "spark", _TWO_WORKERS, 0),
    ):
        if engine in left_out:
            continue
        # the first office was judged beside the others
        taken = [(each, runs.judge(name, judge_export).cpu_seconds)]
        for offices in _OFFICES:
            files = _parts(_take_often(open_export(export), offices))
            judged = runs.judge(
                f"{name}-{offices}-offices", judge_export, name, export, offices, master, memory_mb
            )
            yield _cost_figure(
                f"{engine}, {offices} offices, one export with its keys shifted",
                offices * each, judged, {"export_bytes": _bytes_of(files)},
            )  # fmt: skip
            sums[offices][engine] = judged.sums
            yield from _same(offices * each, sums[offices])
            taken.append((offices * each, judged.cpu_seconds))
            yield _growth_figure(engine, taken)


def _same(entries: int, sums: dict[str, dict[str, list[int]]]) -> Iterator[Figure]:
    if len(sums) < 2:
        return
    first, second = sums.values()
    yield Figure(
        Text(f"{entries} 笔流水：两种引擎判定数或校验和不同的规则",
             f"{entries:,} entries: rules of which {' and '.join(sums)} differ in the number of "
             "findings or in the sum of their hashes"),
        sum(first[rule] != second[rule] for rule in first), "rules", Target("≤", 0),
        {"rules": len(first), "findings": sum(count for count, _ in first.values())},
    )  # fmt: skip


def _growth_figure(engine: str, taken: Sequence[tuple[int, float]]) -> Figure:
    """``taken``: entries and CPU seconds of each size, rising."""
    (fewest, least), (most, largest) = taken[0], taken[-1]
    return Figure(
        Text(f"{engine}：{fewest} 至 {most} 笔流水，CPU 用时随数据量增长的指数",
             f"{engine}: exponent of its CPU time from {fewest:,} to {most:,} entries"),
        log(largest / least) / log(most / fewest), "", Target("≤", _MOST_EXPONENT),
        {f"cpu_seconds_at_{entries}_entries": seconds for entries, seconds in taken},
    )  # fmt: skip


def _compared(engine: str, entries: int, judged: _Judged, more: dict[str, int]) -> Iterator[Figure]:
    """What an engine took, and the rows in which its findings differ from those of SQLite."""
    yield _cost_figure(engine, entries, judged, more)
    yield Figure(
        Text(f"{engine} 与 SQLite 不同的判定",
             f"{engine}: findings that differ from those of SQLite"),
        judged.differing, "rows", Target("≤", 0),
        {"entries": entries, "findings": judged.findings},
    )  # fmt: skip


def _cost_figure(engine: str, entries: int, judged: _Judged, more: dict[str, int]) -> Figure:
    names = "seconds", "cpu_seconds", "peak_mb", "findings", "findings_bytes"
    return Figure(
        Text(f"{engine}：整部规则库", f"{engine}: the whole book"),
        judged.cpu_seconds, "CPU s", None,
        {"entries": entries, **{name: getattr(judged, name) for name in names}, **more},
    )  # fmt: skip


def judge_database(out: Path, config: Config) -> None:
    """Write what an office's own database finds."""
    app = open_app(config)
    exporting.export_findings(app, out, _AS_OF, actor="bench")
    app.database.dispose()


def judge_export(
    out: Path, engine: str, folder: Path, offices: int, master: str, memory_mb: int
) -> None:
    """Write what an engine finds in an export taken as that of so many offices.

    ``memory_mb``: the most that DuckDB holds; 0 says nothing of it.
    """
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    export = _take_often(open_export(folder), offices)
    scratch = out.with_name(f".{out.name}.scratch")
    started = start(engine, scratch, threads=_THREADS, master=master, memory_mb=memory_mb or None)
    try:
        recheck(export, started, out, _AS_OF)
    finally:
        started.close()


def sums_of(folder: Path) -> dict[str, list[int]]:
    """Of each rule how many findings, and the sum of their hashes, which knows no order."""
    connection = library("duckdb", "scale").connect(config={"threads": 1})
    sums = {}
    for place in sorted(folder.glob("rule=*")):
        files = f"read_parquet('{place}/*.parquet', hive_partitioning = false)"
        row = connection.execute(
            f"SELECT COUNT(*), COALESCE(SUM(hash(each)::HUGEINT), 0) FROM {files} AS each"
        ).fetchone()
        sums[place.name] = [int(each) for each in row]
    connection.close()
    return sums


def _take_often(export: Export, offices: int) -> Export:
    libraries = library("duckdb", "scale"), library("pyarrow", "scale")
    return take_often(*libraries, export, offices, _shifted_folder(export.folder))


def _parts(export: Export) -> list[Path]:
    return [path for files in export.tables.values() for path in files]


def _shifted_folder(export: Path) -> Path:
    return export.with_name("shifted")


def _findings_of(folder: Path) -> int:
    parquet = library("pyarrow.parquet", "scale")
    return sum(parquet.read_metadata(path).num_rows for path in folder.rglob("*.parquet"))


def _entries_of(export: Path) -> int:
    parquet = library("pyarrow.parquet", "scale")
    return sum(
        parquet.read_metadata(path).num_rows
        for path in (export / "tables" / "entry").rglob("*.parquet")
    )


def _bytes_of(places: Sequence[Path]) -> int:
    files = [
        file for place in places for file in ([place] if place.is_file() else place.rglob("*"))
    ]
    return sum(file.stat().st_size for file in files if file.is_file())
