"""回执: the other department takes a case over or sends it back; one from outside is recorded."""

from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.matters import gravest
from feewatch.casework.messages import desk_case
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.departments import DEPARTMENTS
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import Proof, keep_proof
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import cases, transfers
from feewatch.store.cases.transfers import RECEIVED, RETURNED, WITHDRAWN
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.people import users
from feewatch.store.state import mark_changed

_NAME_MAX = 120


class Receipt(NamedTuple):
    """A 回执 that came on paper."""

    by: str  # who signed it, and of which unit
    on: Day
    number: str
    file: Proof
    is_taken: bool = True  # else it was sent back


def receive(app: App, key: int, *, actor: str, note: str = "") -> str:
    """The number of the case, which is the other department's and its person's from now on.

    Raises: NotFoundError; ForbiddenError for who is not of that department; ConflictError where it
    was answered.
    """
    with app.database.transaction() as tx:
        person, row = _get_theirs(tx, key, actor)
        case = cases.get_case(tx, row.case_number)
        if case["institution_id"] is not None:
            # before the matters, in the order of a check's locks
            mark_changed(tx, [case["institution_id"]], entries=False)
        members = cases.list_case_matters(tx, case["id"], lock=True)
        _settle(
            tx, key, RECEIVED, received_by=person.name, received_on=today(), answer=note,
            recorded_by=person.name,
        )  # fmt: skip
        transfers.move_case(tx, case["id"], row.to_department, person.name)
        # what the other department did binds this one in nothing: it looks at it anew
        state = "open" if row.from_state == "open" else "triaged"
        cases.change_case(
            tx, case["id"], "transferred", state=state, department=row.to_department,
            owner=person.name, severity=gravest(each["severity"] for each in members),
            deadline=None, deadline_provisional=False,
        )  # fmt: skip
        _record(tx, person, row, "receive", state, note or "已接收")
        audit.record(
            tx, person.name, "transfer.receive", row.number, case=row.case_number,
            before={"department": row.from_department}, after={"department": row.to_department},
        )  # fmt: skip
        _tell_sender(tx, row, Text("已接收", "was taken over"))
    return str(row.case_number)


def send_back(app: App, key: int, *, actor: str, reason: str) -> str:
    """The number of the case, which is as it was before it was sent.

    Raises: as ``receive``; InvalidInputError without a reason.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person, row = _get_theirs(tx, key, actor)
        _settle(
            tx, key, RETURNED, received_by=person.name, received_on=today(), answer=reason,
            recorded_by=person.name,
        )  # fmt: skip
        _give_back(tx, person, row, reason)
        audit.record(tx, person.name, "transfer.send_back", row.number, reason=reason)
        _tell_sender(tx, row, Text("被退回", "was sent back"))
    return str(row.case_number)


def withdraw(app: App, key: int, *, actor: str, reason: str) -> str:
    """The number of the case, which is as it was: a transfer that waits is taken back.

    Its letter and its bundle stay on record; the other department reads neither any more.

    Raises: NotFoundError, ForbiddenError for who is not of the department that sent it;
    ConflictError where it was answered; InvalidInputError without a reason.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = _find(tx, person, key)
        if not person.scope.sees(row.district, row.institution_id, row.from_department):
            raise _not_theirs(row.from_department)
        _settle(tx, key, WITHDRAWN, answer=reason, recorded_by=person.name)
        _give_back(tx, person, row, reason, "withdraw")
        audit.record(
            tx, person.name, "transfer.withdraw", row.number, case=row.case_number, reason=reason
        )
        text = Text(
            f"案件 {row.case_number} 的移送已由{DEPARTMENTS[row.from_department].zh}撤回",
            f"the transfer of case {row.case_number} was taken back by its department",
        )
        tell_department(tx, row.district, row.to_department, row.case_number, text)
    return str(row.case_number)


def tell_department(
    tx: Transaction, district: str, department: str | None, case: str, text: Text
) -> None:
    """Tell the people of a department of a case that comes to it or goes."""
    if department is None:
        return
    for person in users.list_active(tx, CASEWORKERS):
        if person.department == department and person.scope.sees(district, None):
            tell(
                tx, to_user=person.id, kind="transfer_in", object=case, text=text,
                address="/desk/transfers/",
            )  # fmt: skip


def record_receipt(app: App, key: int, receipt: Receipt, *, actor: str, reason: str) -> str:
    """The number of the case: ended here, or back again where the paper says that it is refused.

    For authorities outside, and departments that answer on paper.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it was answered.
    """
    require_reason(reason)
    by = receipt.by.strip()
    if not by or len(by) > _NAME_MAX or len(receipt.number) > _NAME_MAX:
        raise InvalidInputError(
            "RECEIPT-BY", "请写明签收单位和签收人", "say who signed it, of which unit", field="by"
        )
    keep_proof(app, receipt.file)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = _find(tx, person, key)
        if not person.scope.sees(row.district, row.institution_id, row.from_department):
            raise _not_theirs(row.from_department)
        sent_on = _sent_on(row)
        if not sent_on <= receipt.on <= today():
            raise InvalidInputError(
                "RECEIPT-DAY",
                f"回执日期应在 {format_day(sent_on)} 与今日之间",
                f"the receipt is of a day between {format_day(sent_on)} and today",
                field="on",
            )
        _settle(
            tx, key, RECEIVED if receipt.is_taken else RETURNED, received_by=by,
            received_on=receipt.on, receipt_no=receipt.number.strip() or None,
            receipt_sha256=receipt.file.sha256, receipt_name=receipt.file.name, answer=reason,
            recorded_by=person.name,
        )  # fmt: skip
        if receipt.is_taken:
            _record(tx, person, row, "receipt", "transferred", f"{by}：{reason}")
        else:
            _give_back(tx, person, row, f"{by}：{reason}")
        audit.record(
            tx, person.name, "transfer.receipt", row.number, by=by, on=format_day(receipt.on),
            file=receipt.file.sha256, taken=receipt.is_taken, reason=reason,
        )  # fmt: skip
    return str(row.case_number)


def unknown_transfer(key: int) -> NotFoundError:
    """That there is no such transfer, or not for this person."""
    return NotFoundError("TRANSFER-UNKNOWN", f"没有移送 {key}", f"no transfer {key}")


def _find(tx: Transaction, person: User, key: int) -> PageRow:
    row = transfers.find(tx, person.scope, key, today())
    if row is None:
        raise unknown_transfer(key)
    return row


def _get_theirs(tx: Transaction, key: int, actor: str) -> tuple[User, PageRow]:
    """A person of the department that a case was handed to, and the transfer."""
    person = get_acting(tx, actor, CASEWORKERS)
    row = _find(tx, person, key)
    if row.to_department is None or person.department != row.to_department:
        raise _not_theirs(row.to_department)
    return person, row


def _not_theirs(department: str | None) -> ForbiddenError:
    title = (
        Text("机关以外的单位", "a unit outside") if department is None else DEPARTMENTS[department]
    )
    return ForbiddenError(
        "TRANSFER-DEPARTMENT",
        f"须由{title.zh}的人员办理",
        f"this is for people of: {title.en}",
    )


def _settle(tx: Transaction, key: int, state: str, **values: object) -> None:
    if not transfers.answer(tx, key, state, **values):
        raise ConflictError("TRANSFER-ANSWERED", "该移送已有回执", "it was answered already")


def _give_back(
    tx: Transaction, person: User, row: PageRow, reason: str, step: str = "send_back"
) -> None:
    if row.institution_id is not None:
        mark_changed(tx, [row.institution_id], entries=False)
    cases.change_case(tx, row.case_file_id, "transferred", state=row.from_state)
    _record(tx, person, row, step, row.from_state, reason)


def _record(
    tx: Transaction, person: User, row: PageRow, step: str, state: str, reason: str
) -> None:
    cases.add_event(
        tx, row.case_file_id, actor=person.name, step=step, from_state="transferred",
        to_state=state, reason=reason, detail={"transfer": row.number},
    )  # fmt: skip


def _tell_sender(tx: Transaction, row: PageRow, what: Text) -> None:
    sender = users.find_by_name(tx, row.sent_by)
    if sender is None:
        return
    text = Text(
        f"案件 {row.case_number} 的移送{what.zh}",
        f"the transfer of case {row.case_number} {what.en}",
    )
    tell(
        tx, to_user=sender.id, kind="transfer_answered", object=row.case_number, text=text,
        address=desk_case(row.case_number),
    )  # fmt: skip


def _sent_on(row: PageRow) -> Day:
    day = parse_day(row.sent_at[:10])
    assert day is not None
    return day
