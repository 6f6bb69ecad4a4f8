"""FEE-*, PRICE-PUBLISH, PRICE-EXTRA, CON-OVER: what a contract says about itself."""

from datetime import date
from fractions import Fraction

from oracle.amounts import lessons_held, shown
from oracle.books import Books, Contract
from oracle.calendar_days import completed_months, plus_months
from oracle.verdicts import Verdict, Verdicts, outcome

NOTICE_2021 = date(2021, 10, 29)


def _verdict(rule, books, contract, breach, measured=None, limit=None, severity=""):
    return Verdict(rule, books.uscc, "contract", contract.number, contract.paid_on,
                   outcome(breach), measured, limit, severity)  # fmt: skip


def contract_rules(books: Books) -> Verdicts:
    for each in books.prepaid():
        if each.paid_on < NOTICE_2021 or each.paid_on > books.as_of:
            continue
        if each.basis in ("hours", "both"):
            yield _hours(books, each)
        if each.basis in ("period", "both"):
            yield _span(books, each)
        if has_cap(books, each):
            yield _verdict("FEE-CAP-5000", books, each, each.fee > 500000, each.fee, 500000,
                           "orange")  # fmt: skip
        if not each.renews:
            yield _early_new(books, each)
        elif each.basis == "hours":
            yield _early_renewal(books, each)
    for each in books.contracts.values():
        if each.paid_on and NOTICE_2021 <= each.paid_on <= books.as_of:
            yield _published(books, each)
            if books.on(each.paid_on).academic and each.paid_on >= date(2022, 1, 1):
                yield _verdict("PRICE-EXTRA", books, each, each.other_fee > 0, each.other_fee, 0,
                               "notice")  # fmt: skip
        yield from _over(books, each)


def _hours(books: Books, contract: Contract) -> Verdict:
    total = contract.total
    severity = "yellow" if total is not None and contract.lessons <= 60 else "orange"
    return _verdict("FEE-HOURS-60", books, contract, None if total is None else total > 60,
                    total, 60, severity)  # fmt: skip


def _span(books: Books, contract: Contract) -> Verdict:
    if contract.starts is None or contract.ends is None:
        return _verdict("FEE-SPAN-3M", books, contract, None)
    months = completed_months(contract.starts, contract.ends)
    breach = contract.ends >= plus_months(contract.starts, 3)
    return _verdict("FEE-SPAN-3M", books, contract, breach, months, 3, "orange")


def has_cap(books: Books, contract: Contract) -> bool:
    facts = books.on(contract.paid_on)
    if facts.academic:
        return facts.lies_in("37") and contract.paid_on >= date(2025, 11, 5)
    return contract.paid_on >= date(2022, 12, 29)


def _is_early(books: Books, contract: Contract) -> bool | None:
    """Unknown also where a contract paid after lessons was paid on a day not registered."""
    if contract.starts is None or contract.paid_on != books.contracts[contract.number].paid_on:
        return None
    return contract.paid_on < plus_months(contract.starts, -1)


def _early_new(books: Books, contract: Contract) -> Verdict:
    months = contract.starts and completed_months(contract.paid_on, contract.starts)
    return _verdict(
        "FEE-EARLY-NEW", books, contract, _is_early(books, contract), months, 1, "yellow"
    )


def _early_renewal(books: Books, contract: Contract) -> Verdict:
    """Early only if both conditions fail; in Hainan the month decides alone."""
    early, left = _is_early(books, contract), left_on_renewed(books, contract)
    many = None if left is None else left > 20
    alone = books.on(contract.paid_on).lies_in("46")
    if alone:
        many = True
    if early is False or many is False:
        breach = False
    else:
        breach = None if early is None or many is None else True
    return _verdict("FEE-EARLY-RENEW", books, contract, breach, left, None if alone else 20,
                    "yellow")  # fmt: skip


def left_on_renewed(books: Books, contract: Contract) -> int | None:
    """Lessons left, gifts included, after what was held on the day of payment itself."""
    renewed, known = books.contracts.get(contract.renews), books.lesson_days
    if renewed is None or renewed.total is None or known is None:
        return None
    if not known[0] <= contract.paid_on <= known[1]:
        return None
    return max(renewed.total - lessons_held(books, renewed, contract.paid_on), 0)


def _published(books: Books, contract: Contract) -> Verdict:
    course = books.courses.get(contract.course_id)
    if course is None or not contract.total:
        return _verdict("PRICE-PUBLISH", books, contract, None)
    price = Fraction(contract.fee, contract.total)
    return _verdict("PRICE-PUBLISH", books, contract, price > course.price + 1, shown(price),
                    shown(Fraction(course.price)), "yellow")  # fmt: skip


def _over(books: Books, contract: Contract) -> Verdicts:
    rows = [each for each in books.lessons.get(contract.number, ())
            if each.count and each.held_on <= books.as_of]  # fmt: skip
    if not rows:
        return
    held, total = sum(each.count for each in rows), contract.total
    on = max(each.held_on for each in rows)
    running = 0
    for each in sorted(rows, key=lambda row: row.held_on):
        running += each.count
        if total is not None and running > total:
            on = each.held_on
            break
    if on >= NOTICE_2021:
        yield Verdict("CON-OVER", books.uscc, "contract", contract.number, on,
                      outcome(None if total is None else held > total), held, total,
                      "orange")  # fmt: skip
