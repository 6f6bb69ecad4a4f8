"""An officer says what a receipt or refund belongs to: a decision on record, and undoable."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.money import MAX_FEN, format_yuan
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.ledger.books import Given
from feewatch.services.intake.matching import match_changed, subject_id
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit, state
from feewatch.store.database import Transaction
from feewatch.store.intake import bankfiles, manual_matches
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages.scope import MAX_KEY

#: Equal entries of a day are counted; no day has so many.
_LARGEST_N = 10**9


class EntryId(NamedTuple):
    """``account_no/booked_on/amount_fen/n``."""

    account_no: str
    booked_on: Day
    amount_fen: int
    n: int


@dataclass(frozen=True, slots=True)
class PlannedMatch:
    """A match that may be decided: an entry, a contract, an amount."""

    institution_id: int
    given: Given
    entry: str  # its identity in alerts
    booked_on: Day
    contract_no: str
    decided_fen: int  # of the entry, before this


def set_match(
    app: App, entry: str, contract_no: str, *, amount_fen: int | None, actor: str, reason: str
) -> int:
    """Let an entry pay, or pay back on, a contract of its institution; the decision's key.

    What matching found for the entry gives way, and what matching would find for the contract
    comes after. Raises: as ``plan_match``.
    """
    require_reason(reason)
    match_changed(app)
    with app.database.transaction() as tx:
        planned = plan_match(tx, entry, contract_no, amount_fen=amount_fen, actor=actor)
        key = book_match(tx, planned, actor=actor, reason=reason)
    match_changed(app)
    return key


def plan_match(
    tx: Transaction, entry: str, contract_no: str, *, amount_fen: int | None, actor: str
) -> PlannedMatch:
    """The match that a person may decide; nothing is written.

    ``entry``: its identity in alerts, or its key, as it is listed to who sees no account. Without
    an amount it is as much as entry and contract allow.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError.
    """
    person = get_acting(tx, actor, CASEWORKERS)
    named = _read_entry_id(entry)
    if isinstance(named, EntryId):
        entry_row = manual_matches.find_entry(tx, *named)
    else:
        entry_row = manual_matches.find_entry_of_key(tx, named)
    if entry_row is None or not _sees(tx, person, entry_row.institution_id):
        raise NotFoundError("ENTRY-UNKNOWN", f"没有流水 {entry}", f"no entry {entry}")
    # before reading what was decided: a second officer waits here
    state.mark_changed(tx, [entry_row.institution_id])
    contract = manual_matches.find_contract(tx, entry_row.institution_id, contract_no)
    if contract is None:
        raise NotFoundError(
            "CONTRACT-UNKNOWN",
            f"该机构没有合同 {contract_no}",
            f"the institution has no contract {contract_no}",
        )
    if entry_row.kind not in ("receipt", "refund"):
        raise ConflictError(
            "ENTRY-KIND",
            f"该笔流水既非收款也非退费（{entry_row.kind}），不能匹配",
            f"the entry is neither a receipt nor a refund but {entry_row.kind}",
        )
    decided = manual_matches.decided_on_entry(tx, entry_row.institution_id, entry_row.id)
    most = abs(entry_row.amount_fen) - decided
    pays = entry_row.amount_fen > 0
    taken = manual_matches.decided_on_contract(tx, contract.id, pays=pays)
    amount = _check_amount(amount_fen, min(most, contract.fee_fen - taken))
    given = Given(entry_row.id, contract.id, amount)
    return PlannedMatch(
        entry_row.institution_id, given, _named(entry_row), entry_row.booked_on, contract_no,
        decided,
    )  # fmt: skip


def book_match(
    tx: Transaction, planned: PlannedMatch, *, actor: str, reason: str, confirmed_by: str = ""
) -> int:
    """Put a decision on record; its key. Matching itself is the caller's to run."""
    given, decided = planned.given, planned.decided_fen
    key = manual_matches.add(tx, planned.institution_id, given, actor=actor, reason=reason)
    told: dict[str, Any] = {"asked_by": actor} if confirmed_by else {}
    audit.record(
        tx, confirmed_by or actor, "match.set", str(key),
        entry=planned.entry, contract=planned.contract_no, amount_fen=given.amount_fen,
        reason=reason, **told,
        before={"decided_fen": decided}, after={"decided_fen": decided + given.amount_fen},
    )  # fmt: skip
    return key


def undo_match(app: App, key: int, *, actor: str, reason: str) -> None:
    """Take a decision back; matching finds again what it would have found.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it is undone.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        match = get_match(tx, key, actor=actor)
        book_undoing(tx, match, actor=actor, reason=reason)
    match_changed(app)


def get_match(tx: Transaction, key: int, *, actor: str) -> PageRow:
    """A decision that a person may take back.

    Raises: NotFoundError, ForbiddenError.
    """
    person = get_acting(tx, actor, CASEWORKERS)
    match = manual_matches.find(tx, key)
    if match is None or not _sees(tx, person, match.institution_id):
        raise NotFoundError("MATCH-UNKNOWN", f"没有人工匹配 {key}", f"no decided match {key}")
    return match


def book_undoing(
    tx: Transaction, match: PageRow, *, actor: str, reason: str, confirmed_by: str = ""
) -> None:
    """Take a decision back on record. Matching itself is the caller's to run.

    Raises: ConflictError where it is undone.
    """
    if not manual_matches.undo(tx, match.id, actor=actor, reason=reason):
        raise ConflictError(
            "MATCH-UNDONE", f"人工匹配 {match.id} 已撤销", f"the match {match.id} is undone already"
        )
    row = (match.account_no, match.entry_booked_on, match.entry_fen, match.entry_n)
    told: dict[str, Any] = {"asked_by": actor} if confirmed_by else {}
    audit.record(
        tx, confirmed_by or actor, "match.undo", str(match.id), entry=subject_id(*row),
        contract=match.contract_no, reason=reason, **told,
        before={"decided_fen": match.amount_fen}, after={"decided_fen": 0},
    )  # fmt: skip
    state.mark_changed(tx, [match.institution_id])


def list_decisions(app: App) -> PageRows:
    """All decisions, those undone too, the latest first."""
    with app.database.reading() as tx:
        return manual_matches.list_decisions(tx, in_force=False)


def _sees(tx: Transaction, person: User, institution_id: int) -> bool:
    district = bankfiles.find_district(tx, institution_id, today())
    return district is not None and person.scope.sees(district, institution_id)


def _read_entry_id(text: str) -> EntryId | int:
    account_no, *rest = text.strip().split("/")
    key = read_whole(account_no, MAX_KEY) if not rest else None
    if key is not None:
        return key
    day = parse_day(rest[0]) if len(rest) == 3 else None
    if day is not None:
        fen, n = read_whole(rest[1].removeprefix("-"), MAX_FEN), read_whole(rest[2], _LARGEST_N)
        if fen is not None and n is not None:
            return EntryId(account_no, day, -fen if rest[1].startswith("-") else fen, n)
    raise InvalidInputError(
        "ENTRY-ID",
        f"流水编号 {text} 应为 账号/日期/分/序号，或列表中的编号",
        f"{text} is no entry: account_no/booked_on/amount_fen/n, or its key as listed",
        field="entry",
    )


def _named(row: Any) -> str:
    return subject_id(row.account_no, row.booked_on, row.amount_fen, row.n)


def _check_amount(wanted: int | None, most: int) -> int:
    """The amount wanted, or the most there is."""
    if most <= 0:
        raise ConflictError(
            "NOTHING-LEFT",
            "该笔流水或该合同已全部人工匹配",
            "all of the entry, or of the contract, is decided on already",
        )
    if wanted is not None and not 0 < wanted <= most:
        yuan = format_yuan(most)
        raise InvalidInputError(
            "AMOUNT",
            f"金额须大于 0 且至多 {yuan} 元",
            f"the amount must be 0.01 to {yuan} yuan",
            field="amount",
        )
    return most if wanted is None else wanted
