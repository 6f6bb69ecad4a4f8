"""ACC-*, FEE-NO-LOAN: whether fees reach the account, and what else comes in."""

from datetime import date, timedelta

from oracle.books import Books
from oracle.calendar_days import each_day, plus
from oracle.matching import short
from oracle.records import Charge, Contract, Entry
from oracle.rules_contracts import NOTICE_2021
from oracle.verdicts import Verdict, Verdicts, either, found, outcome

LENDERS = ("小额贷款", "消费金融")
INSTALMENTS, EXPLAINED = ("分期",), ("先学后付", "信用卡")


def entry_verdict(rule, books, entry, breach, measured=None, limit=None, severity=""):
    return Verdict(rule, books.uscc, "entry", entry.key, entry.day, outcome(breach), measured,
                   limit, severity)  # fmt: skip


def receipt_rules(books: Books) -> Verdicts:
    yield from _no_account(books)
    for contract, charge in books.charged():
        yield from _off_account(books, contract, charge)
    for each in books.counted("receipt"):
        if each.day < NOTICE_2021:
            continue
        yield _loan(books, each)
        if (books.as_of - each.day).days >= 7:
            yield entry_verdict("ACC-UNMATCHED", books, each, each.unmatched > 0, each.unmatched, 0,
                                "yellow")  # fmt: skip
        if each.day >= date(2023, 10, 15):
            yield _licence(books, each)
    yield from _mirrored(books)


def _no_account(books: Books) -> Verdicts:
    facts, day = books.on(books.as_of), books.as_of
    fees = sum(contract.paid(day) - contract.paid(day - timedelta(91))
               for contract in books.prepaid() if books.holds(contract, day))  # fmt: skip
    kinds = ["fee", "deposit"] if facts.on_deposit else ["fee"]
    lacking = any(not any(a.is_open(day) for a in books.of_kind(kind)) for kind in kinds)
    yield Verdict("ACC-NONE", books.uscc, "institution", books.uscc, day,
                  outcome(fees > 0 and lacking), fees, 0, "red")  # fmt: skip


def _off_account(books: Books, contract: Contract, charge: Charge) -> Verdicts:
    """A contract that moves within the days may be paid to either side: both are asked."""
    paid, last = charge.paid_on, plus(charge.paid_on, 3)
    if paid < NOTICE_2021 or last > books.as_of:
        return
    holders = {books.holder(contract, day).uscc: books.holder(contract, day)
               for day in each_day(paid, last)}.values()  # fmt: skip
    asked = [(holder, account) for holder in holders for account in holder.opened_by(last, "fee")]
    covered = asked and all(holder.covers_its_own(account, paid, last) for holder, account in asked)
    missing = short(books, charge)
    stray = sum(e.unmatched for e in books.counted("receipt") if paid <= e.day <= last)
    breach = False if missing <= 0 else (True if covered else None)
    yield Verdict("ACC-OFF", books.uscc, *charge.subject, paid, outcome(breach), missing, 0,
                  "yellow" if stray >= missing else "red")  # fmt: skip


def _loan(books: Books, entry: Entry) -> Verdict:
    payer, memo = _lender(entry.party), _lender(entry.memo)
    breach = either(None if entry.party is None else payer is not None,
                    None if entry.memo is None else memo is not None)  # fmt: skip
    return entry_verdict("FEE-NO-LOAN", books, entry, breach, payer or memo, None,
                         "red" if payer else "notice")  # fmt: skip


def _lender(text: str | None) -> str | None:
    """A lender's word, or one for instalments that nothing in the text explains."""
    instalments = None if found(text, EXPLAINED) else found(text, INSTALMENTS)
    return found(text, LENDERS) or instalments


def _licence(books: Books, entry: Entry) -> Verdict:
    facts = books.on(entry.day)
    until, applied = facts.licence_until, facts.renewal_applied_on
    if until is None:
        return entry_verdict("ACC-LICENCE", books, entry, None)
    renewed = applied is not None and applied <= plus(until, -30)
    days = (entry.day - until).days
    return entry_verdict("ACC-LICENCE", books, entry, days > 0 and not renewed, days, 0, "orange")


def _mirrored(books: Books) -> Verdicts:
    """Each entry that is the later one of some pair; the pair that breaches decides."""
    dull = ("refund", "reversed", "internal")
    rows = [each for each in books.entries if each.account.kind in ("fee", "deposit")
            and each.kind not in dull and abs(each.fen) >= 1000000]  # fmt: skip
    rows.sort(key=lambda each: (each.day, each.account.number))
    for at, later in enumerate(rows):
        partners = [each for each in rows[:at] if each.fen == -later.fen
                    and (later.day - each.day).days <= 3]  # fmt: skip
        if partners and later.day >= NOTICE_2021:
            breach = either(*(_same(each, later) for each in partners))
            yield entry_verdict("ACC-SELF", books, later, breach, abs(later.fen), 1000000,
                                "orange")  # fmt: skip


def _same(one: Entry, other: Entry) -> bool | None:
    if one.party is None or other.party is None:
        return None
    return one.party == other.party
