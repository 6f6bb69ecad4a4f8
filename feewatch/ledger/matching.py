"""Says which contract a receipt pays and a refund pays back. Two explanations are none.

Pure: recomputed for one institution from all its entries in (booked_on, statement order). What
an officer decided comes first; then numbers in memos, exact amounts, lumps of payment channels.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import repeat

from feewatch.kernel.scratch import Packed
from feewatch.kernel.text import Text
from feewatch.ledger.books import Books, Derivation, DerivedEntries, Matches
from feewatch.ledger.classification import Classified, classify, list_returns
from feewatch.ledger.holder import Entry, Holder
from feewatch.ledger.numbers import MovedNumbers, NumberIndex
from feewatch.ledger.receipts import Receipts, Side
from feewatch.ledger.refunds import Refunds

#: Why no explanation fits what is left of a receipt or refund.
REASONS = {
    "paid_up": Text(
        "所列合同已付足，余款无合同可归", "the contracts named are paid up; the rest fits none"
    ),
    "no_contract": Text(
        "未列合同编号，前后3日内也没有同额未付的合同",
        "names no contract, and no unpaid contract with this fee was paid within 3 days",
    ),
    "several_contracts": Text(
        "未列合同编号，前后3日内有多份同额未付的合同",
        "names no contract, and several unpaid contracts with this fee were paid within 3 days",
    ),
    "settlement_differs": Text(
        "渠道结算款与结算期内该渠道未付合同的金额合计（含扣除手续费后）不符",
        "the channel's money is not what its unpaid contracts of the settlement days come to, "
        "with or without its fee",
    ),
    "several_settlements": Text(
        "渠道结算款有不止一种解释，不作匹配",
        "the channel's money can be explained in more than one way",
    ),
    "paid_twice": Text(
        "结算款中含有已由其他到账付足的合同，该部分不重复计入",
        "the lump holds contracts that another receipt paid already; that part counts once",
    ),
    "decided_in_part": Text(
        "经办人已人工匹配其中一部分，余款未定",
        "an officer decided on part of it; the rest is open",
    ),
    "several_named": Text(
        "所列编号指向多份合同", "the numbers named belong to more than one contract"
    ),
    "no_request": Text(
        "未列编号，此前30日内没有同额未退的申请",
        "names no number, and no open request of the last 30 days has this amount",
    ),
    "several_requests": Text(
        "未列编号，此前30日内有多份同额未退的申请",
        "names no number, and several open requests of the last 30 days have this amount",
    ),
}


def derive(books: Books) -> Derivation:
    """Classification and matching of the entries of an institution that no succession ties."""
    (derivation,) = derive_tied([books])
    return derivation


def derive_tied(tied: Sequence[Books]) -> list[Derivation]:
    """Classification and matching of all institutions that successions tie, in their order.

    ``tied``: who was succeeded comes before the successor.
    """
    sides = [_Derived(books) for books in tied]
    receipts = Receipts([each.side for each in sides])
    receipts.decide([each.receipts() for each in sides])
    if len(sides) == 1:
        sides[0].take(sides[0].classified, receipts)
    else:
        for derived, row in _in_turn(sides):
            derived.take((row,), receipts)
    receipts.finish()
    return [each.derivation(receipts, is_alone=len(sides) == 1) for each in sides]


class _Derived:
    """What follows for one institution, entry by entry."""

    def __init__(self, books: Books) -> None:
        self.side = Side(
            books, _contract_numbers(books), {each.id: each for each in books.contracts}
        )
        self._refund_numbers = NumberIndex((each.refund_no, each.id) for each in books.requests)
        holder = Holder(
            books.names, books.accounts, self.side.numbers, self._refund_numbers, books.beside
        )
        self.classified = classify(holder, books.entries)
        self._entries = DerivedEntries()
        self._waiting: list[int] = []  # places of receipts that name no contract
        self._places: list[int] = []  # of refunds
        self._back = Packed(Entry)  # refunds, and payments that came back
        self._has_returns = False

    def receipts(self) -> Iterator[Entry]:
        """The receipts, in the order of entries."""
        return (row.entry for row in self.classified if row.kind == "receipt")

    def take(self, rows: Iterable[Classified], receipts: Receipts) -> None:
        """Note what entries are, and what of them is matched already."""
        entries = self._entries
        ids, kinds, matched_fen = entries.ids, entries.kinds, entries.matched_fen
        for entry, kind, reverses in rows:
            used: int | None = 0
            if kind == "receipt":
                used = receipts.take(entry, self.side)
                if used is None:
                    self._waiting.append(len(ids))
            elif kind == "refund":
                self._places.append(len(ids))
                self._back.append(entry)
            elif kind == "returned":
                self._has_returns = True
                self._back.append(entry)
            if reverses is not None:
                entries.reverses[entry.id] = reverses
            ids.append(entry.id)
            kinds.append(kind)
            matched_fen.append(used or 0)

    def derivation(self, receipts: Receipts, *, is_alone: bool) -> Derivation:
        """All that follows, once no receipt waits any more."""
        entries, matches = self._entries, receipts.matches
        unexplained, windows = receipts.unexplained, receipts.windows
        if not is_alone:
            keys = set(entries.ids)
            matches = Matches(each for each in matches if each.entry_id in keys)
            unexplained = {key: why for key, why in unexplained.items() if key in keys}
            windows = {key: of for key, of in windows.items() if key in keys}
        returns = list_returns(self._back) if self._has_returns else {}
        entries.reverses |= {key: each.refund.id for key, each in returns.items()}
        refunds = Refunds(self.side.books, self.side.numbers, self._refund_numbers, matches)
        refunds.match(self._back, {each.refund.id: each.fen for each in returns.values()})
        for places, used in ((self._waiting, receipts.used), (self._places, refunds.used)):
            for place in places:
                entries.matched_fen[place] = used.get(entries.ids[place], 0)
        return Derivation(entries, matches, unexplained | refunds.unexplained, windows)


def _in_turn(sides: Sequence[_Derived]) -> Iterator[tuple[_Derived, Classified]]:
    """The entries of all sides in order of booking; of one day the first side's first."""
    streams = [zip(repeat(each), each.classified, strict=False) for each in sides]
    return merge(*streams, key=lambda pair: pair[1].entry.booked_on)


def _contract_numbers(books: Books) -> NumberIndex:
    if not books.moved:
        return NumberIndex((each.contract_no, each.id) for each in books.contracts)
    registered = (each for each in books.contracts if each.id not in books.moved)
    own = NumberIndex((each.contract_no, each.id) for each in registered)
    since = min(first for first, _ in books.moved.values())
    return MovedNumbers(own, ((each.contract_no, each.id) for each in books.contracts), since)
