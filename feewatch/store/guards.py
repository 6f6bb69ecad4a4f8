"""Append-only tables are kept by the database itself: triggers refuse UPDATE and DELETE.

Whoever must take rows away, as retention does, goes past them with ``passing`` or ``erase``, which
put it on record; migrations take the triggers off and set them again. Who can drop a trigger can
go past it unseen, and is found by the chain.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, delete, insert, inspect

from feewatch.store.covering import HISTORY
from feewatch.store.tables.operations import record_pass

#: The code with which the database refuses.
CODE = "APPEND-ONLY"
_AUDIT = "audit"
_FUNCTION = "feewatch_append_only"


def install(tx: Connection) -> None:
    """Let the database refuse changes of append-only tables."""
    remove(tx)
    commands = _postgres() if tx.dialect.name == "postgresql" else _sqlite()
    for command in commands:
        tx.exec_driver_sql(command)


def remove(tx: Connection) -> None:
    """Let tables be altered, by a migration alone."""
    present = set(inspect(tx).get_table_names())
    for table in (_AUDIT, *HISTORY):
        for act in ("update", "delete", "truncate"):
            if tx.dialect.name != "postgresql":
                tx.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_{act}_refused")
            elif table in present:
                tx.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_{act}_refused ON {table}")


@contextmanager
def passing(tx: Connection, reason: str) -> Iterator[None]:
    """Let rows be taken away inside the block, by this transaction alone."""
    tx.execute(insert(record_pass).values(reason=reason[:200]))
    try:
        yield
    finally:
        tx.execute(delete(record_pass))


def _sqlite() -> Iterator[str]:
    for table in (_AUDIT, *HISTORY):
        for act in ("update", "delete"):
            unlinked = "OLD.number IS NOT NULL AND " if (table, act) == (_AUDIT, "update") else ""
            yield (
                f"CREATE TRIGGER {table}_{act}_refused BEFORE {act} ON {table} "
                f"WHEN {unlinked}NOT EXISTS (SELECT 1 FROM record_pass) "
                f"BEGIN SELECT RAISE(ABORT, '{CODE}: {act} of {table} is refused'); END"
            )


def _postgres() -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM record_pass) THEN "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END IF; "
        f"RAISE EXCEPTION USING MESSAGE = '{CODE}: ' || lower(TG_OP) || ' of ' || TG_TABLE_NAME "
        "|| ' is refused'; END $$"
    )
    for table in (_AUDIT, *HISTORY):
        for act in ("update", "delete"):
            unlinked = (
                "WHEN (OLD.number IS NOT NULL) " if (table, act) == (_AUDIT, "update") else ""
            )
            yield (
                f"CREATE TRIGGER {table}_{act}_refused BEFORE {act} ON {table} FOR EACH ROW "
                f"{unlinked}EXECUTE FUNCTION {_FUNCTION}()"
            )
        yield (
            f"CREATE TRIGGER {table}_truncate_refused BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
        )
