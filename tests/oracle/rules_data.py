"""DATA-STALE, DATA-DARK, DATA-GAP: whether there is anything to judge by."""

from collections.abc import Iterator
from datetime import date, timedelta

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
                if each.kind in ("fee", "deposit") and books.tells_whose_word:
                    yield _self_told(books, each)
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


def _self_told(books: Books, account: Account) -> Verdict:
    """Told by nobody else counts from its opening, else from the import: here, after as-of."""
    proven, covered = books.last_proven(account), books.last_covered(account)
    days = (books.as_of - (proven or account.opened_on or books.as_of)).days
    alone = covered is not None and (proven is None or covered > proven)
    return Verdict("DATA-SELF", books.uscc, "account", account.number, books.as_of,
                   outcome(days > 45 and alone), days, 45, "yellow")  # fmt: skip


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
    """Statements that do not join, and days that the institution tells otherwise than others."""
    joins = {sheet.first: sheet.opening - books.balance(account, plus(sheet.first, -1))
             for sheet in books.retold[account.number]} | dict(_joins(books, account))  # fmt: skip
    for day, fen in books.contradicted[account.number]:
        joins[day] = joins.get(day) or fen
    for day, measured in joins.items():
        if NOTICE_2021 <= day <= books.as_of:
            yield Verdict("DATA-GAP", books.uscc, "account_day", f"{account.number}/{day}", day,
                          outcome(measured != 0), measured, 0, "orange")  # fmt: skip


def _joins(books: Books, account: Account) -> Iterator[tuple[date, int]]:
    """Days missing before a statement, or how far its opening lies from the closing before.

    The closing before is that of the day before, also where another statement goes on past it.
    """
    sheets = books.sheets.get(account.number, [])
    for at, after in enumerate(sheets):
        reach = max((before.last for before in sheets[:at]), default=None)
        if reach is None or after.first < NOTICE_2021:
            continue
        missing = (after.first - reach - timedelta(1)).days
        if missing > 0:
            yield plus(reach, 1), missing
        else:
            yield after.first, after.opening - books.balance(account, plus(after.first, -1))
