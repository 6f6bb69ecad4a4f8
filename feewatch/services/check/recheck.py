"""The rule book of an export over its tables, on DuckDB or Spark, away from any database."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Protocol

from feewatch.engine.book import RuleBook
from feewatch.engine.compiler import compile_rule, last_reads, law_rows
from feewatch.engine.holidays import lay_together
from feewatch.engine.law import lay_out, lay_out_prices
from feewatch.engine.loader import load_rule_book
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, format_day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.extras import library
from feewatch.kernel.gathering import gather
from feewatch.services.check.exporting import (
    BOOK,
    FINDINGS,
    FORMAT,
    MANIFEST,
    put_findings,
    require_empty,
)
from feewatch.store.check.checks import OFFICE
from feewatch.store.check.columnar import Columnar
from feewatch.store.check.engines import Engine
from feewatch.store.check.evaluation import Evaluator
from feewatch.store.check.on_spark import OnSpark, start_session
from feewatch.store.holdings import Tenure, linked

ENGINES = ("duckdb", "spark")
#: A manifest of a million parts is smaller.
_MOST_BYTES = 256 * 1024 * 1024
_LOADS = """
    SELECT institution_id AS id, COUNT(*) AS load
    FROM (SELECT institution_id FROM entry UNION ALL SELECT institution_id FROM lesson) AS row
    GROUP BY institution_id
    """
#: Rows that are shown of a difference; it is counted whole.
_SHOWN = 5


class FileEngine(Engine, Protocol):
    """An engine that reads and writes Parquet."""

    dialect: str
    #: Rows of statements and lessons whose institutions are judged at once; None: any number.
    part_load: int | None

    def read(self, table: str, files: Sequence[Path]) -> None:
        """Let a table be what files of Parquet hold."""

    def take(self, institutions: Collection[int]) -> None:
        """Let tables hold the rows of these institutions alone, where they are judged in parts."""

    def write(self, sql: str, folder: Path) -> None:
        """Add the rows of a SELECT to a folder of Parquet."""

    def close(self) -> None:
        """Let go of what was read."""


class Export(NamedTuple):
    """An export whose files are those that its manifest names."""

    folder: Path
    office: str
    as_of: Day
    book: RuleBook
    tables: dict[str, list[Path]]


class Disagreement(NamedTuple):
    """Findings of one rule that stand on one side alone."""

    rule: str
    here: int
    there: int
    shown: list[dict[str, Any]]


def open_export(folder: Path) -> Export:
    """An export, every byte of which is as it was written.

    Raises: InvalidInputError (RECHECK-MANIFEST, -PART, -BOOK) for anything else.
    """
    manifest = _read_json(folder / MANIFEST)
    try:
        tables = {
            name: [_part(folder, part["path"], part["sha256"]) for part in parts]
            for name, parts in manifest["tables"].items()
        }
        folders = sorted({file["folder"] for file in manifest["book"]})
        book = load_rule_book([folder / BOOK / str(int(n)) for n in folders], shipped=False)
        office, version = manifest["office"], manifest["rule_book"]
        as_of = parse_day(manifest["as_of"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise _no_manifest(folder / MANIFEST) from None
    if as_of is None or not (isinstance(office, str) and office.isdecimal()):
        raise _no_manifest(folder / MANIFEST)
    if book.version != version:
        raise InvalidInputError(
            "RECHECK-BOOK",
            f"{folder / BOOK} 与清单所载规则库 {version} 不符",
            f"{folder / BOOK} is not the rule book {version} of the manifest",
        )
    return Export(folder, office, as_of, book, tables)


def recheck(export: Export, engine: FileEngine, out: Path, as_of: Day) -> dict[str, int]:
    """Judge all institutions of an export; what was found is in a folder, counted by rule.

    Raises: ConflictError where the folder holds something.
    """
    require_empty(out)
    book = export.book
    for table, files in export.tables.items():
        engine.read(table, files)
    places = engine.rows("SELECT DISTINCT district FROM institution_fact")
    districts = {export.office, *(row["district"] for row in places)}
    prices = lay_out_prices(book.prices, districts)
    holidays = lay_together(book.holidays.values())
    laid = {rule: lay_out(rule, book.parameters, districts) for rule in book.rules.values()}
    rules = [
        (compile_rule(rule, book, variants, engine.dialect), law_rows(rule, book, variants, spans))
        for rule, (variants, spans) in laid.items()
    ]
    done = last_reads([compiled for compiled, _ in rules])
    parts = _parts(engine)
    for part in parts:
        if len(parts) > 1:
            engine.take(part)
        evaluator = Evaluator(engine, as_of, export.office, part, prices, holidays)
        for (compiled, law), facts in zip(rules, done, strict=True):
            evaluator.judge(compiled, law)
            engine.write(evaluator.findings(compiled), out / f"rule={compiled.rule.id}")
            evaluator.forget(facts)  # of a million entries they do not all fit
    return put_findings(out, book, as_of, engine.dialect)


def _parts(engine: FileEngine) -> list[frozenset[int]]:
    """All institutions and the office, as many at once as the engine holds in memory.

    In the order of their numbers, in which they lie in the files; those that successions tie to
    each other are judged together.
    """
    everyone = [int(row["id"]) for row in engine.rows("SELECT id FROM institution ORDER BY id")]
    if engine.part_load is None:
        return [frozenset({OFFICE, *everyone})]
    loads = {int(row["id"]): int(row["load"]) for row in engine.rows(_LOADS)}
    tenures = [
        Tenure(row["institution_id"], row["holder_id"], FIRST_DAY, LAST_DAY)
        for row in engine.rows("SELECT DISTINCT institution_id, holder_id FROM holding")
    ]
    alone = {*everyone} - {key for tenure in tenures for key in tenure[:2]}
    units = dict.fromkeys(
        frozenset({each} if each in alone else linked([each], tenures)) for each in everyone
    )
    return list(gather([frozenset({OFFICE}), *units], loads, engine.part_load))


def start(
    name: str,
    scratch: Path,
    *,
    threads: int = 1,
    master: str = "local[*]",
    memory_mb: int | None = None,
) -> FileEngine:
    """An engine by its name: DuckDB with so many threads, or Spark at a master.

    ``scratch``: a folder that is not there yet, seen by all workers of Spark, for what it keeps.
    ``memory_mb``: the most that DuckDB holds, the rest lies in ``scratch``; Spark's workers have
    what its master gives them.

    Raises: UnavailableError where what it needs is not installed or does not come up.
    """
    arrow = library("pyarrow", "scale")
    if name == "spark":
        library("pyarrow.parquet", "scale")
        return OnSpark(start_session(library("pyspark.sql", "spark"), master), arrow, scratch)
    columnar = Columnar(library("duckdb", "scale"), arrow, threads)
    if memory_mb is not None:
        columnar.bound(memory_mb, scratch)
    return columnar


def require_comparable(there: Path, book: RuleBook, as_of: Day) -> None:
    """Refuse findings with which those by a book for a day cannot be compared.

    Raises: InvalidInputError (RECHECK-MANIFEST, RECHECK-OTHER), UnavailableError where what
    compares is not installed.
    """
    ours = {"rule_book": book.version, "as_of": format_day(as_of)}
    _require_alike(ours, _read_findings(there))
    library("duckdb", "scale")


def compare(here: Path, there: Path) -> list[Disagreement]:
    """What two folders of findings do not share, by rule; nothing where they are equal.

    Raises: InvalidInputError where one is no folder of findings, or they were judged by different
    books or for different days.
    """
    ours, theirs = _read_findings(here), _read_findings(there)
    _require_alike(ours, theirs)
    duckdb = library("duckdb", "scale").connect()
    rules = sorted({*ours["rules"], *theirs["rules"]})
    compared = (_compare_rule(duckdb, rule, here, there) for rule in rules)
    differences = [each for each in compared if each.here or each.there]
    duckdb.close()
    return differences


def _read_findings(folder: Path) -> dict[str, Any]:
    """What a folder says of its findings, each of which is there.

    Raises: InvalidInputError (RECHECK-MANIFEST).
    """
    told = _read_json(folder / FINDINGS)
    if not isinstance(told.get("rules"), dict):
        raise _no_manifest(folder / FINDINGS)
    for rule in told["rules"]:
        _files(folder / f"rule={rule}")
    return told


def _require_alike(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    for name in ("rule_book", "as_of"):
        if ours.get(name) != theirs.get(name):
            raise InvalidInputError(
                "RECHECK-OTHER",
                f"两处判定的依据不同：{name} 为 {ours.get(name)} 与 {theirs.get(name)}",
                f"judged otherwise: {name} is {ours.get(name)} here, {theirs.get(name)} there",
            )


def _compare_rule(duckdb: Any, rule: str, here: Path, there: Path) -> Disagreement:
    """Rows of one side alone, counted as often as they stand there."""
    sides = [
        f"SELECT * FROM read_parquet({_files(folder / f'rule={rule}')}, hive_partitioning = false)"
        for folder in (here, there)
    ]
    only = [f"({ours} EXCEPT ALL {theirs})" for ours, theirs in (sides, sides[::-1])]
    counts = [duckdb.execute(f"SELECT COUNT(*) FROM {each}").fetchone()[0] for each in only]
    shown: list[dict[str, Any]] = []
    for side, rows in zip(("here", "there"), only, strict=True):
        result = duckdb.execute(f"SELECT * FROM {rows} ORDER BY ALL LIMIT {_SHOWN}")
        names = [column[0] for column in result.description]
        shown += [{"side": side, **dict(zip(names, row, strict=True))} for row in result.fetchall()]
    return Disagreement(rule, counts[0], counts[1], shown)


def _files(folder: Path) -> str:
    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise _no_manifest(folder)
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"


def _part(folder: Path, path: str, sha256: str) -> Path:
    """A part that is the one named.

    Raises: InvalidInputError (RECHECK-PART).
    """
    parts = PurePosixPath(path)
    whole = folder / parts
    strays = parts.is_absolute() or ".." in parts.parts or "\0" in path
    if strays or not whole.is_file():
        raise InvalidInputError("RECHECK-PART", f"缺少文件 {path}", f"no file {path}")
    with whole.open("rb") as content:
        present = hashlib.file_digest(content, "sha256").hexdigest()
    if present != sha256:
        raise InvalidInputError(
            "RECHECK-PART", f"{path} 与清单不符", f"{path} is not what the manifest says"
        )
    return whole


def _read_json(path: Path) -> dict[str, Any]:
    try:
        # neither a device, which never ends, nor what is no list of files
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            raise _no_manifest(path)
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise _no_manifest(path) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _no_manifest(path)
    return content


def _no_manifest(path: Path) -> InvalidInputError:
    return InvalidInputError(
        "RECHECK-MANIFEST",
        f"{path} 不是本版本可读的导出",
        f"{path} is no export that this version reads",
    )
