"""The registers in the database: find what is on file, write what a file says, keep history.

Records go in and come out as ``registry.records``; which of them may stand is not decided here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from feewatch.kernel.clock import timestamp, today
from feewatch.kernel.days import LAST_DAY, Day
from feewatch.registry.columns import Kind
from feewatch.registry.records import Contract, Lesson, Record, Succession
from feewatch.store.bulk import insert_values
from feewatch.store.tables import ledger, places
from feewatch.store.tables import registers as tables

_TABLES = {
    "institutions": tables.institution_fact,
    "accounts": tables.account,
    "courses": tables.course,
    "contracts": tables.contract,
    "lessons": tables.lesson,
    "refunds": tables.refund_request,
    "approvals": tables.approval,
    "charges": places.charge,
    "sites": places.site,
    "successions": places.succession,
    "premises": places.premises,
    "clues": places.clue,
}
#: The field by which rows on file are looked up, some hundreds at a time.
_FOUND_BY = {
    "institutions": "uscc",
    "accounts": "account_no",
    "courses": "course_id",
    "contracts": "contract_no",
    "lessons": "contract_id",
    "refunds": "refund_no",
    "approvals": "document",
    "charges": "contract_id",
    "sites": "site_no",
    "successions": "to_uscc",
    "premises": "premises_no",
    "clues": "clue_no",
}
_MEASURES = ("total_lessons", "span_months", "lead_months", "lead_months_up")
#: SQLite and PostgreSQL both take far more variables; the statement stays cheap to prepare.
_BATCH = 500


class Located(NamedTuple):
    """What a file says of one key; its institution is on file, and the contract it names."""

    line: int
    record: Record
    contract_id: int | None = None
    rows: int = 1  # so many rows of the file say it together


class RecordOnFile(NamedTuple):
    """A record on file; premises and clues need have no institution."""

    id: int
    institution_id: int | None
    record: Record
    recorded_on: Day | None = None


class ContractKey(NamedTuple):
    """Where a contract is on file."""

    id: int
    institution_id: int
    uscc: str


class RecordChange(NamedTuple):
    """One entry of the history."""

    institution_id: int | None
    key: str
    before: dict[str, Any]
    after: dict[str, Any]


def batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """The distinct items in sorted batches that one IN list can hold."""
    rest = iter(sorted(set(items)))
    while batch := list(islice(rest, _BATCH)):
        yield batch


def lock(tx: Connection) -> None:
    """Let imports queue: SQLite's writer does already, PostgreSQL's would meet in the middle."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE register_import IN EXCLUSIVE MODE"))


def institution_ids(tx: Connection, usccs: Iterable[str]) -> dict[str, int]:
    """The ids of those institutions that are on file."""
    institution = tables.institution
    return {
        uscc: id_
        for batch in batches(usccs)
        for uscc, id_ in tx.execute(
            select(institution.c.uscc, institution.c.id).where(institution.c.uscc.in_(batch))
        )
    }


def get_uscc(tx: Connection, institution_id: int) -> str:
    """The code of an institution on file."""
    institution = tables.institution
    query = select(institution.c.uscc).where(institution.c.id == institution_id)
    return str(tx.execute(query).scalar_one())


def places_of(tx: Connection, institutions: Iterable[int], day: Day) -> dict[int, str]:
    """The districts of institutions on a day; the first there will be where there is none yet."""
    fact = tables.institution_fact
    places: dict[int, str] = {}
    for batch in batches(institutions):
        query = select(fact.c.institution_id, fact.c.district, fact.c.valid_from)
        dated = query.where(fact.c.institution_id.in_(batch)).order_by(fact.c.valid_from)
        for key, district, valid_from in tx.execute(dated):
            if valid_from <= day or key not in places:
                places[key] = district
    return places


def add_institutions(tx: Connection, usccs: Iterable[str]) -> None:
    """Put new institutions on file."""
    rows = [{"uscc": uscc} for uscc in usccs]
    if rows:
        insert_values(tx, tables.institution, rows)


def find_contracts(tx: Connection, numbers: Iterable[str]) -> dict[str, list[ContractKey]]:
    """The contracts of each number, of whatever institution."""
    by_number: dict[str, list[ContractKey]] = defaultdict(list)
    contract = tables.contract
    for batch in batches(numbers):
        for number, *key in tx.execute(
            select(
                contract.c.contract_no,
                contract.c.id,
                contract.c.institution_id,
                tables.institution.c.uscc,
            )
            .join(tables.institution, tables.institution.c.id == contract.c.institution_id)
            .where(contract.c.contract_no.in_(batch))
        ):
            by_number[number].append(ContractKey(*key))
    return by_number


def courses_on_file(tx: Connection, course_ids: Iterable[str]) -> set[tuple[int, str]]:
    """(institution, course id) of those courses that are on file."""
    course = tables.course
    return {
        (institution_id, course_id)
        for batch in batches(course_ids)
        for institution_id, course_id in tx.execute(
            select(course.c.institution_id, course.c.course_id).where(course.c.course_id.in_(batch))
        )
    }


def find_stored(tx: Connection, kind: str, rows: Sequence[Located]) -> list[RecordOnFile]:
    """What is on file under the numbers of these rows; may hold others beside them."""
    if not rows:
        return []
    table, by = _TABLES[kind], _FOUND_BY[kind]
    make = type(rows[0].record)
    columns = [_column(table, field) for field in make._fields]
    recorded = _recorded(table).label("recorded_on")
    query = select(table.c.id, table.c.institution_id, recorded, *columns)
    query = query.select_from(_joined(table))
    if table is tables.lesson:
        days = [row.record.held_on for row in rows if isinstance(row.record, Lesson)]
        query = query.where(table.c.held_on.between(min(days), max(days)))
    numbers = {row.contract_id if by == "contract_id" else getattr(row.record, by) for row in rows}
    return [
        RecordOnFile(id_, institution_id, make._make(values), recorded_on)
        for batch in batches(numbers)
        for id_, institution_id, recorded_on, *values in tx.execute(
            query.where(_column(table, by).in_(batch))
        )
    ]


def find_record(tx: Connection, kind: Kind, record_id: int) -> RecordOnFile | None:
    """A record on file by its key."""
    return next(iter(_stored(tx, kind, record_id)), None)


def list_names(tx: Connection) -> list[tuple[str, str]]:
    """(credit code, name) of every institution on file, former names too."""
    fact, of_all = tables.institution_fact, tables.institution
    query = select(of_all.c.uscc, fact.c.name).join(of_all, of_all.c.id == fact.c.institution_id)
    return [(uscc, name) for uscc, name in tx.execute(query.distinct())]


def list_of_institution(tx: Connection, kind: Kind, institution_id: int) -> list[RecordOnFile]:
    """Every record of a kind that is on file of an institution, in the order in which they came."""
    return _stored(tx, kind, institution_id=institution_id)


def list_stored(tx: Connection, kind: Kind) -> list[RecordOnFile]:
    """Every record of a kind on file, with the day it came."""
    return _stored(tx, kind)


def _stored(
    tx: Connection, kind: Kind, record_id: int | None = None, institution_id: int | None = None
) -> list[RecordOnFile]:
    table = _TABLES[kind.name]
    columns = [_column(table, column.fills) for column in kind.columns]
    recorded = _recorded(table).label("recorded_on")
    query = select(table.c.id, table.c.institution_id, recorded, *columns)
    query = query.select_from(_joined(table)).order_by(table.c.id)
    if record_id is not None:
        query = query.where(table.c.id == record_id)
    if institution_id is not None:
        query = query.where(table.c.institution_id == institution_id)
    return [
        RecordOnFile(id_, institution_id, kind.make(values), recorded_on)
        for id_, institution_id, recorded_on, *values in tx.execute(query)
    ]


def _column(table: FromClause, field: str) -> ColumnElement[Any]:
    if field == "uscc":
        return tables.institution.c.uscc
    return table.c[field] if field in table.c else tables.contract.c[field]


def _recorded(table: FromClause) -> ColumnElement[Any]:
    """The day a row was put on file."""
    return table.c.imported_on if table is tables.account else table.c.recorded_on


def _joined(table: FromClause) -> FromClause:
    is_own = tables.institution.c.id == table.c.institution_id
    joined = table.join(tables.institution, is_own, isouter=bool(table.c.institution_id.nullable))
    if "contract_id" in table.c:
        return joined.join(tables.contract, tables.contract.c.id == table.c.contract_id)
    return joined


def insert_records(
    tx: Connection,
    kind: str,
    rows: Sequence[Located],
    institutions: Mapping[str, int],
    told_by: str | None = None,
) -> None:
    """Put new records on file; ``institutions`` gives the ids by uscc.

    ``told_by``: ``institution`` where it is by its word alone that contracts or lessons are told.
    """
    if not rows:
        return
    table = _TABLES[kind]
    constant: dict[str, Any] = {str(_recorded(table).key): today()}
    if "told_by" in table.c:
        constant["told_by"] = told_by
    if table is tables.institution_fact:
        constant["valid_to"] = LAST_DAY
    insert_values(tx, table, [each | constant for each in _values(table, rows, institutions)])


def update_records(
    tx: Connection,
    kind: str,
    changed: Sequence[tuple[int, Located]],
    institutions: Mapping[str, int],
) -> None:
    """Rewrite records on file by their ids."""
    if changed:
        table = _TABLES[kind]
        values = _values(table, [row for _, row in changed], institutions)
        rows = [each | {"row": id_} for each, (id_, _) in zip(values, changed, strict=True)]
        tx.execute(update(table).where(table.c.id == bindparam("row")), rows)


def delete_records(tx: Connection, kind: str, ids: Sequence[int]) -> None:
    """Take cancelled records off the file; the history keeps what they said."""
    if ids:
        table = _TABLES[kind]
        tx.execute(delete(table).where(table.c.id == bindparam("row")), [{"row": i} for i in ids])


def _values(
    table: FromClause, rows: Sequence[Located], institutions: Mapping[str, int]
) -> list[dict[str, Any]]:
    sample = rows[0].record
    kept = [(i, field) for i, field in enumerate(sample._fields) if field in table.c]
    measures = _MEASURES if isinstance(sample, Contract) else ()
    has_contract = "contract_id" in table.c
    values = []
    for _, record, contract_id, _ in rows:
        row: dict[str, Any] = {field: record[i] for i, field in kept}
        row["institution_id"] = institutions[record.uscc] if record.uscc else None
        if isinstance(record, Succession):
            row["to_institution_id"] = institutions[record.to_uscc]
        if has_contract:
            row["contract_id"] = contract_id
        for measure in measures:
            row[measure] = getattr(record, measure)
        values.append(row)
    return values


def join_facts(tx: Connection, institutions: Iterable[int]) -> None:
    """Let each dated row of these institutions hold until the day before the next."""
    fact = tables.institution_fact
    rows: list[dict[str, int]] = []
    for batch in batches(institutions):
        dated = tx.execute(
            select(fact.c.id, fact.c.institution_id, fact.c.valid_from, fact.c.valid_to)
            .where(fact.c.institution_id.in_(batch))
            .order_by(fact.c.institution_id, fact.c.valid_from)
        ).all()
        for this, following in zip(dated, [*dated[1:], None], strict=True):
            is_last = following is None or following.institution_id != this.institution_id
            until = LAST_DAY if is_last or following is None else following.valid_from - 1
            if until != this.valid_to:
                rows.append({"row": this.id, "valid_to": until})
    if rows:
        tx.execute(update(fact).where(fact.c.id == bindparam("row")), rows)


def move_account(tx: Connection, account_id: int, institution_id: int) -> None:
    """Give an account's statements and entries to the institution it now belongs to."""
    for table in (
        ledger.statement,
        ledger.entry,
        ledger.account_day,
        ledger.account_coverage,
        ledger.told_days,
        ledger.proven_coverage,
        ledger.statement_link,
        ledger.proven_link,
    ):
        tx.execute(
            update(table)
            .where(table.c.account_id == account_id)
            .values(institution_id=institution_id)
        )


def record_changes(
    tx: Connection,
    kind: str,
    changes: Collection[RecordChange],
    *,
    actor: str,
    file_sha256: str,
    word: str = "office",
    proposal_id: int | None = None,
) -> None:
    """Append to the history what rows said before and say now, by whose word."""
    if changes:
        moment = timestamp()
        insert_values(
            tx,
            tables.register_change,
            [
                {
                    **change._asdict(),
                    "kind": kind,
                    "at": moment,
                    "actor": actor,
                    "file_sha256": file_sha256,
                    "word": word,
                    "proposal_id": proposal_id,
                }
                for change in changes
            ],
        )


def record_import(
    tx: Connection, kind: str, name: str, *, actor: str, file_sha256: str, counts: dict[str, Any]
) -> None:
    """Append one import to the list of imports."""
    tx.execute(
        insert(tables.register_import).values(
            at=timestamp(),
            actor=actor,
            kind=kind,
            file_name=name[:255],
            file_sha256=file_sha256,
            counts=counts,
        )
    )
