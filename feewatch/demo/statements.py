"""Cuts the accounts into bank files: periods that meet or overlap, some of them sent twice."""

from dataclasses import dataclass, field, replace
from random import Random

from feewatch.demo.model import AS_OF, FIRST_DAY, Account, Entry, School, day
from feewatch.kernel.days import Day

#: An overlap wider than a clerk's would only make the files longer.
_OVERLAP_DAYS = (2, 6)


@dataclass
class Statement:
    """One account and period as a bank states it."""

    account_no: str
    owner: str
    from_day: Day
    to_day: Day
    opening_fen: int
    entries: list[Entry]
    balances: list[int]  # after each entry
    closing_fen: int
    currency: str = "CNY"


@dataclass
class BankFile:
    """One file: its form, its dress, and the breaches (rule, n-th statement) that it is."""

    style: str  # csv, mt940, camt
    statements: list[Statement]
    encoding: str = "utf-8"
    newline: str = "\n"
    junk: bool = False
    uscc: str = ""
    messages: int = 1  # MT940: into how many a period is split
    cut_short: bool = False
    copies: int = 1
    told_by: str = "office"  # institution: it hands its own statement in by itself
    expected: list[tuple[str, int]] = field(default_factory=list)


def state(account: Account, owner: str, from_day: Day, to_day: Day) -> Statement:
    """What the bank says of an account for a period."""
    entries = [e for e in account.entries if from_day <= e.booked_on <= to_day]
    opening = balance = account.balance(from_day - 1)
    balances = []
    for entry in entries:
        balance += entry.amount_fen
        balances.append(balance)
    return Statement(account.account_no, owner, from_day, to_day, opening, entries, balances,
                     balance)  # fmt: skip


def dress(rng: Random, style: str, statements: list[Statement], uscc: str) -> BankFile:
    """A file in one of the forms and encodings of the style."""
    encodings = {
        "csv": ("utf-8", "utf-8-sig", "gb18030"),
        "mt940": ("utf-8", "gb18030"),
        "camt": ("utf-8",),
    }
    return BankFile(
        style,
        statements,
        encoding=rng.choice(encodings[style]),
        newline="\r\n" if style == "mt940" else rng.choice(("\n", "\r\n")),
        junk=rng.random() < 0.5,
        uscc=uscc,
        messages=rng.randint(1, 3),
        copies=2 if rng.random() < 0.06 else 1,
    )


def cut(rng: Random, account: Account) -> list[tuple[Day, Day]]:
    """Periods that cover the account's days: by the month or uneven, now and then overlapping."""
    assert account.last_day is not None
    last = account.last_day
    if rng.random() < 0.5:
        ends = [day(text) for text in ("2026-04-30", "2026-05-31", "2026-06-30")]
    else:
        ends = [FIRST_DAY + rng.randint(15, 35)]
        while ends[-1] < last:
            ends.append(ends[-1] + rng.randint(15, 35))
    ends = [end for end in ends if end < last - 3] + [last]
    periods, start = [], FIRST_DAY
    for end in ends:
        if any(start <= e.booked_on <= end for e in account.entries):
            periods.append((start, end))
            start = (
                end + 1
            )  # a period without a row, of which a CSV tells no account, joins another
    periods[-1] = (periods[-1][0], last)
    return [
        (a - rng.randint(*_OVERLAP_DAYS) if i and rng.random() < 0.3 else a, b)
        for i, (a, b) in enumerate(periods)
    ]


def bank_files(rng: Random, school: School) -> list[BankFile]:
    """The files of a school's accounts, in no special order."""
    files = []
    for account in school.accounts:
        if account.last_day is None:
            continue
        number(account)
        for from_day, to_day in account.periods or cut(rng, account):
            statement = state(account, school.name, from_day, to_day)
            files.append(dress(rng, account.style, [statement], school.uscc))
            if not account.periods and rng.random() < 0.05:  # the same days from another channel
                other = "camt" if account.style == "csv" else "csv"
                files.append(dress(rng, other, [replace(statement)], school.uscc))
    return files


def number(account: Account) -> None:
    """Give each entry the bank's own number: never the same twice in an account."""
    account.sort()
    first = int(account.account_no[-6:]) * 10**6
    for k, entry in enumerate(account.entries, start=1):
        entry.reference = f"{first + k:012d}"


def invented(rng: Random, account_no: str, owner: str, from_day: Day, to_day: Day) -> Statement:
    """A statement of an account that nobody registered."""
    account = Account(account_no, "", "fee", FIRST_DAY)
    account.opening_fen = rng.randint(5_000_00, 9_000_00)
    for _ in range(6):
        on = rng.randint(from_day, to_day)
        time = f"{rng.randint(9, 16):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"
        account.entries.append(Entry(on, time, rng.randint(100_00, 900_00), "学费", "某家长"))
    number(account)
    return state(account, owner, from_day, min(to_day, AS_OF))
