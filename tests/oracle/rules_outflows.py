"""OUT-*: where released money goes."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from oracle.amounts import count_from, shown
from oracle.books import Books
from oracle.calendar_days import each_day, plus
from oracle.records import Account, Entry
from oracle.rules_contracts import NOTICE_2021
from oracle.rules_cover import in_step
from oracle.rules_receipts import entry_verdict
from oracle.verdicts import COMPLIANT, Verdict, Verdicts, either, found

FINANCE_2023 = date(2023, 3, 14)
PURPOSES = ("理财", "证券", "期货", "投资", "购房", "借款", "担保")
EXCUSED = ("社会保险基金", "住房公积金", "房租", "租金", "工资")
RENTS, OF_LANDLORDS = ("房租", "租金"), ("投资",)
DIVIDENDS, NO_DIVIDENDS = ("分红", "股利", "利润分配"), ("分红舞",)
PAY = ("工资", "社保", "报销")


def outflow_rules(books: Books) -> Verdicts:
    for each in books.counted("release"):
        facts = books.on(each.day)
        if each.day >= FINANCE_2023:
            yield _purpose(books, each)
            if facts.nature == "non_profit":
                yield _dividend(books, each)
        if each.day >= NOTICE_2021 and facts.in_custody and books.of_kind("settlement"):
            yield _payee(books, each)
    for each in books.counted("release", "deposit out"):
        if each.day >= FINANCE_2023:
            yield _person(books, each)
    for each in books.accounts:
        if each.kind in ("fee", "deposit"):
            yield from _large(books, each)


def _person(books: Books, entry: Entry) -> Verdict:
    people = books.on(entry.day).people
    breach = False
    if -entry.fen > 1000000:
        breach = None if entry.party is None else entry.party in people
    return entry_verdict("OUT-PERSON", books, entry, breach, -entry.fen, 1000000,
                         "notice" if found(entry.memo, PAY) else "orange")  # fmt: skip


def _purpose(books: Books, entry: Entry) -> Verdict:
    """Who is paid rent is a landlord, in whose name investment says nothing."""
    word, rents = found(entry.memo, PURPOSES, EXCUSED), found(entry.memo, RENTS)
    named = found(entry.party, PURPOSES, EXCUSED)
    as_landlord = found(entry.party, tuple(w for w in PURPOSES if w not in OF_LANDLORDS), EXCUSED)
    by_name: bool | None = as_landlord is not None
    if named and not as_landlord:
        by_name = None if entry.memo is None else not rents
    breach = either(None if entry.memo is None else word is not None,
                    None if entry.party is None else by_name)  # fmt: skip
    word = word or (as_landlord if rents else named)
    return entry_verdict("OUT-PURPOSE", books, entry, breach, word, None, "orange")


def _dividend(books: Books, entry: Entry) -> Verdict:
    word = found(entry.memo, DIVIDENDS, NO_DIVIDENDS)
    breach = None if entry.memo is None else word is not None
    return entry_verdict("OUT-DIVIDEND", books, entry, breach, word, None, "orange")


def _payee(books: Books, entry: Entry) -> Verdict:
    own = {each.number for each in books.of_kind("settlement")}
    breach = None if entry.party_no is None else entry.party_no not in own
    return entry_verdict("OUT-PAYEE", books, entry, breach, -entry.fen, None, "orange")


def _window(books: Books, account: Account, day: date) -> int:
    """What left in the seven days to this one, refunds, charges and transfers apart."""
    return -sum(each.fen for each in books.counted("release", "deposit out")
                if each.account is account and plus(day, -6) <= each.day <= day)  # fmt: skip


def _large(books: Books, account: Account) -> Iterator[Verdict]:
    """Windows with an outflow; days that breach at most six apart are a run, known by its first."""
    previous: date | None = None
    days = sorted({day for each in books.counted("release", "deposit out")
                   if each.account is account for day in each_day(each.day, plus(each.day, 6))
                   if day <= books.as_of})  # fmt: skip
    for day in days:
        out, before = _window(books, account, day), books.balance(account, plus(day, -7))
        breach = out > 5000000 and (None if before is None else 10 * out > 4 * before)
        ratio = shown(Fraction(out, before)) if breach and before > 0 else "∞"
        verdict = Verdict("OUT-LARGE", books.uscc, "account_window", f"{account.number}/{day}", day,
                          "undetermined" if breach is None else "breach" if breach else COMPLIANT,
                          ratio, "0.4000", _severity(books, day))  # fmt: skip
        if not breach or previous is None or (day - previous).days > 6:
            yield verdict
        if breach:
            previous = day


def _severity(books: Books, day: date) -> str:
    """Money released in step with teaching may leave in one sum."""
    judged = books.on(day).in_custody and any(e.day == day for e in books.counted("release"))
    judged = judged and day >= count_from(books, day)
    return "notice" if judged and in_step(books, day).outcome == COMPLIANT else "orange"
