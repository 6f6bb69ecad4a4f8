"""The institution whose entries they are, and what each of these is seen by itself.

Pure. What an entry is beside others (a reversal, a leg of a transfer) is told by classification.
"""

import re
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from feewatch.kernel.days import Day
from feewatch.ledger.numbers import NumberIndex

Kind = Literal[
    "receipt",
    "interest",
    "own",  # in from another account of the institution
    "returned",  # an earlier payment that came back
    "refund",
    "charge",
    "release",
    "internal",  # between its own accounts, both legs seen
    "reversal",  # the reversing row and the reversed one
    "deposit_in",
    "deposit_out",
    "other",
]

REFUND = re.compile("退费|退款")
RETURNED = re.compile("退汇|退票|退回")
#: A memo without any of these tells of no reversal, return, refund or interest.
TELLING = re.compile("[冲抹][正账帐]|撤销|退[费款汇回票]|[利结付]息|INTEREST", re.IGNORECASE)
#: So many different other sides are remembered.
_MOST_KNOWN = 10_000
_INTEREST = re.compile("利息|结息|付息|INTEREST", re.IGNORECASE)
_CHARGE = re.compile("手续费|[账帐]户管理费|[账帐]户维护费|工本费|汇划费")
_OUT = re.compile(f"{REFUND.pattern}|{_CHARGE.pattern}")


class LedgerAccount(NamedTuple):
    """An account on the register of the institution."""

    id: int
    account_no: str
    kind: str  # fee, deposit, settlement


class Entry(NamedTuple):
    """A ledger entry as the bank states it."""

    id: int
    account_id: int
    booked_on: Day
    amount_fen: int  # in > 0, out < 0
    counterparty: str | None = None
    counterparty_account: str | None = None
    memo: str | None = None
    reversal_mark: bool = False


class PackedEntries(Sequence[Entry]):
    """Entries that are put together each time that they are gone through."""

    @abstractmethod
    def telling(self, pattern: re.Pattern[str]) -> Iterator[Entry]:
        """Those with a reversal mark or a memo in which a pattern is found, in any order.

        Others are not put together for it.
        """


class Beside(NamedTuple):
    """A fee account of the other side of a succession: money between the two is internal."""

    account: LedgerAccount
    from_day: Day  # of the succession
    names: frozenset[str]
    entries: Sequence[Entry]  # in (booked_on, statement order)


class Holder:
    """The institution whose entries they are: its names, accounts and numbers on file."""

    def __init__(
        self,
        names: Iterable[str],
        accounts: Iterable[LedgerAccount],
        contract_numbers: NumberIndex,
        refund_numbers: NumberIndex,
        beside: Sequence[Beside] = (),
    ) -> None:
        self._names = {known_name(name) for name in names} - {None}
        self.beside = {each.account.id: each for each in beside}
        self._beside_since = {known_number(b.account.account_no): b.from_day for b in beside}
        self._accounts = {account.id: account for account in accounts}
        numbers = {known_number(each.account_no) for each in self._accounts.values()}
        self._account_numbers = numbers - {None}
        self._contract_numbers = contract_numbers
        self._refund_numbers = refund_numbers
        self._has_refund_numbers = not refund_numbers.is_empty
        self._known: dict[tuple[str | None, str | None], bool] = {}  # whether told by itself
        sides = {each.account.id: each.account for each in beside}
        self._kinds = {key: each.kind for key, each in (self._accounts | sides).items()}
        theirs = {known_name(name) for each in beside for name in each.names}
        self._leg_names = {None, *self._names, *theirs}
        self._leg_numbers = self._account_numbers | {*self._beside_since}

    @property
    def accounts(self) -> Collection[LedgerAccount]:
        """The institution's accounts."""
        return self._accounts.values()

    def account_of(self, entry: Entry) -> LedgerAccount:
        """The account in which the entry is booked."""
        other = self.beside.get(entry.account_id)
        return other.account if other else self._accounts[entry.account_id]

    def kind_of(self, entry: Entry) -> Kind:
        """The kind of an entry that is no reversal, seen by itself."""
        account = self._kinds[entry.account_id]
        if account == "settlement" or entry.amount_fen == 0:
            return "other"
        if entry.amount_fen > 0:
            return self._kind_in(entry) if account == "fee" else _kind_of_deposit_in(entry)
        return self._kind_out(entry, otherwise="release" if account == "fee" else "deposit_out")

    def _kind_in(self, entry: Entry) -> Kind:
        memo = entry.memo or ""
        if TELLING.search(memo):
            if _INTEREST.search(memo) and not self.names_contract(entry):
                return "interest"
            if RETURNED.search(memo):
                return "returned"
        return "own" if self._comes_from_own(entry) else "receipt"

    def _kind_out(self, entry: Entry, otherwise: Kind) -> Kind:
        memo = entry.memo or ""
        if not self._has_refund_numbers and not _OUT.search(memo):  # most
            return otherwise
        if REFUND.search(memo) or self._refund_numbers.named_in(memo):
            return "refund"
        return "charge" if _CHARGE.search(memo) else otherwise

    def names_contract(self, entry: Entry) -> bool:
        """Whether the memo names a contract of the institution."""
        return bool(self._contract_numbers.named_in(entry.memo, entry.booked_on))

    def _comes_from_own(self, entry: Entry) -> bool:
        """Whether the other side is on the register as the institution's, or bears its name."""
        if self._beside_since:
            since = self._beside_since.get(known_number(entry.counterparty_account))
            if since is not None:  # whatever name stands beside it
                return entry.booked_on >= since
        told = entry.counterparty_account, entry.counterparty
        known = self._known.get(told)
        if known is None:
            number, name = known_number(told[0]), known_name(told[1])
            known = number in self._account_numbers or name in self._names
            if len(self._known) < _MOST_KNOWN:
                self._known[told] = known
        return known

    def other_side(self, entry: Entry) -> tuple[str | None, str | None]:
        """Name and account number of the other side, None where untold or masked.

        A bank that takes a payment back may leave payer and payee as they were in it; the other
        side is never the institution itself.
        """
        name, number = known_name(entry.counterparty), known_number(entry.counterparty_account)
        if number == known_number(self.account_of(entry).account_no):
            number = None
        return None if name in self._names else name, number

    def have_one_side(self, entry: Entry, other: Entry) -> bool:
        """Whether both rows name the same other side."""
        pairs = zip(self.other_side(entry), self.other_side(other), strict=True)
        return any(one is not None and one == another for one, another in pairs)

    def may_be_leg(self, entry: Entry) -> bool:
        """Whether an entry does not say that its other side is somebody else's account."""
        number = known_number(entry.counterparty_account)
        if number is None:
            return known_name(entry.counterparty) in self._leg_names
        return number in self._leg_numbers

    def are_legs(self, out: Entry, into: Entry) -> bool:
        """Whether the two are one transfer: said by one row at least, contradicted by none."""
        if out.account_id == into.account_id or not self._are_tied(out, into):
            return False
        there, back = self._faces(out, into), self._faces(into, out)
        if there is False or back is False:
            return False
        return bool(back) or (bool(there) and not self.names_contract(into))

    def _are_tied(self, out: Entry, into: Entry) -> bool:
        """Whether both are of the institution, or one of a fee account beside it by then."""
        sides = [self.beside.get(each.account_id) for each in (out, into)]
        if not any(sides):
            return True
        kinds = {self.account_of(each).kind for each in (out, into)}
        is_since = all(side is None or out.booked_on >= side.from_day for side in sides)
        return not all(sides) and kinds == {"fee"} and is_since

    def _faces(self, entry: Entry, other: Entry) -> bool | None:
        """Whether the entry's other side is the other entry's account; None: it does not tell."""
        number, name = known_number(entry.counterparty_account), known_name(entry.counterparty)
        if number is not None:
            return number == known_number(self.account_of(other).account_no)
        if name is None:
            return None
        side = self.beside.get(other.account_id)
        return name in ({known_name(each) for each in side.names} if side else self._names)


def first_kinds(account: LedgerAccount, rows: Iterable[tuple[int, str | None]]) -> Iterator[Kind]:
    """What rows (amount, memo) of an account are by themselves, before anything else is known."""
    holder = Holder((), [account], NumberIndex(()), NumberIndex(()))

    @lru_cache(maxsize=4096)
    def kind_of(sign: int, memo: str | None) -> Kind:
        return holder.kind_of(Entry(0, account.id, 0, sign, memo=memo))

    for fen, memo in rows:
        yield kind_of((fen > 0) - (fen < 0), memo)


def _kind_of_deposit_in(entry: Entry) -> Kind:
    memo = entry.memo or ""
    if _INTEREST.search(memo):
        return "interest"
    return "returned" if RETURNED.search(memo) else "deposit_in"


def known_name(text: str | None) -> str | None:
    """A party's name without spaces, None where it is missing or masked."""
    if text is None or "*" in text:
        return None
    return "".join(text.split()) or None


def known_number(text: str | None) -> str | None:
    """An account number without separators, None where it is missing or masked."""
    if text is None or "*" in text:
        return None
    return text if text.isalnum() else re.sub(r"\W", "", text) or None
