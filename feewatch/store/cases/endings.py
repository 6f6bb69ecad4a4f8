"""What came or was set right since an institution was last checked; reads only."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    RowMapping,
    Select,
    String,
    Table,
    cast,
    func,
    literal,
    or_,
    select,
)

from feewatch.kernel.days import Day
from feewatch.store.scope import among
from feewatch.store.tables import casework, ledger, operations, places, proposals
from feewatch.store.tables import registers as tables
from feewatch.store.tables.checks import institution_state

#: Registers whose new rows may end a breach, with the day that a row tells of.
_ARRIVING: dict[str, tuple[Table, str]] = {
    "contracts": (tables.contract, "paid_on"),
    "lessons": (tables.lesson, "held_on"),
    "refunds": (tables.refund_request, "requested_on"),
    "charges": (places.charge, "due_on"),
    "approvals": (tables.approval, "from_day"),
    "accounts": (tables.account, "opened_on"),
    "courses": (tables.course, "starts_on"),
}
_MARKED: Sequence[Table] = (
    *(table for table, _ in _ARRIVING.values()),
    tables.register_change,
    tables.register_import,
    ledger.statement,
    ledger.manual_match,
    operations.audit,
)
_QUARANTINE = ("quarantine.release", "quarantine.reject", "quarantine.re-examine")
#: More new rows than any reason names.
_MOST_ROWS = 50


class LastCheck(NamedTuple):
    """What an institution's last check had before it; keys by table, 0 for none."""

    as_of: Day | None
    rule_book: str | None
    seen: Mapping[str, int]


def read_marks(tx: Connection) -> dict[str, int]:
    """The newest key of each table whose rows can change an outcome."""
    newest = (
        select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery().label(table.name)
        for table in _MARKED
    )
    return dict(tx.execute(select(*newest)).mappings().one())


def find_last_check(tx: Connection, institution_id: int) -> LastCheck | None:
    """The last check of an institution; None where it was checked by no version that told."""
    state = institution_state.c
    row = tx.execute(
        select(state.checked_as_of, state.rule_book, state.seen).where(
            state.institution_id == institution_id
        )
    ).one_or_none()
    return None if row is None or row.seen is None else LastCheck(*row)


def list_changes(
    tx: Connection, institutions: Collection[int], seen: Mapping[str, int]
) -> Sequence[Row[Any]]:
    """The office's changes of registers, and the proposals that were accepted with them."""
    change, proposal = tables.register_change, proposals.proposal
    query: Select[Any] = (
        select(
            change,
            proposal.c.proposed_by,
            proposal.c.reason,
        )
        .outerjoin(proposal, proposal.c.id == change.c.proposal_id)
        .where(
            among(change.c.institution_id, institutions),
            change.c.id > seen["register_change"],
            or_(change.c.word.is_(None), change.c.word != "institution"),
        )
    )
    return tx.execute(query.order_by(change.c.id)).all()


def list_alerts_of(tx: Connection, proposal_id: int) -> list[str]:
    """The alerts that waited with a proposal."""
    linked = proposals.proposal_alert.c
    return list(tx.scalars(select(linked.alert_id).where(linked.proposal_id == proposal_id)))


def list_matches(
    tx: Connection, institutions: Collection[int], seen: Mapping[str, int]
) -> Sequence[Row[Any]]:
    """Officers' matches given since, with the contract's number."""
    given, contract = ledger.manual_match, tables.contract
    query: Select[Any] = (
        select(given.c.actor, given.c.at, contract.c.contract_no)
        .join(contract, contract.c.id == given.c.contract_id)
        .where(among(given.c.institution_id, institutions), given.c.id > seen["manual_match"])
    )
    return tx.execute(query.order_by(given.c.id)).all()


def list_read_again(
    tx: Connection, institutions: Collection[int], seen: Mapping[str, int]
) -> Sequence[Row[Any]]:
    """Statements that officers released or rejected since, or that were read again."""
    audit, statement = operations.audit, ledger.statement
    named = statement.c.file_sha256 + literal("#") + cast(statement.c.n, String)
    is_of = or_(audit.c.object == named, audit.c.object == statement.c.file_sha256)
    query: Select[Any] = (
        select(audit.c.actor, audit.c.at, statement.c.file_sha256, statement.c.n)
        .join(statement, is_of)
        .where(
            audit.c.action.in_(_QUARANTINE),
            audit.c.id > seen["audit"],
            among(statement.c.institution_id, institutions),
        )
    )
    return tx.execute(query.order_by(audit.c.id, statement.c.n)).all()


def list_statements(
    tx: Connection, institutions: Collection[int], seen: Mapping[str, int]
) -> Sequence[Row[Any]]:
    """Statements taken in since, each with an earlier one that tells of some of its days."""
    stated, file = ledger.statement.alias("stated"), ledger.source_file
    earlier = ledger.statement.alias("earlier")
    before = (
        select(func.min(earlier.c.id))
        .where(
            earlier.c.account_id == stated.c.account_id,
            earlier.c.status == "accepted",
            earlier.c.id < stated.c.id,
            earlier.c.from_day <= stated.c.to_day,
            earlier.c.to_day >= stated.c.from_day,
        )
        .scalar_subquery()
    )
    query: Select[Any] = (
        select(
            stated.c.file_sha256,
            stated.c.n,
            stated.c.from_day,
            stated.c.to_day,
            file.c.name,
            file.c.actor,
            file.c.received_at,
            before.label("retells"),
        )
        .join(file, file.c.sha256 == stated.c.file_sha256)
        .where(
            among(stated.c.institution_id, institutions),
            stated.c.status == "accepted",
            stated.c.id > seen["statement"],
        )
    )
    return tx.execute(query.order_by(stated.c.id).limit(_MOST_ROWS)).all()


def list_new_rows(
    tx: Connection, kind: str, institutions: Collection[int], seen: Mapping[str, int]
) -> Sequence[RowMapping]:
    """Rows of a register put on file since, with the number of their contract if they have one."""
    table, day = _ARRIVING[kind]
    columns = [*table.c, table.c[day].label("tells_of")]
    query: Select[Any] = select(*columns)
    if "contract_id" in table.c:
        query = select(*columns, tables.contract.c.contract_no).join(
            tables.contract, tables.contract.c.id == table.c.contract_id
        )
    query = query.where(among(table.c.institution_id, institutions), table.c.id > seen[table.name])
    return tx.execute(query.order_by(table.c.id).limit(_MOST_ROWS)).mappings().all()


def list_imports(tx: Connection, kind: str, seen: Mapping[str, int]) -> Sequence[Row[Any]]:
    """(actor, at, institution of the actor) of the imports of a register since."""
    imported, user = tables.register_import, operations.user
    query: Select[Any] = (
        select(imported.c.actor, imported.c.at, user.c.institution_id)
        .outerjoin(user, user.c.name == imported.c.actor)
        .where(imported.c.kind == kind, imported.c.id > seen["register_import"])
    )
    return tx.execute(query.order_by(imported.c.id)).all()


def list_rests(tx: Connection, alert_ids: Collection[str]) -> dict[str, RowMapping]:
    """Alerts with what they rest on, by id."""
    alert = casework.alert.c
    query = select(
        alert.id, alert.institution_id, alert.subject_kind, alert.subject_id, alert.frozen
    )
    rows = tx.execute(query.where(alert.id.in_(alert_ids))).mappings()
    return {row["id"]: row for row in rows}


ARRIVING = tuple(_ARRIVING)
