"""Undertakings in the database: put on record, judged by a check for many institutions at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from feewatch.casework.states import WITHDRAWN
from feewatch.casework.undertakings import Paid, day_reached
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, parse_day
from feewatch.store.intake.words import word_of_statement
from feewatch.store.scope import among, of_institutions
from feewatch.store.tables.casework import alert, case_file, undertaking, undertaking_item
from feewatch.store.tables.ledger import entry, match, source_file, statement, told_days
from feewatch.store.tables.registers import account, contract, refund_request


@dataclass(frozen=True, slots=True)
class Item:
    """One part of an undertaking."""

    object: str
    contract_id: int | None = None
    amount_fen: int | None = None
    covers_to: Day | None = None


def add(tx: Connection, values: dict[str, Any], items: Collection[Item]) -> int:
    """Put an undertaking with its parts on record; its key."""
    row = {**values, "made_at": timestamp()}
    key: int = tx.execute(insert(undertaking).values(row).returning(undertaking.c.id)).scalar_one()
    parts = [
        {
            "undertaking_id": key,
            "contract_id": item.contract_id,
            "object": item.object,
            "amount_fen": item.amount_fen,
            "covers_to": item.covers_to,
        }
        for item in items
    ]
    if parts:
        tx.execute(insert(undertaking_item), parts)
    return key


def list_of_case(tx: Connection, case_id: int) -> Sequence[Row[Any]]:
    """The undertakings of a case, in the order of their days."""
    query = select(undertaking).where(undertaking.c.case_file_id == case_id)
    return tx.execute(query.order_by(undertaking.c.due_on, undertaking.c.id)).all()


def list_items(tx: Connection, keys: Collection[int]) -> dict[int, list[Row[Any]]]:
    """The parts of undertakings, by undertaking."""
    by_key: dict[int, list[Row[Any]]] = defaultdict(list)
    query = select(undertaking_item).where(among(undertaking_item.c.undertaking_id, keys))
    for row in tx.execute(query.order_by(undertaking_item.c.id)):
        by_key[row.undertaking_id].append(row)
    return by_key


def find_open(tx: Connection, case_id: int, key: int) -> Row[Any] | None:
    """An undertaking of a case that is not done."""
    query = select(undertaking).where(
        undertaking.c.id == key, undertaking.c.case_file_id == case_id,
        undertaking.c.done_on.is_(None),
    )  # fmt: skip
    return tx.execute(query).one_or_none()


def mark_done(tx: Connection, key: int, day: Day, actor: str) -> bool:
    """Whether an undertaking was done by an officer's word from now on; False where it was."""
    changed = tx.execute(
        update(undertaking)
        .where(undertaking.c.id == key, undertaking.c.done_on.is_(None))
        .values(done_on=day, done_by=actor)
    )
    return changed.rowcount == 1


def list_contracts(tx: Connection, institution_id: int, numbers: Collection[str]) -> dict[str, Any]:
    """Contracts of an institution by number: key, what was asked back, what was paid back, fen."""
    asked = (
        select(func.sum(refund_request.c.amount_fen))
        .where(refund_request.c.contract_id == contract.c.id)
        .scalar_subquery()
    )
    paid = (
        select(func.sum(match.c.amount_fen))
        .where(match.c.contract_id == contract.c.id, match.c.kind == "refund")
        .scalar_subquery()
    )
    query = select(
        contract.c.id,
        contract.c.contract_no,
        func.coalesce(asked, 0).label("asked_fen"),
        func.coalesce(paid, 0).label("paid_fen"),
    ).where(contract.c.institution_id == institution_id, contract.c.contract_no.in_(numbers))
    return {row.contract_no: row for row in tx.execute(query)}


def list_account_nos(tx: Connection, institution_id: int, day: Day) -> list[str]:
    """The supervised accounts of an institution that are open on a day."""
    query = select(account.c.account_no).where(
        account.c.institution_id == institution_id,
        account.c.kind.in_(("fee", "deposit")),
        (account.c.closed_on.is_(None)) | (account.c.closed_on > day),
    )
    return list(tx.scalars(query.order_by(account.c.account_no)))


def judge(tx: Connection, institutions: Collection[int] | None, as_of: Day) -> None:
    """Bring the undertakings of cases not dismissed in line with the data of a check.

    What an institution alone tells fulfils none. Doing it again with the same data changes nothing.
    """
    wanted = (
        select(undertaking, case_file.c.institution_id)
        .join(case_file)
        .where(
            of_institutions(case_file.c.institution_id, institutions),
            case_file.c.state != "dismissed",
            undertaking.c.kind != "other",
            undertaking.c.done_by.is_(None),
        )
        .order_by(undertaking.c.id)
    )
    rows = tx.execute(wanted.with_for_update(of=undertaking)).all()
    if not rows:
        return
    by_kind: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    _judge_refunds(tx, by_kind["refund"], as_of)
    _judge_top_ups(tx, by_kind["top_up"])
    _judge_statements(tx, by_kind["statement"], as_of)
    _sum_up(tx, rows)


def _judge_refunds(tx: Connection, rows: Sequence[Row[Any]], as_of: Day) -> None:
    """Done on the day on which the bank's refunds since the undertaking reach the amount."""
    since = {row.id: parse_day(row.made_at[:10]) or 0 for row in rows}
    query = (
        select(
            undertaking_item.c.id, undertaking_item.c.undertaking_id, match.c.booked_on,
            match.c.amount_fen, statement.c.file_sha256, entry.c.line,
        )
        .join(match, match.c.contract_id == undertaking_item.c.contract_id)
        .join(entry, entry.c.id == match.c.entry_id)
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(
            among(undertaking_item.c.undertaking_id, since),
            match.c.kind == "refund",
            match.c.booked_on <= as_of,
            word_of_statement() != "institution",
        )
        .order_by(match.c.booked_on, statement.c.file_sha256, entry.c.line)
    )  # fmt: skip
    paid: dict[int, list[Paid]] = defaultdict(list)
    for item_id, key, *facts in tx.execute(query):
        if facts[0] >= since[key]:
            paid[item_id].append(Paid(*facts))
    changes = []
    for items in list_items(tx, since).values():
        for item in items:
            refunds = paid[item.id]
            evidence = [{"file_sha256": each.file_sha256, "line": each.line} for each in refunds]
            changes.append((item, day_reached(refunds, item.amount_fen or 0), evidence or None))
    _write_items(tx, changes)


def _judge_top_ups(tx: Connection, rows: Sequence[Row[Any]]) -> None:
    """Done when every alert of the matter is over, on the day the last of them ended."""
    by_matter: dict[int, list[Any]] = defaultdict(list)
    matters = {row.matter_id for row in rows}
    query = select(alert.c.id, alert.c.matter_id, alert.c.recovered_on, alert.c.present).where(
        among(alert.c.matter_id, matters), alert.c.status != WITHDRAWN
    )
    for each in tx.execute(query.order_by(alert.c.id)):
        by_matter[each.matter_id].append(each)
    items = list_items(tx, [row.id for row in rows])
    changes = []
    for row in rows:
        alerts = by_matter[row.matter_id]
        is_over = alerts and all(each.recovered_on and each.present == "over" for each in alerts)
        day = max(each.recovered_on for each in alerts) if is_over else None
        evidence = [{"record": "alert", "id": each.id} for each in alerts] if is_over else None
        changes += [(item, day, evidence) for item in items[row.id]]
    _write_items(tx, changes)


def _judge_statements(tx: Connection, rows: Sequence[Row[Any]], as_of: Day) -> None:
    """Done at the first check that knows the day undertaken by the word of bank or office."""
    items = [item for parts in list_items(tx, [row.id for row in rows]).values() for item in parts]
    numbers = {item.object for item in items}
    query = (
        select(account.c.account_no, told_days.c.from_day, told_days.c.to_day)
        .join(told_days, told_days.c.account_id == account.c.id)
        .where(account.c.account_no.in_(numbers), told_days.c.word != "institution")
    )
    told: dict[str, list[tuple[Day, Day]]] = defaultdict(list)
    for number, first, last in tx.execute(query):
        told[number].append((first, last))
    changes = []
    for item in items:
        known = any(first <= item.covers_to <= last for first, last in told[item.object])
        day = (item.done_on if item.done_on is not None else as_of) if known else None
        changes.append((item, day, None))
    _write_items(tx, changes)


def _write_items(
    tx: Connection, changes: Sequence[tuple[Row[Any], Day | None, list[dict[str, Any]] | None]]
) -> None:
    rows = [
        {"item": item.id, "day": day, "rows": evidence}
        for item, day, evidence in changes
        if (item.done_on, item.evidence) != (day, evidence)
    ]
    if rows:
        column = undertaking_item.c
        change = update(undertaking_item).where(column.id == bindparam("item"))
        values = {
            "done_on": bindparam("day", type_=column.done_on.type),
            "evidence": bindparam("rows", type_=column.evidence.type),
        }
        tx.execute(change.values(values), rows)


def _sum_up(tx: Connection, rows: Sequence[Row[Any]]) -> None:
    """An undertaking is done when all its parts are, on the day of the last."""
    items = list_items(tx, [row.id for row in rows])
    changes = []
    for row in rows:
        days = [item.done_on for item in items[row.id]]
        done_on = max(days) if days and None not in days else None
        if done_on != row.done_on:
            changes.append({"key": row.id, "day": done_on})
    if changes:
        change = update(undertaking).where(undertaking.c.id == bindparam("key"))
        day = bindparam("day", type_=undertaking.c.done_on.type)
        tx.execute(change.values(done_on=day), changes)
