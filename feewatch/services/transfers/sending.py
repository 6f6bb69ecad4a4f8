"""移送: a case leaves its department with a letter and a signed bundle of its evidence."""

import hashlib

from feewatch.bootstrap import App
from feewatch.casework.cases import SETTLED, STATES
from feewatch.kernel.departments import DEPARTMENTS
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text, normalise
from feewatch.services.cases import papers as making
from feewatch.services.cases.held_case import HeldCase, hold
from feewatch.services.intake import rawfiles
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.transfers.answering import tell_department
from feewatch.services.transfers.evidence import pack_evidence
from feewatch.store import audit
from feewatch.store.cases import cases, transfers
from feewatch.store.database import Record, Transaction

LETTER = "transfer_letter"


def send(app: App, number: str, to: str | None, *, actor: str, reason: str, unit: str = "") -> int:
    """The key of a transfer of a case to a department, or with ``to`` None to a unit outside.

    Its letter is the one made for it before, else a new one. Nothing is asked of anybody while it
    waits: no deadline runs, and no step can be taken.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError, UnavailableError
    without a key to sign with.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        held = hold(tx, person, number)
        case = held.case
        addressee = _check(case, to, normalise(unit))
        letter = _letter(app, tx, person, held, addressee, reason)
        content = pack_evidence(app, tx, case, held.matters, letter, to)
        sha256 = hashlib.sha256(content).hexdigest()
        rawfiles.keep(app, sha256, content)
        key = transfers.add(
            tx, number=letter["number"], case_file_id=case["id"], to_department=to, unit=addressee,
            from_department=case["department"], reason=reason, from_state=case["state"],
            bundle_sha256=sha256, sent_by=person.name,
        )  # fmt: skip
        cases.change_case(tx, case["id"], case["state"], state="transferred")
        detail = {"to": to, "unit": addressee, "paper": letter["number"], "bundle": sha256}
        cases.add_event(
            tx, case["id"], actor=person.name, step="transfer", from_state=case["state"],
            to_state="transferred", reason=reason, detail=detail,
        )  # fmt: skip
        change = {"before": {"state": case["state"]}, "after": {"state": "transferred"}}
        audit.record(tx, person.name, "case.transfer", number, detail | change, reason=reason)
        _tell(tx, case["district"], to, number)
    return key


def _check(case: dict[str, object], to: str | None, unit: str) -> str:
    """The unit that the letter goes to."""
    if case["state"] in SETTLED:
        state = STATES[str(case["state"])]
        raise ConflictError(
            "CASE-STATE",
            f"案件 {case['number']} 处于“{state.zh}”，不能移送",
            f"case {case['number']} is {state.en}: it cannot be handed over",
        )
    if to is None:
        if not unit:
            raise InvalidInputError(
                "TRANSFER-UNIT", "请写明移送的单位", "name the unit it goes to", field="receiver"
            )
        return unit
    if to not in DEPARTMENTS:
        listed = ", ".join(DEPARTMENTS)
        raise InvalidInputError(
            "DEPARTMENT",
            f"没有部门 {to}，可用：{listed}",
            f"no department {to}; departments are: {listed}",
            field="to",
        )
    if to == case["department"]:
        raise InvalidInputError(
            "TRANSFER-OWN",
            f"案件已由{DEPARTMENTS[to].zh}办理",
            "the case is of this department already",
            field="to",
        )
    return unit or DEPARTMENTS[to].zh


def _letter(
    app: App, tx: Transaction, person: User, held: HeldCase, unit: str, reason: str
) -> Record:
    """The letter of this transfer: one made for the unit that no other transfer used."""
    made = making.find_latest(tx, held.case["id"], [LETTER])
    is_fit = made is not None and made["content"]["recipient"] == unit
    if made is not None and is_fit and transfers.find_by_number(tx, made["number"]) is None:
        making.check_matters(made, held.matters)
        return made
    order = making.Order(LETTER, reason, unit)
    return making.make_within(app, tx, person, held.case, order, matters=held.matters).row


def _tell(tx: Transaction, district: str, to: str | None, number: str) -> None:
    """The people of the department that gets a case are told."""
    if to is None:
        return
    text = Text(
        f"案件 {number} 已移送{DEPARTMENTS[to].zh}，待接收",
        f"case {number} was handed to your department and waits to be taken over",
    )
    tell_department(tx, district, to, number, text)
