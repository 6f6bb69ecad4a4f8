"""What rules read, and what they find, as Parquet: for judging again elsewhere, at any size.

An export holds payers and memos in clear, as rules read them: it is for the owner of the database.
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

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
from feewatch.store import audit
from feewatch.store.check import checks
from feewatch.store.check.column_view import viewing_columns
from feewatch.store.check.parquet import Arrow, Part, is_table, write_findings, write_table

#: The form of an export; a later one that reads otherwise has another number.
FORMAT = 1
MANIFEST = "manifest.json"
FINDINGS = "findings.json"
BOOK = "book"


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

    Parts of an earlier export that still hold are left as they are, the others removed, and so are
    files of an earlier rule book.
    """
    arrow = load_arrow()
    book = rule_book(app)
    match_changed(app)
    before = set(_list_parts(folder))
    tables: dict[str, list[Part]] = {}
    with viewing_columns(app.database) as view:
        for name in tables_read(book):
            tables[name] = write_table(view, arrow, name, folder)
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
    for path in _list_parts(folder):
        if path not in kept:
            path.unlink()
    done = Exported(
        folder, book.version, sum(part.rows for part in parts), len(parts), len(kept - before)
    )
    with app.database.transaction() as tx:
        audit.record(tx, actor, "parquet exported", str(folder), done.as_json())
    return done


def export_findings(app: App, folder: Path, as_of: Day, *, actor: str) -> dict[str, int]:
    """Write what the rules find here, as a recheck elsewhere writes it; findings by rule.

    Raises: ConflictError where the folder holds something.
    """
    require_empty(folder)
    arrow = load_arrow()
    book = rule_book(app)
    match_changed(app)
    with app.database.reading() as tx:
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
        raise ConflictError(
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
    strays = set(_list_book_before(folder))  # what lies there is loaded
    for file in list_book_files(app):
        path = folder / PurePosixPath(BOOK, str(file.folder), file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content.encode("utf-8"))
        strays.discard(path)
        listed.append({"folder": file.folder, "path": file.path})
    for path in strays:
        path.unlink()
    return listed


def _list_book_before(folder: Path) -> Iterator[Path]:
    """The files of the rule book that an earlier export into the folder wrote, and no others."""
    try:
        before = json.loads((folder / MANIFEST).read_bytes())
        named = {f"{BOOK}/{file['folder']}/{file['path']}" for file in before["book"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    for path in (folder / BOOK).rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() in named:
            yield path


def _list_parts(folder: Path) -> Iterator[Path]:
    yield from (folder / "tables").rglob("*.parquet")
