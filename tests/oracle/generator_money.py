"""The bank rows of a made institution."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from oracle.amounts import consumed_between, count_from
from oracle.calendar_days import plus, plus_months
from oracle.elements import RETURNS
from oracle.generator_statements import Statements
from oracle.records import Account, Charge, Contract

PAYEES = (
    "某商贸公司", "文具店", "中***融", "", "物业公司", "理财服务公司", "建设投资集团",
    "投资担保公司", "社会保险基金管理中心",
)  # fmt: skip
OUT_MEMOS = (
    "划拨已消课资金", "货款", "", "工资", "投资款", "购房", "分红", "借款给员工", "房租", "房租",
    "租金 购买理财", "社会保险基金", "分红舞服装费", "分红舞 分红", "工资 借款",
)  # fmt: skip


class Till(Statements):
    """Fills the accounts of one institution."""

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

    def _add_approvals(self) -> None:
        for n in range(self.rng.choice((0, 1, 1, 2))):
            first = plus(self.world.as_of, -self.rng.randint(5, 60))
            self.world.tables["approvals"].append({
                "uscc": self.books.uscc, "kind": self.rng.choice(("deposit_use", "deposit_use",
                                                                  "closure", "bank_change")),
                "document": f"批{n}", "amount": self.rng.choice(("", "12000.00")),
                "from": str(first), "until": str(plus(first, self.rng.choice((0, 10, 30)))),
            })  # fmt: skip

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
        """Its side of the money that moves with a succession; a bank may write its own name."""
        own = self.books.facts[0].name
        for payer, payee, day, later, fen in self.world.handovers:
            name = self.rng.choice((own, own, "承继另一方", ""))
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
                if row.memo not in ("退汇", "冲正", "往来款", "承继划转", "调拨")
            ]
            for row in self.rng.sample(rows, min(len(rows), 3)):
                day = plus(row.day, self.rng.choice((0, 1, 2, 9)))
                memo = self.rng.choice(("退汇", "退汇", f"退汇 {row.memo}", "退回"))
                part = self.rng.choice((0, 0, 0, 1))  # a fen less is no return of it
                fen = -row.fen + (part if row.fen > 0 else -part)
                if not fen:
                    continue
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
