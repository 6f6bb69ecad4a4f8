"""Reads rows of our database column by column, by ADBC, in a process of its own.

ADBC brings a SQLite of its own. Of two copies of SQLite in one process the one that closes a file
takes away the locks of the other: another process then writes into a transaction at work, and what
that one commits is lost. Locks belong to processes, so the reader is one.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, NamedTuple

from feewatch.kernel.errors import MachineError
from feewatch.kernel.extras import library

#: Rows of one batch: SQLite's are held twice meanwhile.
_BATCH = 1 << 16
#: How long a reader may take to end once nothing more is asked of it, in seconds.
_ENDS_WITHIN = 10


class Address(NamedTuple):
    """Where a database is: the module of ADBC that reads it, and what it is told."""

    driver: str
    uri: str


class ColumnReader:
    """A process that reads a database by ADBC; it holds a snapshot from ``begin`` to ``close``.

    What it gives is read to its end before it is asked for more.
    """

    def __init__(self, address: Address) -> None:
        """Start it; it is ready for ``begin`` when this returns.

        Raises: UnavailableError where the extra ``scale`` is not installed, MachineError.
        """
        self._arrow = library("pyarrow", "scale")
        library(address.driver.partition(".")[0], "scale")
        self._process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._complaint: str | None = None
        self._ask(*address)

    def begin(self, statements: Sequence[str]) -> None:
        """Take the snapshot, by the first of these statements that reads anything.

        Raises: MachineError.
        """
        self._ask(*statements)

    def read(self, sql: str, schema: Any, head: Sequence[Any] | None = None) -> Any:
        """The rows of a SELECT as a reader of Arrow batches.

        ``head``: a row of its own that stands first, tells the types, and is left out.
        """
        columns = [(field.name, str(field.type)) for field in schema]
        self._send(sql, columns, head)
        try:
            return self._arrow.ipc.open_stream(_pipe(self._process.stdout))
        except self._arrow.ArrowInvalid:
            raise self._fault() from None

    def close(self) -> str:
        """Let it end; what it complained of, if it came to grief."""
        if self._complaint is None:
            self._complaint = self._end()
        return self._complaint

    def _end(self) -> str:
        with suppress(BrokenPipeError):  # it has ended before what was asked of it was sent
            _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()  # what it is still telling nobody hears
        try:
            self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with _pipe(self._process.stderr) as complaints:
            told = complaints.read().decode(errors="replace")
        return told.strip().rpartition("\n")[2] if self._process.returncode else ""

    def _ask(self, *words: str) -> None:
        self._send(*words)
        if _pipe(self._process.stdout).readline() != b"\n":
            raise self._fault()

    def _send(self, *words: object) -> None:
        given = _pipe(self._process.stdin)
        try:
            given.write(json.dumps(words).encode() + b"\n")
            given.flush()
        except BrokenPipeError:
            raise self._fault() from None

    def _fault(self) -> MachineError:
        return unread(self.close())


def unread(told: str) -> MachineError:
    """What is said where a reader came to grief."""
    return MachineError(
        "COLUMNS-READ", f"按列读取数据库失败：{told}", f"reading the database by columns: {told}"
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _main() -> None:
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    arrow = importlib.import_module("pyarrow")
    driver, uri = json.loads(asked.readline())
    with importlib.import_module(driver).connect(uri) as connection, connection.cursor() as cursor:
        told.write(b"\n")
        told.flush()
        for statement in json.loads(asked.readline() or b"[]"):
            cursor.execute(statement)
            cursor.fetch_arrow_table()
        told.write(b"\n")
        told.flush()
        if driver == "adbc_driver_sqlite.dbapi":
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_BATCH)})
        for line in asked:
            _tell(arrow, cursor, told, *json.loads(line))


def _tell(
    arrow: Any,
    cursor: Any,
    told: IO[bytes],
    sql: str,
    columns: Sequence[tuple[str, str]],
    head: Sequence[Any] | None,
) -> None:
    """Tell the rows of a SELECT as a stream of Arrow."""
    schema = arrow.schema([(name, arrow.type_for_alias(kind)) for name, kind in columns])
    cursor.execute(sql)
    with arrow.ipc.new_stream(told, schema) as stream:
        for batch in cursor.fetch_record_batch():
            rows = batch
            if head is not None:
                if [column[0].as_py() for column in batch.columns] != list(head):
                    raise ValueError("the row that tells the types does not stand first")
                head, rows = None, batch.slice(1)
            stream.write_batch(rows.cast(schema))
    told.flush()


if __name__ == "__main__":
    try:
        _main()
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more, nor to what was not told yet
