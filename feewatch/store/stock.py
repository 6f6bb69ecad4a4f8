"""What planners know of how many rows tables have: SQLite counts none by itself."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection, TextClause, bindparam, text

from feewatch.store.kept import UNMARKED
from feewatch.store.locks import BUSY_TIMEOUT_SECONDS, session_lock

#: What rules read. The pages of matters are laid out for tables that SQLite has
#: not counted: with counts it goes through all alerts where it went by an index.
COUNTED = frozenset(
    {
        "account", "account_coverage", "account_day", "approval", "case_file", "charge", "contract",
        "coverage", "course", "entry", "holding", "institution", "institution_fact", "lesson",
        "match", "opening_row", "opening_statement", "refund_request", "statement",
        "statement_link", "told_days",
    }
)  # fmt: skip
#: Tables are counted again when one has so many times the rows that it had.
_GROWN = 4
#: Their rows are asked for again when its highest number is so many times what it was.
_LOOKED_AGAIN = 2
#: A server is asked no more often by who looks by the way.
_LOOKED_SECONDS = 1.0
#: Of fewer rows plans are good enough.
_FEW_ROWS = 100
#: Rows of an index that SQLite looks at to count it: a few milliseconds a table.
_ROWS_COUNTED = 1000
#: Where an index begins with the institution, SQLite may go through all of them one after another
#: for a condition on the day alone, and does so where it takes the one that is asked for as rare.
_NO_SKIPPING = """
    UPDATE sqlite_stat1 SET stat = stat || ' noskipscan'
    WHERE idx IS NOT NULL AND stat NOT LIKE '%noskipscan'
    """
#: Tables of which a tenth and some rows were written since they were last counted. Those in which
#: every writer changes the same few rows are left out: whoever hands in a file would count them.
CHANGED_MUCH = text(
    """
    SELECT relname FROM pg_stat_user_tables
    WHERE schemaname = current_schema() AND n_mod_since_analyze > 50 + n_live_tup / 10
      AND relname NOT IN :uncounted
    ORDER BY relname
    """
).bindparams(bindparam("uncounted", sorted(UNMARKED), expanding=True))

#: Tables of PostgreSQL that have far more rows than when they were counted, or never were.
GROWN = text(
    f"""
    SELECT s.relname FROM pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid
    WHERE s.schemaname = current_schema()
      AND s.n_live_tup > {_FEW_ROWS} AND s.n_live_tup > {_GROWN} * c.reltuples
      AND s.relname NOT IN :uncounted
    ORDER BY s.relname
    """
).bindparams(bindparam("uncounted", sorted(UNMARKED), expanding=True))


class Looks:
    """What a process found when it last looked whether tables are to be counted."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}  # of SQLite, as ``has_grown`` notes them
        self._none_at = float("-inf")

    def note_none(self) -> None:
        """None is to be counted at this moment."""
        self._none_at = time.monotonic()

    def is_recent(self) -> bool:
        """Whether that is so little ago that who hands in file after file need not ask again."""
        return time.monotonic() - self._none_at < _LOOKED_SECONDS


def only_one(connection: Connection, *, waits: bool) -> AbstractContextManager[bool]:
    """Whether this connection alone counts the tables of PostgreSQL during the block.

    Two that count one table do so one after the other, the second for nothing. ``waits``: for
    another that counts, a minute at the most; without it the block is told at once that one does.
    """
    return session_lock(connection, "stock", BUSY_TIMEOUT_SECONDS if waits else 0)


def list_due(connection: Connection, due: TextClause) -> Sequence[str]:
    """The tables of PostgreSQL that are to be counted: ``GROWN`` or ``CHANGED_MUCH``."""
    with connection.begin():
        return connection.scalars(due).all()


def has_grown(view: Connection, looked_at: dict[str, int]) -> bool:
    """Whether a table of SQLite has far more rows than when it was counted, or never was.

    To count them reads all: only those are counted whose highest number of a row says that there
    may be more. Ranges of days are replaced with each statement, and numbers grow without rows.

    ``looked_at``: by table its highest number when rows were last found to be no more; noted here,
    and the table is looked at again once that has doubled.
    """
    names = sorted(COUNTED)
    highest = " UNION ALL ".join(f"SELECT '{n}', (SELECT MAX(rowid) FROM \"{n}\")" for n in names)
    numbers = {name: number or 0 for name, number in view.exec_driver_sql(highest)}
    counted: dict[str, int] = {}
    if view.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")):
        for name, stat in view.execute(text("SELECT tbl, stat FROM sqlite_stat1")):
            counted[name] = max(counted.get(name, 0), int(stat.split()[0]))
    enough = {name: max(_FEW_ROWS, _GROWN * counted.get(name, 0)) for name in names}
    for name in names:
        if numbers[name] > max(enough[name], _LOOKED_AGAIN * looked_at.get(name, 0)):
            if view.scalar(text(f'SELECT COUNT(*) FROM "{name}"')) > enough[name]:
                return True
            looked_at[name] = numbers[name]
    return False


def count(tx: Connection) -> None:
    """Let SQLite count all that rules read: what is not counted it takes for a million rows."""
    tx.exec_driver_sql(f"PRAGMA analysis_limit = {_ROWS_COUNTED}")
    for name in sorted(COUNTED):
        tx.exec_driver_sql(f'ANALYZE "{name}"')
    tx.exec_driver_sql(_NO_SKIPPING)
    tx.exec_driver_sql("ANALYZE sqlite_schema")  # this connection reads them as they are now
    # connections that are open read the counts with the schema, when that has changed
    tx.exec_driver_sql("CREATE TABLE stock_taken (id INTEGER)")
    tx.exec_driver_sql("DROP TABLE stock_taken")
