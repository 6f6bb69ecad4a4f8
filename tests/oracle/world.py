"""A made world: register rows and bank rows; written as real files, opened as books."""

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from oracle import books
from oracle.books import Books, Entry, SchoolDays
from oracle.matching import settle

HEADER = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
KINDS = ("institutions", "accounts", "courses", "contracts", "lessons", "refunds", "approvals")


@dataclass(eq=False)
class BankRow:
    """A booking as the bank knows it; hidden ones are in no statement."""

    day: date
    fen: int
    party: str = ""
    party_no: str = ""
    memo: str = ""
    hidden: bool = False
    balance: int = 0


@dataclass(eq=False)
class Paper:
    """One statement: a stretch of days of an account; a fault keeps it out of the ledger."""

    account_no: str
    first: date
    last: date
    opening: int
    rows: list[BankRow]
    fault: str = ""  # arithmetic or unregistered
    off_by: int = 0

    @property
    def closing(self) -> int:
        return self.opening + sum(each.fen for each in self.rows) + self.off_by

    def text(self) -> str:
        lines = [["起止日期", str(self.first), str(self.last)], ["期初余额", yuan(self.opening)]]
        if not self.rows:
            lines.insert(0, ["账号", self.account_no])
        lines.append(HEADER.split(","))
        running = self.opening
        for each in self.rows:
            running += each.fen
            out, into = ("", yuan(each.fen)) if each.fen > 0 else (yuan(-each.fen), "")
            lines.append([self.account_no, "", "CNY", str(each.day), "", out, into, yuan(running),
                          each.party, each.party_no, each.memo, ""])  # fmt: skip
        lines.append(["期末余额", yuan(self.closing)])
        return "".join(",".join(line) + "\n" for line in lines)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text().encode()).hexdigest()


@dataclass
class Case:
    """A case that an officer opens over some alert of an institution, and brings to a state."""

    uscc: str
    state: str
    deadline: date | None  # the last one set
    number: str  # a word of its own until the office gives it one


@dataclass
class World:
    as_of: date
    tables: dict[str, list[dict[str, str]]] = field(
        default_factory=lambda: {kind: [] for kind in KINDS}
    )
    covers: dict[str, tuple[date, date] | None] = field(default_factory=dict)  # by uscc
    bank: dict[str, list[BankRow]] = field(default_factory=dict)  # by account number, in order
    papers: list[Paper] = field(default_factory=list)
    fell_silent: dict[str, date] = field(default_factory=dict)  # by uscc
    school_days: list[SchoolDays] = field(default_factory=list)
    enrolment: list[tuple[str, date, date]] = field(default_factory=list)  # place, Monday, Sunday
    cases: list[Case] = field(default_factory=list)

    def ends(self, uscc: str) -> date:
        """The last day on which anything is heard of an institution."""
        return self.fell_silent.get(uscc, self.as_of)

    def usccs(self) -> list[str]:
        return list(dict.fromkeys(row["uscc"] for row in self.tables["institutions"]))

    def rows(self, kind: str, uscc: str) -> list[dict[str, str]]:
        return [row for row in self.tables[kind] if row["uscc"] == uscc]

    def book_bank(self, account_no: str, opening: int) -> None:
        """Set the balances after each row of an account."""
        for row in self.bank[account_no]:
            opening += row.fen
            row.balance = opening


def yuan(amount: int) -> str:
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100}.{amount % 100:02d}"


def open_books(world: World, uscc: str) -> Books:
    """All that is on file of one institution, classified and matched."""
    as_of, part = world.as_of, {kind: world.rows(kind, uscc) for kind in KINDS}
    contracts = [books.contract(row) for row in part["contracts"]]
    opened = Books(
        facts=sorted((books.institution(row) for row in part["institutions"]),
                     key=lambda each: each.valid_from or date.min),
        accounts=[books.account(row) for row in part["accounts"]],
        courses={row["course_id"]: books.course(row) for row in part["courses"]},
        contracts={each.number: each for each in contracts},
        lessons=_lessons(part["lessons"], as_of),
        refunds={row["refund_no"]: books.refund(row) for row in part["refunds"]
                 if row["requested_on"] <= str(as_of)},
        approvals=[books.approval(row) for row in part["approvals"]],
        lesson_days=_lesson_days(world, uscc),
        sheets={},
        entries=[],
        as_of=as_of,
        school_days=world.school_days,
        enrolment=world.enrolment,
    )  # fmt: skip
    for each in opened.accounts:
        opened.sheets[each.number] = _sheets(world, each.number)
        opened.entries += _entries(world, each)
    opened.entries.sort(key=lambda each: each.day)
    settle(opened)
    return opened


def _lessons(rows: list[dict[str, str]], as_of: date) -> dict[str, list[books.Lesson]]:
    """Rows of one contract and day add up."""
    found: dict[tuple[str, str], books.Lesson] = {}
    for row in rows:
        each, key = books.lesson(row), (row["contract_no"], row["held_on"])
        old = found.get(key)
        count = each.count + (old.count if old else 0)
        found[key] = books.Lesson(each.held_on, count, each.confirmed_on, each.confirmed_by)
    by_contract: dict[str, list[books.Lesson]] = {}
    for (number, _), each in sorted(found.items()):
        if each.held_on <= as_of:
            by_contract.setdefault(number, []).append(each)
    return by_contract


def _lesson_days(world: World, uscc: str) -> tuple[date, date] | None:
    days = [date.fromisoformat(row["held_on"]) for row in world.rows("lessons", uscc)]
    if not days:
        return None
    return world.covers.get(uscc) or (min(days), max(days))


def _accepted(world: World, account_no: str) -> list[Paper]:
    found = [each for each in world.papers if each.account_no == account_no and not each.fault
             and each.first <= world.as_of]  # fmt: skip
    return sorted(found, key=lambda each: (each.first, each.last))


def _sheets(world: World, account_no: str) -> list[books.Sheet]:
    return [books.Sheet(p.first, p.last, p.opening, p.closing)
            for p in _accepted(world, account_no)]  # fmt: skip


def _entries(world: World, account: books.Account) -> list[Entry]:
    """Each row that some accepted statement shows, once; equal ones numbered in order."""
    shown = {id(row) for paper in _accepted(world, account.number) for row in paper.rows}
    counts: Counter[tuple[date, int]] = Counter()
    entries = []
    for row in world.bank.get(account.number, ()):
        if id(row) in shown and row.day <= world.as_of:
            counts[row.day, row.fen] += 1
            parties = _known(row.party), _known(row.party_no)
            entries.append(Entry(account, row.day, row.fen, *parties, row.memo or None,
                                 row.balance, counts[row.day, row.fen]))  # fmt: skip
    return entries


def _known(text: str) -> str | None:
    return None if not text or "*" in text else text


def write(world: World, folder: Path) -> None:
    """Registers as CSV, one file a kind and kind of coverage; statements one file each."""
    statements = folder / "statements"
    statements.mkdir(parents=True)
    for kind in KINDS:
        groups: dict[tuple[date, date] | None, list[dict[str, str]]] = {}
        for row in world.tables[kind]:
            covers = world.covers[row["uscc"]] if kind in ("contracts", "lessons") else None
            groups.setdefault(covers, []).append(row)
        for covers, rows in groups.items():
            name = f"{kind}@{covers[0]}..{covers[1]}.csv" if covers else f"{kind}.csv"
            write_register(folder / name, rows)
    for n, paper in enumerate(world.papers):
        (statements / f"{n:03d}.csv").write_text(paper.text(), encoding="utf-8")


def write_register(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
