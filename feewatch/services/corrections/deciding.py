"""Decides on proposals: officers accept, refuse or ask for a voucher; an institution withdraws.

An accepted change is written in the transaction that accepts it, in the officer's name; what it
ends is found by the next check.
"""

from collections.abc import Sequence

from feewatch.bootstrap import App
from feewatch.casework.proposals import PROPOSAL_STEPS, STATES, shown_key
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.money import format_yuan
from feewatch.kernel.people import User
from feewatch.registry.kinds import KINDS
from feewatch.services.corrections.telling import tell_of_fate
from feewatch.services.intake.proofs import Proof, keep_proof
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.registers.plan import Plan, describe_change, usccs_of
from feewatch.services.registers.writing import (
    NO_MATTER_TO_ENTRIES,
    cover_days,
    write_records,
)
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.intake import bankfiles
from feewatch.store.registers import charges, proposals, registers
from feewatch.store.registers.registers import Located, RecordOnFile
from feewatch.store.state import mark_changed


def decide(app: App, keys: Sequence[int], step: str, *, actor: str, reason: str) -> None:
    """Take a step of ``casework.proposals`` with these proposals: all of them, or none.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    if step not in PROPOSAL_STEPS:
        listed = ", ".join(PROPOSAL_STEPS)
        raise InvalidInputError(
            "STEP-UNKNOWN",
            f"没有步骤 {step}，可用：{listed}",
            f"no step {step}; there are {listed}",
        )
    if not keys:
        raise InvalidInputError("PROPOSALS-NONE", "未选择提请", "no proposal is chosen")
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, PROPOSAL_STEPS[step].roles)
        registers.lock(tx)
        chosen = [_get_open(tx, person, key) for key in dict.fromkeys(sorted(keys))]
        for proposal in chosen:
            _take(tx, person, proposal, step, reason)
        if step == "accept":
            _refuse_other_sums(tx, chosen)


def add_voucher(app: App, key: int, voucher: Proof, *, actor: str) -> None:
    """Lay a voucher to an open proposal, in place of the one it had.

    Raises: NotFoundError, ForbiddenError, ConflictError.
    """
    keep_proof(app, voucher)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, PROPOSAL_STEPS["withdraw"].roles)
        _get_open(tx, person, key)
        proposals.set_voucher(tx, key, voucher.sha256, voucher.name, actor=actor)
        audit.record(tx, actor, "proposal.voucher", str(key), sha256=voucher.sha256)


def sees_proposal(tx: Transaction, person: User, proposal: Record) -> bool:
    """Whether a proposal lies within a person's scope."""
    key = proposal["institution_id"]
    if person.institution_id is not None:
        return bool(person.institution_id == key)
    district = bankfiles.find_district(tx, key, today())
    return district is not None and person.scope.sees(district, key)


def unknown_proposal(key: int) -> NotFoundError:
    """That there is no such proposal, or not for this person."""
    return NotFoundError("PROPOSAL-UNKNOWN", f"没有提请 {key}", f"no proposal {key}")


def find_base(tx: Transaction, proposal: Record) -> RecordOnFile | None:
    """The row on file that a proposal was made against; None where it says otherwise by now."""
    kind = KINDS[proposal["kind"]]
    base = registers.find_record(tx, kind, proposal["record_id"])
    return base if base is not None and kind.keep(base.record) == proposal["before"] else None


def plan_of(tx: Transaction, proposal: Record, base: RecordOnFile) -> Plan:
    """What an import of the proposed row would write."""
    kind = KINDS[proposal["kind"]]
    row = Located(0, kind.make_kept(proposal["after"]), proposal["contract_id"])
    institutions = registers.institution_ids(tx, usccs_of(row.record))
    key = proposal["institution_id"]
    change = describe_change(kind, base, row, key)
    return Plan(institutions, rows=[row], changes=[change], touched={key})


def _get_open(tx: Transaction, person: User, key: int) -> Record:
    proposal = proposals.find(tx, key, lock=True)
    if proposal is None or not sees_proposal(tx, person, proposal):
        raise unknown_proposal(key)
    if proposal["state"] != "open":
        state = STATES[proposal["state"]]
        raise ConflictError(
            "PROPOSAL-DECIDED",
            f"提请 {key} 已办结（{state.zh}）",
            f"proposal {key} is settled: {state.en}",
        )
    return proposal


def _take(tx: Transaction, person: User, proposal: Record, step: str, reason: str) -> None:
    key, state = proposal["id"], PROPOSAL_STEPS[step].to_state
    if step in ("accept", "refuse"):
        _require_another(tx, person, key)
    if step == "accept":
        _apply(tx, person, proposal)
    if step == "ask":
        proposals.add_event(tx, key, actor=person.name, change="asked", reason=reason)
    else:
        proposals.move(tx, key, state, actor=person.name, reason=reason)
    tell_of_fate(tx, proposal, step)
    change = {"before": {"state": proposal["state"]}, "after": {"state": state}}
    told = change | {
        "kind": proposal["kind"],
        "key": shown_key(proposal["kind"], proposal["key"]),
        "reason": reason,
    }
    audit.record(tx, person.name, f"proposal.{step}", str(key), told)


def _require_another(tx: Transaction, person: User, key: int) -> None:
    """Four eyes: who issued the 督办单 of a red case does not decide what may end it."""
    if person.name in proposals.list_red_issuers(tx, key):
        raise ForbiddenError(
            "CASE-OTHER-OFFICER",
            "涉及红色案件的提请，须由下发督办者以外的人员决定",
            "a proposal that touches a red case is decided by another than who issued the order",
        )


def _apply(tx: Transaction, person: User, proposal: Record) -> None:
    base = find_base(tx, proposal)
    if base is None:
        key = proposal["id"]
        raise ConflictError(
            "PROPOSAL-OUTDATED",
            f"提请 {key} 所依据的资料已变更，须由机构重新提请",
            f"the row of proposal {key} has changed since: the institution must renew it",
        )
    kind, plan = KINDS[proposal["kind"]], plan_of(tx, proposal, base)
    write_records(tx, kind, plan)
    registers.record_changes(
        tx,
        kind.name,
        plan.history,
        actor=person.name,
        file_sha256=proposal["file_sha256"],
        proposal_id=proposal["id"],
    )
    cover_days(tx, kind, None, plan)
    mark_changed(tx, sorted(plan.touched), entries=kind.name not in NO_MATTER_TO_ENTRIES)


def _refuse_other_sums(tx: Transaction, accepted: Sequence[Record]) -> None:
    """Charges are accepted together, so that they still add up to the fee of their contract."""
    of_contract = {row["contract_id"] for row in accepted if row["kind"] == "charges"}
    for charged in charges.list_charged(tx, of_contract).values():
        total = sum(charged.amounts.values())
        if total != charged.fee_fen:
            has, fee = format_yuan(total), format_yuan(charged.fee_fen)
            number = charged.contract_no
            raise ConflictError(
                "CHARGES-SUM",
                f"采纳后合同 {number} 各笔收费合计 {has} 元，合同金额 {fee} 元；请一并采纳相关提请",
                f"the charges of {number} would add up to {has}, its fee is {fee} yuan: "
                "accept the proposals that belong together at once",
            )
