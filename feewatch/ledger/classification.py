"""Says what each ledger entry of an institution is: receipt, release, refund, reversal, ...

Pure: the entries of one institution in (booked_on, statement order) come in, their kinds go out.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.scratch import making
from feewatch.ledger.holder import (
    REFUND,
    RETURNED,
    TELLING,
    Entry,
    Holder,
    Kind,
    PackedEntries,
    known_name,
    known_number,
)

#: A reversal follows its original within so many days.
REVERSAL_DAYS = 30
#: A payment that did not arrive comes back within so many days.
RETURN_DAYS = 30
#: Days from the outgoing leg of an internal transfer to the incoming one, likeliest first.
INTERNAL_GAPS = (0, 1, -1)

_REVERSAL = re.compile(r"冲正|冲[账帐](?!户)|抹[账帐]")
_CANCELLED = "撤销"  # of a payment, unless the memo tells of money going back: 课程撤销退费
_BOUNCED = re.compile("退汇|退票")  # the bank itself brings back what did not arrive
#: A memo without any of these neither reverses nor brings back.
_BACK = re.compile(f"{_REVERSAL.pattern}|{_CANCELLED}|{_BOUNCED.pattern}")


class Classified(NamedTuple):
    """What an entry is, and the entry it reverses."""

    entry: Entry
    kind: Kind
    reverses: int | None = None


_CLASSIFIED = making(Classified)


class Return(NamedTuple):
    """A refund that came back, wholly or in part."""

    refund: Entry
    fen: int


class Classification(Iterable[Classified]):
    """Entries with their kinds, in the order given; read anew each time that they are gone through.

    Only what stands beside others is held: there may be more entries than memory has room for.
    """

    def __init__(self, holder: Holder, entries: Iterable[Entry]) -> None:
        """``entries``: in (booked_on, statement order); gone through more than once."""
        self._holder, self._entries = holder, entries
        settled = {each.id for each in holder.accounts if each.kind == "settlement"}
        telling = [
            entry
            for entry in _taking_back(entries)
            if (_is_reversing(entry) or _is_bounced(entry)) and entry.account_id not in settled
        ]
        reverses = link_reversals(holder, telling, entries)
        if None in reverses.values():
            marked = {each.id for each in telling if each.reversal_mark or each.amount_fen > 0}
            # what only a payer's memo calls a reversal, of nothing on file, is what it else were
            reverses = {key: of for key, of in reverses.items() if of is not None or key in marked}
        reverses |= link_bounced(holder, telling, entries, {*reverses, *reverses.values()})
        self._reverses = reverses
        self._reversals = {*reverses, *reverses.values()}
        self._legs = dict(_own_legs(holder, entries, self._kind_of))

    def _kind_of(self, entry: Entry) -> Kind:
        return "reversal" if entry.id in self._reversals else self._holder.kind_of(entry)

    def __iter__(self) -> Iterator[Classified]:
        """Every entry with its kind."""
        legs, reverses = self._legs, self._reverses
        if not legs and not reverses:
            kind_of = self._holder.kind_of
            return (_CLASSIFIED((entry, kind_of(entry), None)) for entry in self._entries)
        return (
            Classified(each, legs.get(each.id) or self._kind_of(each), reverses.get(each.id))
            for each in self._entries
        )


def classify(holder: Holder, entries: Iterable[Entry]) -> Classification:
    """Every entry with its kind, in the order given: (booked_on, statement order)."""
    return Classification(holder, entries)


def link_reversals(
    holder: Holder, telling: Iterable[Entry], entries: Iterable[Entry]
) -> dict[int, int | None]:
    """Each reversing entry with its original, or None where that is not on file.

    ``telling``: those of the entries among which the reversing ones are.

    The original is the nearest earlier entry of the account, at most 30 days back, with the
    opposite amount and no other counterparty; an entry is reversed at most once.
    """
    links: dict[int, int | None] = {}
    reversing = {each.id: each for each in telling if _is_reversing(each)}
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
    holder: Holder,
    telling: Iterable[Entry],
    entries: Iterable[Entry],
    reversals: Collection[int | None],
) -> dict[int, int]:
    """Each entry by which the bank brings a whole payment back, with that payment.

    It is the nearest one of the account in the 30 days before with the opposite amount and the
    same other side, else the only one of that amount: what could not be delivered often comes back
    from an account of the bank. A payment comes back once.
    """
    found = [entry for entry in telling if _is_bounced(entry) and entry.id not in reversals]
    bounced = {entry.id for entry in found}
    sought = {(each.account_id, -each.amount_fen) for each in found}
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


def list_returns(back: Iterable[Entry]) -> dict[int, Return]:
    """The refunds that came back by 退汇, by the entry that brings them back.

    ``back``: refunds and what came back, in order of booking. A return is held against the
    account's refunds of the 30 days before: to the same counterparty and of the same amount (the
    nearest), else the only one of the same amount, else the only one to the same counterparty, of
    which it may be a part. A refund comes back once.
    """
    found: dict[int, Return] = {}
    refunds: defaultdict[int, deque[Entry]] = defaultdict(deque)
    for entry in back:
        earlier = refunds[entry.account_id]
        while earlier and entry.booked_on - earlier[0].booked_on > RETURN_DAYS:
            earlier.popleft()
        if entry.amount_fen < 0:
            earlier.append(entry)
        elif refund := _find_returned(entry, [*reversed(earlier)]):
            earlier.remove(refund)
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
        (known_number(entry.counterparty_account), known_number(other.counterparty_account)),
        (known_name(entry.counterparty), known_name(other.counterparty)),
    )
    return any(one is not None and one == another for one, another in pairs)


def _taking_back(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Entries that may take another one back, seen by mark and memo alone."""
    if isinstance(entries, PackedEntries):
        return entries.telling(_BACK)
    return (each for each in entries if each.reversal_mark or _BACK.search(each.memo or ""))


def _is_bounced(entry: Entry) -> bool:
    memo = entry.memo or ""
    if "退" not in memo or not _BOUNCED.search(memo):
        return False
    return entry.amount_fen > 0 or not REFUND.search(memo)


def _is_reversing(entry: Entry) -> bool:
    memo = entry.memo or ""
    if entry.reversal_mark:
        return True
    if not TELLING.search(memo):
        return False
    if _REVERSAL.search(memo):
        return True
    return _CANCELLED in memo and not (REFUND.search(memo) or RETURNED.search(memo))


def _undoes(holder: Holder, entry: Entry, original: Entry) -> bool:
    if entry.booked_on - original.booked_on > REVERSAL_DAYS:
        return False
    pairs = zip(holder.other_side(entry), holder.other_side(original), strict=True)
    return all(_agree(one, other) for one, other in pairs)


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _own_legs(
    holder: Holder, entries: Iterable[Entry], kind_of: Callable[[Entry], Kind]
) -> Iterator[tuple[int, Kind]]:
    """What the legs of the transfers are of which the institution's own accounts show both.

    Between fee accounts both are internal, also to and from the other side of a succession. Money
    that leaves a deposit account for a fee account is internal there and the institution's own
    here; what comes into a deposit account is internal, while it left as whatever it is: a release,
    or a use of another deposit.
    """
    if len(holder.accounts) + len(holder.beside) < 2:
        return
    near = [(each, kind_of(each)) for each in entries if holder.may_be_leg(each)]
    if holder.beside:
        theirs = (each for side in holder.beside.values() for each in side.entries)
        near += [(each, holder.kind_of(each)) for each in theirs if holder.may_be_leg(each)]
        near.sort(key=lambda pair: _place_of(holder, pair[0]))
    kinds = {entry.id: kind for entry, kind in near}
    incoming: defaultdict[tuple[int, Day], list[Entry]] = defaultdict(list)
    for entry, kind in near:
        if kind in ("receipt", "own", "deposit_in"):
            incoming[entry.amount_fen, entry.booked_on].append(entry)
    for out, kind in near:
        if kind not in ("release", "deposit_out"):
            continue
        days = (incoming.get((-out.amount_fen, out.booked_on + gap), ()) for gap in INTERNAL_GAPS)
        into = next((e for day in days for e in day if holder.are_legs(out, e)), None)
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
