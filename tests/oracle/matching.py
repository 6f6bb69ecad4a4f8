"""The oracle's own classification and matching, sentence by sentence."""

import re
import unicodedata
from datetime import date

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
    for each in books.counted("refund"):
        _refund(books, each)
    _made_prepaid(books)


def names(text: str | None, number: str) -> int | None:
    """Where a text names a number as a word of its own, spaces aside; None: nowhere."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text or "")).upper()
    wanted = re.escape(re.sub(r"\s", "", unicodedata.normalize("NFKC", number)).upper())
    found = re.search(f"(?<![A-Z0-9]){wanted}(?![A-Z0-9])", plain)
    return found.start() if found else None


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
    return _says(entry.memo, "退费", "退款") or any(
        names(entry.memo, number) is not None for number in books.refunds
    )


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
    found = [(names(entry.memo, number), number) for number in books.contracts]
    for _, number in sorted((at, number) for at, number in found if at is not None):
        part = min(entry.unmatched, _short(books, books.contracts[number]))
        if part > 0:
            entry.matched[number] = part


def _by_amount(books: Books, entry: Entry) -> None:
    if any(names(entry.memo, number) is not None for number in books.contracts):
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


def _refund(books: Books, entry: Entry) -> None:
    named = [number for number in books.refunds if names(entry.memo, number) is not None]
    if len(named) == 1:
        entry.refund, entry.matched = named[0], {books.refunds[named[0]].contract: entry.fen}
        return
    contracts = [number for number in books.contracts if names(entry.memo, number) is not None]
    if len(contracts) == 1:
        entry.matched = {contracts[0]: entry.fen}
        of = [each for each in _open(books, entry.day) if each.contract == contracts[0]]
        entry.refund = of[0].number if len(of) == 1 else ""
        return
    fitting = [
        each
        for each in _open(books, entry.day)
        if each.amount == -entry.fen and entry.day <= plus(each.requested_on, 30)
    ]
    if len(fitting) == 1:
        entry.refund, entry.matched = fitting[0].number, {fitting[0].contract: entry.fen}


def _open(books: Books, day: date) -> list[Refund]:
    taken = {each.refund for each in books.entries}
    return [
        each
        for each in books.refunds.values()
        if each.requested_on <= day and each.number not in taken
    ]


def _made_prepaid(books: Books) -> None:
    """A receipt before the first lesson held makes a contract paid afterwards a prepaid one."""
    for entry in books.counted("receipt"):
        for number in entry.matched:
            held = [each.held_on for each in books.lessons.get(number, ()) if each.count]
            if books.contracts[number].pay_after and (not held or entry.day < min(held)):
                books.prepaid_by_receipt.setdefault(number, entry.day)
