"""The contract's defined quantities (its section 4) exactly; None where a fact is missing."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from oracle.books import Books, tenure
from oracle.calendar_days import plus
from oracle.records import Contract


def half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def shown(value: Fraction) -> str:
    """Four places, half-up, as figures are shown."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return str(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP))


def lessons_held(books: Books, contract: Contract, day: date) -> int:
    return sum(each.count for each in books.lessons.get(contract.number, ())
               if each.held_on <= day)  # fmt: skip


def is_estimated(books: Books, contract: Contract) -> bool:
    rows = [each for each in books.lessons.get(contract.number, ()) if each.count]
    return contract.basis == "period" and not rows


def last_consuming(contract: Contract, day: date) -> date:
    """A day, or the eve of the end of a contract that had ended and was settled by then."""
    return plus(contract.ended_on, -1) if contract.is_settled(day) else day


def consumed(books: Books, contract: Contract, day: date) -> int | None:
    """Fen of the fee that lessons (or, estimated, days) have used up by the end of a day.

    A contract that ended and was settled consumes nothing from the day of its end on.
    """
    day = last_consuming(contract, day)
    if is_estimated(books, contract):
        if contract.starts is not None and day < contract.starts:
            return 0
        if contract.ends is not None and day >= contract.ends:
            return contract.fee
        if contract.starts is None or contract.ends is None:
            return None
        days = (contract.ends - contract.starts).days + 1
        return half_up(Fraction(contract.fee * ((day - contract.starts).days + 1), days))
    held = lessons_held(books, contract, day)
    if not held:
        return 0
    if not contract.total:
        return None
    return min(half_up(Fraction(contract.fee * held, contract.total)), contract.fee)


def refunded(books: Books, number: str, day: date) -> int:
    return -sum(each.matched.get(number, 0) for each in books.payments("refund") if each.day <= day)


@dataclass(frozen=True)
class Between:
    """A sum known only to lie between two bounds where a fact is missing."""

    least: int
    most: int

    @property
    def exact(self) -> bool:
        return self.least == self.most


def liability(books: Books, day: date) -> Between:
    """What families have paid for contracts it holds, and not yet had."""
    least = most = 0
    for each in books.prepaid():
        if each.is_settled(day) or not books.holds(each, day) or not each.paid(day):
            continue
        used = consumed(books, each, day)
        left = each.paid(day) - refunded(books, each.number, day)
        most += max(left - (used or 0), 0)
        least += max(left - used, 0) if used is not None else 0
    return Between(least, most)


def unexplained(books: Books, day: date) -> int:
    """What came in for no contract, less refunds for none: presumed prepaid."""
    return max(sum(each.unmatched for each in books.counted("receipt", "refund")
                   if each.day <= day), 0)  # fmt: skip


def claims(books: Books, day: date) -> Between:
    """What the fee accounts should hold."""
    owed, more = liability(books, day), unexplained(books, day)
    return Between(owed.least + more, owed.most + more)


def count_from(books: Books, day: date) -> date | None:
    """The day from which cumulative comparisons count."""
    given = books.on(day).supervised_from
    firsts = [s.first for a in books.of_kind("fee") for s in books.sheets.get(a.number, ())]
    return given or min(firsts, default=None)


def released(books: Books, first: date, last: date) -> int:
    """Money released less what of it came back; a refund that did lowers what is refunded."""
    return -sum(each.fen for each in books.counted("release", "returned", "own")
                if first <= each.day <= last)  # fmt: skip


def consumed_between(books: Books, first: date, last: date) -> Between:
    """Consumption of prepaid contracts over some days, on those on which it held them."""
    least = most = 0
    for each in books.prepaid():
        held_from, held_until = tenure(each.home, books.uscc, books.successions)
        eve, end = plus(max(first, held_from), -1), min(last, held_until)
        eve, end = last_consuming(each, eve), last_consuming(each, end)
        if end <= eve:
            continue
        until, before = consumed(books, each, end), consumed(books, each, eve)
        if until is None or before is None:
            began = is_estimated(books, each) or (
                lessons_held(books, each, end) > lessons_held(books, each, eve)
            )
            most += each.fee if began else 0
        else:
            least += until - before
            most += until - before
    return Between(least, most)
