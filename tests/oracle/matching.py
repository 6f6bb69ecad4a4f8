"""The oracle's own classification and matching, sentence by sentence."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from oracle.books import Books, Contract, Entry, Refund
from oracle.calendar_days import plus


def settle(books: Books) -> None:
    """Name each entry's kind and tie receipts to contracts and refunds to requests."""
    _reversals(books)
    _internal(books)
    for each in books.entries:
        each.kind = each.kind or _kind(books, each)
    receipts = list(books.counted("receipt"))
    for each in receipts:
        _by_name(books, each)
    for each in receipts:
        _by_amount(books, each)
    refunds = list(books.counted("refund"))
    for each in refunds:
        _refund_by_name(books, each)
    for each in refunds:
        if not named_in(each.memo, (*books.refunds, *books.contracts)):
            _refund_by_amount(books, each)
    _made_prepaid(books)


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
    """A row marked 冲正 takes back the nearest earlier row of the opposite amount."""
    for at, each in enumerate(books.entries):
        if not _says(each.memo, "冲正"):
            continue
        for old in reversed(books.entries[:at]):
            if (old.account, old.fen, old.kind) == (each.account, -each.fen, ""):
                old.kind = each.kind = "reversed"
                break


def _kind(books: Books, entry: Entry) -> str:
    own = {each.number for each in books.accounts}
    if entry.account.kind == "fee" and entry.fen > 0:
        if _says(entry.memo, "利息", "结息"):
            return "interest"
        if entry.party_no in own:
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


def _internal(books: Books) -> None:
    """Transfers between an institution's fee accounts of which both legs are seen."""
    for out in books.entries:
        if out.fen >= 0 or out.account.kind != "fee" or out.kind or not _is_transfer(books, out):
            continue
        for leg in books.entries:
            fits = (leg.account.number, leg.fen, leg.kind) == (out.party_no, -out.fen, "")
            if fits and leg.account.kind == "fee" and abs((leg.day - out.day).days) <= 1:
                out.kind = leg.kind = "internal"
                break


def _is_transfer(books: Books, out: Entry) -> bool:
    return out.party_no != out.account.number and not _is_refund(books, out) and not _is_charge(out)


def _short(books: Books, contract: Contract) -> int:
    paid = sum(each.matched.get(contract.number, 0) for each in books.entries)
    return contract.fee - paid


def _by_name(books: Books, entry: Entry) -> None:
    for number in named_in(entry.memo, books.contracts):
        part = min(entry.unmatched, _short(books, books.contracts[number]))
        if part > 0:
            entry.matched[number] = part


def _by_amount(books: Books, entry: Entry) -> None:
    if named_in(entry.memo, books.contracts):
        return
    fitting = [
        each
        for each in books.contracts.values()
        if each.fee == entry.fen == _short(books, each)
        and each.paid_on is not None
        and abs((each.paid_on - entry.day).days) <= 3
    ]
    if len(fitting) == 1:
        entry.matched[fitting[0].number] = entry.fen


def _refund_by_name(books: Books, entry: Entry) -> None:
    """The request named, else the contract named and a request of it that is still open."""
    named = named_in(entry.memo, books.refunds)
    contracts = named_in(entry.memo, books.contracts)
    if len(named) == 1:
        entry.refund, entry.matched = named[0], {books.refunds[named[0]].contract: entry.fen}
    elif not named and len(contracts) == 1:
        entry.matched = {contracts[0]: entry.fen}
        met = _request_met(books, contracts[0], entry)
        entry.refund = met.number if met else ""


def _request_met(books: Books, contract: str, entry: Entry) -> Refund | None:
    """Of a contract's requests not yet paid in full the one of this amount, else the earliest."""
    found = sorted(
        (each for each in books.refunds.values() if each.contract == contract
         and each.requested_on <= entry.day
         and (each.amount is None or _paid(books, each) < each.amount)),
        key=lambda each: (each.amount != -entry.fen, each.requested_on, each.number),
    )  # fmt: skip
    return found[0] if found else None


def _paid(books: Books, refund: Refund) -> int:
    return -sum(each.fen for each in books.entries if each.refund == refund.number)


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
        entry.refund, entry.matched = fitting[0].number, {fitting[0].contract: entry.fen}


def _made_prepaid(books: Books) -> None:
    """A receipt before the first lesson held makes a contract paid afterwards a prepaid one."""
    for entry in books.counted("receipt"):
        for number in entry.matched:
            held = [each.held_on for each in books.lessons.get(number, ()) if each.count]
            if books.contracts[number].pay_after and (not held or entry.day < min(held)):
                books.prepaid_by_receipt.setdefault(number, entry.day)
