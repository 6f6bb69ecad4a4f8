"""What schools of the large world seldom have, for the rules that would judge nothing without it.

An agreed minimum balance on every fourth fee account, and for every fortieth school a case past
its deadline and a statement of an account on no register.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select, update

from feewatch.kernel.days import Day
from feewatch.store import bulk
from feewatch.store.tables.casework import case_file
from feewatch.store.tables.ledger import source_file, statement
from feewatch.store.tables.registers import account, institution_fact

_HAVE_MINIMUM, _HAVE_REST = 4, 40
_MINIMUM_FEN = 100_000_00
_AT = "2026-07-31T20:00:00+08:00"
_CASE = (
    "number", "institution_id", "uscc", "district", "state", "severity", "escalated", "deadline",
    "deadline_provisional", "opened_at",
)  # fmt: skip
_FILE = (
    "sha256", "name", "size", "received_at", "channel", "actor", "provenance", "status", "dialect",
    "problems",
)  # fmt: skip
_STATEMENT = (
    "id", "file_sha256", "n", "account_no", "currency", "from_day", "to_day", "opening_fen",
    "closing_fen", "entries", "status", "reason", "problems", "recorded_at",
)  # fmt: skip


def add(tx: Connection, last_day: Day) -> None:
    """Put it into an office of schools that are in the tables already."""
    tx.execute(
        update(account)
        .where(account.c.kind == "fee", account.c.institution_id % _HAVE_MINIMUM == 0)
        .values(minimum_balance_fen=_MINIMUM_FEN)
    )
    some = tx.execute(
        select(institution_fact.c.institution_id, institution_fact.c.district)
        .where(institution_fact.c.institution_id % _HAVE_REST == 0)
        .order_by(institution_fact.c.institution_id)
    ).all()
    first = (tx.scalar(select(func.max(statement.c.id))) or 0) + 1
    schools = [(int(key), str(district)) for key, district in some]
    bulk.insert_rows(tx, case_file, _CASE, _cases(schools, last_day))
    bulk.insert_rows(tx, source_file, _FILE, (_file(key) for key, _ in schools))
    rows = (_statement(first + at, key, last_day) for at, (key, _) in enumerate(schools))
    bulk.insert_rows(tx, statement, _STATEMENT, rows)


def _cases(schools: list[tuple[int, str]], last_day: Day) -> Iterator[tuple[Any, ...]]:
    for key, district in schools:
        yield (
            f"{district}-2026-{key:06d}", key, "", district, "notified", "red", False,
            last_day - 30, False, _AT,
        )  # fmt: skip


def _sha256(key: int) -> str:
    return f"f{key:063x}"  # statements of the schools count from zero


def _file(key: int) -> tuple[Any, ...]:
    name = f"unregistered-{key}.csv"
    return _sha256(key), name, 190, _AT, "cli", "bench", "office", "quarantined", "generic", "[]"


def _statement(key: int, school: int, last_day: Day) -> tuple[Any, ...]:
    return (
        key, _sha256(school), 1, f"6444{school:013d}", "CNY", last_day - 29, last_day, 0, 1_00, 1,
        "quarantined", "unregistered", "[]", _AT,
    )  # fmt: skip
