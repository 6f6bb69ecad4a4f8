"""The matters of a case, and who looks after matters and cases: added, given up, handed over."""

from collections.abc import Collection, Mapping
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import SETTLED, STATES
from feewatch.casework.matters import gravest
from feewatch.casework.messages import desk_case
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, nobody, require_reason
from feewatch.store import audit
from feewatch.store.cases import alerts, cases
from feewatch.store.database import Record, Transaction
from feewatch.store.people import users
from feewatch.store.state import mark_changed


def add_matters(
    app: App, number: str, matter_ids: Collection[int], *, actor: str, reason: str
) -> None:
    """Take further open matters of its institution into a case that is not settled.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    if not matter_ids:
        raise InvalidInputError(
            "MATTER-REQUIRED", "请选择事项", "name at least one matter", field="matters"
        )
    with app.database.transaction() as tx:
        person, case = _get_unsettled(tx, number, actor)
        rows = cases.lock_matters(tx, matter_ids)
        for row in rows:
            if not person.scope.sees_case(row):
                raise cases.unknown_matter(row["id"])
            if (row["institution_id"], row["uscc"]) != (case["institution_id"], case["uscc"]):
                raise InvalidInputError(
                    "CASE-ONE-INSTITUTION",
                    "一个案件只能包含同一机构的事项",
                    "a case holds matters of one institution only",
                    field="matters",
                )
        cases.claim_matters(tx, matter_ids, case["owner"] or person.name)
        cases.link_matters(tx, case["id"], matter_ids)
        alerts.move_alerts(tx, matter_ids, "take", actor=person.name, reason=reason, case=number)
        _record(tx, case, person, "add", reason, {"matters": sorted(set(matter_ids))})


def drop_matter(app: App, number: str, matter_id: int, *, actor: str, reason: str) -> None:
    """Give up one matter of a case that is not settled: it and its alerts are open again.

    Nothing is excused by it: it waits in the inbox again, and takes no second person.

    Raises: NotFoundError, ForbiddenError, InvalidInputError; ConflictError for the last one.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person, case = _get_unsettled(tx, number, actor)
        rows = cases.list_case_matters(tx, case["id"], lock=True)
        members = {row["id"] for row in rows}
        if matter_id not in members:
            raise cases.unknown_matter(matter_id)
        if len(members) == 1:
            raise ConflictError(
                "CASE-LAST-MATTER",
                "案件至少保留一个事项；无须处理的，请对案件不予处理",
                "a case keeps one matter at least: dismiss the case if nothing is to be done",
            )
        cases.unlink_matter(tx, case["id"], matter_id)
        alerts.move_members(
            tx, {matter_id}, "release", actor=person.name, reason=reason, case=number
        )
        _record(tx, case, person, "drop", reason, {"matters": [matter_id]})


def hand_over_case(app: App, number: str, to: str, *, actor: str, reason: str) -> None:
    """Let another person of the office look after a case and its matters.

    Raises: NotFoundError, InvalidInputError for a person who may not; ForbiddenError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        case = _get_in_scope(tx, person, number)
        heir = _get_heir(tx, to, case)
        if heir.name == case["owner"]:
            raise ConflictError(
                "OWNER-SAME",
                f"案件已由 {to} 负责",
                f"{to} looks after it already",
                field="to",
            )
        members = [row["id"] for row in cases.list_case_matters(tx, case["id"], lock=True)]
        cases.change_case(tx, case["id"], case["state"], owner=heir.name)
        cases.own_matters(tx, members, heir.name)
        _add_event(tx, case, person, "hand_over", reason, {"from": case["owner"], "to": heir.name})
        tell(
            tx,
            to_user=heir.id,
            kind="handed_over",
            object=number,
            text=Text(
                f"{person.name} 将案件 {number} 移交给您", f"{person.name} handed you case {number}"
            ),
            address=desk_case(number),
        )


def hand_over_matter(app: App, matter_id: int, to: str, *, actor: str, reason: str) -> None:
    """Let a person of the office look after a matter.

    Raises: NotFoundError, InvalidInputError for a person who may not; ForbiddenError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        (row,) = cases.lock_matters(tx, [matter_id])
        if not person.scope.sees_case(row):
            raise cases.unknown_matter(matter_id)
        heir = _get_heir(tx, to, row)
        cases.own_matters(tx, [matter_id], heir.name)
        detail = {"from": row["owner"], "to": heir.name, "reason": reason}
        audit.record(
            tx, actor=person.name, action="matter.hand_over", object=f"M{matter_id}", detail=detail
        )


def list_heirs(tx: Transaction, case: Mapping[Any, Any]) -> list[str]:
    """The log-in names of those to whom a case may be handed over."""
    return [user.name for user in users.list_active(tx, CASEWORKERS) if _may_own(user, case)]


def _may_own(user: User, row: Mapping[Any, Any]) -> bool:
    takes_steps = user.role in CASEWORKERS and not user.disabled
    return takes_steps and user.scope.sees_case(row)


def _get_heir(tx: Transaction, name: str, row: Mapping[Any, Any]) -> User:
    heir = users.find_by_name(tx, name)
    if heir is None or heir.disabled:
        raise InvalidInputError("OWNER-UNKNOWN", *nobody(name), field="to")
    if not _may_own(heir, row):
        raise InvalidInputError(
            "OWNER-SCOPE",
            f"{name} 不是该地、该部门的经办或复核人员",
            f"{name} is no officer or reviewer of the place and the department",
            field="to",
        )
    return heir


def _get_in_scope(tx: Transaction, person: User, number: str) -> Record:
    case = cases.get_case(tx, number)
    if not person.scope.sees_case(case):
        raise cases.unknown_case(number)
    return case


def _get_unsettled(tx: Transaction, number: str, actor: str) -> tuple[User, Record]:
    person = get_acting(tx, actor, CASEWORKERS)
    case = _get_in_scope(tx, person, number)
    if case["state"] in SETTLED:
        state = STATES[case["state"]]
        raise ConflictError(
            "CASE-STATE",
            f"案件 {number} 处于“{state.zh}”，不能变更事项",
            f"case {number} is {state.en}: its matters stay",
        )
    if case["institution_id"] is not None:
        mark_changed(tx, [case["institution_id"]], entries=False)
    return person, case


def _record(
    tx: Transaction, case: Record, person: User, step: str, reason: str, detail: dict[str, Any]
) -> None:
    """The case takes the gravest severity of its present matters, if nobody moved it meanwhile."""
    members = cases.list_case_matters(tx, case["id"])
    severity = gravest(row["severity"] for row in members)
    cases.change_case(tx, case["id"], case["state"], severity=severity)
    _add_event(tx, case, person, step, reason, detail)


def _add_event(
    tx: Transaction, case: Record, person: User, step: str, reason: str, detail: dict[str, Any]
) -> None:
    cases.add_event(
        tx,
        case["id"],
        actor=person.name,
        step=step,
        from_state=case["state"],
        to_state=case["state"],
        reason=reason,
        detail=detail,
    )
    number = case["number"]
    kept = detail | {"reason": reason}
    audit.record(tx, actor=person.name, action=f"case.{step}", object=number, detail=kept)
