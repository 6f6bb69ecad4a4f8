"""Undertakings of an institution: made with an answer or by the office, judged by the data."""

from collections.abc import Collection, Sequence

from feewatch.bootstrap import App
from feewatch.casework.cases import SETTLED
from feewatch.casework.undertakings import KINDS, MOST_ITEMS, Promise
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS
from feewatch.kernel.text import Text
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.cases import cases, undertakings
from feewatch.store.cases.undertakings import Item
from feewatch.store.database import Record, Transaction
from feewatch.store.state import mark_changed


def undertake(app: App, number: str, promises: Sequence[Promise], *, actor: str) -> list[int]:
    """Put undertakings on record that the office was given otherwise than on the site; their keys.

    Raises: NotFoundError for a case outside the person's scope, ForbiddenError, ConflictError for
    a settled case, InvalidInputError.
    """
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        case = cases.get_case(tx, number)
        if not person.scope.sees_case(case):
            raise cases.unknown_case(number)
        return undertake_within(tx, case, promises, person.name)


def undertake_within(
    tx: Transaction, case: Record, promises: Collection[Promise], actor: str
) -> list[int]:
    """The same inside a transaction of more; who may undertake the caller has asked.

    Raises: ConflictError for a settled case; InvalidInputError.
    """
    if case["state"] in SETTLED or case["institution_id"] is None:
        raise ConflictError(
            "CASE-STATE",
            f"案件 {case['number']} 已办结或无机构，不能承诺",
            f"case {case['number']} is settled or of no institution: nothing can be undertaken",
        )
    if promises:
        # the next check judges them; before their rows, which hold matters and case
        mark_changed(tx, [case["institution_id"]], entries=False)
    matters = [row["id"] for row in cases.list_case_matters(tx, case["id"])]
    keys = []
    for promise in promises:
        items = _items(tx, case, promise, matters)
        values = {
            "case_file_id": case["id"],
            "matter_id": promise.matter_id,
            "kind": promise.kind,
            "text": promise.text.strip(),
            "due_on": promise.due_on,
            "made_by": actor,
        }
        keys.append(undertakings.add(tx, values, items))
        line = line_of(promise, items)
        cases.add_event(
            tx,
            case["id"],
            actor=actor,
            step="undertake",
            from_state=case["state"],
            to_state=case["state"],
            reason=line.both(),  # in both languages; what was typed stands beside it, as typed
            detail={"undertaking": keys[-1], "text": promise.text.strip()},
        )
    if keys:
        detail = {"undertakings": keys}
        number = case["number"]
        audit.record(tx, actor=actor, action="case.undertake", object=number, detail=detail)
    return keys


def settle_by_word(app: App, number: str, key: int, *, actor: str, reason: str) -> None:
    """An officer's word that an undertaking of the kind ``other`` was done.

    Raises: NotFoundError, ForbiddenError, ConflictError for one that the data judge, or done.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        case = cases.get_case(tx, number)
        if not person.scope.sees_case(case):
            raise cases.unknown_case(number)
        row = undertakings.find_open(tx, case["id"], key)
        if row is None:
            raise NotFoundError(
                "UNDERTAKING-UNKNOWN", f"没有待完成的承诺 {key}", f"no open undertaking {key}"
            )
        if row.kind != "other":
            raise ConflictError(
                "UNDERTAKING-JUDGED",
                "该承诺由数据判断，不能人工认定",
                "this undertaking is judged by the data, not by a word",
            )
        if not undertakings.mark_done(tx, key, today(), person.name):
            raise ConflictError("UNDERTAKING-DONE", "该承诺已完成", "the undertaking is done")
        cases.add_event(
            tx,
            case["id"],
            actor=person.name,
            step="fulfil",
            from_state=case["state"],
            to_state=case["state"],
            reason=reason,
            detail={"undertaking": key},
        )
        detail = {"undertaking": key, "reason": reason}
        audit.record(tx, actor=person.name, action="case.fulfil", object=number, detail=detail)


def line_of(promise: Promise, items: Sequence[Item]) -> Text:
    """An undertaking on one line, without the words that were typed with it."""
    kind, day = KINDS[promise.kind], format_day(promise.due_on)
    count = len(items)
    parts = Text(f"（{count} 项）", f" ({count})") if count else Text("", "")
    return Text(f"{day} 前{kind.zh}{parts.zh}", f"{kind.en}{parts.en} by {day}")


def _items(tx: Transaction, case: Record, promise: Promise, matters: Collection[int]) -> list[Item]:
    if promise.kind not in KINDS:
        raise InvalidInputError(
            "UNDERTAKING-KIND", f"没有承诺类别 {promise.kind}", f"no kind {promise.kind}"
        )
    if promise.due_on < today():
        raise InvalidInputError(
            "UNDERTAKING-PAST", "承诺期限已过", "the day of the undertaking is past"
        )
    if promise.matter_id is not None and promise.matter_id not in matters:
        raise cases.unknown_matter(promise.matter_id)
    match promise.kind:
        case "refund":
            return _refunds(tx, case["institution_id"], promise)
        case "top_up":
            return _top_up(promise)
        case "statement":
            return _statements(tx, case["institution_id"], promise)
    require_reason(promise.text)
    return []


def _refunds(tx: Transaction, institution_id: int, promise: Promise) -> list[Item]:
    amounts = dict(promise.contracts)
    if not 1 <= len(amounts) <= MOST_ITEMS or len(amounts) != len(promise.contracts):
        raise InvalidInputError(
            "UNDERTAKING-CONTRACTS",
            f"请列出 1–{MOST_ITEMS} 份不同的合同",
            f"name 1–{MOST_ITEMS} different contracts",
        )
    known = undertakings.list_contracts(tx, institution_id, list(amounts))
    missing = [number for number in amounts if number not in known]
    if missing:
        raise InvalidInputError(
            "UNDERTAKING-CONTRACT",
            f"该机构没有合同 {'、'.join(missing)}",
            f"the institution has no contract {', '.join(missing)}",
        )
    items = []
    for number, given in amounts.items():
        row = known[number]
        amount = row.asked_fen - row.paid_fen if given is None else given
        if amount <= 0:
            raise InvalidInputError(
                "UNDERTAKING-AMOUNT",
                f"合同 {number} 没有未退的退费申请，请写明金额",
                f"contract {number} has no refund that waits: give the amount",
            )
        items.append(Item(number, contract_id=row.id, amount_fen=amount))
    return items


def _top_up(promise: Promise) -> list[Item]:
    if promise.matter_id is None:
        raise InvalidInputError(
            "UNDERTAKING-MATTER", "请选择要补足的事项", "name the matter that the money ends"
        )
    return [Item(f"M{promise.matter_id}")]


def _statements(tx: Transaction, institution_id: int, promise: Promise) -> list[Item]:
    if promise.covers_to is None or promise.covers_to > promise.due_on:
        raise InvalidInputError(
            "UNDERTAKING-COVERS",
            "请填写对账单的截止日期，不晚于承诺期限",
            "give the day up to which the statements tell, not after the day they are due",
        )
    known = undertakings.list_account_nos(tx, institution_id, promise.covers_to)
    chosen = list(promise.account_nos) or known
    missing = [number for number in chosen if number not in known]
    if missing or not chosen or len(chosen) > MOST_ITEMS:
        raise InvalidInputError(
            "UNDERTAKING-ACCOUNT",
            "该机构没有这样的监管账户",
            "the institution has no such supervised account",
        )
    return [Item(number, covers_to=promise.covers_to) for number in chosen]
