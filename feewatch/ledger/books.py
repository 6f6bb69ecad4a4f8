"""What matching is given of one institution, and what follows from it."""

import operator
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple, overload

from feewatch.kernel.days import Day
from feewatch.kernel.scratch import Packed
from feewatch.ledger.channels import Channel
from feewatch.ledger.holder import Beside, Entry, Kind, LedgerAccount

How = Literal["contract_no", "amount", "settlement", "refund_no", "request", "manual"]


class ChargeInBooks(NamedTuple):
    """A charge of a contract."""

    id: int
    charge_no: str
    amount_fen: int
    paid_on: Day | None  # empty: not paid


class ContractInBooks(NamedTuple):
    """A contract of the institution."""

    id: int
    contract_no: str
    fee_fen: int
    paid_on: Day | None
    payment: str  # prepaid, pay_after
    channel: str | None = None  # bank, cash, or one through which money comes in lumps
    charges: tuple[ChargeInBooks, ...] = ()  # in the order of the days due; empty: it is its own


class Payable(NamedTuple):
    """What is paid at once: a charge of a contract, or the contract that is its own only one."""

    contract: ContractInBooks
    charge: ChargeInBooks | None

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from all others of the institution."""
        return self.contract.id, self.charge.id if self.charge else 0

    @property
    def name(self) -> str:
        """``contract_no`` or ``contract_no/charge_no``."""
        number = self.contract.contract_no
        return f"{number}/{self.charge.charge_no}" if self.charge else number

    @property
    def amount_fen(self) -> int:
        """What is to be paid."""
        return self.charge.amount_fen if self.charge else self.contract.fee_fen

    @property
    def paid_on(self) -> Day | None:
        """The day on which it was paid, by the register."""
        return self.charge.paid_on if self.charge else self.contract.paid_on


def list_payables(contract: ContractInBooks) -> list[Payable]:
    """The charges of a contract in the order in which money pays them.

    That is the order of the days due; what the register says is not paid comes after the rest.
    """
    if not contract.charges:
        return [Payable(contract, None)]
    charges = sorted(contract.charges, key=lambda charge: charge.paid_on is None)
    return [Payable(contract, charge) for charge in charges]


class RefundRequest(NamedTuple):
    """A refund that was asked for."""

    id: int
    refund_no: str
    contract_id: int
    requested_on: Day
    amount_fen: int | None


class Given(NamedTuple):
    """A match that an officer decided."""

    entry_id: int
    contract_id: int
    amount_fen: int


class Books(NamedTuple):
    """All that matching asks of one institution; entries in (booked_on, statement order)."""

    names: frozenset[str]
    accounts: Sequence[LedgerAccount]
    contracts: Sequence[ContractInBooks]
    requests: Sequence[RefundRequest]
    entries: Sequence[Entry]
    given: Sequence[Given] = ()  # in the order decided
    channels: Sequence[Channel] = ()
    days_off: frozenset[Day] = frozenset()
    #: First and last day on which contracts of other registers are the institution's.
    moved: Mapping[int, tuple[Day, Day]] = {}
    beside: Sequence[Beside] = ()

    def may_pay(self, contract: int, day: Day) -> bool:
        """Whether money of a day may be for a contract: its own, or one that had moved here."""
        first, last = self.moved.get(contract, (day, day))
        return first <= day <= last


class Match(NamedTuple):
    """What an entry pays for a contract, or pays back on it."""

    entry_id: int
    contract_id: int
    refund_request_id: int | None
    kind: Literal["receipt", "refund"]
    amount_fen: int  # of a contract settled net of the channel's fee: its whole fee
    booked_on: Day
    how: How
    charge_id: int | None = None  # of a receipt: the charge that it pays, of a contract in charges


class Derived(NamedTuple):
    """What follows for one entry."""

    entry_id: int
    kind: Kind
    reverses: int | None
    matched_fen: int  # of the entry's own money: with a channel's fee, less than its matches


class SettlementWindow(NamedTuple):
    """Days whose contracts a channel's money might settle, and what they come to."""

    channel: str
    from_day: Day
    to_day: Day
    contracts: tuple[int, ...]  # of charges of the channel, not paid otherwise
    paid: tuple[int, ...]  # of charges of the channel, paid already by money that came another way
    sum_fen: int
    net_fen: int  # after the channel's fee on the sum


class Matches(Packed[Match], Sequence[Match]):
    """Matches in the order in which they are made: there may be one for each entry."""

    def __init__(self, matches: Iterable[Match] = ()) -> None:
        super().__init__(Match)
        for match in matches:
            self.append(match)

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> list[Match]: ...
    def __getitem__(self, at: int | slice) -> Match | list[Match]:
        """The match at a place, or those of a slice."""
        return list(self)[at]

    def __eq__(self, other: object) -> bool:
        """Whether another sequence holds the same matches."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class DerivedEntries(Sequence[Derived]):
    """What follows for each entry, in the order of the entries, column by column."""

    def __init__(self) -> None:
        self.ids = array("q")
        self.kinds: list[Kind] = []
        self.matched_fen = array("q")
        self.reverses: dict[int, int] = {}

    def by_key(self) -> tuple[Sequence[int], Sequence[Kind], Sequence[int]]:
        """Keys, kinds and what is matched, in the order of keys."""
        ids, kinds, matched = self.ids, self.kinds, self.matched_fen
        if all(map(operator.lt, ids, islice(ids, 1, None))):  # mostly; a list of them takes room
            return ids, kinds, matched
        order = sorted(range(len(ids)), key=ids.__getitem__)
        return [ids[at] for at in order], [kinds[at] for at in order], [matched[at] for at in order]

    @overload
    def __getitem__(self, at: int) -> Derived: ...
    @overload
    def __getitem__(self, at: slice) -> list[Derived]: ...
    def __getitem__(self, at: int | slice) -> Derived | list[Derived]:
        """What follows for the entry at a place, or for those of a slice."""
        if isinstance(at, slice):
            return [self[each] for each in range(len(self))[at]]
        key = self.ids[at]
        return Derived(key, self.kinds[at], self.reverses.get(key), self.matched_fen[at])

    def __iter__(self) -> Iterator[Derived]:
        """Each in order."""
        reverses = map(self.reverses.get, self.ids)
        return map(Derived, self.ids, self.kinds, reverses, self.matched_fen)

    def __len__(self) -> int:
        """How many."""
        return len(self.ids)

    def __eq__(self, other: object) -> bool:
        """Whether the same follows."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class Derivation(NamedTuple):
    """What follows from the books: for each entry, the matches, and why money is left over."""

    entries: DerivedEntries
    matches: Matches
    unexplained: dict[int, str]  # entry -> key of REASONS
    windows: dict[int, list[SettlementWindow]]  # of a channel's money that is unexplained
