"""What breaches rest on: register records and rows of bank files, found for many at once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from feewatch.kernel.days import Day, date_of, day_of
from feewatch.kernel.masking import mask_account
from feewatch.store.scope import among
from feewatch.store.tables.ledger import account_day, entry, match, statement
from feewatch.store.tables.registers import account, contract

Evidence = list[dict[str, Any]]
#: Rows of one breach are cut off here; the page links to the whole ledger.
MOST_ROWS = 50


def find_evidence(
    tx: Connection, kinds: Sequence[str], rows: Sequence[RowMapping], as_of: Day
) -> list[Evidence]:
    """The evidence of each judged row, in the order of the kinds a rule names."""
    evidence_of_rows: list[Evidence] = [[] for _ in rows]
    for kind in kinds:
        for evidence, more in zip(evidence_of_rows, _FINDERS[kind](tx, rows, as_of), strict=True):
            evidence += more[:MOST_ROWS]
    return evidence_of_rows


def _records(kind: str, column: str) -> Callable[..., Iterable[Evidence]]:
    def find(_tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
        return [[{"record": kind, "id": row[column]}] for row in rows]

    return find


def _contracts(tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    """The contracts that a row adds up, by number."""
    summed = [contract_ids(row) for row in rows]
    query = select(contract.c.id, contract.c.contract_no)
    wanted = among(contract.c.id, {each for keys in summed for each in keys})
    numbers = {row.id: row.contract_no for row in tx.execute(query.where(wanted))}
    return [
        [{"record": "contract", "id": number} for number in sorted(numbers[key] for key in keys)]
        for keys in summed
    ]


def _charges(_tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    """The charge of the row, where it is one, and its contract."""
    return [
        [{"record": "charge", "id": row["subject_id"]}] * (row["subject_kind"] == "charge")
        + [{"record": "contract", "id": row["k_contract_no"]}]
        for row in rows
    ]


def contract_ids(row: RowMapping) -> list[int]:
    """Keys of the contracts that a judged row is about."""
    if row.get("k_contract_ids"):
        return [int(each) for each in row["k_contract_ids"].split(",")]
    return [row["k_contract_id"]] if row.get("k_contract_id") else []


def _accounts(tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    """The account of the row, or all accounts its institution has on the register."""
    institutions = {row["institution_id"] for row in rows}
    query = select(account).where(among(account.c.institution_id, institutions))
    held: dict[int, list[RowMapping]] = defaultdict(list)
    for row_of_account in tx.execute(query.order_by(account.c.account_no)).mappings():
        held[row_of_account["institution_id"]].append(row_of_account)
    return [
        [
            {"record": "account", "id": mask_account(row_of_account["account_no"])}
            for row_of_account in held[row["institution_id"]]
            if row.get("k_account_id") in (None, row_of_account["id"])
        ]
        or [{"record": "institution", "id": row["uscc"]}]
        for row in rows
    ]


def _entries(tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    keys = [row["k_entry_id"] for row in rows]
    by_entry: dict[int, Evidence] = defaultdict(list)
    for _, _, _, key, _, at in _lines(tx, among(entry.c.id, keys)):
        by_entry[key].append(at)
    for _, _, _, _, into, at in _lines(tx, among(entry.c.merged_into, keys)):
        by_entry[into or 0].append(at)
    return [by_entry[key] for key in keys]


def _receipts(tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    """The receipts matched to the charge of the row, or to its contract."""
    paid: dict[tuple[int, int], list[int]] = defaultdict(list)
    contracts = among(match.c.contract_id, [row["k_contract_id"] for row in rows])
    matches = select(match.c.contract_id, match.c.charge_id, match.c.entry_id).where(contracts)
    for contract_id, charge_id, entry_id in tx.execute(matches.where(match.c.kind == "receipt")):
        paid[contract_id, charge_id or 0].append(entry_id)
    every = [each for entries in paid.values() for each in entries]
    at = {key: where for _, _, _, key, _, where in _lines(tx, among(entry.c.id, every))}
    return [
        [at[each] for each in paid.get((row["k_contract_id"], row.get("k_charge_id") or 0), [])]
        for row in rows
    ]


def _flows(tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    """Outflows of the day, or of the seven days up to it where the row is of one account."""
    institutions = {row["institution_id"] for row in rows}
    days = {row["on_day"] - back for row in rows for back in range(7)}
    wanted = among(entry.c.institution_id, institutions) & among(entry.c.booked_on, days)
    outflows = entry.c.kind.in_(["release", "deposit_out"]) & entry.c.merged_into.is_(None)
    of_day: dict[tuple[str, int, Day], Evidence] = defaultdict(list)
    for institution, account_id, day, _, _, at in _lines(tx, wanted & outflows):
        of_day["account", account_id, day].append(at)
        of_day["institution", institution, day].append(at)

    def days_of(row: RowMapping) -> list[tuple[str, int, Day]]:
        if row.get("k_account_id"):
            first = row["on_day"] - 6
            return [("account", row["k_account_id"], first + n) for n in range(7)]
        return [("institution", row["institution_id"], row["on_day"])]

    return [[at for each in days_of(row) for at in of_day[each]] for row in rows]


def _lines(
    tx: Connection, condition: ColumnElement[bool]
) -> list[tuple[int, int, Day, int, int | None, dict[str, Any]]]:
    """(institution, account, day, entry, merged into, {file, line}) of entries, in file order."""
    query = (
        select(
            entry.c.institution_id,
            entry.c.account_id,
            entry.c.booked_on,
            entry.c.id,
            entry.c.merged_into,
            statement.c.file_sha256,
            entry.c.line,
        )
        .join(statement, statement.c.id == entry.c.statement_id)
        .where(condition)
        .order_by(entry.c.booked_on, statement.c.file_sha256, entry.c.line)
    )
    return [
        (institution, account_id, day, key, into, {"file_sha256": sha256, "line": line})
        for institution, account_id, day, key, into, sha256, line in tx.execute(query)
    ]


def _refunds(tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    """Refunds of the institution in the calendar month that ends on the row's day."""
    months = [(row["institution_id"], date_of(row["on_day"]).replace(day=1)) for row in rows]
    first = min(day_of(month) for _, month in months)
    institutions = among(entry.c.institution_id, {institution_id for institution_id, _ in months})
    wanted = institutions & (entry.c.booked_on >= first) & (entry.c.kind == "refund")
    by_month: dict[tuple[int, dt.date], Evidence] = defaultdict(list)
    for institution, _, day, _, into, at in _lines(tx, wanted):
        if into is None:
            by_month[institution, date_of(day).replace(day=1)].append(at)
    return [by_month[each] for each in months]


def _balances(tx: Connection, rows: Sequence[RowMapping], as_of: Day) -> list[Evidence]:
    """The last row of the statement that states each account's latest balance."""
    institutions = {row["institution_id"] for row in rows}
    days = select(account_day).where(
        among(account_day.c.institution_id, institutions), account_day.c.day <= as_of
    )
    latest: dict[int, dict[int, int]] = defaultdict(dict)  # institution -> account -> statement
    for closing in tx.execute(days.order_by(account_day.c.day)).mappings():
        latest[closing["institution_id"]][closing["account_id"]] = closing["statement_id"]
    at = _statement_lines(
        tx, {key for by_account in latest.values() for key in by_account.values()}
    )
    return [[at[key] for key in latest[row["institution_id"]].values()] for row in rows]


def _statements(tx: Connection, rows: Sequence[RowMapping], _as_of: Day) -> list[Evidence]:
    at = _statement_lines(tx, {row["k_statement_id"] for row in rows})
    return [[at[row["k_statement_id"]]] for row in rows]


def _statement_lines(tx: Connection, keys: Collection[int]) -> dict[int, dict[str, Any]]:
    """Where each statement stands: its last row, or for one never taken in its first fault."""
    query = select(statement.c.id, statement.c.file_sha256, statement.c.problems)
    rows = tx.execute(query.where(among(statement.c.id, keys))).all()
    lines = {
        key: next((each["line"] for each in problems if each.get("line")), 1)
        for key, _, problems in rows
    }
    last = select(entry.c.statement_id, entry.c.line).where(among(entry.c.statement_id, keys))
    for key, line in tx.execute(last):
        lines[key] = max(lines[key], line)
    return {key: {"file_sha256": sha256, "line": lines[key]} for key, sha256, _ in rows}


_FINDERS: dict[str, Callable[..., Iterable[Evidence]]] = {
    "contract": _records("contract", "k_contract_no"),
    "contracts": _contracts,
    "charge": _charges,
    "course": _records("course", "k_course_id"),
    "refund": _records("refund", "k_refund_no"),
    "case": _records("case", "k_case_no"),
    "account": _accounts,
    "entry": _entries,
    "receipts": _receipts,
    "flows": _flows,
    "refunds": _refunds,
    "balances": _balances,
    "statement": _statements,
}
