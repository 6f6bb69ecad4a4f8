"""The data as they are without what the institution alone tells, laid over the tables for a while.

Inside ``only_proven`` the names of a few tables stand for views on what is proven, so that the
rule book judges by that and nothing else. Nothing is written to these tables meanwhile.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, select, text, union

from feewatch.kernel.days import FIRST_DAY, LAST_DAY
from feewatch.store.intake.words import word_of_statement
from feewatch.store.scope import among
from feewatch.store.tables import ledger, registers

#: Statements that are the institution's own word alone, of the accounts that have any.
_UNPROVEN = """
    SELECT t.id, t.account_id FROM {home}.statement AS t
    JOIN {home}.source_file AS f ON f.sha256 = t.file_sha256
    WHERE f.provenance = 'institution' AND t.confirmed_on IS NULL AND t.status = 'accepted'
      AND t.institution_id IN ({institutions})
"""
#: Days of them by which the bank stood; what lies outside a statement's days goes with the nearest.
_CONFIRMED = f"""
    SELECT u.id,
           CASE WHEN i.answered_from <= t.from_day THEN {FIRST_DAY} ELSE i.answered_from END
               AS from_day,
           CASE WHEN i.answered_to >= t.to_day THEN {LAST_DAY} ELSE i.answered_to END AS to_day
    FROM unproven AS u
    JOIN {{home}}.statement AS t ON t.id = u.id
    JOIN {{home}}.confirmation_item AS i ON i.statement_id = u.id
    WHERE i.status = 'agrees'
"""
#: Whether what a statement tells of a day is the institution's own word.
_IS_OWN = (
    "EXISTS (SELECT 1 FROM unproven AS u WHERE u.id = {key}) AND NOT EXISTS "
    "(SELECT 1 FROM confirmed_part AS p WHERE p.id = {key} "
    "AND {day} BETWEEN p.from_day AND p.to_day)"
)
_HAS_OWN = "EXISTS (SELECT 1 FROM unproven AS u WHERE u.account_id = x.account_id)"
#: Of each table what is proven. A statement stays, so that its own faults are judged by officers'
#: decisions; what it says of balances is unknown.
_VIEWS: dict[Table, str] = {
    ledger.entry: (
        "SELECT x.* FROM {home}.entry AS x "
        f"WHERE NOT ({_IS_OWN.format(key='x.statement_id', day='x.booked_on')})"
    ),
    ledger.account_day: (
        "SELECT x.* FROM {home}.account_day AS x "
        f"WHERE NOT ({_IS_OWN.format(key='x.statement_id', day='x.day')})"
    ),
    ledger.match: (
        "SELECT x.* FROM {home}.match AS x JOIN {home}.entry AS e ON e.id = x.entry_id "
        f"WHERE NOT ({_IS_OWN.format(key='e.statement_id', day='e.booked_on')})"
    ),
    registers.coverage: "SELECT x.* FROM {home}.coverage AS x WHERE x.told_by = 'office'",
}
#: Tables that have a twin without the institution's word, for the accounts with any.
_TWINS = {
    ledger.account_coverage: ledger.proven_coverage,
    ledger.statement_link: ledger.proven_link,
}


def list_self_told(tx: Connection, institutions: Collection[int]) -> set[int]:
    """Those of the institutions that tell of anything alone: days, or that a register is whole."""
    if not institutions:
        return set()
    statement, coverage = ledger.statement, registers.coverage
    own = (
        select(statement.c.institution_id)
        .join(ledger.source_file, ledger.source_file.c.sha256 == statement.c.file_sha256)
        .where(
            among(statement.c.institution_id, institutions),
            statement.c.status == "accepted",
            word_of_statement() == "institution",
        )
    )
    declared = select(coverage.c.institution_id).where(
        among(coverage.c.institution_id, institutions), coverage.c.told_by == "institution"
    )
    # the condition stands in both: planners read the whole of a union before they look at one
    query = union(own, declared)
    return set(tx.scalars(query))


def list_keys(tx: Connection, usccs: Collection[str]) -> set[int]:
    """The institutions of these credit codes."""
    institution = registers.institution
    query = select(institution.c.id).where(institution.c.uscc.in_(sorted(usccs)))
    return set(tx.scalars(query))


@contextmanager
def only_proven(tx: Connection, institutions: Collection[int]) -> Iterator[None]:
    """While it is open the tables hold, of these institutions, what is proven alone."""
    home, temporary = "main", "temp"
    if tx.dialect.name == "postgresql":
        temporary = "pg_temp"
        home = str(tx.scalar(select(text("current_schema()"))))
    keys = ", ".join(str(int(key)) for key in sorted(institutions)) or "0"
    _run(tx, "CREATE TEMPORARY TABLE unproven AS " + _UNPROVEN.format(home=home, institutions=keys))
    _run(tx, "CREATE TEMPORARY TABLE confirmed_part AS " + _CONFIRMED.format(home=home))
    views = {table.name: select_.format(home=home) for table, select_ in _VIEWS.items()}
    for table, twin in _TWINS.items():
        names = ", ".join(f"x.{column.name}" for column in table.columns)
        views[table.name] = (
            f"SELECT {names} FROM {home}.{table.name} AS x WHERE NOT {_HAS_OWN} "
            f"UNION ALL SELECT {names} FROM {home}.{twin.name} AS x WHERE {_HAS_OWN}"
        )
    views["statement"] = _statements(home)
    for name, query in views.items():
        _run(tx, f"CREATE TEMPORARY VIEW {name} AS {query}")
    yield  # where it fails, all that was laid over goes with the transaction
    for name in views:
        _run(tx, f"DROP VIEW {temporary}.{name}")
    _run(tx, f"DROP TABLE {temporary}.confirmed_part")
    _run(tx, f"DROP TABLE {temporary}.unproven")


def _statements(home: str) -> str:
    told_on = {"opening_fen": "x.from_day", "closing_fen": "x.to_day"}
    is_own = {name: _IS_OWN.format(key="x.id", day=day) for name, day in told_on.items()}
    columns = (
        f"CASE WHEN {is_own[column.name]} THEN NULL ELSE x.{column.name} END AS {column.name}"
        if column.name in is_own
        else f"x.{column.name}"
        for column in ledger.statement.columns
    )
    return f"SELECT {', '.join(columns)} FROM {home}.statement AS x"


def _run(tx: Connection, sql: str) -> None:
    tx.exec_driver_sql(sql)
