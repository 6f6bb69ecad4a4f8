"""Apache Spark as it is, where the same facts are judged on Parquet by as many machines as it has.

What other engines keep as temporary tables are views here, kept in the memory and on the disks of
the workers; a worker that is lost has its share computed anew from the files.
"""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from feewatch.kernel.errors import UnavailableError
from feewatch.store.check.arrow import arrow_table
from feewatch.store.check.engines import Columns, NumberTable


class OnSpark:
    """A session of Spark on which an ``Evaluator`` runs as it does on a database."""

    dialect = "spark"

    def __init__(self, session: Any, arrow: ModuleType) -> None:
        self._session = session
        self._arrow = arrow
        self._kept: dict[str, Any] = {}

    def read(self, table: str, files: Sequence[Path]) -> None:
        """Let a table be what files of Parquet hold."""
        listed = [str(file) for file in files]
        self._session.read.parquet(*listed).createOrReplaceTempView(table)

    def keep(self, name: str, select: str, indexes: Sequence[str] = ()) -> None:
        """Keep the rows of a SELECT under a name; Spark joins without indexes."""
        del indexes
        frame = self._session.sql(select).persist()
        frame.createOrReplaceTempView(name)
        earlier = self._kept.pop(name, None)
        if earlier is not None:
            earlier.unpersist()
        self._kept[name] = frame

    def lay_out(
        self,
        name: str,
        columns: Columns,
        rows: Sequence[Sequence[Any]] | NumberTable,
        indexes: Sequence[str] = (),
    ) -> None:
        """Set out rows under a name, in place of what stood there."""
        del indexes
        given = rows.rows if isinstance(rows, NumberTable) else rows
        schema = self._arrow.schema([(name, self._type(kind)) for name, kind in columns.items()])
        table = arrow_table(self._arrow, schema, given) if given else schema.empty_table()
        # as Arrow, Spark knows how small it is and sends it to each worker whole
        self._session.createDataFrame(table).createOrReplaceTempView(name)

    def rows(self, sql: str) -> list[Any]:
        """The rows of a SELECT by column names."""
        return [row.asDict() for row in self._session.sql(sql).collect()]

    def write(self, sql: str, folder: Path) -> None:
        """Write the rows of a SELECT as a folder of Parquet."""
        self._session.sql(sql).write.parquet(str(folder))

    def close(self) -> None:
        """End the session."""
        self._session.stop()

    def _type(self, kind: str) -> Any:
        return self._arrow.string() if kind == "TEXT" else self._arrow.int64()


def start_session(sql: ModuleType, master: str) -> Any:
    """A session of Spark at a master: ``local[2]``, ``spark://host:7077``.

    Raises: UnavailableError where it does not come up, most often for want of Java.
    """
    building = (
        sql.SparkSession.builder.master(master)
        .appName("feewatch recheck")
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
    # facts of an office are small beside what Spark's default of 200 parts is made for
    session.conf.set("spark.sql.shuffle.partitions", 2 * session.sparkContext.defaultParallelism)
    return session
