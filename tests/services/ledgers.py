"""An office that knows the made-up account, and its ledger told so that two can be compared."""

import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bankfiles
from offices import initialise
from sqlalchemy import Connection, insert, select

from feewatch.bootstrap import App, open_app
from feewatch.config import Config
from feewatch.store.tables.ledger import (
    account_coverage,
    account_day,
    entry,
    match,
    statement,
    statement_link,
)
from feewatch.store.tables.registers import account, contract, institution, institution_fact

Picture = dict[str, Any]


def office(folder: Path) -> App:
    """An office with the account and contracts of the made-up bank on its register."""
    shutil.copytree(_pattern().name, folder, dirs_exist_ok=True)
    return open_app(Config(folder=folder))


@cache
def _pattern() -> "TemporaryDirectory[str]":
    """Such an office, made once: the making takes longer than most of what is tried in it."""
    folder = TemporaryDirectory()
    app = initialise(Config(folder=Path(folder.name)))
    with app.database.transaction() as tx:
        register(tx)
    app.database.dispose()
    return folder


def register(tx: Connection) -> None:
    tx.execute(insert(institution).values(id=1, uscc="52370702651728628K"))
    tx.execute(
        insert(institution_fact).values(
            institution_id=1, valid_from=0, valid_to=99_999, name="启明培训中心",
            district="370702", subject="arts", nature="non_profit", custody="bank_custody",
        )
    )  # fmt: skip
    tx.execute(
        insert(account).values(
            id=1, account_no=bankfiles.ACCOUNT, institution_id=1, bank="行", kind="fee",
            imported_on=0,
        )
    )  # fmt: skip
    for n, (number, fee) in enumerate(bankfiles.CONTRACTS.items(), 1):
        tx.execute(
            insert(contract).values(
                id=n, institution_id=1, contract_no=number, course_id="K", student="S",
                basis="hours", lessons=10, fee_fen=fee, payment="prepaid",
                paid_on=bankfiles.FIRST + 3 * n,
            )
        )  # fmt: skip


def picture(app: App) -> Picture:
    """The account as the database has it, told without keys and without names of files."""
    with app.database.reading() as tx:
        standing = tx.execute(
            select(entry)
            .join(statement, statement.c.id == entry.c.statement_id)
            .where(entry.c.merged_into.is_(None))
        ).all()
        told = {
            each.id: (each.booked_on, each.amount_fen, _plain(each.memo), each.counterparty)
            for each in standing
        }
        return {
            "numbers": sorted((each.booked_on, each.amount_fen, each.n) for each in standing),
            "entries": Counter(
                (told[each.id], each.kind, told.get(each.reverses), each.matched_fen)
                for each in standing
            ),
            "matches": Counter(
                (told[each.entry_id], each.contract_id, each.amount_fen, each.how)
                for each in tx.execute(select(match))
            ),
            "coverage": [
                tuple(each)
                for each in tx.execute(
                    select(account_coverage.c.from_day, account_coverage.c.to_day)
                )
            ],
            "days": {
                each.day: each.closing_fen
                for each in tx.execute(select(account_day.c.day, account_day.c.closing_fen))
            },
            "joints": {
                (each.missing_days, each.difference_fen)
                for each in tx.execute(select(statement_link))
            },
        }


def _plain(memo: str | None) -> str | None:
    """A memo without what some formats add to every one."""
    return memo and memo.replace(bankfiles.KIND, "").strip()


def details(app: App) -> list[tuple[object, ...]]:
    """All that the ledger tells of each entry, and which file's row it is.

    Not its number among equal ones, which stays as it was given first.
    """
    columns = ("booked_on", "amount_fen", "balance_fen", "counterparty", "memo", "reference",
               "booked_time", "reversal_mark", "seq", "line", "filled")  # fmt: skip
    query = (
        select(statement.c.file_sha256, *(entry.c[name] for name in columns))
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(entry.c.merged_into.is_(None))
    )
    with app.database.reading() as tx:
        return sorted((tuple(row) for row in tx.execute(query)), key=str)
