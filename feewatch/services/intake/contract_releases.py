"""Release lists of e-CNY contracts as officers read them: beside the bank, beside the lessons."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day, iso_or_none
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.ledger.contract_releases import (
    BankComparison,
    BankCredit,
    BankFate,
    ContractRelease,
    LessonFate,
    LessonLine,
    compare_with_bank,
    compare_with_lessons,
    lesson_day,
    worth_of,
)
from feewatch.ledger.holder import known_number
from feewatch.ledger.numbers import NumberIndex
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, contract_releases, institutions

BANK_WORDS: dict[BankFate, Text] = {
    "single": Text("银行流水有同额入账", "the bank shows the same amount"),
    "together": Text("银行流水合并入账", "the bank shows the sum of the day"),
    "not_seen": Text("银行流水中没有", "not in the bank's statement"),
    "unknown": Text("无法核对", "cannot be compared"),
}
LESSON_WORDS: dict[LessonFate, Text] = {
    "agrees": Text("与消课相符", "as the lessons are worth"),
    "more": Text("多于消课金额", "more than the lessons are worth"),
    "less": Text("少于消课金额", "less than the lessons are worth"),
    "no_lesson": Text("当日没有消课记录", "no lesson on file that day"),
    "unknown": Text("无法核对", "cannot be compared"),
}
#: Words by which a bank's memo tells of such a release.
_WORDS = ("数币", "数字人民币", "智能合约")


@dataclass(frozen=True, slots=True)
class ListedRelease:
    """A row of a release list, with what became of it at the bank."""

    row: PageRow  # of the entry
    release: ContractRelease
    contract_no: str | None
    fate: BankFate


@dataclass(frozen=True, slots=True)
class ReleaseComparison:
    """All of an institution's release lists, and what differs."""

    name: str
    uscc: str
    releases: tuple[ListedRelease, ...]
    lessons: tuple[tuple[str, LessonLine], ...]  # with the number of the contract
    unlisted: tuple[BankCredit, ...]
    unjudged: int  # credits of contract accounts on days of which no list tells
    untied: int  # releases that name no contract on file, or no day of a lesson

    @property
    def bank_counts(self) -> Counter[str]:
        """How many releases there are of each fate."""
        return Counter(each.fate for each in self.releases)

    @property
    def lesson_counts(self) -> Counter[str]:
        """How many contracts' days there are of each fate."""
        return Counter(line.fate for _, line in self.lessons)

    def as_json(self) -> dict[str, Any]:
        """The comparison under JSON keys."""
        return {
            "uscc": self.uscc,
            "bank": dict(self.bank_counts),
            "lessons": dict(self.lesson_counts),
            "untied": self.untied,
            "not_judged": self.unjudged,
            "releases": [
                {
                    "on": format_day(each.release.day), "fen": each.release.fen,
                    "contract": each.contract_no, "lesson_on": iso_or_none(each.release.lesson_on),
                    "account": each.row.counterparty_account, "bank": each.fate,
                    "file_sha256": each.row.file_sha256, "line": each.row.line,
                }
                for each in self.releases
            ],
            "by_lesson": [
                {
                    "contract": number, "held_on": format_day(line.held_on),
                    "released_fen": line.released_fen, "due_fen": line.due_fen, "fate": line.fate,
                }
                for number, line in self.lessons
            ],
            "not_listed": [
                {"account": each.account_no, "on": format_day(each.day), "fen": each.fen}
                for each in self.unlisted
            ],
        }  # fmt: skip


def compare_releases(app: App, scope: Scope, uscc: str) -> ReleaseComparison:
    """An institution's release lists beside its bank statements and its lessons.

    Raises: NotFoundError, also for an institution outside the scope.
    """
    with app.database.reading() as tx:
        institution = institutions.find_institution(tx, scope, uscc, today())
        if institution is None or not scope.sees(institution.district, institution.id):
            raise NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
        return _compare(tx, institution)


def _compare(tx: Transaction, institution: PageRow) -> ReleaseComparison:
    key = institution.id
    contracts = {row.id: row for row in contract_releases.list_contracts(tx, key)}
    numbers = NumberIndex((row.contract_no, row.id) for row in contracts.values())
    accounts = {row.id: row for row in contract_releases.list_accounts(tx, key)}
    by_number = {known_number(row.account_no): row.account_no for row in accounts.values()}
    rows = contract_releases.list_entries_of_lists(tx, key)
    listed = {row.account_id for row in rows} & accounts.keys()
    listed_numbers = {known_number(accounts[each].account_no) for each in listed}
    covered = contract_releases.list_covered(tx, key)
    outgoing = [row for row in rows if row.amount_fen < 0 and row.kind in ("release", "internal")]
    releases = [_release(row, numbers, by_number) for row in outgoing]
    bank = compare_with_bank(
        releases,
        [
            _credit(row, accounts, listed_numbers)
            for row in contract_releases.list_credits(tx, key)
            if row.account_id in accounts and row.account_id not in listed
        ],
        _covered_by_account(covered, accounts),
        _covered(row for row in covered if row.account_id in listed),
    )
    lines = compare_with_lessons(
        releases,
        _worth(tx, key, contracts),
        _covered(contract_releases.list_days_of_lessons(tx, key)),
    )
    return ReleaseComparison(
        institution.name,
        institution.uscc,
        tuple(
            _listed(row, each, contracts, bank)
            for row, each in zip(outgoing, releases, strict=True)
        ),
        tuple((contracts[line.contract].contract_no, line) for line in lines),
        bank.unlisted,
        bank.unjudged,
        sum(each.contract is None or each.lesson_on is None for each in releases),
    )


def _release(
    row: PageRow, numbers: NumberIndex, by_number: dict[str | None, str]
) -> ContractRelease:
    named = numbers.named_in(row.memo, row.booked_on)
    number = known_number(row.counterparty_account)
    into = None if number is None else by_number.get(number)
    contract = named[0] if len(named) == 1 else None
    return ContractRelease(
        row.id, row.booked_on, -row.amount_fen, into, contract, lesson_day(row.memo)
    )


def _credit(row: PageRow, accounts: dict[int, PageRow], listed: set[str | None]) -> BankCredit:
    is_of_list = known_number(row.counterparty_account) in listed - {None} or any(
        word in (row.memo or "") for word in _WORDS
    )
    number = accounts[row.account_id].account_no
    return BankCredit(row.id, number, row.booked_on, row.amount_fen, is_of_list)


def _listed(
    row: PageRow, release: ContractRelease, contracts: dict[int, PageRow], bank: BankComparison
) -> ListedRelease:
    number = None if release.contract is None else contracts[release.contract].contract_no
    return ListedRelease(row, release, number, bank.fates[release.key])


def _worth(
    tx: Transaction, key: int, contracts: dict[int, PageRow]
) -> dict[tuple[int, Day], int | None]:
    held: defaultdict[int, list[tuple[Day, int]]] = defaultdict(list)
    for row in contract_releases.list_lessons(tx, key):
        held[row.contract_id].append((row.held_on, row.lessons))
    return {
        (contract, day): fen
        for contract, days in held.items()
        if contract in contracts
        for day, fen in worth_of(
            contracts[contract].fee_fen, contracts[contract].total_lessons, days
        ).items()
    }


def _covered(ranges: Iterable[PageRow]) -> Callable[[Day], bool]:
    spans = sorted((row.from_day, row.to_day) for row in ranges)
    firsts = [first for first, _ in spans]

    def is_covered(day: Day) -> bool:
        before = spans[: bisect_right(firsts, day)]
        return any(last >= day for _, last in before)

    return is_covered


def _covered_by_account(
    ranges: Sequence[PageRow], accounts: dict[int, PageRow]
) -> Callable[[str, Day], bool]:
    by_account: defaultdict[str, list[PageRow]] = defaultdict(list)
    for row in ranges:
        if row.account_id in accounts:
            by_account[accounts[row.account_id].account_no].append(row)
    covered = {number: _covered(rows) for number, rows in by_account.items()}
    return lambda number, day: number in covered and covered[number](day)
