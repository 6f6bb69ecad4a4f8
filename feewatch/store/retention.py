"""What is past its term and may go, what is bound and stays, and how it goes.

Rows of the bank stay with place, day, amount and balance; their texts become stars, which rules
and merging know as a bank's own masking: unknown, never passed. Files go whole; their hash stays.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from feewatch.casework.cases import OVER
from feewatch.kernel.days import Day
from feewatch.store import kept_files
from feewatch.store.database import Database
from feewatch.store.scope import among
from feewatch.store.tables import metadata
from feewatch.store.tables.casework import alert, case_file, matter
from feewatch.store.tables.confirmations import confirmation_item
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.log_ins import log_in_session
from feewatch.store.tables.operations import log_in_attempt
from feewatch.store.tables.papers import attachment, message
from feewatch.store.tables.privacy import erased, erasure_event
from feewatch.store.tables.proposals import proposal
from feewatch.store.tables.publication import decision, white_hold
from feewatch.store.tables.registers import contract, institution

#: What stands where a text was erased.
STARS = "***"
OF_PARTY, OF_PAYMENT = ("counterparty", "counterparty_account"), ("memo", "reference")
TEXTS = OF_PARTY + OF_PAYMENT
_OPEN_MATTERS = ("open", "in_case")
_ENDED_DECISIONS = ("refused", "revoked", "void", "changed", "repaired")
_AT_ONCE = 5_000


class BoundInstitution(NamedTuple):
    """An institution of which nothing goes, and by what."""

    institution_id: int
    by: str  # case, matter, proposal, hold, decision, confirmation, quarantine


class DueStatement(NamedTuple):
    """A statement of which texts are to go."""

    id: int
    file_sha256: str
    n: int
    rows: int


class ErasedRows(NamedTuple):
    """How many rows lost their texts, and of which institutions."""

    rows: int
    institutions: frozenset[int]


def list_bound(tx: Connection, day: Day) -> list[BoundInstitution]:
    """Institutions with something open on a day: each with what binds it."""
    of_uscc = institution.c.uscc
    queries = {
        "case": select(case_file.c.institution_id).where(case_file.c.state.not_in(OVER)),
        "matter": select(matter.c.institution_id).where(matter.c.status.in_(_OPEN_MATTERS)),
        "proposal": select(proposal.c.institution_id).where(proposal.c.state == "open"),
        "hold": select(institution.c.id)
        .join(white_hold, white_hold.c.uscc == of_uscc)
        .where(white_hold.c.ended_on.is_(None)),
        "decision": select(institution.c.id)
        .join(decision, decision.c.uscc == of_uscc)
        .where(
            decision.c.status.not_in(_ENDED_DECISIONS),
            or_(decision.c.last_day.is_(None), decision.c.last_day >= day),
        ),
        "confirmation": select(statement.c.institution_id)
        .join(confirmation_item, confirmation_item.c.statement_id == statement.c.id)
        .where(confirmation_item.c.status.in_(("asked", "proposed"))),
        "quarantine": select(statement.c.institution_id).where(statement.c.status == "quarantined"),
    }
    return [
        BoundInstitution(key, by)
        for by, query in queries.items()
        for key in sorted(key for key in tx.scalars(query.distinct()) if key is not None)
    ]


def list_due_statements(tx: Connection, before: Day, bound: Collection[int]) -> list[DueStatement]:
    """Statements with rows of before a day whose texts stand, of institutions that are free."""
    query = (
        select(statement.c.id, statement.c.file_sha256, statement.c.n, func.count())
        .join(entry, entry.c.statement_id == statement.c.id)
        .where(entry.c.booked_on < before, has_texts(), ~among(entry.c.institution_id, bound))
        .group_by(statement.c.id, statement.c.file_sha256, statement.c.n)
        .order_by(statement.c.id)
    )
    return [DueStatement(*row) for row in tx.execute(query)]


def count_bound_rows(tx: Connection, before: Day, bound: Collection[int]) -> int:
    """Rows of before a day whose texts stay, as their institution is bound."""
    query = select(func.count()).select_from(entry)
    query = query.where(
        entry.c.booked_on < before, has_texts(), among(entry.c.institution_id, bound)
    )
    return int(tx.scalars(query).one())


def has_texts() -> ColumnElement[bool]:
    """Whether a row has a text that was not erased."""
    return or_(*(and_(entry.c[name].is_not(None), entry.c[name] != STARS) for name in TEXTS))


def erase_texts(
    tx: Connection, sha256: str, n: int, *, before: Day | None, seqs: Collection[int] | None,
    names: Collection[str] = TEXTS,
) -> ErasedRows:  # fmt: skip
    """Put stars in place of texts of rows of a statement: how many rows, of which institutions."""
    key = select(statement.c.id).where(statement.c.file_sha256 == sha256, statement.c.n == n)
    which = [entry.c.statement_id == key.scalar_subquery()]
    if before is not None:
        which.append(entry.c.booked_on < before)
    if seqs is not None:
        which.append(among(entry.c.seq, seqs))
    stars = {name: case((entry.c[name].is_(None), None), else_=STARS) for name in names}
    rows = list(
        tx.scalars(
            update(entry)
            .where(*which, has_texts())
            .values(stars | {"is_erased": True})
            .returning(entry.c.institution_id)
        )
    )
    return ErasedRows(len(rows), frozenset(rows))


def list_due_files(tx: Connection, before: Day, bound: Collection[int], rejected: str) -> list[str]:
    """Files of the bank that are past their term: all days are before a day, nothing binds them.

    So are those that could not be read and came before a moment.
    """
    inside = select(statement.c.file_sha256).where(
        or_(
            statement.c.to_day >= before,
            statement.c.status == "quarantined",
            among(func.coalesce(statement.c.institution_id, 0), bound),
        )
    )
    has_statements = select(statement.c.file_sha256)
    is_old = and_(source_file.c.sha256.in_(has_statements), source_file.c.sha256.not_in(inside))
    is_waste = and_(source_file.c.status == "rejected", source_file.c.received_at < rejected)
    query = select(source_file.c.sha256).where(or_(is_old, is_waste), _stands(source_file.c.sha256))
    return list(tx.scalars(query.order_by(source_file.c.sha256)))


def list_due_vouchers(
    tx: Connection, before: Day, moment: str, bound: Collection[int]
) -> list[str]:
    """Attachments of cases that were settled before a day, vouchers of proposals decided long ago.

    What something else on record rests on too stays: a decision, a paper, a letter.
    """
    of_cases = (
        select(attachment.c.sha256)
        .join(case_file, case_file.c.id == attachment.c.case_file_id)
        .where(
            case_file.c.state.in_(OVER),
            case_file.c.closed_on < before,
            ~among(func.coalesce(case_file.c.institution_id, 0), bound),
            _stands(attachment.c.sha256),
        )
    )
    of_proposals = select(proposal.c.voucher_sha256).where(
        proposal.c.state != "open",
        proposal.c.proposed_at < moment,
        proposal.c.voucher_sha256.is_not(None),
        ~among(proposal.c.institution_id, bound),
        _stands(proposal.c.voucher_sha256),
    )
    due = {*tx.scalars(of_cases), *tx.scalars(of_proposals)}
    young = select(attachment.c.sha256).join(case_file, case_file.c.id == attachment.c.case_file_id)
    kept = tx.scalars(
        young.where(or_(case_file.c.state.not_in(OVER), case_file.c.closed_on >= before))
    )
    return sorted(due - {*kept} - kept_files.list_lasting(tx))


def _stands(column: ColumnElement[str]) -> ColumnElement[bool]:
    return column.not_in(select(erased.c.name).where(erased.c.kind == "file"))


class DueStudent(NamedTuple):
    """A student's token at an institution, with the contracts that bear it."""

    institution_id: int
    uscc: str
    student: str
    contracts: tuple[str, ...]


def list_students(
    tx: Connection, *, before: Day | None = None, token: str = "", bound: Collection[int] = ()
) -> list[DueStudent]:
    """Tokens all of whose contracts ended before a day, or one token, of free institutions.

    One that an alert names stays: the alert would be another one.
    """
    query = (
        select(contract.c.institution_id, institution.c.uscc, contract.c.student,
               contract.c.contract_no, contract.c.ended_on, contract.c.ends_on)
        .join(institution, institution.c.id == contract.c.institution_id)
        .where(~among(contract.c.institution_id, bound), ~contract.c.student.startswith(GONE))
        .order_by(contract.c.institution_id, contract.c.student, contract.c.contract_no)
    )  # fmt: skip
    if token:
        query = query.where(contract.c.student == token)
    by_student: dict[tuple[int, str, str], list[str]] = {}
    young = set()
    for key, uscc, student, number, ended_on, ends_on in tx.execute(query):
        by_student.setdefault((key, uscc, student), []).append(number)
        end = ended_on if ended_on is not None else ends_on
        if before is not None and (end is None or end >= before):
            young.add((key, uscc, student))
    return [
        DueStudent(*who, tuple(numbers))
        for who, numbers in by_student.items()
        if who not in young and not is_named(tx, who[1], who[2])
    ]


def is_named(tx: Connection, uscc: str, student: str) -> bool:
    """Whether an alert of an institution names a token."""
    parts = func.coalesce(alert.c.subject_id, "").contains(f"/{student}/", autoescape=True)
    return tx.scalar(select(alert.c.id).where(alert.c.uscc == uscc, parts).limit(1)) is not None


#: How a token begins that stands for one that was erased.
GONE = "erased-"


def replace_token(
    tx: Connection, uscc: str, numbers: Collection[str], token: str
) -> dict[str, list[int]]:
    """Give contracts of an institution another token, in their changes and proposals too.

    Gives the keys of the rows of history that say otherwise now, by table.
    """
    key = tx.scalar(select(institution.c.id).where(institution.c.uscc == uscc))
    which = contract.c.institution_id == key, contract.c.contract_no.in_(sorted(numbers))
    old = set(tx.scalars(select(contract.c.student).where(*which).distinct()))
    tx.execute(update(contract).where(*which).values(student=token))
    changed: dict[str, list[int]] = {}
    for name in ("register_change", "proposal"):
        table = metadata.tables[name]
        about = table.c.institution_id == key, table.c.kind == "contracts"
        query = select(table.c.id, table.c.before, table.c.after).where(*about)
        for row in tx.execute(query).all():
            sides = {"before": row.before, "after": row.after}
            values = {side: _with_token(each, old, token) for side, each in sides.items()}
            if values != sides:
                tx.execute(update(table).where(table.c.id == row.id).values(values))
                changed.setdefault(name, []).append(row.id)
    return changed


def _with_token(row: Any, old: Collection[str], token: str) -> Any:
    if isinstance(row, dict) and row.get("student") in old:
        return row | {"student": token}
    return row


def count_left(tx: Connection, word: str) -> dict[str, int]:
    """How many rows of each table still hold a word, in any text; tables without are left out."""
    left = {}
    for table in metadata.sorted_tables:
        texts = [each for each in table.columns if each.type.python_type in (str, dict, list)]
        if table.name in ("erasure_event", "erased") or not texts:
            continue
        pattern = [word, json.dumps(word)[1:-1]]  # JSON may be stored by its escapes
        holds = or_(
            *(
                cast(each, Text).contains(part, autoescape=True)
                for each in texts
                for part in pattern
            )
        )
        count = tx.scalars(select(func.count()).select_from(table).where(holds)).one()
        if count:
            left[table.name] = int(count)
    return left


def drop_messages(tx: Connection, moment: str) -> int:
    """Let messages go that are older; those not sent yet stay."""
    done = message.c.mail.not_in(("waiting", "sending"))
    return tx.execute(delete(message).where(message.c.at < moment, done)).rowcount


def count_messages(tx: Connection, moment: str) -> int:
    """How many are older."""
    done = message.c.mail.not_in(("waiting", "sending"))
    query = select(func.count()).select_from(message).where(message.c.at < moment, done)
    return int(tx.scalars(query).one())


def drop_sessions(tx: Connection, moment: str) -> int:
    """Let sessions that ended before and log-ins tried before go."""
    over = log_in_session.c.ends_at < moment
    gone = tx.execute(delete(log_in_session).where(over)).rowcount
    latest = func.coalesce(log_in_attempt.c.passed_at, log_in_attempt.c.failed_at, "")
    return gone + tx.execute(delete(log_in_attempt).where(latest < moment)).rowcount


def count_sessions(tx: Connection, moment: str) -> int:
    """How many there are of both."""
    query = select(func.count()).select_from(log_in_session)
    sessions = tx.scalars(query.where(log_in_session.c.ends_at < moment)).one()
    latest = func.coalesce(log_in_attempt.c.passed_at, log_in_attempt.c.failed_at, "")
    attempts = select(func.count()).select_from(log_in_attempt).where(latest < moment)
    return int(sessions) + int(tx.scalars(attempts).one())


def add_event(tx: Connection, **values: Any) -> None:
    """Put a step of an erasure on file."""
    tx.execute(insert(erasure_event), values)


def list_events(tx: Connection, mark: str = "") -> list[Mapping[str, Any]]:
    """The steps of an erasure, or of all, in their order."""
    query = select(erasure_event).order_by(erasure_event.c.id)
    if mark:
        query = query.where(erasure_event.c.mark == mark)
    return [dict(row) for row in tx.execute(query).mappings()]


def add_erased(tx: Connection, mark: str, items: Iterable[Mapping[str, Any]]) -> None:
    """Put on file what was let go."""
    rows = [{"mark": mark} | dict(item) for item in items]
    for start in range(0, len(rows), _AT_ONCE):
        tx.execute(insert(erased), rows[start : start + _AT_ONCE])


def list_erased(tx: Connection, mark: str = "", kind: str = "") -> list[Mapping[str, Any]]:
    """What was let go, by an erasure or by kind."""
    query = select(erased).order_by(erased.c.id)
    if mark:
        query = query.where(erased.c.mark == mark)
    if kind:
        query = query.where(erased.c.kind == kind)
    return [dict(row) for row in tx.execute(query).mappings()]


def list_gone(tx: Connection) -> set[str]:
    """Hashes of files that were let go."""
    return set(kept_files.list_gone(tx))


def clear_for_good(tx: Connection) -> None:
    """Let what this transaction overwrites or takes away leave nothing in the database's file."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA secure_delete = ON")


def scrub(database: Database) -> None:
    """Take old versions of rows out of the database's files, after the transaction."""
    database.look_anew()  # a view of ours would keep them
    command = "PRAGMA wal_checkpoint(TRUNCATE)"
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not database.is_sqlite:
            command = "VACUUM entry, contract, register_change, proposal, message, log_in_session"
        connection.exec_driver_sql(command)
