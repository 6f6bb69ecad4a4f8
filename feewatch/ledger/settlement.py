"""Money that a payment channel settles in lumps: the days it is for, and what it explains.

Pure. A lump is explained by all unpaid charges of its channel paid in its settlement window,
never by a choice among them: some subset would nearly always come to the sum.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.money import half_up
from feewatch.ledger.books import Payable, SettlementWindow
from feewatch.ledger.channels import MILLION, Channel, find_channel
from feewatch.ledger.holder import Entry

#: With no earlier settlement on file, a lump may be for so many days.
FIRST_WINDOW_DAYS = 31


class Lump(NamedTuple):
    """An inflow from a channel's clearing account, and what came before it on the account."""

    entry: Entry
    channel: Channel
    previous: Day | None  # the day of the channel's previous settlement
    is_one_of_many: bool  # others of the channel are booked on the same day: each for its own days


class Explanation(NamedTuple):
    """Charges, or contracts that are their own, whose money comes to a lump."""

    payables: tuple[Payable, ...]  # that it pays
    used_fen: int  # of the lump; the rest is for those that another receipt paid already


def list_lumps(channels: Sequence[Channel], receipts: Iterable[Entry]) -> dict[int, Lump]:
    """The receipts that come from a channel, by entry; receipts in order of booking."""
    days: defaultdict[tuple[int, str], list[tuple[Day, list[Lump]]]] = defaultdict(list)
    for entry in receipts:
        channel = find_channel(channels, entry)
        if channel is None:
            continue
        of_account = days[entry.account_id, channel.name]
        if not of_account or of_account[-1][0] != entry.booked_on:
            of_account.append((entry.booked_on, []))
        previous = of_account[-2][0] if len(of_account) > 1 else None
        of_account[-1][1].append(Lump(entry, channel, previous, is_one_of_many=False))
    return {
        lump.entry.id: lump._replace(is_one_of_many=len(lumps) > 1)
        for of_account in days.values()
        for _, lumps in of_account
        for lump in lumps
    }


class Clearing:
    """Charges by channel and day, against which lumps are held."""

    def __init__(self, payables: Iterable[Payable], days_off: Collection[Day]) -> None:
        self._days_off = days_off
        self._by_day: defaultdict[tuple[str | None, Day], list[Payable]] = defaultdict(list)
        for payable in payables:
            contract, paid_on = payable.contract, payable.paid_on
            if contract.payment == "prepaid" and paid_on is not None and payable.amount_fen > 0:
                self._by_day[contract.channel, paid_on].append(payable)

    def explanations(
        self,
        lump: Lump,
        is_unpaid: Callable[[Payable], bool],
        is_paid_apart: Callable[[Payable], bool],
    ) -> dict[frozenset[tuple[int, int]], Explanation]:
        """What the lump may be, by the keys of what it stands for.

        ``is_paid_apart``: whether a charge was paid by money that came another way. Such a one
        may stand in the lump too, as the same payment seen twice, and is not paid again.
        """
        explanations: dict[frozenset[tuple[int, int]], Explanation] = {}
        for start, end in self._windows(lump):
            inside = self._between(lump.channel, start, end)
            unpaid = tuple(each for each in inside if is_unpaid(each))
            apart = tuple(each for each in inside if is_paid_apart(each))
            for twice in ((), apart) if apart else ((),):
                used = _used(lump, unpaid, twice)
                if used is not None:
                    key = frozenset(each.key for each in unpaid + twice)
                    explanations[key] = Explanation(unpaid, used)
        return explanations

    def windows(
        self,
        lump: Lump,
        is_unpaid: Callable[[Payable], bool],
        is_paid_apart: Callable[[Payable], bool],
    ) -> list[SettlementWindow]:
        """The windows of a lump with what they come to: why it is unexplained."""
        windows = []
        for start, end in self._windows(lump):
            inside = self._between(lump.channel, start, end)
            unpaid = [each for each in inside if is_unpaid(each)]
            apart = tuple(each.contract.id for each in inside if is_paid_apart(each))
            fees = [each.amount_fen for each in unpaid]
            net = sum(fees) - _charge(sum(fees), lump)
            keys = tuple(each.contract.id for each in unpaid)
            windows.append(
                SettlementWindow(lump.channel.name, start, end, keys, apart, sum(fees), net)
            )
        return windows

    def _between(self, channel: Channel, start: Day, end: Day) -> list[Payable]:
        return [
            payable
            for day in range(start, end + 1)
            for payable in self._by_day.get((channel.name, day), ())
        ]

    def _windows(self, lump: Lump) -> Iterator[tuple[Day, Day]]:
        """The first and last days for which a lump may be, each once."""
        day = lump.entry.booked_on
        windows: dict[tuple[Day, Day], None] = {}
        for lag in lump.channel.lags:
            if lump.previous is None:
                windows[self._last_working_day(day) + 1 - lag, day - lag] = None
                windows[day - FIRST_WINDOW_DAYS, day - lag] = None
            else:
                windows[lump.previous + 1 - lag, day - lag] = None
            if lump.is_one_of_many:
                windows |= {(each, each): None for each in range(min(windows)[0], day - lag + 1)}
        return iter(windows)

    def _last_working_day(self, day: Day) -> Day:
        """The last working day before a day."""
        day -= 1
        while day in self._days_off:
            day -= 1
        return day


def _used(lump: Lump, unpaid: Sequence[Payable], twice: Sequence[Payable]) -> int | None:
    """How much of the lump what is unpaid uses up, if both together come to it."""
    amount = lump.entry.amount_fen
    fees = [each.amount_fen for each in (*unpaid, *twice)]
    if not fees:
        return None
    nets = sum(fees) - _charge(sum(fees), lump), sum(fee - _charge(fee, lump) for fee in fees)
    if amount not in (sum(fees), *nets):
        return None
    if not unpaid:
        return 0
    is_net = amount != sum(fees)
    return amount - sum(each.amount_fen - is_net * _charge(each.amount_fen, lump) for each in twice)


def _charge(fen: int, lump: Lump) -> int:
    """What the channel keeps of a sum."""
    return half_up(fen * lump.channel.rate_on(lump.entry.booked_on), MILLION)
