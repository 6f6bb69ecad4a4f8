"""DATA-STALE, DATA-DARK, DATA-GAP: whether there is anything to judge by."""

from datetime import date, timedelta
from itertools import pairwise

from oracle.books import Books
from oracle.calendar_days import plus
from oracle.records import Account
from oracle.rules_contracts import NOTICE_2021
from oracle.rules_cover import FRESH
from oracle.verdicts import Verdict, Verdicts, outcome

PLATFORM = date(2025, 3, 26)


def data_rules(books: Books) -> Verdicts:
    if books.as_of >= PLATFORM:
        for each in books.accounts:
            if each.is_open(books.as_of):
                yield _stale(books, each)
        yield from _dark(books)
    for each in books.accounts:
        yield from _gaps(books, each)


def _stale(books: Books, account: Account) -> Verdict:
    """An account never covered counts from its opening, else from the import: here, after as-of."""
    last = books.last_covered(account) or account.opened_on or books.as_of
    limit = FRESH[account.cycle]
    days = (books.as_of - last).days
    return Verdict("DATA-STALE", books.uscc, "account", account.number, books.as_of,
                   outcome(days > limit), days, limit, "yellow")  # fmt: skip


def _dark(books: Books) -> Verdicts:
    facts, day = books.on(books.as_of), books.as_of
    if facts.licence_until is not None and facts.licence_until < day:
        return
    if any(each.kind == "closure" and (each.first is None or each.first <= day)
           and (each.last is None or day <= each.last) for each in books.approvals):  # fmt: skip
        return
    contracts = books.contracts
    signs = [each.paid_on for each in contracts.values()
             if each.paid_on and books.holds(each, each.paid_on)]  # fmt: skip
    signs += [row.held_on for number, rows in books.lessons.items() for row in rows
              if row.count and books.holds(contracts[number], row.held_on)]  # fmt: skip
    signs += [last for each in books.accounts if (last := books.last_covered(each))]
    last = max(each for each in signs if each <= day)
    yield Verdict("DATA-DARK", books.uscc, "institution", books.uscc, day,
                  outcome((day - last).days > 30), (day - last).days, 30, "yellow")  # fmt: skip


def _gaps(books: Books, account: Account) -> Verdicts:
    sheets = books.sheets.get(account.number, [])
    for before, after in pairwise(sheets):
        if after.first < NOTICE_2021 or after.last <= before.last:
            continue
        missing = (after.first - before.last - timedelta(1)).days
        if missing > 0:
            on, measured = plus(before.last, 1), missing
        else:
            known = books.balance(account, plus(after.first, -1))
            on, measured = after.first, after.opening - known
        yield Verdict("DATA-GAP", books.uscc, "account_day", f"{account.number}/{on}", on,
                      outcome(measured != 0), measured, 0, "orange")  # fmt: skip
