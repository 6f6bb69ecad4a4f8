"""Acts that wait for a second officer (复核): read in words, confirmed, refused, taken back.

What is confirmed is carried out in the transaction that confirms it, in the name of who asked; on
record stand both. Nobody confirms what they asked for themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from feewatch.kernel.money import group_yuan
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS as REGISTERS
from feewatch.registry.wording import change_in_words
from feewatch.services.corrections.weighed_matches import confirm_match, confirm_undoing
from feewatch.services.intake.matching import match_changed
from feewatch.services.paging import Page, slice_of
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.people.countersigning import KINDS, STATES
from feewatch.services.registers.approvals_by_two import confirm_approvals
from feewatch.services.registers.coverage_desk import confirm_vouching
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.lists import holds
from feewatch.store.pages import PageRow
from feewatch.store.pages import countersigns as pages
from feewatch.store.people import countersigns

_MOST = 10_000
#: The state of an act after what may be done with it.
_AFTER = {"confirm": "confirmed", "refuse": "refused"}


@dataclass(frozen=True, slots=True)
class Act:
    """An act with what it would do, in words."""

    row: PageRow
    kind: Text
    state: Text
    lines: Sequence[Text]

    def as_json(self) -> dict[str, Any]:
        """For terminals and programs."""
        row = self.row
        names = (
            "id", "kind", "state", "uscc", "district", "reason", "asked_by", "asked_at",
            "decided_by", "decided_at", "decision_reason",
        )  # fmt: skip
        told = {"institution": row.name, "does": [line._asdict() for line in self.lines]}
        return {name: getattr(row, name) for name in names} | told


def list_page(app: App, scope: Scope, state: str, number: int) -> Page:
    """One page of acts within a scope, those that wait first."""
    with app.database.reading() as tx:
        day, (size, start) = today(), slice_of(number)
        rows = pages.list_acts(tx, scope, day, state=state, limit=size, offset=start)
        total = pages.count_acts(tx, scope, day, state=state)
    return Page([_act(row) for row in rows], total, number)


def list_acts(app: App, scope: Scope, state: str = "") -> list[Act]:
    """All acts within a scope, those that wait first."""
    with app.database.reading() as tx:
        return [_act(row) for row in pages.list_acts(tx, scope, today(), state=state, limit=_MOST)]


def confirm(app: App, key: int, *, actor: str, reason: str) -> None:
    """Another officer confirms an act, which is carried out with it.

    Raises: NotFoundError; ForbiddenError, also for who asked; ConflictError where it is settled,
    or what it rests on has changed.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        act = _get_waiting(tx, key, actor)
        if act.asked_by == actor:
            raise ForbiddenError(
                "SECOND-OFFICER", "须由另一人确认", "another person has to confirm"
            )
        _settle(tx, act, "confirm", actor, reason)
        _CARRY_OUT[act.kind](tx, act, actor)
    match_changed(app)


def refuse(app: App, key: int, *, actor: str, reason: str) -> None:
    """Another officer refuses an act, or who asked takes it back.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it is settled.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        act = _get_waiting(tx, key, actor)
        _settle(tx, act, "refuse", actor, reason)


def _confirm_hold(tx: Transaction, act: PageRow, by: str) -> None:
    holds.decide(tx, act.content["hold"], "keep", act.reason, act.asked_by)
    detail = {"reason": act.reason, "asked_by": act.asked_by}
    audit.record(tx, actor=by, action="hold.keep", object=act.uscc, detail=detail)


_CARRY_OUT: dict[str, Callable[[Transaction, PageRow, str], None]] = {
    "approvals": confirm_approvals,
    "match": confirm_match,
    "unmatch": confirm_undoing,
    "coverage": confirm_vouching,
    "hold": _confirm_hold,
}


def _get_waiting(tx: Transaction, key: int, actor: str) -> PageRow:
    """An act that waits, of which a person may decide.

    Raises: NotFoundError, also for one outside the scope; ForbiddenError; ConflictError.
    """
    person = get_acting(tx, actor, CASEWORKERS)
    countersigns.lock_act(tx, key)
    rows = pages.list_acts(tx, person.scope, today(), key=key, limit=1)
    if not rows:
        raise NotFoundError(
            "COUNTERSIGN-UNKNOWN", f"没有复核 {key}", f"nothing waits under number {key}"
        )
    if rows[0].state != countersigns.WAITING:
        state = STATES[rows[0].state]
        raise ConflictError(
            "COUNTERSIGN-SETTLED",
            f"复核 {key} 已办结（{state.zh}）",
            f"number {key} is settled: {state.en}",
        )
    return rows[0]


def _settle(tx: Transaction, act: PageRow, step: str, actor: str, reason: str) -> None:
    countersigns.settle(tx, act.id, _AFTER[step], by=actor, reason=reason)
    told = {
        "kind": act.kind, "uscc": act.uscc, "asked_by": act.asked_by, "reason": reason,
        "before": {"state": act.state}, "after": {"state": _AFTER[step]},
    }  # fmt: skip
    audit.record(tx, actor, f"countersign.{step}", str(act.id), told)


def _act(row: PageRow) -> Act:
    return Act(row, KINDS[row.kind], STATES[row.state], _in_words(row))


def _in_words(row: PageRow) -> list[Text]:
    """What an act would do, a line a row."""
    told = row.content
    match row.kind:
        case "approvals":
            return [_approval(each["before"], each["after"]) for each in told["rows"]]
        case "coverage":
            register = REGISTERS[told["register"]]
            days = "，".join("..".join(map(format_day, each)) for each in told["days"])
            return [Text(f"{register.zh}：{days}", f"{register.name}: {days}")]
        case "hold":
            unmet = [Text(line["zh"], line["en"]) for line in told["lines"]]
            return [Text("未得到证明：", "not proven:"), *unmet]
    yuan, number = group_yuan(told["amount_fen"]), told["contract"]
    line = Text(
        f"{told['booked_on']} 的款项，{yuan} 元，合同 {number}",
        f"money of {told['booked_on']}, {yuan} yuan, contract {number}",
    )
    titles = [Text(*each) for each in told["ends"]]
    ends = Text(
        "将结束或减轻：" + "；".join(title.zh for title in titles),
        "would end or lower: " + "; ".join(title.en for title in titles),
    )
    return [line, ends]


def _approval(before: dict[str, Any] | None, after: dict[str, Any]) -> Text:
    kind = REGISTERS["approvals"]
    empty = dict.fromkeys(after) | {"document": after["document"], "uscc": after["uscc"]}
    line = change_in_words(kind, before or empty, after, cancels=False)
    return Text(f"{after['document']}：{line.zh}", f"{after['document']}: {line.en}")
