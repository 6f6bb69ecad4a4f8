"""What rules read, and what they find, as Parquet: for judging again elsewhere, at any size.

An export holds payers and memos in clear, as rules read them: it is for the owner of the database.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, TypeVar

from feewatch import __version__
from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.extras import library
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.law_history import list_book_files
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.store import audit, state
from feewatch.store.check import checks
from feewatch.store.check.column_view import viewing_columns
from feewatch.store.check.parquet import (
    TABLES,
    Arrow,
    is_table,
    write_findings,
    write_table,
)
from feewatch.store.database import Database, Transaction

#: The form of an export; a later one that reads otherwise has another number.
FORMAT = 1
MANIFEST = "manifest.json"
FINDINGS = "findings.json"
BOOK = "book"
#: How often a moment is looked for at which all is matched: each time less is left to match.
_TRIES = 3
_Moment = TypeVar("_Moment")


class Exported(NamedTuple):
    """What an export came to."""

    folder: Path
    rule_book: str
    rows: int
    parts: int
    written: int  # parts that were not there before

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        return {**self._asdict(), "folder": str(self.folder)}


def load_arrow() -> Arrow:
    """The library of Arrow and Parquet.

    Raises: UnavailableError where the extra ``scale`` is not installed.
    """
    return Arrow(library("pyarrow", "scale"), library("pyarrow.parquet", "scale"))


def tables_read(book: RuleBook) -> list[str]:
    """The tables that the facts of a book read."""
    names = {name for fact in book.facts.values() for name in fact.uses}
    return sorted(name for name in names if is_table(name))


def export_tables(app: App, folder: Path, as_of: Day, *, actor: str) -> Exported:
    """Write all that rules read, of one moment, and the rule book; the manifest comes last.

    All rows are read each time. Parts of an earlier export that still hold are left as they are;
    others that its manifest names are removed, as are its files of the rule book.

    Raises: ConflictError where another process writes there, or matching is behind.
    """
    arrow = load_arrow()
    with _alone(folder):
        book = rule_book(app)
        before = _list_before(folder, TABLES)
        present = set((folder / TABLES).rglob("*.parquet"))
        with _matched(app, viewing_columns, lambda view: view.tx) as view:
            tables = {name: write_table(view, arrow, name, folder) for name in tables_read(book)}
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "office": app.config.office.district,
            "at": timestamp(),
            "as_of": format_day(as_of),
            "rule_book": book.version,
            "book": _write_book(app, folder),
            "tables": {name: [part._asdict() for part in parts] for name, parts in tables.items()},
        }
        put_json(folder / MANIFEST, manifest)
        parts = [part for group in tables.values() for part in group]
        kept = {folder / part.path for part in parts}
        for path in before - kept:
            path.unlink()
    done = Exported(
        folder, book.version, sum(part.rows for part in parts), len(parts), len(kept - present)
    )
    with app.database.transaction() as tx:
        audit.record(tx, actor, "parquet exported", str(folder), done.as_json())
    return done


def export_findings(app: App, folder: Path, as_of: Day, *, actor: str) -> dict[str, int]:
    """Write what the rules find here, as a recheck elsewhere writes it; findings by rule.

    Raises: ConflictError where the folder holds something, another process writes there, or
    matching is behind.
    """
    arrow = load_arrow()
    with _alone(folder):
        require_empty(folder)
        book = rule_book(app)
        with _matched(app, Database.reading, lambda tx: tx) as tx:
            everyone = {*checks.list_institutions(tx), checks.OFFICE}
            office = app.config.office.district
            evaluation = Evaluation(tx, app.database.dialect, book, as_of, office, everyone)
            for outcomes in evaluation.of_each_once(book.rules.values()):
                place = folder / f"rule={outcomes.rule.id}"
                write_findings(tx, arrow, outcomes.findings_sql(), place)
        found = put_findings(folder, book, as_of, app.database.dialect)
    with app.database.transaction() as tx:
        audit.record(tx, actor, "findings exported", str(folder), {"rows": sum(found.values())})
    return found


@contextmanager
def _matched(
    app: App,
    look: Callable[[Database], AbstractContextManager[_Moment]],
    tx_of: Callable[[_Moment], Transaction],
) -> Iterator[_Moment]:
    """A moment of the database at which nothing is left to match.

    A check leaves institutions out whose rows are not yet what matching will say they are; an
    export has nobody to look at them later.

    Raises: ConflictError (EXPORT-UNMATCHED) where files come faster than they are matched.
    """
    for _ in range(_TRIES):
        match_changed(app)
        with look(app.database) as moment:
            waiting = len(state.list_to_match(tx_of(moment)))
            if not waiting:
                yield moment
                return
    raise ConflictError(
        "EXPORT-UNMATCHED",
        f"正在接收数据，{waiting} 家机构的流水尚未匹配，请稍后再导出",
        f"data are coming in: {waiting} institutions are not matched yet; export again later",
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time write into a folder; the lock dies with it.

    Raises: ConflictError (EXPORT-FOLDER, EXPORT-AT-WORK).
    """
    if folder.exists() and not folder.is_dir():
        raise _occupied(folder)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                "EXPORT-AT-WORK",
                f"另一导出正在写入 {folder}",
                f"another export is writing to {folder}",
            ) from None
        yield
    finally:
        os.close(descriptor)


def put_findings(folder: Path, book: RuleBook, as_of: Day, engine: str) -> dict[str, int]:
    """Close a folder of findings: what it was judged by, and how many of each rule."""
    parquet = library("pyarrow.parquet", "scale")
    found = {
        rule: sum(
            parquet.read_metadata(path).num_rows
            for path in sorted((folder / f"rule={rule}").glob("*.parquet"))
        )
        for rule in book.rules
    }
    put_json(
        folder / FINDINGS,
        {"format": FORMAT, "rule_book": book.version, "as_of": format_day(as_of),
         "engine": engine, "rules": found},
    )  # fmt: skip
    return found


def require_empty(folder: Path) -> None:
    """Refuse a folder in which findings of two runs would mix.

    Raises: ConflictError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise _occupied(folder)


def _occupied(folder: Path) -> ConflictError:
    return ConflictError(
        "EXPORT-FOLDER",
        f"{folder} 已有内容，请指定空文件夹",
        f"{folder} is not an empty folder",
    )


def put_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file of JSON that is whole, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_suffix(".building")
    building.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    building.replace(path)


def _write_book(app: App, folder: Path) -> list[dict[str, Any]]:
    """Write the files of the rule book in force; those of the export before that it lacks go."""
    listed = []
    strays = _list_before(folder, BOOK)  # what lies there is loaded
    for file in list_book_files(app):
        path = folder / PurePosixPath(BOOK, str(file.folder), file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content.encode("utf-8"))
        strays.discard(path)
        listed.append({"folder": file.folder, "path": file.path})
    for path in strays:
        path.unlink()
    return listed


def _list_before(folder: Path, place: str) -> set[Path]:
    """What the export before wrote in a place of the folder by its manifest, and nothing else."""
    try:
        before = json.loads((folder / MANIFEST).read_bytes())
        named = {f"{BOOK}/{file['folder']}/{file['path']}" for file in before["book"]}
        named |= {part["path"] for parts in before["tables"].values() for part in parts}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()
    return {
        path
        for path in (folder / place).rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() in named
    }
