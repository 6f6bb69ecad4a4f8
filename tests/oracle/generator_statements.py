"""The statements of a made institution: which rows they show, by whose word, with which faults."""

import random
from datetime import date

from oracle.amounts import claims
from oracle.books import Books
from oracle.calendar_days import plus
from oracle.elements import CONTAINED, SELF_TOLD
from oracle.opening import open_books
from oracle.records import Account
from oracle.world import BankRow, Paper, World


class Statements:
    """Rows of the accounts of one institution, and the days on which statements show them."""

    def __init__(self, world: World, rng: random.Random, uscc: str) -> None:
        self.world, self.rng = world, rng
        self.books: Books = open_books(world, uscc)
        self.days: dict[str, list[tuple[date, date]]] = {}
        self.rows: dict[str, list[BankRow]] = {}
        self.steady = self.chance(0.4)  # statements without gaps, up to the last day

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _stretches(self, account: Account) -> list[tuple[date, date]]:
        """Days of the statements: in step, overlapping or with days missing between them."""
        if self.steady:
            day = max(account.opened_on or date(2026, 2, 20), date(2026, 2, 20))
            last = min(self.world.ends(self.books.uscc), account.closed_on or self.world.as_of)
            parts = [(day, min(plus(day, 45), last)), (plus(day, 46), last)]
            return [(first, end) for first, end in parts if first <= end]
        if self.chance(0.07):
            return []
        day = account.opened_on or self.rng.choice((date(2026, 3, 2), date(2026, 4, 30)))
        day = max(day, date(2026, 3, 2))
        last = self.world.ends(self.books.uscc)
        if account.closed_on is not None and self.chance(0.8):
            last = min(last, account.closed_on)
        if last == self.world.as_of:
            last = plus(last, -self.rng.choice((0, 0, 0, 1, 6, 7, 8, 14, 15, 38, 39)))
        found = []
        if self.chance(0.2):
            found.append(self.rng.choice(((date(2023, 10, 12), date(2023, 10, 17)),
                                          (date(2025, 4, 28), date(2025, 5, 3)))))  # fmt: skip
        while day <= last:
            end = min(plus(day, self.rng.choice((13, 27, 30, 45, 61))), last)
            found.append((day, end))
            day = plus(end, self.rng.choice((1, 1, 1, 1, 1, 2, 4, -2)))
            if end == last:
                break
        return found

    def any_day(self, account: Account) -> date:
        first, last = self.rng.choice(self.days[account.number])
        return plus(first, self.rng.randint(0, (last - first).days))

    def add(self, account: Account, day: date, fen: int, party: str = "", party_no: str = "",
            memo: str = "", *, hidden: bool = False) -> BankRow:  # fmt: skip
        row = BankRow(day, fen, party, party_no, memo, hidden)
        self.rows[account.number].append(row)
        return row

    def _print(self, number: str, rows: list[BankRow]) -> None:
        """Statements for the stretches; a booking in no stretch, or hidden, is in none of them."""
        stretches = self.days[number]
        if not stretches:
            return
        shown = [r for r in rows if any(a <= r.day <= b for a, b in stretches)]
        if len(stretches) > 1 and stretches[-1][0] > stretches[-2][1] and self.chance(0.25):
            day = stretches[-1][0]
            shown.append(BankRow(day, self.rng.choice((-100, 250)), "", "", "无", hidden=True))
            shown.sort(key=lambda row: (row.day, not row.hidden))
        self.world.bank[number] = shown
        self.world.book_bank(number, 0)
        opening = self._opening(number, shown)
        self.world.book_bank(number, opening)
        for first, last in stretches:
            before = [r for r in shown if r.day < first or (r.hidden and r.day == first)]
            inside = [r for r in shown if first <= r.day <= last and not r.hidden]
            start = before[-1].balance if before else opening
            self.world.papers.append(Paper(number, first, last, start, inside))
        if SELF_TOLD in self.world.elements:
            self._tell_itself(number)
        if CONTAINED in self.world.elements and self.chance(0.3):
            self._tell_again(number)
        self._spoil(number, stretches[-1][1])

    def _tell_itself(self, number: str) -> None:
        """The last days are the institution's own word, from about the limit on; and it may add a
        payment to days that the office knows better."""
        papers = [each for each in self.world.papers if each.account_no == number]
        if self.chance(0.4):
            eve = plus(self.world.as_of, -self.rng.choice((0, 20, 45, 46, 60)))
            for paper in papers:
                if paper.first > eve:
                    paper.word = "institution"
                elif paper.last > eve:
                    self.world.papers.append(_cut(paper, eve))
        if self.chance(0.3):
            paper = self.rng.choice(papers)
            if paper.word == "office" and (paper.last - paper.first).days > 4:
                self.world.papers.append(_forged(paper, self.rng.choice((0, 2))))

    def _tell_again(self, number: str) -> None:
        """Some days of a statement in another one of the office's: as they were, or quiet ones
        with another balance."""
        papers = [each for each in self.world.papers if each.account_no == number
                  and each.word == "office" and (each.last - each.first).days > 5]  # fmt: skip
        if not papers:
            return
        paper = self.rng.choice(papers)
        first = plus(paper.first, self.rng.randint(1, 3))
        last = plus(first, self.rng.choice((0, 1, 2)))
        opening = paper.opening + sum(row.fen for row in paper.rows if row.day < first)
        inside = [row for row in paper.rows if first <= row.day <= last]
        off = 0 if inside else self.rng.choice((0, -100, 250))
        self.world.papers.append(Paper(number, first, last, opening + off, inside))

    def _opening(self, number: str, rows: list[BankRow]) -> int:
        """So that the account ends, or once stands, on a limit."""
        account = next(each for each in self.books.accounts if each.number == number)
        end, pick = (rows[-1].balance if rows else 0), self.rng.choice
        aims = [
            pick((300000, 3000000, 30000000)) + max(0, -min((r.balance for r in rows), default=0))
        ]
        if account.kind == "deposit":
            after = plus(self.world.as_of, -92)
            needed = sum(each.fee for each in self.books.prepaid() if each.paid_on > after)
            aims += [needed - end + pick((-1, 0))]
        if account.minimum is not None and rows:
            aims.append(account.minimum - pick(rows).balance + pick((-1, 0)))
        large = [each for each in rows if each.fen < -2000000]
        if large:
            row = pick(large)
            aims.append(-row.fen * 5 // 2 - (row.balance - row.fen) + pick((-1, 0, 1)))
        return pick(aims)

    def _meet_claims(self) -> None:
        """Raise or lower an open fee account so that the cover stands on a limit."""
        opened, pick, day = (
            open_books(self.world, self.books.uscc),
            self.rng.choice,
            self.world.as_of,
        )
        accounts = [each for each in opened.of_kind("fee")
                    if each.is_open(day) and opened.last_covered(each)]  # fmt: skip
        if not accounts:
            return
        owed = claims(opened, day).most
        held = sum(opened.balance(each, opened.last_covered(each)) for each in accounts)
        least = pick((owed, owed, -(-owed * 95 // 100), -(-owed * 99 // 100), owed - 50000))
        shift, number = least + pick((-1, 0)) - held, pick(accounts).number
        for row in self.world.bank[number]:
            row.balance += shift
        for paper in self.world.papers:
            if paper.account_no == number and not paper.fault:
                paper.opening += shift

    def _spoil(self, number: str, last: date) -> None:
        """Statements with faults, which are kept apart."""
        row = BankRow(last, 12345, "某", "", "款")
        if self.chance(0.15):
            off = self.rng.choice((-1, 500))
            self.world.papers.append(Paper(number, last, last, 0, [row], "arithmetic", off))
        if self.chance(0.1):
            stranger = f"9{number[1:]}"
            self.world.papers.append(Paper(stranger, last, last, 0, [row], "unregistered"))


def _forged(paper: Paper, more: int) -> Paper:
    """A few days of a statement told otherwise: a payment on the last that never was, and nothing
    of those between."""
    first = plus(paper.first, 1)
    made = BankRow(plus(first, more), 8888800, "王女士", "", "学费")
    opening = paper.opening + sum(row.fen for row in paper.rows if row.day < first)
    true = [row for row in paper.rows if row.day == first and more]
    return Paper(paper.account_no, first, made.day, opening, [*true, made], word="institution")


def _cut(paper: Paper, eve: date) -> Paper:
    """The days after one as a statement of the institution's own; the office's ends on that day."""
    known = [row for row in paper.rows if row.day <= eve]
    opening = paper.opening + sum(row.fen for row in known)
    rest = Paper(paper.account_no, plus(eve, 1), paper.last, opening, paper.rows[len(known) :],
                 word="institution")  # fmt: skip
    paper.last, paper.rows = eve, known
    return rest
