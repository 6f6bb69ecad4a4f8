"""Proposals of corrections: put on record, moved, and what of an institution rests on which rows.

Which changes need one is not decided here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, and_, insert, or_, select, update

from feewatch.casework.states import CLOSED, IN_CASE, OPEN
from feewatch.engine.findings import Identity
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.store.intake.successors import in_order
from feewatch.store.scope import among
from feewatch.store.tables.casework import alert, case_file, case_matter
from feewatch.store.tables.ledger import manual_match
from feewatch.store.tables.openings import opening_row, opening_statement
from feewatch.store.tables.proposals import proposal, proposal_alert, proposal_event

#: (record, id) as evidence names records.
RecordName = tuple[str, str]


class AlertInForce(NamedTuple):
    """An alert that has not ended, or that a case holds, with the records it rests on."""

    id: str
    identity: Identity
    is_state: bool
    records: frozenset[RecordName]


class Signed(NamedTuple):
    """The latest signed opening statement of an institution: its day and its contracts."""

    day: Day
    contract_ids: frozenset[int]


def list_in_force(tx: Connection, institutions: Collection[int]) -> list[AlertInForce]:
    """The alerts of these institutions whose facts none can change by its own word."""
    in_case = alert.c.status.in_((IN_CASE, CLOSED))
    lasting = and_(alert.c.status == OPEN, alert.c.recovered_on.is_(None))
    rows = tx.execute(
        select(alert).where(among(alert.c.institution_id, institutions), or_(in_case, lasting))
    ).mappings()
    return [
        AlertInForce(row["id"], _identity(row), row["is_state"], frozenset(_records(row)))
        for row in rows
    ]


def _identity(row: RowMapping) -> Identity:
    names = ("rule", "uscc", "subject_kind", "subject_id", "on_day")
    return Identity(*(row[name] for name in names))


def _records(row: RowMapping) -> Iterable[RecordName]:
    """What the alert names: its subject and its evidence."""
    yield row["subject_kind"], row["subject_id"]
    for evidence in row["frozen"]["evidence"]:
        if "record" in evidence:
            yield evidence["record"], str(evidence["id"])


def names_of(kind: str, kept: Mapping[str, Any]) -> set[RecordName]:
    """The names under which alerts know a row of a register, as the history keeps it."""
    match kind:
        case "contracts":
            return {("contract", kept["contract_no"])}
        case "courses":
            return {("course", kept["course_id"])}
        case "charges":
            number = f"{kept['contract_no']}/{kept['charge_no']}"
            return {("charge", number), ("contract", kept["contract_no"])}
        case "refunds":
            return {("refund", kept["refund_no"]), ("refund_request", kept["refund_no"])}
    return set()


def find_signed(tx: Connection, institution_id: int) -> Signed | None:
    """The opening statement that counts, as far as it is of contracts."""
    stated = opening_statement.c
    head = tx.execute(
        select(stated.id, stated.day)
        .where(stated.institution_id == institution_id, stated.signed_by.is_not(None))
        .order_by(stated.id.desc())
        .limit(1)
    ).one_or_none()
    if head is None:
        return None
    contracts = tx.scalars(
        select(opening_row.c.contract_id).where(
            opening_row.c.opening_statement_id == head.id, opening_row.c.contract_id.is_not(None)
        )
    )
    return Signed(head.day, frozenset(contracts))


def list_matched_by_hand(tx: Connection, institution_id: int) -> set[int]:
    """The contracts of an institution to which an officer's match in force gives money."""
    query = select(manual_match.c.contract_id).where(
        manual_match.c.institution_id == institution_id, manual_match.c.undone_at.is_(None)
    )
    return set(tx.scalars(query))


def list_of_records(
    tx: Connection, kind: str, record_ids: Collection[int]
) -> dict[int, list[RowMapping]]:
    """The proposals that rows on file ever had, by row, the latest first."""
    query = select(proposal).where(proposal.c.kind == kind, among(proposal.c.record_id, record_ids))
    by_record: dict[int, list[RowMapping]] = defaultdict(list)
    for row in tx.execute(query.order_by(proposal.c.id.desc())).mappings():
        by_record[row["record_id"]].append(row)
    return by_record


def add(tx: Connection, values: Mapping[str, Any], alert_ids: Iterable[str]) -> int:
    """Put a proposal on record, open; its key."""
    row = {**values, "proposed_at": timestamp(), "state": "open"}
    key: int = tx.execute(insert(proposal).values(row).returning(proposal.c.id)).scalar_one()
    link(tx, key, alert_ids)
    add_event(tx, key, actor=values["proposed_by"], change="proposed", reason=values["reason"])
    return key


def link(tx: Connection, key: int, alert_ids: Iterable[str]) -> None:
    """Let alerts wait with a proposal; those that do already stay."""
    known = set(
        tx.scalars(select(proposal_alert.c.alert_id).where(proposal_alert.c.proposal_id == key))
    )
    rows = [{"proposal_id": key, "alert_id": each} for each in sorted({*alert_ids} - known)]
    if rows:
        tx.execute(insert(proposal_alert), rows)


def add_event(tx: Connection, key: int, *, actor: str, change: str, reason: str) -> None:
    """Append one step to the history of a proposal."""
    tx.execute(
        insert(proposal_event).values(
            proposal_id=key, at=timestamp(), actor=actor, change=change, reason=reason
        )
    )


def move(tx: Connection, key: int, state: str, *, actor: str, reason: str) -> None:
    """Give a proposal another state, on record."""
    tx.execute(update(proposal).where(proposal.c.id == key).values(state=state))
    add_event(tx, key, actor=actor, change=state, reason=reason)


def set_voucher(tx: Connection, key: int, sha256: str, name: str, *, actor: str) -> None:
    """Let a proposal rest on another file, on record."""
    held = {"voucher_sha256": sha256, "voucher_name": name}
    tx.execute(update(proposal).where(proposal.c.id == key).values(held))
    add_event(tx, key, actor=actor, change="voucher", reason=f"{name} {sha256}")


def find(tx: Connection, key: int, *, lock: bool = False) -> RowMapping | None:
    """A proposal; with ``lock`` nobody else moves it before the transaction ends.

    A check may meanwhile let alerts wait with it: it holds the mark that who moves it sets last.
    """
    query: Select[Any] = select(proposal).where(proposal.c.id == key)
    query = query.with_for_update(key_share=True) if lock else query
    return tx.execute(query).mappings().one_or_none()


def list_red_issuers(tx: Connection, key: int) -> set[str]:
    """Who issued the 督办单 of the red cases that hold alerts of a proposal."""
    query = (
        select(case_file.c.notified_by)
        .join(case_matter)
        .join(alert, alert.c.matter_id == case_matter.c.matter_id)
        .join(proposal_alert, proposal_alert.c.alert_id == alert.c.id)
        .where(
            proposal_alert.c.proposal_id == key,
            case_file.c.severity == "red",
            case_file.c.notified_by.is_not(None),
        )
    )
    return set(tx.scalars(query))


def list_waiting(tx: Connection, institutions: Collection[int]) -> list[RowMapping]:
    """The open proposals of these institutions."""
    query = select(proposal).where(
        among(proposal.c.institution_id, institutions), proposal.c.state == "open"
    )
    return list(tx.execute(query.order_by(proposal.c.id)).mappings())


def link_in_force(tx: Connection, institutions: Collection[int]) -> None:
    """Let alerts that rest on the row of an open proposal wait with it, those just opened too."""
    for waiting in list_waiting(tx, institutions):
        names = names_of(waiting["kind"], waiting["before"])
        in_force = list_in_force(tx, in_order(tx, [waiting["institution_id"]]))
        resting = [alert.id for alert in in_force if not names.isdisjoint(alert.records)]
        link(tx, waiting["id"], resting)


def list_alerts_waiting(tx: Connection, institution_id: int | None = None) -> dict[str, list[int]]:
    """The open proposals with which alerts wait, by alert; those without any are left out.

    ``institution_id``: only proposals of this institution.
    """
    query = (
        select(proposal_alert.c.alert_id, proposal.c.id)
        .join(proposal)
        .where(proposal.c.state == "open")
        .order_by(proposal.c.id)
    )
    if institution_id is not None:
        query = query.where(proposal.c.institution_id == institution_id)
    waiting: dict[str, list[int]] = defaultdict(list)
    for alert_id, key in tx.execute(query):
        waiting[alert_id].append(key)
    return dict(waiting)
