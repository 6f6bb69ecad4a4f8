"""Cases in the database: numbering, opening, steps by conditional update, history."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from feewatch.casework.states import IN_CASE, OPEN
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.store.scope import among, listed
from feewatch.store.tables.casework import case_event, case_file, case_matter, matter

#: Built once: a run over many cases asks so each time.
_BY_NUMBER = select(case_file).where(case_file.c.number == bindparam("of_number"))
_CASE_MATTERS = (
    select(matter)
    .join(case_matter)
    .where(case_matter.c.case_file_id == bindparam("of_case"))
    .order_by(matter.c.id)
)
_LOCKED_MATTERS = _CASE_MATTERS.with_for_update(of=matter)
_MATTERS_BY_ID = select(matter).where(listed(matter.c.id)).order_by(matter.c.id).with_for_update()
_CLAIM = (
    update(matter)
    .where(listed(matter.c.id), matter.c.status == OPEN)
    .values(status=IN_CASE, owner=func.coalesce(matter.c.owner, bindparam("free_owner")))
)
_EVENTS = (
    select(case_event)
    .where(case_event.c.case_file_id == bindparam("of_case"))
    .order_by(case_event.c.id)
)
#: The latest case of a place and year has the highest number: one is opened after the other.
_LATEST_NUMBER = (
    select(case_file.c.number)
    .where(case_file.c.number.startswith(bindparam("head"), autoescape=False))
    .order_by(case_file.c.id.desc())
    .limit(1)
)
_ADD_CASE = insert(case_file).returning(case_file)
_ADD_LINKS = insert(case_matter)
_ADD_EVENT = insert(case_event).returning(case_event.c.id)


def get_case(tx: Connection, number: str) -> RowMapping:
    """One case by its number.

    Raises: NotFoundError.
    """
    row = tx.execute(_BY_NUMBER, {"of_number": number}).mappings().one_or_none()
    if row is None:
        raise unknown_case(number)
    return row


def get_state(tx: Connection, case_id: int) -> str:
    """The present state of a case."""
    state: str = tx.scalars(select(case_file.c.state).where(case_file.c.id == case_id)).one()
    return state


def get_department(tx: Connection, case_id: int) -> str:
    """Whose department a case is."""
    query = select(case_file.c.department).where(case_file.c.id == case_id)
    department: str = tx.scalars(query).one()
    return department


def get_number(tx: Connection, case_id: int) -> str:
    """The number of a case."""
    number: str = tx.scalars(select(case_file.c.number).where(case_file.c.id == case_id)).one()
    return number


def unknown_case(number: str) -> NotFoundError:
    """The refusal for a case that does not exist, or not for this person."""
    return NotFoundError("CASE-UNKNOWN", f"没有案件 {number}", f"no case {number}")


def list_case_matters(tx: Connection, case_id: int, *, lock: bool = False) -> list[RowMapping]:
    """The matters of a case; ``lock`` holds them against other writers."""
    query = _LOCKED_MATTERS if lock else _CASE_MATTERS
    return list(tx.execute(query, {"of_case": case_id}).mappings())


def list_case_events(tx: Connection, case_id: int) -> list[RowMapping]:
    """The history of a case, oldest first."""
    return list(tx.execute(_EVENTS, {"of_case": case_id}).mappings())


def last_event(tx: Connection, case_id: int) -> int:
    """The key of the latest line in the history of a case."""
    query = select(func.max(case_event.c.id)).where(case_event.c.case_file_id == case_id)
    key: int = tx.execute(query).scalar_one()
    return key


def lock_matters(tx: Connection, matter_ids: Collection[int]) -> list[RowMapping]:
    """Matters by id, held against other writers.

    Raises: NotFoundError where one does not exist.
    """
    rows = list(tx.execute(_MATTERS_BY_ID, {"keys": sorted(set(matter_ids))}).mappings())
    missing = sorted(set(matter_ids) - {row["id"] for row in rows})
    if missing:
        raise unknown_matter(missing[0])
    return rows


def unknown_matter(matter_id: int) -> NotFoundError:
    """The refusal for a matter that does not exist, or not for this person."""
    return NotFoundError("MATTER-UNKNOWN", f"没有事项 M{matter_id}", f"no matter M{matter_id}")


def claim_matters(tx: Connection, matter_ids: Collection[int], owner: str) -> None:
    """Take open matters into a case, all or none; ``owner`` looks after those that nobody does.

    Raises: ConflictError where one is in a case already or no longer open.
    """
    claimed = tx.execute(_CLAIM, {"keys": sorted(set(matter_ids)), "free_owner": owner})
    if claimed.rowcount != len(set(matter_ids)):
        raise ConflictError(
            "MATTER-TAKEN",
            "事项已立案或已不在待处理状态",
            "a matter is in a case already or no longer open",
        )


def add_case(
    tx: Connection,
    *,
    district: str,
    year: int,
    matters: Collection[RowMapping],
    severity: str,
    owner: str,
    department: str,
) -> RowMapping:
    """A new case over matters of one institution, under the next number of district and year."""
    first = next(iter(matters))
    number = _next_number(tx, f"{district}-{year:04d}-")
    row = {
        "number": number,
        "institution_id": first["institution_id"],
        "uscc": first["uscc"],
        "district": district,
        "state": "open",
        "severity": severity,
        "escalated": False,
        "deadline_provisional": False,
        "opened_at": timestamp(),
        "owner": owner,
        "department": department,
    }
    case = tx.execute(_ADD_CASE, row).mappings().one()
    link_matters(tx, case["id"], [each["id"] for each in matters])
    return case


def link_matters(tx: Connection, case_id: int, matter_ids: Collection[int]) -> None:
    """Let matters that were claimed be those of a case."""
    links = [{"case_file_id": case_id, "matter_id": each} for each in sorted(set(matter_ids))]
    tx.execute(_ADD_LINKS, links)


def unlink_matter(tx: Connection, case_id: int, matter_id: int) -> None:
    """Let a matter be of a case no longer."""
    tx.execute(
        delete(case_matter).where(
            case_matter.c.case_file_id == case_id, case_matter.c.matter_id == matter_id
        )
    )


def own_matters(tx: Connection, matter_ids: Collection[int], owner: str) -> None:
    """Let a person look after matters."""
    tx.execute(update(matter).where(among(matter.c.id, matter_ids)).values(owner=owner))


def _next_number(tx: Connection, head: str) -> str:
    if tx.dialect.name == "postgresql":
        # SQLite writes one at a time anyway; here two clerks would read the same last number
        tx.exec_driver_sql("LOCK TABLE case_file IN SHARE ROW EXCLUSIVE MODE")
    last = tx.scalar(_LATEST_NUMBER, {"head": head})
    return f"{head}{int(last[len(head) :]) + 1 if last else 1:04d}"


def change_case(tx: Connection, case_id: int, from_state: str, **values: Any) -> None:
    """New values for a case, if it is still in the state from which the step was judged.

    Raises: ConflictError where another person was faster.
    """
    changed = tx.execute(_CHANGE, {"of_case": case_id, "from_state": from_state, **values})
    if changed.rowcount != 1:
        raise ConflictError(
            "CASE-MOVED", "案件刚被他人处理，请刷新后重试", "someone else just moved this case"
        )


_CHANGE = update(case_file).where(
    case_file.c.id == bindparam("of_case"), case_file.c.state == bindparam("from_state")
)


def list_actors(tx: Connection, case_id: int, steps: Collection[str]) -> set[str]:
    """Who took these steps of a case; of notices the last alone, as it is the one that stands."""
    events = select(case_event.c.step, case_event.c.actor).where(
        case_event.c.case_file_id == case_id, case_event.c.step.in_(steps)
    )
    rows = tx.execute(events.order_by(case_event.c.id)).all()
    notices = [row.actor for row in rows if row.step == "notify"]
    return {row.actor for row in rows if row.step != "notify"} | {*notices[-1:]}


def add_event(
    tx: Connection,
    case_id: int,
    *,
    actor: str,
    step: str,
    from_state: str,
    to_state: str,
    reason: str,
    deadline: Day | None = None,
    document: str | None = None,
    standing: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """One line of the history of a case; its key."""
    key: int = tx.execute(
        _ADD_EVENT,
        {
            "case_file_id": case_id,
            "at": timestamp(),
            "actor": actor,
            "step": step,
            "from_state": from_state,
            "to_state": to_state,
            "reason": reason,
            "deadline": deadline,
            "document": document,
            "standing": standing,
            "detail": detail,
        },
    ).scalar_one()
    return key
