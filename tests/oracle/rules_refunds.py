"""REF-LATE, FLOW-DROP: refunds that are late, and months in which they surge."""

from datetime import date
from fractions import Fraction

from oracle.amounts import consumed, shown
from oracle.books import Books
from oracle.calendar_days import month_end, plus, plus_working_days
from oracle.records import Entry, Refund
from oracle.rules_cover import balance_cover
from oracle.verdicts import BREACH, Verdict, Verdicts, outcome


def refund_rules(books: Books) -> Verdicts:
    for each in books.refunds.values():
        if _has_term(books, each.requested_on):
            yield from _late(books, each)
    yield from _drops(books)


def _has_term(books: Books, day: date) -> bool:
    facts = books.on(day)
    return (facts.lies_in("37") and day >= date(2025, 11, 5)) or (
        facts.lies_in("5101") and day >= date(2023, 1, 1)
    )


def _late(books: Books, refund: Refund) -> Verdicts:
    """Judged from the day after the first day on which it might be late."""
    asked, contract = refund.requested_on, books.contracts[refund.contract]
    before, after = plus_working_days(asked, 5), plus(asked, 15)
    if contract.starts is None:
        first, last = min(before, after), max(before, after)
    else:
        first = last = before if asked < contract.starts else after
    if books.as_of <= first:
        return
    due = _due(books, refund)
    paid_on = None if due is None else _paid_in_full(books, refund, due)
    if contract.is_waived(books.as_of):
        met = max(contract.ended_on, asked)  # from then on nobody asks for it
        paid_on = min(paid_on or met, met)
    if paid_on is not None and paid_on <= first:
        breach = False
    elif due is None or books.as_of <= last or (paid_on is not None and paid_on <= last):
        breach = None
    else:
        breach = True if _is_seen(books, asked, last) else None
    days = ((paid_on or books.as_of) - asked).days
    yield Verdict("REF-LATE", books.uscc, "refund", refund.number, asked, outcome(breach), days,
                  (last - asked).days, "orange")  # fmt: skip


def _due(books: Books, refund: Refund) -> int | None:
    """As requested, else what was neither consumed nor refunded by then, but for a fen."""
    if refund.amount is not None:
        return refund.amount
    asked, contract, known = refund.requested_on, books.contracts[refund.contract], None
    if books.knows_lessons(asked, contract):
        known = consumed(books, contract, asked)
    if known is None:
        return None
    others = (each for each in books.payments("refund") if each.refund != refund.number)
    earlier = -sum(each.matched.get(contract.number, 0) for each in others if each.day < asked)
    return max(contract.refundable(asked) - known - earlier - 1, 0)


def _paid_in_full(books: Books, refund: Refund, due: int) -> date | None:
    """The day on which refunds that are this one's, or named for the contract alone, reach it."""
    if due == 0:
        return refund.requested_on
    paid = 0
    for each in sorted(books.payments("refund"), key=lambda each: each.day):
        alone = not each.refund and refund.contract in each.matched
        if each.refund == refund.number or (alone and each.day >= refund.requested_on):
            paid -= each.net
            if paid >= due:
                return each.day
    return None


def _is_seen(books: Books, first: date, last: date) -> bool:
    accounts = books.opened_by(last, "fee", "deposit")
    return any(each.kind == "fee" for each in accounts) and all(
        books.covers_its_own(each, first, last) for each in accounts
    )


def _are_covered(books: Books, first: date, last: date) -> bool:
    """Whether there was an account by the first day, and the statements of all cover their days."""
    accounts = books.opened_by(last, "fee", "deposit")
    return bool(books.opened_by(first, "fee", "deposit")) and all(
        books.covers_its_own(each, first, last) for each in accounts
    )


def _drops(books: Books) -> Verdicts:
    flows = list(books.counted("receipt", "refund"))
    for end in sorted({month_end(each.day) for each in flows}):
        if date(2020, 1, 1) <= end <= books.as_of:
            yield _month(books, flows, end)


def _month(books: Books, flows: list[Entry], end: date) -> Verdict:
    first = end.replace(day=1)
    start = first
    for _ in range(3):
        start = plus(start, -1).replace(day=1)
    month = [each for each in flows if first <= each.day <= end]
    before = [each for each in flows if start <= each.day < first]
    receipts, usual = _sum(month, "receipt"), Fraction(_sum(before, "receipt"), 3)
    refunds, usual_refunds = _sum(month, "refund"), Fraction(_sum(before, "refund"), 3)
    whole, known = _are_covered(books, first, end), _are_covered(books, start, plus(first, -1))
    if (whole and refunds == 0) or (known and 2 * receipts >= usual):
        breach = False
    elif whole and known:
        breach = refunds > 2 * usual_refunds
    else:
        breach = None
    ratio = shown(Fraction(receipts) / usual) if usual else None
    return Verdict("FLOW-DROP", books.uscc, "institution_month", f"{books.uscc}/{end:%Y-%m}", end,
                   outcome(breach), ratio, "0.5000", _gravity(books, month, refunds))  # fmt: skip


def _sum(entries: list[Entry], kind: str) -> int:
    return sum(abs(each.fen) for each in entries if each.kind == kind)


def _gravity(books: Books, month: list[Entry], refunds: int) -> str:
    if books.on(books.as_of).in_custody and balance_cover(books).outcome == BREACH:
        return "red"
    many = sum(each.kind == "refund" for each in month) >= 5
    return "orange" if many and refunds >= 2000000 else "notice"
