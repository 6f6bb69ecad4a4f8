"""The oracle's own classification and matching, sentence by sentence.

Institutions that successions tie to each other are settled together: a contract that moved is paid
by what reached the accounts of either.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from oracle.books import Books
from oracle.calendar_days import plus
from oracle.records import Charge, Contract, Entry, Refund


def settle(peers: list[Books]) -> None:
    """Name each entry's kind and tie receipts to charges and refunds to requests."""
    for books in peers:
        _reversals(books)
    in_turn = sorted(peers, key=_succeeds_on)
    entries = sorted(((books, entry) for books in in_turn for entry in books.entries),
                     key=lambda each: each[1].day)  # fmt: skip
    _internal(entries)
    for books, entry in entries:
        entry.kind = entry.kind or _kind(books, entry)
    receipts = [each for each in entries if each[1].kind == "receipt"]
    for books, entry in receipts:
        _by_name(books, entry)
    for books, entry in receipts:
        _by_amount(books, entry)
    for books in peers:
        _returned_refunds(books)
    refunds = [each for each in entries if each[1].kind == "refund"]
    for books, entry in refunds:
        _refund_by_name(books, entry)
    for books, entry in refunds:
        if not named_in(entry.memo, (*books.refunds, *_its_own(books, entry))):
            _refund_by_amount(books, entry)
    _made_prepaid(receipts)


def _succeeds_on(books: Books) -> date:
    """The first day of a succession to it: of one day the money of who came first pays first."""
    days = [each.on for each in books.successions if books.facts and each.new == books.uscc]
    return min(days, default=date.min)


def named_in(text: str | None, numbers: Iterable[str]) -> list[str]:
    """The numbers a text names as words of their own, spaces aside, in the order of the text."""
    found = [(_place(text or "", number), number) for number in numbers]
    return [number for at, number in sorted(found) if at >= 0]


def _place(text: str, number: str) -> int:
    found = re.search(f"(?<![A-Z0-9]){re.escape(_plain(number))}(?![A-Z0-9])", _plain(text))
    return found.start() if found else -1


@cache
def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def _says(memo: str | None, *words: str) -> bool:
    return any(word in (memo or "") for word in words)


def _reversals(books: Books) -> None:
    """A row marked 冲正 or 退汇 takes back an earlier row of the opposite amount."""
    for mark in ("冲正", "退汇"):
        for at, entry in enumerate(books.entries):
            if entry.kind or not _says(entry.memo, mark):
                continue
            original = _original(entry, books.entries[:at], alone=mark == "退汇")
            if original:
                original.kind = entry.kind = "reversed"
            elif mark == "冲正" and entry.fen > 0:
                entry.kind = "reversed"  # of something not on file; a payer's word excuses nothing


def _original(entry: Entry, earlier: list[Entry], *, alone: bool) -> Entry | None:
    """The nearest of thirty days that is to the same party, or does not say; what comes back from
    somebody else is the return of the only payment of its amount."""
    near = [each for each in reversed(earlier)
            if (each.account, each.fen, each.kind) == (entry.account, -entry.fen, "")
            and plus(each.day, 30) >= entry.day]  # fmt: skip
    same = [each for each in near if _same_party(each, entry)]
    if alone:
        return same[0] if same else (near[0] if len(near) == 1 else None)
    fitting = [each for each in near if each in same or None in (each.party, entry.party)]
    return fitting[0] if fitting else None


def _returned_refunds(books: Books) -> None:
    """A refund came back within thirty days: the nearest of its amount, or part of the only one
    to the same party."""
    for at, entry in enumerate(books.entries):
        if entry.kind not in ("returned", "other") or not _says(entry.memo, "退汇", "退回"):
            continue
        refunds = [each for each in reversed(books.entries[:at])
                   if each.account is entry.account and each.kind == "refund"
                   and not each.came_back and plus(each.day, 30) >= entry.day]  # fmt: skip
        whole = [each for each in refunds if each.fen == -entry.fen]
        whole.sort(key=lambda each: not _same_party(each, entry))
        parts = [each for each in refunds if _same_party(each, entry) and -each.fen >= entry.fen]
        if whole or len(parts) == 1:
            (whole or parts)[0].came_back = entry.fen
            entry.kind = "refund came back"


def _same_party(one: Entry, other: Entry) -> bool:
    return one.party is not None and one.party == other.party


def _own_accounts(books: Books, entry: Entry) -> set[str]:
    """Its accounts, and from the day of a succession the fee accounts of the other side."""
    own = {account.number for account in books.accounts}
    for each in books.successions:
        if books.uscc in (each.old, each.new) and each.on <= entry.day:
            own |= {account.number for other in books.peers if other.uscc in (each.old, each.new)
                    for account in other.of_kind("fee")}  # fmt: skip
    return own


def _kind(books: Books, entry: Entry) -> str:
    if entry.account.kind == "fee" and entry.fen > 0:
        if _says(entry.memo, "利息", "结息"):
            return "interest"
        if entry.party_no in _own_accounts(books, entry):
            return "own"
        return "returned" if _says(entry.memo, "退汇", "退回") else "receipt"
    if entry.fen > 0 or entry.account.kind == "settlement":
        return "other"
    if _is_refund(books, entry):
        return "refund"
    if _is_charge(entry):
        return "charge"
    if entry.account.kind == "deposit":
        return "deposit out"
    return "release"


def _is_refund(books: Books, entry: Entry) -> bool:
    return _says(entry.memo, "退费", "退款") or bool(named_in(entry.memo, books.refunds))


def _is_charge(entry: Entry) -> bool:
    return _says(entry.memo, "手续费", "账户管理费")


def _internal(entries: list[tuple[Books, Entry]]) -> None:
    """Transfers between an institution's own accounts of which both legs are seen.

    Between fee accounts neither leg is anything else. Out of a deposit account into a fee account
    it is the institution's own money that comes in; what comes into a deposit account is no flow,
    while on its own account it is what it is there: a release, or a use of the deposit.
    """
    for books, out in entries:
        moves = out.account.kind in ("fee", "deposit") and out.fen < 0
        if not moves or out.kind or not _is_transfer(books, out):
            continue
        own = _own_accounts(books, out)
        for beside, leg in entries:
            fits = (leg.fen, leg.kind) == (-out.fen, "") and _face_each_other(out, leg)
            fits = fits and not _is_of_another(leg, books) and not _is_of_another(out, beside)
            near = abs((leg.day - out.day).days) <= 1
            if not (fits and near and leg.account.number in own):
                continue
            if leg.account.kind == "deposit":
                leg.kind = "internal"
            elif leg.account.kind == "fee":
                out.kind = "internal"
                leg.kind = "internal" if out.account.kind == "fee" else "own"
            else:
                continue
            break


def _face_each_other(out: Entry, leg: Entry) -> bool:
    """Each row that tells the other side tells the other row's account, and one does."""
    told = [(out.party_no, leg.account.number), (leg.party_no, out.account.number)]
    numbers = [number == other for number, other in told if number is not None]
    return bool(numbers) and all(numbers) and out.account is not leg.account


def _is_of_another(entry: Entry, books: Books) -> bool:
    """Whether a row names somebody else than the institution as its other side."""
    names = {fact.name for fact in books.facts}
    return entry.party_no is None and entry.party is not None and entry.party not in names


def _is_transfer(books: Books, out: Entry) -> bool:
    return out.party_no != out.account.number and not _is_refund(books, out) and not _is_charge(out)


def _its_own(books: Books, entry: Entry) -> dict[str, Contract]:
    """Contracts that money on an account may be for: in its register, or held on the day."""
    return {number: contract for number, contract in books.contracts.items()
            if contract.home == books.uscc or books.holds(contract, entry.day)}  # fmt: skip


def short(books: Books, charge: Charge) -> int:
    """What of a charge no receipt has paid."""
    return charge.amount - sum(entry.pays.get(charge.subject, 0)
                               for entry in books.payments("receipt"))  # fmt: skip


def _pay(books: Books, entry: Entry, charge: Charge) -> None:
    part = min(entry.unmatched, short(books, charge))
    if part > 0:
        entry.pays[charge.subject] = part
        number = charge.contract_no
        entry.matched[number] = entry.matched.get(number, 0) + part


def _by_name(books: Books, entry: Entry) -> None:
    """Contracts in the order named, their charges in the order in which they fall due, those that
    the register calls unpaid after all others."""
    contracts = _its_own(books, entry)
    for number in named_in(entry.memo, contracts):
        for charge in sorted(contracts[number].charges, key=lambda each: each.paid_on is None):
            _pay(books, entry, charge)


def _by_amount(books: Books, entry: Entry) -> None:
    contracts = _its_own(books, entry)
    if named_in(entry.memo, contracts):
        return
    fitting = [charge for charge in _charges(contracts)
               if charge.amount == entry.fen == short(books, charge)
               and charge.paid_on is not None
               and abs((charge.paid_on - entry.day).days) <= 3]  # fmt: skip
    if len(fitting) == 1:
        _pay(books, entry, fitting[0])


def _charges(contracts: dict[str, Contract]) -> Iterator[Charge]:
    return (charge for contract in contracts.values() for charge in contract.charges)


def _refund_by_name(books: Books, entry: Entry) -> None:
    """The request named, else the contract named and a request of it that is still open."""
    named = named_in(entry.memo, books.refunds)
    contracts = named_in(entry.memo, _its_own(books, entry))
    if len(named) == 1:
        entry.refund, entry.matched = named[0], {books.refunds[named[0]].contract: entry.net}
    elif not named and len(contracts) == 1:
        entry.matched = {contracts[0]: entry.net}
        met = _request_met(books, contracts[0], entry)
        entry.refund = met.number if met else ""


def _request_met(books: Books, contract: str, entry: Entry) -> Refund | None:
    """Of a contract's requests not yet paid in full the one of this amount, else the earliest."""
    requests = sorted(
        (each for each in books.refunds.values() if each.contract == contract
         and each.requested_on <= entry.day
         and (each.amount is None or _paid(books, each) < each.amount)),
        key=lambda each: (each.amount != -entry.fen, each.requested_on, each.number),
    )  # fmt: skip
    return requests[0] if requests else None


def _paid(books: Books, refund: Refund) -> int:
    return -sum(entry.net for entry in books.payments("refund") if entry.refund == refund.number)


def _refund_by_amount(books: Books, entry: Entry) -> None:
    """The only request of this amount, made at most thirty days before, of which none is paid."""
    fitting = [
        each
        for each in books.refunds.values()
        if each.amount == -entry.fen
        and each.requested_on <= entry.day <= plus(each.requested_on, 30)
        and not _paid(books, each)
    ]
    if len(fitting) == 1:
        entry.refund, entry.matched = fitting[0].number, {fitting[0].contract: entry.net}


def _made_prepaid(receipts: list[tuple[Books, Entry]]) -> None:
    """A receipt before the first lesson held makes a contract paid afterwards a prepaid one."""
    for books, entry in receipts:
        for number in entry.matched:
            held = [each.held_on for each in books.lessons.get(number, ()) if each.count]
            if books.contracts[number].pay_after and (not held or entry.day < min(held)):
                books.prepaid_by_receipt.setdefault(number, entry.day)
