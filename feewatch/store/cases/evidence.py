"""What an alert rests on, as it lies on file: rows of bank files and rows of registers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    bindparam,
    cast,
    func,
    select,
)

from feewatch.kernel.days import Day
from feewatch.kernel.masking import mask_account
from feewatch.store.intake.words import shown_word, word_of_row
from feewatch.store.tables.casework import case_file
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.places import charge
from feewatch.store.tables.registers import (
    account,
    contract,
    course,
    institution,
    institution_fact,
    lesson,
    refund_request,
)

Evidence = Sequence[Mapping[str, Any]]
#: The institution asked for: given with each execution, so that statements are built once.
_OWN: ColumnElement[int] = bindparam("institution", type_=Integer)


class Whose(NamedTuple):
    """Whose rows may be shown, and as of when: those of no other institution."""

    institution_id: int | None  # None: statements of unregistered accounts
    on_day: Day


def find_entries(
    tx: Connection, whose: Whose, evidence: Evidence
) -> dict[tuple[str, int], list[RowMapping]]:
    """The entries that stand at the lines that evidence names, by (file hash, line)."""
    lines = [each for each in evidence if each.get("line") is not None]
    binds = {
        "institution": whose.institution_id,
        "hashes": list({each["file_sha256"] for each in lines}),
        "lines": list({each["line"] for each in lines}),
    }
    query = _entries(is_known=whose.institution_id is not None)
    by_line: defaultdict[tuple[str, int], list[RowMapping]] = defaultdict(list)
    for row in tx.execute(query, binds).mappings() if lines else ():
        by_line[row["file_sha256"], row["line"]].append(row)
    return by_line


def _is_whose(column: ColumnElement[int], *, is_known: bool) -> ColumnElement[bool]:
    return column == _OWN if is_known else column.is_(None)


@cache
def _entries(*, is_known: bool) -> Select[Any]:
    return (
        select(
            source_file.c.name.label("file"),
            account.c.account_no,
            entry.c.booked_on,
            entry.c.amount_fen,
            entry.c.balance_fen,
            entry.c.counterparty,
            entry.c.counterparty_account,
            entry.c.memo,
            entry.c.reference,
            entry.c.kind,
            word_of_row(entry.c.booked_on).label("word"),
            statement.c.file_sha256,
            entry.c.line,
        )
        .select_from(entry)
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(account, account.c.id == entry.c.account_id)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(
            _is_whose(entry.c.institution_id, is_known=is_known),
            statement.c.file_sha256.in_(bindparam("hashes", expanding=True)),
            entry.c.line.in_(bindparam("lines", expanding=True)),
        )
        .order_by(entry.c.id)
    )


def find_statements(
    tx: Connection, whose: Whose, hashes: Collection[str]
) -> dict[str, list[RowMapping]]:
    """The statements of files: what there is to show of one that was never accepted."""
    binds = {"institution": whose.institution_id, "hashes": list(hashes)}
    query = _statements(is_known=whose.institution_id is not None)
    by_file: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in tx.execute(query, binds).mappings() if hashes else ():
        by_file[row["file_sha256"]].append(row)
    return by_file


@cache
def _statements(*, is_known: bool) -> Select[Any]:
    return (
        select(
            source_file.c.name.label("file"),
            statement.c.file_sha256,
            statement.c.n,
            statement.c.account_no,
            statement.c.from_day,
            statement.c.to_day,
            statement.c.opening_fen,
            statement.c.closing_fen,
            statement.c.status,
            statement.c.reason,
            statement.c.difference_fen,
            shown_word().label("word"),
        )
        .select_from(statement)
        .join(source_file, source_file.c.sha256 == statement.c.file_sha256)
        .where(
            statement.c.file_sha256.in_(bindparam("hashes", expanding=True)),
            _is_whose(statement.c.institution_id, is_known=is_known),
        )
        .order_by(statement.c.n)
    )


def find_records(
    tx: Connection, whose: Whose, evidence: Evidence
) -> dict[tuple[str, str], RowMapping]:
    """The rows of registers that evidence names, by (record, id)."""
    named = defaultdict(set)
    for source in evidence:
        if "record" in source:
            named[source["record"]].add(str(source["id"]))
    if whose.institution_id is None:
        return {}
    records: dict[tuple[str, str], RowMapping] = {}
    own = {"institution": whose.institution_id}
    for kind, keys in named.items():
        if kind == "account":  # evidence names it masked
            accounts = tx.execute(_accounts(), own).mappings()
            records |= {(kind, mask_account(row["key"])): row for row in accounts}
        elif kind in RECORDS:
            binds = (
                own
                | {"keys": list(keys)}
                | ({"day": whose.on_day} if kind == "institution" else {})
            )
            rows = tx.execute(_named(kind), binds).mappings()
            records |= {(kind, row["key"]): row for row in rows}
    return records


@cache
def _named(kind: str) -> Select[Any]:
    rows = RECORDS[kind]().subquery()
    return select(rows).where(rows.c.key.in_(bindparam("keys", expanding=True)))


def _contracts() -> Select[Any]:
    c = contract.c
    taught = (
        select(
            lesson.c.contract_id,
            cast(func.sum(lesson.c.lessons), BigInteger).label("held_lessons"),
            func.max(lesson.c.held_on).label("last_held_on"),
        )
        .where(lesson.c.institution_id == _OWN)
        .group_by(lesson.c.contract_id)
        .subquery()
    )
    return (
        select(
            c.contract_no.label("key"), c.course_id, c.basis, c.lessons, c.gift_lessons,
            c.starts_on, c.ends_on, c.fee_fen, c.paid_on, c.other_fee_fen, c.renews, c.channel,
            c.payment, taught.c.held_lessons, taught.c.last_held_on,
        )
        .outerjoin(taught, taught.c.contract_id == c.id)
        .where(c.institution_id == _OWN)
    )  # fmt: skip


def _charges() -> Select[Any]:
    c = charge.c
    return (
        select(
            (contract.c.contract_no + "/" + c.charge_no).label("key"), c.due_on, c.amount_fen,
            c.lessons, c.starts_on, c.ends_on, c.paid_on,
        )
        .join(contract, contract.c.id == c.contract_id)
        .where(c.institution_id == _OWN)
    )  # fmt: skip


def _courses() -> Select[Any]:
    c = course.c
    return select(
        c.course_id.label("key"), c.title, c.discipline, c.stage, c.mode, c.class_size,
        c.lesson_minutes, c.lessons, c.price_per_lesson_fen, c.starts_on, c.ends_on,
    ).where(c.institution_id == _OWN)  # fmt: skip


def _refunds() -> Select[Any]:
    c = refund_request.c
    return (
        select(
            c.refund_no.label("key"),
            contract.c.contract_no,
            c.requested_on,
            c.amount_fen,
            c.cause,
        )
        .join(contract, contract.c.id == c.contract_id)
        .where(c.institution_id == _OWN)
    )


def _cases() -> Select[Any]:
    c = case_file.c
    columns = c.number.label("key"), c.state, c.severity, c.deadline, c.opened_at
    return select(*columns).where(c.institution_id == _OWN)


@cache
def _accounts() -> Select[Any]:
    c = account.c
    return select(
        c.account_no.label("key"), c.kind, c.bank, c.opened_on, c.closed_on,
        c.minimum_balance_fen, c.statement_cycle,
    ).where(c.institution_id == _OWN)  # fmt: skip


def _institutions() -> Select[Any]:
    c = institution_fact.c
    return (
        select(
            institution.c.uscc.label("key"), c.name, c.district, c.subject, c.nature, c.custody,
            c.licence_no, c.licence_until, c.renewal_applied_on, c.supervised_from,
        )
        .join(institution, institution.c.id == c.institution_id)
        .where(
            c.institution_id == _OWN,
            bindparam("day", type_=BigInteger).between(c.valid_from, c.valid_to),
        )
    )  # fmt: skip


RECORDS = {
    "contract": _contracts,
    "charge": _charges,
    "course": _courses,
    "refund": _refunds,
    "case": _cases,
    "institution": _institutions,
}
