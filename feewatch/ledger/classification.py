"""Says what each ledger entry of an institution is: receipt, release, refund, reversal, ...

Pure: the entries of one institution in (booked_on, statement order) come in, their kinds go out.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
#: A reversal follows its original within so many days.
REVERSAL_DAYS = 30
#: A payment that did not arrive comes back within so many days.
RETURN_DAYS = 30
#: Days from the outgoing leg of an internal transfer to the incoming one, likeliest first.
INTERNAL_GAPS = (0, 1, -1)

_REVERSAL = re.compile(r"冲正|冲[账帐](?!户)|抹[账帐]")
_CANCELLED = "撤销"  # of a payment, unless the memo tells of money going back: 课程撤销退费
_REFUND = re.compile("退费|退款")
_RETURNED = re.compile("退汇|退票|退回")
_BOUNCED = re.compile("退汇|退票")  # the bank itself brings back what did not arrive
_INTEREST = re.compile("利息|结息|付息|INTEREST", re.IGNORECASE)
_CHARGE = re.compile("手续费|[账帐]户管理费|[账帐]户维护费|工本费|汇划费")
#: A memo without any of these tells of none of the above but a charge.
_TELLING = re.compile("[冲抹][正账帐]|撤销|退[费款汇回票]|[利结付]息|INTEREST", re.IGNORECASE)


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


class Beside(NamedTuple):
    """A fee account of the other side of a succession: money between the two is internal."""

    account: LedgerAccount
    from_day: Day  # of the succession
    names: frozenset[str]
    entries: Sequence[Entry]  # in (booked_on, statement order)


class Classified(NamedTuple):
    """What an entry is, and the entry it reverses."""

    entry: Entry
    kind: Kind
    reverses: int | None = None


class Return(NamedTuple):
    """A refund that came back, wholly or in part."""

    refund: Entry
    fen: int


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
        self._names = {_name(name) for name in names} - {None}
        self.beside = {each.account.id: each for each in beside}
        self._beside_since = {_account_no(b.account.account_no): b.from_day for b in beside}
        self._accounts = {account.id: account for account in accounts}
        numbers = {_account_no(each.account_no) for each in self._accounts.values()}
        self._account_numbers = numbers - {None}
        self._contract_numbers = contract_numbers
        self._refund_numbers = refund_numbers
        self._known: dict[tuple[str | None, str | None], bool] = {}  # whether told by itself

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
        account = self.account_of(entry).kind
        if account == "settlement" or entry.amount_fen == 0:
            return "other"
        if entry.amount_fen > 0:
            return self._kind_in(entry) if account == "fee" else _kind_of_deposit_in(entry)
        return self._kind_out(entry, otherwise="release" if account == "fee" else "deposit_out")

    def _kind_in(self, entry: Entry) -> Kind:
        memo = entry.memo or ""
        if _TELLING.search(memo):
            if _INTEREST.search(memo) and not self.names_contract(entry):
                return "interest"
            if _RETURNED.search(memo):
                return "returned"
        return "own" if self._comes_from_own(entry) else "receipt"

    def _kind_out(self, entry: Entry, otherwise: Kind) -> Kind:
        memo = entry.memo or ""
        if _REFUND.search(memo) or self._refund_numbers.named_in(memo):
            return "refund"
        return "charge" if _CHARGE.search(memo) else otherwise

    def names_contract(self, entry: Entry) -> bool:
        """Whether the memo names a contract of the institution."""
        return bool(self._contract_numbers.named_in(entry.memo, entry.booked_on))

    def _comes_from_own(self, entry: Entry) -> bool:
        """Whether the other side is on the register as the institution's, or bears its name."""
        if self._beside_since:
            since = self._beside_since.get(_account_no(entry.counterparty_account))
            if since is not None:  # whatever name stands beside it
                return entry.booked_on >= since
        told = entry.counterparty_account, entry.counterparty
        if told not in self._known:
            number, name = _account_no(told[0]), _name(told[1])
            self._known[told] = number in self._account_numbers or name in self._names
        return self._known[told]

    def other_side(self, entry: Entry) -> tuple[str | None, str | None]:
        """Name and account number of the other side, None where untold or masked.

        A bank that takes a payment back may leave payer and payee as they were in it; the other
        side is never the institution itself.
        """
        name, number = _name(entry.counterparty), _account_no(entry.counterparty_account)
        if number == _account_no(self.account_of(entry).account_no):
            number = None
        return None if name in self._names else name, number

    def have_one_side(self, entry: Entry, other: Entry) -> bool:
        """Whether both rows name the same other side."""
        pairs = zip(self.other_side(entry), self.other_side(other), strict=True)
        return any(one is not None and one == another for one, another in pairs)

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
        number, name = _account_no(entry.counterparty_account), _name(entry.counterparty)
        if number is not None:
            return number == _account_no(self.account_of(other).account_no)
        if name is None:
            return None
        side = self.beside.get(other.account_id)
        return name in ({_name(each) for each in side.names} if side else self._names)


def first_kinds(account: LedgerAccount, rows: Iterable[tuple[int, str | None]]) -> Iterator[Kind]:
    """What rows (amount, memo) of an account are by themselves, before anything else is known."""
    holder = Holder((), [account], NumberIndex(()), NumberIndex(()))

    @lru_cache(maxsize=4096)
    def kind_of(sign: int, memo: str | None) -> Kind:
        return holder.kind_of(Entry(0, account.id, 0, sign, memo=memo))

    for fen, memo in rows:
        yield kind_of((fen > 0) - (fen < 0), memo)


def classify(holder: Holder, entries: Sequence[Entry]) -> list[Classified]:
    """Every entry with its kind, in the order given: (booked_on, statement order)."""
    settled = {each.id for each in holder.accounts if each.kind == "settlement"}
    judged = [entry for entry in entries if entry.account_id not in settled]
    reverses = link_reversals(holder, judged)
    if None in reverses.values():
        marked = {each.id for each in entries if each.reversal_mark or each.amount_fen > 0}
        # what only a payer's memo calls a reversal, of nothing on file, is what it would else be
        reverses = {key: of for key, of in reverses.items() if of is not None or key in marked}
    reverses |= link_bounced(holder, judged, {*reverses, *reverses.values()})
    reversals = {*reverses, *reverses.values()}
    kinds: dict[int, Kind] = {
        each.id: "reversal" if each.id in reversals else holder.kind_of(each) for each in entries
    }
    legs = dict(_own_legs(holder, entries, kinds))
    kinds |= {key: legs[key] for key in legs.keys() & kinds.keys()}
    return [Classified(each, kinds[each.id], reverses.get(each.id)) for each in entries]


def link_reversals(holder: Holder, entries: Sequence[Entry]) -> dict[int, int | None]:
    """Each reversing entry with its original, or None where that is not on file.

    The original is the nearest earlier entry of the account, at most 30 days back, with the
    opposite amount and no other counterparty; an entry is reversed at most once.
    """
    links: dict[int, int | None] = {}
    reversing = {each.id: each for each in entries if _is_reversing(each)}
    sought = {(each.account_id, -each.amount_fen) for each in reversing.values()}
    earlier: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in entries if reversing else ():
        original = None
        if entry.id not in reversing and (entry.account_id, entry.amount_fen) not in sought:
            continue
        if entry.id in reversing:
            candidates = earlier[entry.account_id, -entry.amount_fen]
            undone = (each for each in reversed(candidates) if _undoes(holder, entry, each))
            original = next(undone, None)
            links[entry.id] = original.id if original else None
        if original:
            candidates.remove(original)
        else:  # a reversing row too: some banks mark the original as well as its reversal
            earlier[entry.account_id, entry.amount_fen].append(entry)
    return links


def link_bounced(
    holder: Holder, entries: Sequence[Entry], reversals: Collection[int | None]
) -> dict[int, int]:
    """Each entry by which the bank brings a whole payment back, with that payment.

    It is the nearest one of the account in the 30 days before with the opposite amount and the
    same other side, else the only one of that amount: what could not be delivered often comes back
    from an account of the bank. A payment comes back once.
    """
    bounced = {entry.id for entry in entries if _is_bounced(entry) and entry.id not in reversals}
    sought = {(e.account_id, -e.amount_fen) for e in entries if e.id in bounced}
    earlier: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    links: dict[int, int] = {}
    for entry in entries if bounced else ():
        if entry.id in bounced:
            candidates = earlier[entry.account_id, -entry.amount_fen]
            near = [
                each
                for each in reversed(candidates)
                if entry.booked_on - each.booked_on <= RETURN_DAYS
            ]
            theirs = [each for each in near if holder.have_one_side(entry, each)]
            if theirs or len(near) == 1:
                original = (theirs or near)[0]
                links[entry.id] = original.id
                candidates.remove(original)
        is_sought = (entry.account_id, entry.amount_fen) in sought and entry.id not in reversals
        if is_sought and entry.id not in links:  # also what brings back a payment not on file
            earlier[entry.account_id, entry.amount_fen].append(entry)
    return links


def list_returns(classified: Iterable[Classified]) -> dict[int, Return]:
    """The refunds that came back by 退汇, by the entry that brings them back.

    A return is held against the account's refunds of the 30 days before: to the same counterparty
    and of the same amount (the nearest), else the only one of the same amount, else the only one
    to the same counterparty, of which it may be a part. A refund comes back once.
    """
    found: dict[int, Return] = {}
    refunds: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry, kind, _ in classified:
        if kind == "refund":
            refunds[entry.account_id].append(entry)
        elif kind == "returned":
            earlier = [
                each
                for each in reversed(refunds[entry.account_id])
                if entry.booked_on - each.booked_on <= RETURN_DAYS
            ]
            refund = _find_returned(entry, earlier)
            if refund:
                refunds[entry.account_id].remove(refund)
                found[entry.id] = Return(refund, entry.amount_fen)
    return found


def _find_returned(entry: Entry, refunds: list[Entry]) -> Entry | None:
    alike = [each for each in refunds if each.amount_fen == -entry.amount_fen]
    theirs = [each for each in refunds if _has_counterparty_of(entry, each)]
    exact = [each for each in alike if each in theirs]
    if exact or len(alike) == 1:
        return (exact or alike)[0]
    parts = [each for each in theirs if -each.amount_fen >= entry.amount_fen]
    return parts[0] if not alike and len(parts) == 1 else None


def _has_counterparty_of(entry: Entry, other: Entry) -> bool:
    """Whether both rows name the same other side."""
    pairs = (
        (_account_no(entry.counterparty_account), _account_no(other.counterparty_account)),
        (_name(entry.counterparty), _name(other.counterparty)),
    )
    return any(one is not None and one == another for one, another in pairs)


def _is_bounced(entry: Entry) -> bool:
    memo = entry.memo or ""
    if "退" not in memo or not _BOUNCED.search(memo):
        return False
    return entry.amount_fen > 0 or not _REFUND.search(memo)


def _is_reversing(entry: Entry) -> bool:
    memo = entry.memo or ""
    if entry.reversal_mark:
        return True
    if not _TELLING.search(memo):
        return False
    if _REVERSAL.search(memo):
        return True
    return _CANCELLED in memo and not (_REFUND.search(memo) or _RETURNED.search(memo))


def _undoes(holder: Holder, entry: Entry, original: Entry) -> bool:
    if entry.booked_on - original.booked_on > REVERSAL_DAYS:
        return False
    pairs = zip(holder.other_side(entry), holder.other_side(original), strict=True)
    return all(_agree(one, other) for one, other in pairs)


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _name(text: str | None) -> str | None:
    """A party's name without spaces, None where it is missing or masked."""
    if text is None or "*" in text:
        return None
    return "".join(text.split()) or None


def _account_no(text: str | None) -> str | None:
    """An account number without separators, None where it is missing or masked."""
    if text is None or "*" in text:
        return None
    return text if text.isalnum() else re.sub(r"\W", "", text) or None


def _kind_of_deposit_in(entry: Entry) -> Kind:
    memo = entry.memo or ""
    if _INTEREST.search(memo):
        return "interest"
    return "returned" if _RETURNED.search(memo) else "deposit_in"


def _own_legs(
    holder: Holder, entries: Sequence[Entry], kinds: Mapping[int, Kind]
) -> Iterator[tuple[int, Kind]]:
    """What the legs of the transfers are of which the institution's own accounts show both.

    Between fee accounts both are internal, also to and from the other side of a succession. Money
    that leaves a deposit account for a fee account is internal there and the institution's own
    here; what comes into a deposit account is internal, while it left as whatever it is: a release,
    or a use of another deposit.
    """
    if len(holder.accounts) + len(holder.beside) < 2:
        return
    if holder.beside:
        others = [entry for each in holder.beside.values() for entry in each.entries]
        kinds = {**kinds, **{entry.id: holder.kind_of(entry) for entry in others}}
        entries = sorted([*entries, *others], key=lambda entry: _place_of(holder, entry))
    incoming: defaultdict[tuple[int, Day], list[Entry]] = defaultdict(list)
    for entry in entries:
        if kinds[entry.id] in ("receipt", "own", "deposit_in"):
            incoming[entry.amount_fen, entry.booked_on].append(entry)
    for out in entries:
        if kinds[out.id] not in ("release", "deposit_out"):
            continue
        near = (incoming.get((-out.amount_fen, out.booked_on + gap), ()) for gap in INTERNAL_GAPS)
        into = next((e for day in near for e in day if holder.are_legs(out, e)), None)
        if into:
            incoming[into.amount_fen, into.booked_on].remove(into)
            yield from _legs(out, into, kinds)


def _place_of(holder: Holder, entry: Entry) -> tuple[Day, str]:
    """The order in which both sides of a succession look at their entries."""
    return entry.booked_on, holder.account_of(entry).account_no


def _legs(out: Entry, into: Entry, kinds: Mapping[int, Kind]) -> Iterator[tuple[int, Kind]]:
    if kinds[into.id] == "deposit_in":
        yield into.id, "internal"
        return
    yield out.id, "internal"
    yield into.id, "internal" if kinds[out.id] == "release" else "own"
