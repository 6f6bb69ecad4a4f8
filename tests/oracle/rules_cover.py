"""REL-SYNC, BAL-*, DEP-*: whether the money is there, and leaves in step with teaching."""

from datetime import date
from fractions import Fraction

from oracle.amounts import (
    claims,
    consumed_between,
    count_from,
    half_up,
    is_estimated,
    refunded,
    released,
    shown,
)
from oracle.books import Books, tenure
from oracle.calendar_days import plus, plus_months
from oracle.records import Account, Entry
from oracle.rules_contracts import NOTICE_2021
from oracle.rules_receipts import entry_verdict
from oracle.verdicts import Verdict, Verdicts, outcome

FRESH = {"daily": 7, "weekly": 14, "monthly": 38, "": 7}


def cover_rules(books: Books) -> Verdicts:
    for day in sorted({each.day for each in books.counted("release")}):
        if books.on(day).in_custody and day >= max(NOTICE_2021, count_from(books, day)):
            yield in_step(books, day)
    facts = books.on(books.as_of)
    if facts.in_custody:
        yield balance_cover(books)
    if facts.on_deposit:
        yield _deposit(books)
    for each in books.accounts:
        if each.minimum is not None:
            yield from _minimum(books, each)
    for each in books.entries:
        leaves = each.account.kind == "deposit" and each.fen < 0 and each.kind != "reversed"
        if leaves and NOTICE_2021 <= each.day < books.as_of:
            yield _pledge(books, each)


def in_step(books: Books, day: date) -> Verdict:
    """REL-SYNC on a day with a release."""
    first = count_from(books, day)
    out, used = released(books, first, day), consumed_between(books, first, day)
    known = books.knows_lessons(day)
    taught = any(not is_estimated(books, each) for each in books.prepaid()
                 if tenure(each.home, books.uscc, books.successions)[0] <= day)  # fmt: skip
    breach = _exceeds(out, used.most)
    if _exceeds(out, used.least) != breach or not (known and taught):
        breach = None
    local = books.on(day).lies_in("41", "46", "5101")
    return Verdict("REL-SYNC", books.uscc, "institution_day", f"{books.uscc}/{day}", day,
                   outcome(breach), out - used.most, half_up(Fraction(used.most, 100)),
                   "red" if local else "orange")  # fmt: skip


def _exceeds(out: int, used: int) -> bool:
    return out > used and (out - used) * 100 > used


def _balance(books: Books, kind: str) -> int | None:
    """What accounts of a kind hold, closed ones nothing; unknown where there never was one, or one
    that is open is not freshly covered."""
    accounts, total = books.opened_by(books.as_of, kind), 0
    for each in accounts:
        if not each.is_open(books.as_of):
            continue
        last = books.last_covered(each)
        if last is None or (books.as_of - last).days > FRESH[each.cycle]:
            return None
        total += books.balance(each, last)
    return total if accounts else None


def balance_cover(books: Books) -> Verdict:
    held, owed = _balance(books, "fee"), claims(books, books.as_of)
    if owed.most == 0:
        breach = False
    elif held is None:
        breach = None
    else:
        breach = held < owed.most
        if breach and (owed.least == 0 or held >= owed.least):
            breach = None
    ratio = Fraction(held, owed.most) if breach else None
    return Verdict("BAL-COVER", books.uscc, "institution", books.uscc, books.as_of, outcome(breach),
                   None if ratio is None else shown(ratio), shown(Fraction(1)),
                   _cover_severity(held, owed.most) if breach else "")  # fmt: skip


def _cover_severity(held: int, owed: int) -> str:
    if 100 * held < 95 * owed:
        return "red"
    missing = owed - held
    return "notice" if 100 * missing <= owed and missing <= 50000 else "orange"


def _deposit(books: Books) -> Verdict:
    after, day = plus_months(books.as_of, -3), books.as_of
    needed = sum(each.paid(day) - each.paid(after) for each in books.prepaid()
                 if books.holds(each, day)
                 and refunded(books, each.number, day) < each.paid(day))  # fmt: skip
    held = _balance(books, "deposit")
    breach = False if needed == 0 else (None if held is None else held < needed)
    return Verdict("DEP-MIN", books.uscc, "institution", books.uscc, books.as_of, outcome(breach),
                   held, needed, "orange")  # fmt: skip


def _minimum(books: Books, account: Account) -> Verdicts:
    closing = {each.day: each.balance for each in books.entries if each.account is account}
    for day, balance in closing.items():
        if day >= date(2020, 1, 1):
            yield Verdict("BAL-MIN", books.uscc, "account_day", f"{account.number}/{day}", day,
                          outcome(balance < account.minimum), balance, account.minimum,
                          "yellow")  # fmt: skip


def _pledge(books: Books, entry: Entry) -> Verdict:
    approved = any(
        (each.first is None or each.first <= entry.day)
        and (each.last is None or entry.day <= each.last)
        and (each.amount is None or -entry.fen <= each.amount)
        for each in books.approvals
        if each.kind != "early_release"
    )
    back = any(
        each.account is entry.account
        and each.fen == -entry.fen
        and entry.day <= each.day <= plus(entry.day, 1)
        for each in books.entries
    )
    excused = approved or back or _goes_to_fee_account(books, entry)
    breach = entry.kind not in ("charge", "refund") and not excused
    return entry_verdict("DEP-PLEDGE", books, entry, breach, -entry.fen, 0, "red")


def _goes_to_fee_account(books: Books, entry: Entry) -> bool:
    """By the number told; where none is, the money is seen to arrive within a day."""
    fee = [each.number for each in books.of_kind("fee")]
    if entry.party_no is not None:
        return entry.party_no in fee
    return any(
        each.account.number in fee
        and each.fen == -entry.fen
        and abs((each.day - entry.day).days) <= 1
        for each in books.counted("own")
    )
