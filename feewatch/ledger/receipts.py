"""Says which contracts each receipt pays. Two explanations are none. Pure.

Money that names a contract pays its charges in the order of the days due; what names none is told
by the amount of a charge. A contract without charges is its own only one. Institutions that
successions tie to each other are matched together: a contract that moved is paid by what reached
the accounts of either, in the order in which it was booked.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.ledger.books import (
    Books,
    ContractInBooks,
    How,
    Match,
    Matches,
    Payable,
    SettlementWindow,
    list_payables,
)
from feewatch.ledger.channels import NAMES as CHANNELS
from feewatch.ledger.channels import Channel, find_channel
from feewatch.ledger.holder import Entry
from feewatch.ledger.numbers import NumberIndex
from feewatch.ledger.settlement import Clearing, Explanation, Lump, list_lumps

#: An unnamed receipt is booked within so many days of the day the contract was paid.
PAID_WITHIN_DAYS = 3
#: So many different payers are remembered.
_MOST_KNOWN = 10_000
#: Why a lump waited that fitted one contract: its days came to the same sum.
_RIVALLED = (None, "several_settlements")


class Side(NamedTuple):
    """One of the institutions that are matched together."""

    books: Books
    numbers: NumberIndex  # of the contracts that its money may name
    contracts: Mapping[int, ContractInBooks]  # those it may be for, by their keys

    def may_pay(self, contract: int, day: Day) -> bool:
        """Whether its money of a day may be for a contract."""
        return contract in self.contracts and self.books.may_pay(contract, day)


class Receipts:
    """Receipts find their contracts: decided, named, of exact amount, settled by a channel."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self.matches = Matches()
        self.unexplained: dict[int, str] = {}
        self.windows: dict[int, list[SettlementWindow]] = {}
        #: Of receipts that name no contract; what others pay is told when they are taken.
        self.used: defaultdict[int, int] = defaultdict(int)
        self._sides = sides
        self._of_entry: dict[int, Side] = {}
        self._channels = sides[0].books.channels
        self._known: dict[tuple[str, str | None], bool] = {}  # whether told by a channel
        self._paid_through: set[tuple[int, int]] = set()  # paid by money of a channel
        self._contracts: Mapping[int, ContractInBooks] = sides[0].contracts
        for side in sides[1:]:
            self._contracts = {**self._contracts, **side.contracts}
        #: What is left to pay, of what was paid in part; a contract without charges by its key.
        self._short: dict[int | tuple[int, int], int] = {}
        self._decided: set[int] = set()
        self._nameless: list[Entry] = []  # with those decided
        self._of_day: defaultdict[tuple[int, Day], list[Payable]] = defaultdict(list)
        self._clearing = Clearing((), ())

    def decide(self, of_sides: Sequence[Iterable[Entry]]) -> None:
        """Pay as officers decided; the receipts on which they did are theirs altogether.

        ``of_sides``: the receipts of each side; they are looked at only where there are decisions.
        """
        every = [each for side in self._sides for each in side.books.given]
        if not every:
            return
        keys = {each.entry_id for each in every}
        by_key: dict[int, Entry] = {}
        for side, receipts in zip(self._sides, of_sides, strict=True):
            mine = {each.id: each for each in receipts if each.id in keys}
            self._of_entry |= dict.fromkeys(mine, side)
            by_key |= mine
        for entry_id, contract, amount in every:
            receipt = by_key.get(entry_id)
            if receipt is None:
                continue
            left = receipt.amount_fen - self.used[entry_id]
            if contract in self._side_of(receipt).contracts:
                self._pay_contract(receipt, contract, min(amount, left), "manual")
        for key, receipt in by_key.items():
            if self.used[key] < receipt.amount_fen:
                self.unexplained[key] = "decided_in_part"
        self._decided = {*by_key}

    def take(self, receipt: Entry, side: Side) -> int | None:
        """Match a receipt of a side that names contracts; what of it they use up.

        In order of booking; of one day the first side's first. None: it names none, and waits.
        """
        if receipt.id not in self._decided and self._match_named(receipt, side):
            return self.used.pop(receipt.id, 0)
        self._nameless.append(receipt)
        if len(self._sides) > 1:
            self._of_entry[receipt.id] = side
        return None

    def finish(self) -> None:
        """Match the receipts that name no contract, once all are taken."""
        lumps = list_lumps(self._channels, self._nameless)
        unnamed = [each for each in self._nameless if each.id not in self._decided]
        self._shelve(unnamed, lumps.values())
        left = [each for each in unnamed if not self._match_amount(each, lumps.get(each.id))]
        waiting = [lumps[each.id] for each in left if each.id in lumps]
        while waiting:  # what one lump pays may leave another with one explanation
            still = [lump for lump in waiting if not self._settle(lump)]
            if len(still) == len(waiting):
                break
            waiting = still

    def _shelve(self, unnamed: Iterable[Entry], lumps: Iterable[Lump]) -> None:
        """Lay ready what these might pay, by amount and day and by channel and day."""
        amounts = {each.amount_fen for each in unnamed}
        if amounts:
            contracts = self._contracts.values()
            for payable in chain.from_iterable(_of(each, amounts) for each in contracts):
                if payable.amount_fen in amounts and payable.paid_on is not None:
                    self._of_day[payable.amount_fen, payable.paid_on].append(payable)
        through = {lump.channel.name for lump in lumps}
        if through:
            theirs = (each for each in self._contracts.values() if each.channel in through)
            days_off = frozenset[Day]().union(*(side.books.days_off for side in self._sides))
            self._clearing = Clearing(chain.from_iterable(map(list_payables, theirs)), days_off)

    def _side_of(self, receipt: Entry) -> Side:
        return self._of_entry.get(receipt.id, self._sides[0])

    def _match_named(self, receipt: Entry, side: Side) -> bool:
        """Pay the contracts named, in the order named; whether there are any."""
        day = receipt.booked_on
        numbered = side.numbers.named_in(receipt.memo, day)
        named = [each for each in numbered if side.may_pay(each, day)]
        left = receipt.amount_fen
        for contract in named:
            left = self._pay_contract(receipt, contract, left, "contract_no")
        if named and left:
            self.unexplained[receipt.id] = "paid_up"
        return bool(named)

    def _match_amount(self, receipt: Entry, lump: Lump | None) -> bool:
        """Pay the only contract with this to pay; whether there is no more to be said of it."""
        fitting = self._of_amount(receipt, lump)
        if len(fitting) == 1:
            (payable,) = fitting
            if lump and self._explanations(lump).keys() - {frozenset({payable.key})}:
                return False
            self._pay(receipt, payable, receipt.amount_fen, "amount")
            return True
        self.unexplained[receipt.id] = "several_contracts" if fitting else "no_contract"
        return False

    def _of_amount(self, receipt: Entry, lump: Lump | None) -> list[Payable]:
        return [
            payable
            for gap in range(-PAID_WITHIN_DAYS, PAID_WITHIN_DAYS + 1)
            for payable in self._of_day.get((receipt.amount_fen, receipt.booked_on + gap), ())
            if self._is_unpaid(payable)
            and self._side_of(receipt).may_pay(payable.contract.id, receipt.booked_on)
            and not (lump and is_paid_otherwise(payable.contract, lump.channel))
        ]

    def _settle(self, lump: Lump) -> bool:
        """Pay the contracts that are a lump's only explanation; whether there is one."""
        receipt = lump.entry
        singles = self._of_amount(receipt, lump)
        explanations = self._explanations(lump)
        rivals = {frozenset({each.key}) for each in singles}
        if len(explanations) == 1 and (not rivals or rivals & explanations.keys()):
            (explanation,) = explanations.values()
            self._pay_out(lump, explanation)
            return True
        if len(singles) == 1 and not explanations and self.unexplained.get(receipt.id) in _RIVALLED:
            # the other explanation is gone: another receipt paid those contracts
            self._pay(receipt, singles[0], receipt.amount_fen, "amount")
            self._explain(receipt)
            return True
        several = "several_settlements" if explanations else "several_contracts"
        self.unexplained[receipt.id] = several if explanations or singles else "settlement_differs"
        self.windows[receipt.id] = self._clearing.windows(
            lump, self._unpaid_on(lump), self._is_paid_apart
        )
        return False

    def _explain(self, receipt: Entry) -> None:
        self.unexplained.pop(receipt.id, None)
        self.windows.pop(receipt.id, None)

    def _pay_out(self, lump: Lump, explanation: Explanation) -> None:
        receipt = lump.entry
        for payable in explanation.payables:
            self._pay(receipt, payable, payable.amount_fen, "settlement")
        self.used[receipt.id] = explanation.used_fen
        self._explain(receipt)
        if explanation.used_fen < receipt.amount_fen:
            self.unexplained[receipt.id] = "paid_twice"

    def _explanations(self, lump: Lump) -> dict[frozenset[tuple[int, int]], Explanation]:
        return self._clearing.explanations(lump, self._unpaid_on(lump), self._is_paid_apart)

    def _unpaid_on(self, lump: Lump) -> Callable[[Payable], bool]:
        day, side = lump.entry.booked_on, self._side_of(lump.entry)
        return lambda payable: self._is_unpaid(payable) and side.may_pay(payable.contract.id, day)

    def _is_unpaid(self, payable: Payable) -> bool:
        return self._left_of(payable) == payable.amount_fen

    def _is_paid_apart(self, payable: Payable) -> bool:
        return self._left_of(payable) == 0 and payable.key not in self._paid_through

    def _left_of(self, payable: Payable) -> int:
        """What is left to pay."""
        return self._short.get(_place_of(payable), payable.amount_fen)

    def _comes_from_channel(self, receipt: Entry) -> bool:
        party = receipt.counterparty or "", receipt.memo if not receipt.counterparty else None
        known = self._known.get(party)
        if known is None:
            known = find_channel(self._channels, receipt) is not None
            if len(self._known) < _MOST_KNOWN:
                self._known[party] = known
        return known

    def _pay_contract(self, receipt: Entry, contract: int, fen: int, how: How) -> int:
        """Pay the charges of a contract in order, with at most so much; what is left of it."""
        on_file = self._contracts.get(contract)
        if on_file is None:
            return fen
        if not on_file.charges:  # most, and there may be very many
            left = self._short.get(contract, on_file.fee_fen)
            paid = min(fen, left)
            if paid > 0:
                self._note(receipt, contract, None, paid, how)
                self._short[contract] = left - paid
                fen -= paid
            return fen
        for payable in list_payables(on_file):
            paid = min(fen, self._left_of(payable))
            if paid > 0:
                self._pay(receipt, payable, paid, how)
                fen -= paid
        return fen

    def _pay(self, receipt: Entry, payable: Payable, paid: int, how: How) -> None:
        self._short[_place_of(payable)] = self._left_of(payable) - paid
        charge = payable.charge and payable.charge.id
        self._note(receipt, payable.contract.id, charge, paid, how)

    def _note(self, receipt: Entry, contract: int, charge: int | None, paid: int, how: How) -> None:
        self.used[receipt.id] += paid
        if self._comes_from_channel(receipt):
            self._paid_through.add((contract, charge or 0))
        self.matches.append(
            Match(receipt.id, contract, None, "receipt", paid, receipt.booked_on, how, charge)
        )


def _place_of(payable: Payable) -> int | tuple[int, int]:
    """What stands for a payable in what is kept of many: mostly a number that is there anyway."""
    return payable.contract.id if payable.charge is None else payable.key


def _of(contract: ContractInBooks, amounts: Collection[int]) -> Sequence[Payable]:
    """What is to be paid of a contract, where any of it may come to these amounts."""
    return list_payables(contract) if contract.charges or contract.fee_fen in amounts else ()


def is_paid_otherwise(contract: ContractInBooks, channel: Channel) -> bool:
    """Whether the register says that a contract was not paid through a channel.

    A card's money may be registered as the bank's.
    """
    return contract.channel in {*CHANNELS, "cash"} - {channel.name}
