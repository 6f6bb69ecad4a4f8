"""A made world: register rows and bank rows; written as real files."""

import csv
import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from oracle.records import SchoolDays

HEADER = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
KINDS = ("institutions", "accounts", "courses", "contracts", "charges", "lessons",
         "refunds", "approvals", "successions")  # fmt: skip


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
    word: str = "office"  # who handed it in; else the institution, whose word proves nothing

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
    complete: set[str] = field(default_factory=set)  # who tells all lessons, by uscc
    #: payer's and payee's account, days on which it leaves and arrives, fen
    handovers: list[tuple[str, str, date, date, int]] = field(default_factory=list)
    elements: frozenset[str] = frozenset()

    def ends(self, uscc: str) -> date:
        """The last day on which anything is heard of an institution."""
        return self.fell_silent.get(uscc, self.as_of)

    def usccs(self) -> list[str]:
        return list(dict.fromkeys(row["uscc"] for row in self.tables["institutions"]))

    def owner(self, paper: Paper) -> str:
        """The institution on whose register a statement's account is."""
        owners = {row["account_no"]: row["uscc"] for row in self.tables["accounts"]}
        return owners[paper.account_no]

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
        place = statements if paper.word == "office" else folder / "own" / world.owner(paper)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{n:03d}.csv").write_text(paper.text(), encoding="utf-8")


def write_register(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
