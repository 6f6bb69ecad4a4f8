"""The bank rows of a made institution, and the statements that show them."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date

from oracle.amounts import claims, consumed_between, count_from
from oracle.books import Books
from oracle.calendar_days import plus, plus_months
from oracle.elements import RETURNS
from oracle.opening import open_books
from oracle.records import Account, Charge, Contract
from oracle.world import BankRow, Paper, World

PAYEES = (
    "某商贸公司", "文具店", "中***融", "", "物业公司", "理财服务公司", "建设投资集团",
    "投资担保公司", "社会保险基金管理中心",
)  # fmt: skip
OUT_MEMOS = (
    "划拨已消课资金", "货款", "", "工资", "投资款", "购房", "分红", "借款给员工", "房租", "房租",
    "租金 购买理财", "社会保险基金", "分红舞服装费", "分红舞 分红", "工资 借款",
)  # fmt: skip


class Till:
    """Fills the accounts of one institution."""

    def __init__(self, world: World, rng: random.Random, uscc: str) -> None:
        self.world, self.rng = world, rng
        self.books: Books = open_books(world, uscc)
        self.days: dict[str, list[tuple[date, date]]] = {}
        self.rows: dict[str, list[BankRow]] = {}
        self.steady = self.chance(0.4)  # statements without gaps, up to the last day

    def fill(self) -> None:
        self._add_approvals()
        for each in self.books.accounts:
            if each.kind != "settlement" or self.chance(0.2):
                self.days[each.number] = self._stretches(each)
                self.rows[each.number] = []
        fee = [each for each in self.books.of_kind("fee") if self.days.get(each.number)]
        if fee:
            self._receipts(fee)
            self._refunds(fee)
            for each in fee:
                self._outflows(each)
                self._odd(each)
            self._transfers(fee)
            self._hand_over(fee)
            if RETURNS in self.world.elements:
                self._sent_back(fee)
            if self.chance(0.9):
                self._spike(fee[0])
            for each in fee:
                self._after_bursts(each)
            self._releases(fee[0])
            if self.steady:
                self._slump(fee[0])
        for each in self.books.of_kind("deposit"):
            self._deposit(each)
        for number, rows in self.rows.items():
            rows.sort(key=lambda row: row.day)
            self._print(number, rows)
        if self.chance(0.7):
            self._meet_claims()

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _add_approvals(self) -> None:
        for n in range(self.rng.choice((0, 1, 1, 2))):
            first = plus(self.world.as_of, -self.rng.randint(5, 60))
            self.world.tables["approvals"].append({
                "uscc": self.books.uscc, "kind": self.rng.choice(("deposit_use", "deposit_use",
                                                                  "closure", "bank_change")),
                "document": f"批{n}", "amount": self.rng.choice(("", "12000.00")),
                "from": str(first), "until": str(plus(first, self.rng.choice((0, 10, 30)))),
            })  # fmt: skip

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

    def _charges(self) -> Iterator[tuple[Contract, Charge]]:
        return ((contract, charge) for contract in self.books.contracts.values()
                for charge in contract.charges)  # fmt: skip

    def _receipts(self, fee: list[Account]) -> None:
        for contract, each in self._charges():
            if each.paid_on is None or self.chance(0.08):
                continue
            account, pick = self.rng.choice(fee), self.rng.choice
            day = plus(each.paid_on, pick((0, 0, 0, 0, 1, 2, 3, 4, -3, -4)))
            if not self.books.holds(contract, day) and self.chance(0.9):
                continue
            number = contract.number
            payer = pick(("王女士", "王女士", "张先生", "", "某消费金融公司", "李**"))
            memo = pick((
                f"学费 {number}", f"学费{number}", number.lower(), "学费", "",
                f"培训费 {number} 分期", f"{number} 信用卡分期",
                f"{number} 先学后付 分期", f"{number} 信用卡 小额贷款",
            ))  # fmt: skip
            fen = each.amount + (pick((-100, 1, 5000)) if self.chance(0.15) else 0)
            if self.chance(0.15) and fen > 1000:
                self.add(account, plus(day, 1), fen - fen // 3, payer, "", memo)
                fen //= 3
            self.add(account, day, max(fen, 1), payer, "", memo)

    def _refunds(self, fee: list[Account]) -> None:
        deposits = [each for each in self.books.of_kind("deposit") if self.days.get(each.number)]
        for each in self.books.refunds.values():
            if self.chance(0.25):
                continue
            pick = self.rng.choice
            account = pick(fee + deposits)
            day = plus(each.requested_on, pick((0, 1, 5, 7, 8, 15, 16, 30, 31)))
            amount = each.amount or self.rng.randint(1000, 50000)
            memo = pick((f"退费 {each.number}", "退费", f"退款 {each.contract}", each.number))
            if day <= self.world.as_of:
                self.add(account, day, -amount, "王女士", "", memo)

    def _outflows(self, account: Account) -> None:
        pick, people = self.rng.choice, self.books.facts[0].people
        settlement = [each.number for each in self.books.of_kind("settlement")]
        for _ in range(self.rng.randint(0, 5)):
            fen = pick((1000000, 1000001, self.rng.randint(10000, 900000)))
            party_no = pick(["", "6225888800001111", *settlement])
            self.add(account, self.any_day(account), -fen, pick((*PAYEES, *people)), party_no,
                     pick(OUT_MEMOS))  # fmt: skip
        for _ in range(self.rng.randint(0, 2)):
            fen = pick((5000000, 5000001, self.rng.randint(2000000, 9000000)))
            self.add(account, self.any_day(account), -fen, "某商贸公司", "6225888800002222", "货款")

    def _odd(self, account: Account) -> None:
        """Charges, interest, reversals, returned payments, money that turns round."""
        pick, rng = self.rng.choice, self.rng
        for memo, fen in (("转账手续费", -rng.randint(100, 999)), ("结息", rng.randint(100, 999)),
                          ("退汇", rng.randint(10000, 300000))):  # fmt: skip
            if self.chance(0.5):
                self.add(account, self.any_day(account), fen, "示例银行", "", memo)
        if self.chance(0.5):
            day, fen = self.any_day(account), pick((1, -1)) * (rng.randint(10**6, 8 * 10**6))
            self.add(account, day, fen, "某商贸公司", "", "往来款")
            self.add(account, plus(day, pick((0, 1, 3))), -fen, "某商贸公司", "", "冲正")
        if self.chance(0.6):
            day, fen = self.any_day(account), pick((999999, 1000000, 1000000, 3000000))
            fen *= pick((1, -1))
            other = pick(("甲方公司", "甲方公司", "乙方公司", ""))
            self.add(account, day, fen, "甲方公司", "", "往来")
            self.add(account, plus(day, pick((0, 2, 3, 4))), -fen, other, "", "往来")

    def _transfers(self, fee: list[Account]) -> None:
        if len(fee) > 1 and self.chance(0.7):
            day, fen = self.any_day(fee[0]), self.rng.randint(10**5, 10**7)
            name = self.books.facts[0].name
            self.add(fee[0], day, -fen, name, fee[1].number, "调拨")
            self.add(fee[1], day, fen, name, fee[0].number, "调拨")

    def _hand_over(self, fee: list[Account]) -> None:
        """Its side of the money that moves with a succession."""
        name = self.books.facts[0].name
        for payer, payee, day, later, fen in self.world.handovers:
            for each in fee:
                if each.number == payer:
                    self.add(each, day, -fen, name, payee, "承继划转")
                elif each.number == payee:
                    self.add(each, later, fen, name, payer, "承继划转")

    def _sent_back(self, fee: list[Account]) -> None:
        """Some of what was booked is sent back: 退汇 says the bank, now and then 退回."""
        for account in fee:
            rows = [
                row
                for row in self.rows[account.number]
                if row.memo not in ("退汇", "冲正", "往来款")
            ]
            for row in self.rng.sample(rows, min(len(rows), 3)):
                day = plus(row.day, self.rng.choice((0, 1, 2, 9)))
                memo = self.rng.choice(("退汇", "退汇", f"退汇 {row.memo}", "退回"))
                part = self.rng.choice((0, 0, 0, 1))  # a fen less is no return of it
                fen = -row.fen + (part if row.fen > 0 else -part)
                self.add(account, day, fen, row.party, row.party_no, memo)

    def _spike(self, account: Account) -> None:
        """Steady weekly receipts, then a week of three times the mean, or a fen more."""
        sunday = plus(self.world.as_of, -self.world.as_of.weekday() - 1)
        sunday = plus(sunday, -7 * self.rng.choice((0, 1, 2)))
        weekly = self.rng.choice((400000, 1700000))
        for n in range(1, 13):
            self.add(account, plus(sunday, -7 * n - 2), weekly + n, "往来客户", "", "款")
        rows = self.rows[account.number]
        before = sum(r.fen for r in rows if plus(sunday, -90) <= r.day <= plus(sunday, -7)
                     and r.fen > 0 and r.memo not in ("结息", "退汇"))  # fmt: skip
        now = sum(r.fen for r in rows if plus(sunday, -6) <= r.day <= sunday and r.fen > 0)
        fen = max(before // 4, 5000000) - now + self.rng.choice((0, 1))
        if fen > 0:
            self.add(account, plus(sunday, -3), fen, "往来客户", "", "款")

    def _slump(self, account: Account) -> None:
        """In the last whole month half the usual receipts and twice the refunds, or a fen off."""
        end = plus(plus(self.world.as_of, 1).replace(day=1), -1)
        first = end.replace(day=1)
        start = plus_months(first, -3)
        if not any(a <= plus(start, 20) <= b for a, b in self.days[account.number]):
            return
        pick, rows = self.rng.choice, [row for each in self.rows.values() for row in each]
        flows = [r for r in rows if r.memo not in ("结息", "退汇", "冲正", "往来款", "调拨")]
        before = [r for r in flows if start <= r.day < first]
        month = [r for r in flows if first <= r.day <= end]
        taken = sum(r.fen for r in month if r.fen > 0)
        usual = sum(r.fen for r in before if r.fen > 0)
        short = max(6 * taken - usual, 1) + pick((0, 1, 1, 500000))
        self.add(account, plus(start, 20), short, "往来客户", "", "款")
        words = ("退费", "退款")
        back = sum(-r.fen for r in before if r.memo.startswith(words))
        now = sum(-r.fen for r in month if r.memo.startswith(words))
        count = pick((1, 4, 5))
        wanted = max(pick((2 * back // 3 + 1, 2 * back // 3, 2000000, 1999999)) - now, count)
        for n in range(count):
            part = wanted // count + (wanted % count if n == 0 else 0)
            self.add(account, plus(first, 2 + n), -part, "王女士", "", "退费")

    def _releases(self, account: Account) -> None:
        """Releases to about what has been consumed, and to one per cent more."""
        opened, taken = self.books, 0
        first = count_from(opened, opened.as_of) or self.days[account.number][0][0]
        targets = [each.number for each in opened.of_kind("settlement")] or [""]
        for day in sorted(self.any_day(account) for _ in range(self.rng.randint(1, 4))):
            used = consumed_between(opened, first, day).least
            extra = self.rng.choice((0, used // 100, used // 100 + 1, used // 20, -used // 3))
            fen = used + extra - taken
            if fen > 0 and day >= first:
                self.add(account, day, -fen, opened.facts[0].name, targets[0], "划拨已消课资金")
                taken += fen

    def _after_bursts(self, account: Account) -> None:
        """Money that leaves within days of many lessons confirmed at once."""
        counts: Counter[date] = Counter()
        for rows in self.books.lessons.values():
            for each in rows:
                counts[each.confirmed_on] += each.count
        for day in (day for day, count in counts.items() if count >= 49):
            if self.chance(0.95):
                after = plus(day, self.rng.choice((0, 2, 3, 4)))
                self.add(account, after, -50000, "物业公司", "", "房租")

    def _deposit(self, account: Account) -> None:
        if not self.days.get(account.number):
            return
        pick = self.rng.choice
        for _ in range(self.rng.randint(0, 4)):
            day = self.any_day(account)
            fen = pick((1200000, 1200001, 1000000, 1000001, self.rng.randint(10**4, 9 * 10**5)))
            memo = pick(("划转", "账户管理费", "退费", "", "缴款", "报销"))
            if self._to_fee_account(account, day, fen):
                continue
            party = pick(("某公司", "某公司", "", *self.books.facts[0].people))
            self.add(account, day, -fen, party, "", memo)
            if self.chance(0.4):
                self.add(account, plus(day, pick((0, 1, 2))), fen, "某公司", "", "转回")

    def _to_fee_account(self, account: Account, day: date, fen: int) -> bool:
        """Now and then the deposit goes to a fee account: told by number, or seen to arrive."""
        pick, name = self.rng.choice, self.books.facts[0].name
        fee = [each for each in self.books.of_kind("fee") if self.days.get(each.number)]
        if not fee or not self.chance(0.3):
            return False
        to = pick(fee)
        self.add(account, day, -fen, name, pick((to.number, "", "")), "划转")
        if self.chance(0.7):
            self.add(to, plus(day, pick((0, 1, 2))), fen, name, account.number, "划转")
        return True

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
        self._spoil(number, stretches[-1][1])

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
