"""FEE-*, PRICE-PUBLISH, PRICE-EXTRA, CON-OVER: what a contract says about itself."""

from datetime import date
from fractions import Fraction

from oracle.amounts import lessons_held, shown
from oracle.books import Books
from oracle.calendar_days import completed_months, plus_months
from oracle.records import Charge, Contract
from oracle.verdicts import Verdict, Verdicts, outcome

NOTICE_2021 = date(2021, 10, 29)


def _verdict(rule, books, charge, breach, measured=None, limit=None, severity=""):
    return Verdict(rule, books.uscc, *charge.subject, charge.paid_on, outcome(breach), measured,
                   limit, severity)  # fmt: skip


def contract_rules(books: Books) -> Verdicts:
    for contract, charge in books.charged():
        if charge.paid_on < NOTICE_2021 or charge.paid_on > books.as_of:
            continue
        if contract.basis in ("hours", "both"):
            yield _hours(books, contract, charge)
        if contract.basis in ("period", "both"):
            yield _span(books, contract, charge)
        if has_cap(books, charge.paid_on):
            yield _verdict("FEE-CAP-5000", books, charge, charge.amount > 500000, charge.amount,
                           500000, "orange")  # fmt: skip
        yield from _early(books, contract, charge)
    for contract in books.contracts.values():
        day = contract.paid_on
        if day and NOTICE_2021 <= day <= books.as_of and books.holds(contract, day):
            yield _published(books, contract)
            if books.on(day).academic and day >= date(2022, 1, 1):
                yield Verdict("PRICE-EXTRA", books.uscc, "contract", contract.number, day,
                              outcome(contract.other_fee > 0), contract.other_fee, 0,
                              "notice")  # fmt: skip
        yield from _over(books, contract)


def is_many(contract: Contract, charge: Charge) -> bool | None:
    """Whether it is for more than sixty lessons; a part that does not say is no more than all."""
    if charge.total is not None:
        return charge.total > 60
    few = charge.number is not None and contract.lessons is not None and contract.lessons <= 60
    return False if few else None


def _hours(books: Books, contract: Contract, charge: Charge) -> Verdict:
    total = charge.total
    severity = "yellow" if total is not None and charge.lessons <= 60 else "orange"
    return _verdict("FEE-HOURS-60", books, charge, is_many(contract, charge), total, 60, severity)


def is_long(contract: Contract, charge: Charge) -> bool | None:
    """Whether it is for three calendar months or more, the last day included; a part that does not
    say is no longer than the whole."""
    for days in (charge, contract):
        if days.starts is not None and days.ends is not None:
            is_so = days.ends >= plus_months(days.starts, 3)
            return is_so if days is charge or not is_so else None
    return None


def _span(books: Books, contract: Contract, charge: Charge) -> Verdict:
    breach = is_long(contract, charge)
    months = (
        None
        if None in (charge.starts, charge.ends)
        else completed_months(charge.starts, charge.ends)
    )
    return _verdict("FEE-SPAN-3M", books, charge, breach, months, 3, "orange")


def has_cap(books: Books, day: date) -> bool:
    """Whether at most 5,000 yuan may be charged at once on a day."""
    facts = books.on(day)
    if facts.academic:
        return facts.lies_in("37") and day >= date(2025, 11, 5)
    return day >= date(2022, 12, 29)


def _early(books: Books, contract: Contract, charge: Charge) -> Verdicts:
    """FEE-EARLY-*: the first charge may take the contract's days, a later one needs its own."""
    starts = charge.starts
    if starts is None and charge == contract.charges[0]:
        starts = contract.starts
    elif starts is None:
        return
    early = None if starts is None else charge.paid_on < plus_months(starts, -1)
    if charge.number is None and charge.paid_on != books.contracts[contract.number].paid_on:
        early = None  # what is paid after lessons was paid on a day not registered
    if not contract.renews:
        months = starts and completed_months(charge.paid_on, starts)
        yield _verdict("FEE-EARLY-NEW", books, charge, early, months, 1, "yellow")
    elif contract.basis == "hours":
        yield _early_renewal(books, contract, charge, early)


def _early_renewal(books: Books, contract: Contract, charge: Charge, early: bool | None) -> Verdict:
    """Early only if both conditions fail; in Hainan the month decides alone."""
    left = left_on_renewed(books, contract, charge.paid_on)
    many = None if left is None else left > 20
    alone = books.on(charge.paid_on).lies_in("46")
    if alone:
        many = True
    if early is False or many is False:
        breach = False
    else:
        breach = None if early is None or many is None else True
    return _verdict("FEE-EARLY-RENEW", books, charge, breach, left, None if alone else 20,
                    "yellow")  # fmt: skip


def left_on_renewed(books: Books, contract: Contract, day: date) -> int | None:
    """Lessons left, gifts included, after what was held on the day of payment itself."""
    renewed = books.contracts.get(contract.renews)
    if renewed is None or renewed.total is None or not books.knows_lessons(day, renewed):
        return None
    return renewed.total - lessons_held(books, renewed, day)


def _published(books: Books, contract: Contract) -> Verdict:
    course = books.course_of(contract)
    subject = ("PRICE-PUBLISH", books.uscc, "contract", contract.number, contract.paid_on)
    if course is None or not contract.total:
        return Verdict(*subject, outcome(None))
    price = Fraction(contract.fee, contract.total)
    return Verdict(*subject, outcome(price > course.price + 1), shown(price),
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
    if on >= NOTICE_2021 and books.holds(contract, on):
        yield Verdict("CON-OVER", books.uscc, "contract", contract.number, on,
                      outcome(None if total is None else held > total), held, total,
                      "orange")  # fmt: skip
