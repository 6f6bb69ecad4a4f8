"""What unmatched money comes nearest to, and why each candidate fails. Pure."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import Generic, NamedTuple, TypeVar

from feewatch.kernel.days import Day, format_day
from feewatch.kernel.money import group_yuan
from feewatch.kernel.text import Text
from feewatch.ledger.books import (
    Books,
    Derivation,
    Match,
    Payable,
    RefundRequest,
    SettlementWindow,
    list_payables,
)
from feewatch.ledger.channels import find_channel
from feewatch.ledger.holder import Entry
from feewatch.ledger.receipts import PAID_WITHIN_DAYS, is_paid_otherwise
from feewatch.ledger.refunds import REFUND_WITHIN_DAYS

#: How many candidates are shown.
MOST = 3
#: Contracts and requests within so many days are looked at, and those of the very amount.
_NEAR_DAYS = 31
T = TypeVar("T")
K = TypeVar("K")


class Obstacle(NamedTuple):
    """One reason why a candidate is no explanation."""

    code: str
    text: Text


class Candidate(NamedTuple):
    """A contract or a charge of one, a refund request, or a channel's settlement days."""

    kind: str  # contract, charge, refund_request, window
    name: str  # number of the contract, of the charge, of the refund; channel
    contract_no: str | None
    from_day: Day
    to_day: Day
    amount_fen: int
    obstacles: tuple[Obstacle, ...]


class Nearby:
    """The contracts and requests of an institution, in reach of unmatched money."""

    def __init__(
        self, books: Books, derivation: Derivation, elsewhere: Sequence[Match] = ()
    ) -> None:
        """``elsewhere``: what money of institutions that successions tie to it pays."""
        self._books, self._windows = books, derivation.windows
        self._contracts = {each.id: each for each in books.contracts}
        every = [*elsewhere, *derivation.matches]
        receipts = [each for each in every if each.kind == "receipt"]
        paid = [((each.contract_id, each.charge_id or 0), each) for each in receipts]
        self._paid = _sums((key, each.amount_fen) for key, each in paid)
        self._paid_last = {key: each.booked_on for key, each in paid}
        self._answered = _sums(
            (m.refund_request_id, m.amount_fen)
            for m in derivation.matches
            if m.refund_request_id is not None
        )
        self._used = {each.entry_id: each.matched_fen for each in derivation.entries}
        payables = (p for contract in books.contracts for p in list_payables(contract))
        self._fees = _Shelf((p.amount_fen, p.paid_on, p) for p in payables)
        self._requests = _Shelf((r.amount_fen, r.requested_on, r) for r in books.requests)

    def of(self, entry: Entry) -> list[Candidate]:
        """The nearest candidates of a receipt or refund, the nearest first."""
        left = abs(entry.amount_fen) - self._used[entry.id]
        if entry.amount_fen < 0:
            near = self._requests.near(left, entry.booked_on)
            candidates = [self._request(each, entry, left) for each in near]
        else:
            payables = self._fees.near(left, entry.booked_on)
            candidates = [self._payable(each, entry, left) for each in payables]
        windows = [self._window(each, entry) for each in self._windows.get(entry.id, ())]
        windows = nsmallest(MOST - 1, windows, key=lambda each: _distance(each, entry, left))
        nearest = nsmallest(
            MOST - len(windows), candidates, key=lambda each: _distance(each, entry, left)
        )
        return windows + nearest

    def _payable(self, payable: Payable, entry: Entry, left: int) -> Candidate:
        contract = payable.contract
        paid_on = entry.booked_on if payable.paid_on is None else payable.paid_on
        paid = self._paid.get(payable.key, 0)
        channel = find_channel(self._books.channels, entry)
        obstacles = [
            _is_paid(paid, payable.amount_fen, self._paid_last.get(payable.key)),
            _differs(left, payable.amount_fen),
            _is_open() if payable.paid_on is None and payable.charge else None,
            _is_away(entry.booked_on - paid_on),
            _pays_after() if contract.payment != "prepaid" else None,
            _is_otherwise(contract.channel or "")
            if channel and is_paid_otherwise(contract, channel)
            else None,
        ]
        return Candidate(
            "charge" if payable.charge else "contract", payable.name, contract.contract_no,
            paid_on, paid_on, payable.amount_fen, _told(obstacles),
        )  # fmt: skip

    def _request(self, request: RefundRequest, entry: Entry, left: int) -> Candidate:
        amount, day = request.amount_fen or 0, request.requested_on
        obstacles = [
            _is_paid_back(self._answered.get(request.id, 0)),
            _differs(left, amount),
            _is_late(entry.booked_on - day),
        ]
        number = self._contracts[request.contract_id].contract_no
        return Candidate(
            "refund_request", request.refund_no, number, day, day, amount, _told(obstacles)
        )

    def _window(self, window: SettlementWindow, entry: Entry) -> Candidate:
        paid = [self._contracts[key].contract_no for key in window.paid]
        obstacles = [_comes_to(window, entry), _are_paid(paid) if paid else None]
        return Candidate(
            "window", window.channel, None, window.from_day, window.to_day, window.sum_fen,
            _told(obstacles),
        )  # fmt: skip


class _Shelf(Generic[T]):
    """Records by amount and by day."""

    def __init__(self, records: Iterable[tuple[int | None, Day | None, T]]) -> None:
        self._by_amount: defaultdict[int | None, list[T]] = defaultdict(list)
        dated: list[tuple[Day, T]] = []
        for amount, day, record in records:
            self._by_amount[amount].append(record)
            if day is not None:
                dated.append((day, record))
        dated.sort(key=lambda each: each[0])
        self._days = [day for day, _ in dated]
        self._dated = [record for _, record in dated]

    def near(self, amount: int, day: Day) -> list[T]:
        """Records of this amount, and those of the days around, each once."""
        start = bisect_left(self._days, day - _NEAR_DAYS)
        end = bisect_right(self._days, day + _NEAR_DAYS)
        fitting = self._by_amount.get(amount, []) + self._dated[start:end]
        return list({id(each): each for each in fitting}.values())


def _sums(pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    sums: defaultdict[K, int] = defaultdict(int)
    for key, fen in pairs:
        sums[key] += fen
    return sums


def _distance(candidate: Candidate, entry: Entry, left: int) -> tuple[int, int, int, str]:
    days = max(candidate.from_day - entry.booked_on, entry.booked_on - candidate.to_day, 0)
    difference = abs(candidate.amount_fen - left)
    return len(candidate.obstacles), difference, days, candidate.name


def _told(obstacles: Iterable[Obstacle | None]) -> tuple[Obstacle, ...]:
    """The obstacles there are; where there are none, the candidate is not the only one."""
    known = tuple(each for each in obstacles if each)
    return known or (Obstacle("not_alone", Text("另有同样相符者", "another one fits as well")),)


def _is_paid(paid: int, fee: int, last: Day | None) -> Obstacle | None:
    if paid == 0 or last is None:
        return None
    day = format_day(last)
    if paid >= fee:
        return Obstacle("paid", Text(f"已于 {day} 付足", f"paid in full by {day}"))
    yuan = group_yuan(paid)
    return Obstacle("paid_in_part", Text(f"已付 {yuan} 元", f"{yuan} yuan of it paid by {day}"))


def _differs(left: int, amount: int) -> Obstacle | None:
    if left == amount:
        return None
    yuan = group_yuan(abs(left - amount))
    return Obstacle("amount", Text(f"金额相差 {yuan} 元", f"the amount differs by {yuan} yuan"))


def _is_away(days: int) -> Obstacle | None:
    if abs(days) <= PAID_WITHIN_DAYS:
        return None
    side = ("晚", "after") if days > 0 else ("早", "before")
    zh = f"到账比缴费日{side[0]} {abs(days)} 日"
    return Obstacle("days", Text(zh, f"booked {abs(days)} days {side[1]} the day it was paid"))


def _is_late(days: int) -> Obstacle | None:
    if 0 <= days <= REFUND_WITHIN_DAYS:
        return None
    side = ("晚", "after") if days > 0 else ("早", "before")
    zh = f"退款比申请日{side[0]} {abs(days)} 日"
    return Obstacle("days", Text(zh, f"booked {abs(days)} days {side[1]} the request"))


def _is_paid_back(paid: int) -> Obstacle | None:
    if paid == 0:
        return None
    yuan = group_yuan(paid)
    return Obstacle("paid", Text(f"已退 {yuan} 元", f"{yuan} yuan of it paid back already"))


def _pays_after() -> Obstacle:
    return Obstacle(
        "pay_after", Text("先学后付，须写明合同编号", "paid after lessons: must be named")
    )


def _is_open() -> Obstacle:
    zh = "收费明细未填缴费日期，须写明合同编号"
    return Obstacle("not_paid", Text(zh, "not paid by the register: must be named"))


def _is_otherwise(channel: str) -> Obstacle:
    return Obstacle(
        "channel", Text(f"登记的支付渠道为 {channel}", f"paid through {channel} by the register")
    )


def _comes_to(window: SettlementWindow, entry: Entry) -> Obstacle | None:
    total, net = group_yuan(window.sum_fen), group_yuan(window.net_fen)
    if entry.amount_fen in (window.sum_fen, window.net_fen):
        return None
    difference = group_yuan(entry.amount_fen - window.sum_fen)
    count = len(window.contracts)
    zh = f"{count} 份未付合同合计 {total} 元（扣手续费后 {net} 元），相差 {difference} 元"
    en = f"{count} unpaid contracts come to {total} yuan ({net} net), a difference of {difference}"
    return Obstacle("window", Text(zh, en))


def _are_paid(numbers: list[str]) -> Obstacle:
    listed = ", ".join(numbers[:5]) + (" …" if len(numbers) > 5 else "")
    return Obstacle(
        "paid", Text(f"{listed} 已由其他到账付足", f"{listed}: paid by other receipts already")
    )
