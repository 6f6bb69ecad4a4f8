"""The whole database as one file while others write, and back from it into an empty place.

SQLite is copied page by page inside one reading transaction, which in WAL mode holds up no writer.
PostgreSQL is dumped by its own tools on an exported snapshot, so that the rows counted here are
those in the dump. Nothing here decides whether something may be replaced.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, column, func, inspect, select, table, text

from feewatch.kernel.errors import InvalidInputError, UnavailableError
from feewatch.store.database import Database
from feewatch.store.tables.publication import edition

#: Pages of SQLite copied in one go: about four megabytes.
_PAGES = 1000
#: Where distributions keep PostgreSQL's tools of each version beside those in the path.
_TOOLS = Path("/usr/lib/postgresql")
#: What an earlier installation is called while another one stands in its place.
REPLACED = "replaced_"


class Snapshot(NamedTuple):
    """What a copy of a database holds."""

    kind: str  # sqlite, postgres
    program: str  # the version of SQLite or PostgreSQL that wrote it
    revision: str
    counts: dict[str, int]  # rows by table
    editions: dict[str, int]  # the number of the last edition by district
    audit_head: str | None  # where the record of acts is a chain, its last link


def take(database: Database, target: Path) -> Snapshot:
    """Copy the database into a new file; writers go on meanwhile.

    Raises: UnavailableError where PostgreSQL's own tools are missing, too old, or fail.
    """
    with database.reading() as tx:
        snapshot = look(database, tx)
        if database.is_sqlite:
            _copy_pages(tx, target)
        else:
            name = tx.scalar(text("SELECT pg_export_snapshot()"))
            tool = find_tool("pg_dump", _major(tx))
            options = [f"--snapshot={name}", "--format=custom", f"--file={target}"]
            _run(database, tool, [*options, f"--exclude-schema={REPLACED}*"])
    return snapshot


def look(database: Database, tx: Connection) -> Snapshot:
    """What a database holds, read in one view of it."""
    names = [name for name in sorted(inspect(tx).get_table_names()) if name != "alembic_version"]
    counts = {
        name: tx.scalar(select(func.count()).select_from(table(name, column("id")))) or 0
        for name in names
    }
    revision = MigrationContext.configure(tx).get_current_revision() or ""
    newest = func.max(edition.c.number).label("last")
    last = select(edition.c.district, newest).group_by(edition.c.district)
    known = tx.execute(last).mappings().all() if edition.name in names else []
    heads = {str(row["district"]): int(row["last"]) for row in known}
    if database.is_sqlite:
        kind, program = "sqlite", sqlite3.sqlite_version
    else:
        kind, program = "postgres", str(tx.scalar(text("SHOW server_version")))
    return Snapshot(kind, program, revision, counts, heads, _audit_head(tx, names))


def _audit_head(tx: Connection, tables: list[str]) -> str | None:
    """The last link of the record of acts, where it is a chain by then."""
    known = inspect(tx).get_columns("audit") if "audit" in tables else []
    if "hash" not in {each["name"] for each in known}:
        return None
    record = table("audit", column("id"), column("hash"))
    newest = select(record.c.hash).order_by(record.c.id.desc()).limit(1)
    link: str | None = tx.scalar(newest)
    return link


def put_back(database: Database, source: Path) -> None:
    """Let an empty PostgreSQL database hold what a dump holds: all of it, or nothing.

    Raises: UnavailableError where PostgreSQL's own tools are missing, too old, or fail.
    """
    with database.reading() as tx:
        tool = find_tool("pg_restore", _major(tx))
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run(database, tool, [*options, str(source)])


def list_tables(database: Database) -> list[str]:
    """The tables of a database; none where there is no database yet."""
    path = database.url.database
    if database.is_sqlite and path and not Path(path).exists():
        return []
    with database.reading() as tx:
        return sorted(inspect(tx).get_table_names())


def set_aside(database: Database, name: str) -> None:
    """Let a PostgreSQL database be empty; its tables stay in a schema of another name."""
    with database.transaction() as tx:
        schema = _schema(tx)
        tx.exec_driver_sql(f'ALTER SCHEMA "{schema}" RENAME TO "{REPLACED}{name}"')
        tx.exec_driver_sql(f'CREATE SCHEMA "{schema}"')


def clear(database: Database) -> None:
    """Take away the tables of a PostgreSQL database: those that an unfinished restore laid down."""
    with database.transaction() as tx:
        schema = _schema(tx)
        tx.exec_driver_sql(f'DROP SCHEMA "{schema}" CASCADE')
        tx.exec_driver_sql(f'CREATE SCHEMA "{schema}"')


def check_pages(path: Path) -> list[str]:
    """What SQLite finds wrong with a database file: nothing where it is whole."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        told = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
        lost = connection.execute("PRAGMA foreign_key_check").fetchmany(5)
    except sqlite3.DatabaseError as fault:
        return [str(fault)]
    finally:
        connection.close()
    wrong = [line for line in told if line != "ok"]
    return [*wrong, *(f"{row[0]} {row[1]} → {row[2]}" for row in lost)]


def find_tool(name: str, major: int) -> Path:
    """A tool of PostgreSQL that understands a server of this version.

    Raises: UnavailableError.
    """
    inside = sorted(_TOOLS.glob(f"*/bin/{name}"), key=lambda path: -_number(path.parts[-3]))
    in_path = shutil.which(name)
    known = [*([Path(in_path)] if in_path else []), *inside]
    fitting = [path for path in known if _version_of(path) >= major]
    if fitting:
        return fitting[0]
    shown = ", ".join(f"{path} ({_version_of(path)})" for path in known) or "—"
    raise UnavailableError(
        "BACKUP-TOOLS",
        f"找不到可用于 PostgreSQL {major} 的 {name}（现有：{shown}），"
        f"请安装 postgresql-client-{major}",
        f"no {name} for PostgreSQL {major} here (there is: {shown}): "
        f"install postgresql-client-{major}",
    )


def _copy_pages(tx: Connection, target: Path) -> None:
    source = tx.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy, pages=_PAGES)
        # the copy is one file that needs no folder of its own to be read
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()


def _run(database: Database, tool: Path, options: list[str]) -> None:
    """Run a tool of PostgreSQL on the database; its password is in no list of processes."""
    url = database.url.set(drivername="postgresql", password=None)
    secret = {"PGPASSWORD": str(database.url.password)} if database.url.password else {}
    target = f"--dbname={url.render_as_string(hide_password=False)}"
    done = subprocess.run(  # noqa: S603 - a tool of PostgreSQL and arguments of our own
        [str(tool), "--no-password", target, *options],
        env=_surroundings(secret), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [tool.name]
        raise UnavailableError(
            "BACKUP-DATABASE",
            f"{tool.name} 未能完成：{lines[0]}",
            f"{tool.name} did not succeed: {lines[0]}",
        )


def _surroundings(secret: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", **secret}


def _schema(tx: Connection) -> str:
    name = str(tx.scalar(text("SELECT current_schema()")))
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        raise InvalidInputError(
            "BACKUP-SCHEMA", f"模式名 {name} 无法使用", f"the schema {name} cannot be used here"
        )
    return name


def _major(tx: Connection) -> int:
    return int(tx.scalar(text("SHOW server_version_num")) or 0) // 10_000


def _version_of(tool: Path) -> int:
    told = subprocess.run(  # noqa: S603 - asks a tool of PostgreSQL for its version
        [str(tool), "--version"], capture_output=True, text=True, check=False
    ).stdout
    match = re.search(r"(\d+)(?:\.\d+)?", told)
    return int(match[1]) if match else 0


def _number(name: str) -> int:
    return int(name) if name.isdecimal() else 0
