"""Labelled cases for matching: made-up books of which it is known who paid what.

Deterministic for a seed. Each case is the books of one institution; around what the case is about
stand contracts paid by name, so that nothing is found for want of anything else to find.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from feewatch.casework.workdays import is_working_day
from feewatch.demo import names
from feewatch.demo.model import day
from feewatch.kernel.days import Day
from feewatch.kernel.money import half_up
from feewatch.ledger.books import Books, ContractInBooks, RefundRequest
from feewatch.ledger.channels import MILLION, load_channels
from feewatch.ledger.holder import Entry, LedgerAccount

SEED = 20260723
FIRST_DAY, LAST_DAY = day("2026-03-01"), day("2026-06-30")
DAYS_OFF = frozenset(d for d in range(FIRST_DAY - 366, LAST_DAY + 366) if not is_working_day(d))
CLEARING = {
    "wechat": "财付通支付科技有限公司",
    "alipay": "支付宝(中国)网络技术有限公司",
    "unionpay": "中国银联股份有限公司",
}
_MEMOS = ("学费{no}", "{no}", "缴费 {no} 全款", "{head} {tail}学费", "合同{lower}")
_PRICES = (6000, 8000, 10000, 12500, 15000)

Pair = tuple[int, int]  # entry, contract


class Case(NamedTuple):
    """The books of one case, which entry really pays which contract, and what must be found."""

    kind: str
    books: Books
    truth: frozenset[Pair]  # a match of any other pair is wrong
    expected: frozenset[Pair]  # what the books tell well enough to be found
    background: frozenset[int]  # entries that the case is not about


class _Row(NamedTuple):
    day: Day
    fen: int
    payer: str
    memo: str
    pays: tuple[int, ...]
    is_expected: bool
    is_background: bool


class _Draft:
    """Books in the making."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.contracts: list[ContractInBooks] = []
        self.requests: list[RefundRequest] = []
        self._rows: list[_Row] = []
        self._is_background = True
        for _ in range(rng.randint(3, 9)):
            self.name(self.contract(), late=rng.randint(0, 20))
        self._is_background = False

    def any_day(self) -> Day:
        return self.rng.randint(FIRST_DAY, LAST_DAY - 40)

    def fee(self) -> int:
        return self.rng.choice(_PRICES) * self.rng.randint(8, 60)

    def contract(
        self, paid_on: Day | None = None, fee: int | None = None, channel: str = "bank"
    ) -> ContractInBooks:
        key = len(self.contracts)
        number = f"HT26{self.rng.randrange(1000):03d}{key:04d}"
        on = self.any_day() if paid_on is None else paid_on
        made = ContractInBooks(key, number, fee or self.fee(), on, "prepaid", channel)
        self.contracts.append(made)
        return made

    def book(
        self,
        on: Day,
        fen: int,
        memo: str,
        *pays: ContractInBooks,
        payer: str = "",
        expected: bool = True,
    ) -> None:
        who = payer or names.person(self.rng)
        keys = tuple(each.id for each in pays)
        self._rows.append(_Row(on, fen, who, memo, keys, expected, self._is_background))

    def name(self, *contracts: ContractInBooks, late: int, fen: int | None = None) -> None:
        """One receipt that names these contracts."""
        told = [self.spell(each.contract_no) for each in contracts]
        on = max(each.paid_on or 0 for each in contracts) + late
        amount = sum(each.fee_fen for each in contracts) if fen is None else fen
        self.book(on, amount, "、".join(told), *contracts)

    def spell(self, no: str) -> str:
        spelling = self.rng.choice(_MEMOS)
        return spelling.format(no=no, head=no[:4], tail=no[4:], lower=no.lower())

    def done(self, kind: str) -> Case:
        self._rows.sort(key=lambda row: row.day)
        entries = [
            Entry(n, 1, row.day, row.fen, row.payer, memo=row.memo)
            for n, row in enumerate(self._rows)
        ]
        books = Books(
            frozenset({"某培训中心"}), [LedgerAccount(1, "6217000001", "fee")], self.contracts,
            self.requests, entries, channels=load_channels(), days_off=DAYS_OFF,
        )  # fmt: skip
        rows = list(enumerate(self._rows))
        about = [(n, row) for n, row in rows if not row.is_background]
        return Case(
            kind,
            books,
            truth=frozenset((n, key) for n, row in rows for key in row.pays),
            expected=frozenset((n, key) for n, row in about if row.is_expected for key in row.pays),
            background=frozenset(n for n, row in rows if row.is_background),
        )


def _named(draft: _Draft) -> None:
    draft.name(draft.contract(), late=draft.rng.randint(0, 60))


def _split(draft: _Draft) -> None:
    contract = draft.contract()
    left = contract.fee_fen
    for _ in range(draft.rng.randint(1, 2)):
        part = draft.rng.randint(1, left - 2)
        draft.name(contract, late=draft.rng.randint(0, 30), fen=part)
        left -= part
    draft.name(contract, late=draft.rng.randint(0, 30), fen=left)


def _joint(draft: _Draft) -> None:
    on = draft.any_day()
    contracts = [draft.contract(on) for _ in range(draft.rng.randint(2, 3))]
    draft.name(*contracts, late=draft.rng.randint(0, 5))


def _exact(draft: _Draft) -> None:
    """Unnamed, early or late by up to three days, of a fee that no other contract has near."""
    contract = draft.contract(fee=draft.fee() + draft.rng.randint(1, 99))
    late = draft.rng.randint(-3, 3)
    draft.book((contract.paid_on or 0) + late, contract.fee_fen, "学费", contract)


def _decoy(draft: _Draft) -> None:
    """Beside the contract paid stand others of its fee: too far, named, or paid in part."""
    fee = draft.fee()
    contract = draft.contract(fee=fee)
    on = contract.paid_on or 0
    draft.contract(on + draft.rng.choice((-8, -7, 7, 8)), fee)
    draft.name(draft.contract(on, fee), late=0)
    part = draft.contract(on + 1, fee)
    draft.name(part, late=0, fen=draft.rng.randint(1, fee - 1))
    draft.book(on + draft.rng.randint(-3, 3), fee, "学费", contract)


def _ambiguous(draft: _Draft) -> None:
    """Two contracts of one fee and one unnamed receipt: neither may be taken."""
    contract = draft.contract()
    on = contract.paid_on or 0
    draft.contract(on + draft.rng.randint(0, 2), contract.fee_fen)
    draft.book(on + draft.rng.randint(0, 2), contract.fee_fen, "学费")


def _lumps(
    draft: _Draft,
    *,
    net: bool = False,
    days: int = 12,
    lost: float = 0.0,
    seen_twice: float = 0.0,
) -> None:
    """A channel's lumps on working days for the payments of the days before (or up to the day)."""
    rng = draft.rng
    channel = rng.choice(list(CLEARING))
    lag = rng.choice((1, 1, 1, 0))
    # what is left of a lump may by chance be the fee of one contract, and then is that contract's
    # by the rule of exact amounts: round prices would make a label of it that no books can tell
    odd = rng.randint(1, 99) if lost else 0
    start = draft.any_day()
    waiting: list[ContractInBooks] = []
    for on in range(start, start + days):
        fees = [draft.fee() + odd * rng.randint(1, 99) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
        todays = [draft.contract(on, fee, channel) for fee in fees]
        if lag == 0:
            waiting += todays
        if on not in DAYS_OFF and waiting:
            _settle(draft, on, waiting, channel, net=net, lost=lost, seen_twice=seen_twice)
            waiting = []
        if lag == 1:
            waiting += todays


def _settle(
    draft: _Draft,
    on: Day,
    contracts: list[ContractInBooks],
    channel: str,
    *,
    net: bool,
    lost: float,
    seen_twice: float,
) -> None:
    rng = draft.rng
    kept = [each for each in contracts if rng.random() >= lost]
    if not kept:
        return
    twice = [each for each in kept if rng.random() < seen_twice]
    for each in twice:
        draft.name(each, late=rng.randint(0, 1))
    fees = [each.fee_fen for each in kept]
    fen = sum(fees)
    if net:
        rate = next(each for each in load_channels() if each.name == channel).rate_on(on)
        on_sum, on_each = (
            half_up(fen * rate, MILLION),
            sum(half_up(f * rate, MILLION) for f in fees),
        )
        fen -= rng.choice((on_sum, on_each))
    paid = [each for each in kept if each not in twice]
    whole = len(kept) == len(contracts)
    draft.book(on, fen, "商户结算款", *paid, payer=CLEARING[channel], expected=whole)


def _rollup(draft: _Draft) -> None:
    """The first lump after a weekend or holiday, with nothing before it."""
    rng = draft.rng
    channel = rng.choice(list(CLEARING))
    on = draft.any_day()
    while on in DAYS_OFF or on - 1 not in DAYS_OFF:
        on += 1
    first = on - 1
    while first in DAYS_OFF:
        first -= 1
    days = [first, *(rng.randint(first, on - 1) for _ in range(rng.randint(1, 4)))]
    contracts = [draft.contract(each, channel=channel) for each in days]
    after = draft.contract(on, channel=channel)
    _settle(draft, on, contracts, channel, net=rng.random() < 0.5, lost=0, seen_twice=0)
    draft.name(after, late=rng.randint(5, 9))


def _refund(draft: _Draft, *, memo: str = "", comes_back: bool = False) -> None:
    """A refund of part of a fee; another request of another amount is open too."""
    rng = draft.rng
    contract, other = draft.contract(), draft.contract()
    amount = rng.randint(100_00, contract.fee_fen // 2)
    on = (contract.paid_on or 0) + rng.randint(5, 20)
    draft.name(contract, late=0)
    draft.requests += [
        RefundRequest(0, f"TF26{rng.randrange(10**6):06d}", contract.id, on, amount),
        RefundRequest(1, f"TQ26{rng.randrange(10**6):06d}", other.id, on, amount + 1),
    ]
    told = memo.format(refund=draft.requests[0].refund_no, contract=contract.contract_no)
    payee, paid_on = names.person(rng), on + rng.randint(0, 12)
    if comes_back:
        draft.book(paid_on, -amount, told, payer=payee)
        back_on = paid_on + rng.randint(1, 3)
        draft.book(back_on, amount, "退汇", payer=rng.choice((payee, "待清算款项")))
        draft.book(back_on + 2, -amount, told, contract, payer=payee)
    else:
        draft.book(paid_on, -amount, told, contract, payer=payee)


_MAKERS: dict[str, tuple[int, Callable[[_Draft], None]]] = {
    "named": (250, _named),
    "split": (150, _split),
    "joint": (150, _joint),
    "exact": (250, _exact),
    "decoys of the same fee": (150, _decoy),
    "two explanations": (150, _ambiguous),
    "lumps, gross": (200, _lumps),
    "lumps, net of the fee": (200, lambda draft: _lumps(draft, net=True)),
    "lumps, first after days off": (150, _rollup),
    "lumps, payments seen twice": (100, lambda draft: _lumps(draft, seen_twice=0.15)),
    "lumps, payments diverted": (100, lambda draft: _lumps(draft, lost=0.25)),
    "refunds by number": (50, lambda draft: _refund(draft, memo="退费{refund}")),
    "refunds by request": (50, lambda draft: _refund(draft, memo="退费")),
    "refunds that came back": (
        50,
        lambda draft: _refund(draft, memo="退{contract}退费", comes_back=True),
    ),
}


def make_cases(seed: int = SEED) -> Iterator[Case]:
    """The 2,000 cases, kind by kind."""
    rng = Random(seed)  # noqa: S311 - made-up cases, the same for everybody
    for kind, (count, make) in _MAKERS.items():
        for _ in range(count):
            draft = _Draft(rng)
            make(draft)
            yield draft.done(kind)
