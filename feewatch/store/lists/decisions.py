"""Decisions in the database, and every change of one."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, literal, or_, select, update

from feewatch.credit.decision_frame import Registered
from feewatch.credit.decisions import IN_FORCE, PENDING, PROPOSED, REVIEWED, Decision
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import LAST_DAY, Day
from feewatch.kernel.errors import ConflictError
from feewatch.store.tables.places import premises
from feewatch.store.tables.publication import decision, decision_correction, decision_event
from feewatch.store.tables.registers import institution, institution_fact

#: Under a document's number one of these stands for a name at a time.
LIVE = (PROPOSED, REVIEWED, IN_FORCE)
_COLUMNS = [decision.c[name] for name in Decision.__dataclass_fields__]

#: Built once: every look of a scheduler asks.
_TAKEN = select(*_COLUMNS).where(decision.c.status.not_in(PENDING)).order_by(decision.c.id)
_TAKEN_AT = _TAKEN.where(decision.c.district == bindparam("at"))


def find_registered(tx: Connection, uscc: str) -> Registered | None:
    """The latest name and district on the register of a credit code, and the names before."""
    rows = tx.execute(
        select(institution_fact.c.name, institution_fact.c.district, institution_fact.c.valid_to)
        .join(institution)
        .where(institution.c.uscc == uscc)
        .order_by(institution_fact.c.valid_from)
    ).all()
    latest = next((row for row in rows if row.valid_to == LAST_DAY), None)
    if latest is None:
        return None
    former = {row.name for row in rows} - {latest.name}
    return Registered(latest.name, latest.district, tuple(sorted(former)))


def find_premises(tx: Connection, premises_no: str) -> Registered | None:
    """Name, or else address, and district of premises on the register."""
    row = tx.execute(
        select(premises.c.name, premises.c.address, premises.c.district).where(
            premises.c.premises_no == premises_no
        )
    ).one_or_none()
    return None if row is None else Registered(row.name or row.address, row.district)


def find_persons(tx: Connection, texts: Collection[str]) -> set[str]:
    """Registered representatives and related parties whose names stand in any of the texts."""
    whole = " ".join(texts)
    named = set(
        tx.scalars(
            select(institution_fact.c.legal_representative)
            .where(
                institution_fact.c.legal_representative != "",
                literal(whole).contains(institution_fact.c.legal_representative),
            )
            .distinct()
        )
    )
    listed = tx.scalars(
        select(institution_fact.c.related_parties)
        .where(institution_fact.c.related_parties != "")
        .distinct()
    )
    named |= {name.strip() for parties in listed for name in parties.split(";")}
    return {name for name in named if len(name) > 1 and name in whole}


def list_decisions(tx: Connection, district: str | None = None) -> list[Decision]:
    """Decisions of a district, or all, that three persons made, in the order of their recording."""
    rows = tx.execute(_TAKEN) if district is None else tx.execute(_TAKEN_AT, {"at": district})
    return [Decision(*row) for row in rows]


def list_rows(tx: Connection, document: str, *, lock: bool = False) -> list[RowMapping]:
    """All rows of a document, those that ended or were refused too, the latest last."""
    query = select(decision).where(decision.c.document == document).order_by(decision.c.id)
    return list(tx.execute(query.with_for_update() if lock else query).mappings())


def find_row(tx: Connection, key: int) -> RowMapping | None:
    """A row by its key."""
    return tx.execute(select(decision).where(decision.c.id == key)).mappings().one_or_none()


def list_of_notice(tx: Connection, notice_id: int) -> list[RowMapping]:
    """The decisions that rest on a notice, the latest last."""
    query = select(decision).where(decision.c.advance_notice_id == notice_id)
    return list(tx.execute(query.order_by(decision.c.id)).mappings())


def find_document(tx: Connection, key: int) -> str | None:
    """The document's number of a row."""
    number: str | None = tx.scalar(select(decision.c.document).where(decision.c.id == key))
    return number


def find_keys(tx: Connection, documents: Collection[str]) -> dict[str, int]:
    """The key of the latest row of each document."""
    query = select(decision.c.document, decision.c.id).where(decision.c.document.in_(documents))
    return {row.document: row.id for row in tx.execute(query.order_by(decision.c.id))}


def as_decision(row: RowMapping) -> Decision:
    """A row of the table as a decision."""
    return Decision(**{name: row[decision.c[name]] for name in Decision.__dataclass_fields__})


def has_same(tx: Connection, other: Decision) -> bool:
    """Whether this document already puts this institution or place on this list."""
    who = or_(decision.c.uscc != "", decision.c.name == other.name)
    return (
        tx.scalar(
            select(decision.c.id).where(
                decision.c.document == other.document,
                decision.c.list == other.list,
                decision.c.uscc == other.uscc,
                decision.c.status.in_(LIVE),
                who,
            )
        )
        is not None
    )


def add(tx: Connection, new: Decision, *, actor: str, **rest: Any) -> int:
    """Record a decision as proposed; its key."""
    values = {decision.c[name]: value for name, value in asdict(new).items()}
    values |= {decision.c[name]: value for name, value in rest.items()}
    key = tx.execute(insert(decision).values(values)).inserted_primary_key
    assert key is not None
    add_event(tx, key[0], "proposed", new.decided_on, new.reason, actor, {})
    return int(key[0])


def move(tx: Connection, key: int, before: str, **values: Any) -> None:
    """New values for a decision, if its status is still the one that was judged.

    Raises: ConflictError where another person was faster.
    """
    changed = tx.execute(
        update(decision)
        .where(decision.c.id == key, decision.c.status == before)
        .values({decision.c[name]: value for name, value in values.items()})
    )
    if changed.rowcount != 1:
        raise ConflictError(
            "DECISION-MOVED",
            "决定刚被他人处理，请刷新后重试",
            "someone else just moved this decision",
        )


def rewrite(tx: Connection, key: int, corrected: Decision, form: dict[str, Any]) -> None:
    """A decision as it was corrected; its status stays."""
    values = asdict(corrected) | {"form": form}
    del values["status"], values["ended_on"]
    tx.execute(
        update(decision)
        .where(decision.c.id == key, decision.c.status == IN_FORCE)
        .values({decision.c[name]: value for name, value in values.items()})
    )


def mark_reported(tx: Connection, key: int, on: Day, actor: str) -> None:
    """Say of a decision that it was handed in for publicity."""
    tx.execute(
        update(decision)
        .where(decision.c.id == key)
        .values({decision.c.reported_on: on, decision.c.reported_by: actor})
    )


def find_representatives(tx: Connection, codes: Collection[str]) -> dict[str, str]:
    """The legal representatives on the register, by credit code."""
    query = (
        select(institution.c.uscc, institution_fact.c.legal_representative)
        .join_from(institution, institution_fact)
        .where(institution.c.uscc.in_(codes), institution_fact.c.valid_to == LAST_DAY)
    )
    return {uscc: name or "" for uscc, name in tx.execute(query)}


def list_events(tx: Connection, key: int) -> list[RowMapping]:
    """The history of a decision, oldest first."""
    query = select(decision_event).where(decision_event.c.decision_id == key)
    return list(tx.execute(query.order_by(decision_event.c.id)).mappings())


def find_fall(tx: Connection, document: str) -> tuple[str, str, str]:
    """Reason, actor and moment by which a document last ceased to count."""
    row = tx.execute(
        select(decision_event.c.reason, decision_event.c.actor, decision_event.c.at)
        .join(decision)
        .where(
            decision.c.document == document,
            decision_event.c.change.in_(("changed", "revoked", "void")),
        )
        .order_by(decision_event.c.id.desc())
        .limit(1)
    ).one()
    return row.reason, row.actor, row.at


def find_open_correction(tx: Connection, key: int) -> RowMapping | None:
    """The correction of a decision that waits for its second person."""
    return (
        tx.execute(
            select(decision_correction).where(
                decision_correction.c.decision_id == key, decision_correction.c.outcome.is_(None)
            )
        )
        .mappings()
        .one_or_none()
    )


def ask_correction(tx: Connection, key: int, **values: Any) -> None:
    """A correction that waits for its second person."""
    row = {"decision_id": key, "asked_at": timestamp(), **values}
    tx.execute(insert(decision_correction).values(row))


def decide_correction(tx: Connection, correction_id: int, outcome: str, actor: str) -> None:
    """What the second person said of a correction.

    Raises: ConflictError where it was decided meanwhile.
    """
    changed = tx.execute(
        update(decision_correction)
        .where(decision_correction.c.id == correction_id, decision_correction.c.outcome.is_(None))
        .values(outcome=outcome, decided_by=actor, decided_at=timestamp())
    )
    if changed.rowcount != 1:
        raise ConflictError(
            "CORRECTION-DECIDED", "该更正已处理", "this correction was decided already"
        )


def add_event(
    tx: Connection,
    key: int,
    change: str,
    on: Day,
    reason: str,
    actor: str,
    detail: dict[str, Any],
) -> None:
    """One line of the history of a decision."""
    tx.execute(
        insert(decision_event).values(
            decision_id=key,
            at=timestamp(),
            actor=actor,
            change=change,
            effective_on=on,
            reason=reason,
            detail=detail,
        )
    )
