"""Apache Spark as it is, where the same facts are judged on Parquet by as many machines as it has.

What other engines keep as temporary tables are files of Parquet here, in a folder that all workers
see. So a statement is planned over the facts that it reads and never over how they came to be, and
what a lost worker was at is computed anew from files.
"""

import shutil
from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from feewatch.kernel.errors import UnavailableError
from feewatch.store.check.arrow import laid_out
from feewatch.store.check.engines import Columns, NumberTable

#: Types of the columns of an export, as databases name them.
_KINDS = {"string": "TEXT", "int64": "BIGINT", "bool": "BOOLEAN"}
#: Parts a processor into which rows are sorted: what is small is put together again as it runs, and
#: of what is large no worker has to hold more than a share.
_PARTS = 8
#: An export has thousands of files, which are listed sooner here than by workers.
_MOST_LISTED = 1_000_000
#: What the driver plans with; the default of one gigabyte is little for a whole rule book.
_DRIVER_MEMORY = "2g"
#: Planning runs through much code a few times: to compile it to the last took two fifths of the
#: driver's time. What it compiles fills the room of this setting half way through the rule book,
#: and from then on all would be read word by word. Workers, which run little code often, compile as
#: they do.
_PLANNING = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"

#: A worker makes much that it lets go of at once, and nobody waits for its next answer.
_WORKING = "-XX:+UseParallelGC"
#: What of a share is no larger is looked up in memory and not sorted first.
_HASHED = "16m"
#: A file so small is sent to each worker whole. Numbers that lie in its columns in a megabyte take
#: twenty in memory, and a statement may join a dozen files.
_SENT_WHOLE = "1m"
#: A search for hundreds of words is longer than Java compiles in one piece: Spark then takes it in
#: steps, and says so in a hundred lines that nobody can act on.
_COMPILER = "org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator"


class OnSpark:
    """A session of Spark on which an ``Evaluator`` runs as it does on a database."""

    dialect = "spark"
    #: It parts the work by itself, among all its workers.
    part_load: int | None = None

    def __init__(self, session: Any, arrow: ModuleType, scratch: Path) -> None:
        self._session = session
        self._arrow = arrow
        self._scratch = scratch
        self._numbers = count(1)
        self._kept: dict[str, Path] = {}

    def read(self, table: str, files: Sequence[Path]) -> None:
        """Let a table be what files of Parquet hold."""
        schema = self._arrow.parquet.read_schema(files[0])
        described = {field.name: _KINDS[str(field.type)] for field in schema}
        listed = [str(file) for file in files]
        self._reader(described).parquet(*listed).createOrReplaceTempView(table)

    def take(self, institutions: Collection[int]) -> None:
        """Nothing: it is asked for all institutions at once, and parts the work by itself."""

    def keep(self, name: str, select: str, indexes: Sequence[str] = ()) -> None:
        """Keep the rows of a SELECT under a name; Spark joins without indexes."""
        del indexes
        folder = self._folder_of(name)
        frame = self._session.sql(select)
        frame.write.parquet(str(folder))
        self._put(name, folder, self._session.read.schema(frame.schema))

    def forget(self, name: str) -> None:
        """Let go of what is kept under a name."""
        self._session.catalog.dropTempView(name)
        shutil.rmtree(self._kept.pop(name), ignore_errors=True)

    def lay_out(
        self,
        name: str,
        columns: Columns,
        rows: Sequence[Sequence[Any]] | NumberTable,
        indexes: Sequence[str] = (),
    ) -> None:
        """Set out rows under a name, in place of what stood there."""
        del indexes
        folder = self._folder_of(name)
        folder.mkdir(parents=True)
        self._arrow.parquet.write_table(
            laid_out(self._arrow, columns, rows), folder / "part.parquet"
        )
        self._put(name, folder, self._reader(columns))

    def rows(self, sql: str) -> list[Any]:
        """The rows of a SELECT by column names."""
        return [row.asDict() for row in self._session.sql(sql).collect()]

    def write(self, sql: str, folder: Path) -> None:
        """Add the rows of a SELECT to a folder of Parquet."""
        self._session.sql(sql).write.mode("append").parquet(str(folder))

    def close(self) -> None:
        """End the session; what was kept goes with it."""
        self._session.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _folder_of(self, name: str) -> Path:
        """Where the next rows of a name go: those that stand there are read meanwhile."""
        return self._scratch / f"{name}.{next(self._numbers)}"

    def _reader(self, columns: Columns) -> Any:
        """A reader that is told the columns: to find them out by itself it starts a job a table."""
        kinds = {"TEXT": "STRING", "BOOLEAN": "BOOLEAN"}  # and whole numbers
        told = [f"`{name}` {kinds.get(kind, 'BIGINT')}" for name, kind in columns.items()]
        return self._session.read.schema(", ".join(told))

    def _put(self, name: str, folder: Path, reader: Any) -> None:
        reader.parquet(str(folder)).createOrReplaceTempView(name)
        earlier = self._kept.pop(name, None)
        if earlier is not None:
            shutil.rmtree(earlier, ignore_errors=True)
        self._kept[name] = folder


def start_session(sql: ModuleType, master: str) -> Any:
    """A session of Spark at a master: ``local[2]``, ``spark://host:7077``.

    Raises: UnavailableError where it does not come up, most often for want of Java.
    """
    building = (
        sql.SparkSession.builder.master(master)
        .appName("feewatch recheck")
        .config("spark.driver.memory", _DRIVER_MEMORY)
        .config("spark.driver.extraJavaOptions", "" if _works_alone(master) else _PLANNING)
        .config("spark.executor.extraJavaOptions", _WORKING)
        .config("spark.sql.adaptive.maxShuffledHashJoinLocalMapThreshold", _HASHED)
        .config("spark.sql.autoBroadcastJoinThreshold", _SENT_WHOLE)
        .config("spark.sql.adaptive.autoBroadcastJoinThreshold", _HASHED)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
    )
    try:
        session = building.getOrCreate()
    except Exception as fault:  # of several kinds, by what is missing
        raise UnavailableError(
            "SPARK-START",
            f"Spark 未能启动（{master}）：{fault}；须有 Java 17 以上",
            f"Spark did not start at {master}: {fault}; it needs Java 17 or later",
        ) from fault
    session.sparkContext.setLogLevel("ERROR")
    logs = session.sparkContext._jvm.org.apache.logging.log4j
    logs.core.config.Configurator.setLevel(_COMPILER, logs.Level.OFF)
    parts = _PARTS * session.sparkContext.defaultParallelism
    session.conf.set("spark.sql.shuffle.partitions", parts)
    session.conf.set("spark.sql.sources.parallelPartitionDiscovery.threshold", _MOST_LISTED)
    return session


def _works_alone(master: str) -> bool:
    """Whether the driver is the worker too."""
    return master == "local" or master.startswith("local[")
