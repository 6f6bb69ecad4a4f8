"""Says which contract a receipt pays and a refund pays back. Two explanations are none.

Pure: recomputed for one institution from all its entries in (booked_on, statement order).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.ledger.classification import Account, Entry, Holder, Kind, classify
from feewatch.ledger.numbers import NumberIndex

#: An unnamed receipt is booked within so many days of the day the contract was paid.
PAID_WITHIN_DAYS = 3
#: An unnamed refund is booked at most so many days after it was requested.
REFUND_WITHIN_DAYS = 30

#: Why no explanation fits what is left of a receipt or refund.
REASONS = {
    "paid_up": Text(
        "所列合同已付足,余款无合同可归", "the contracts named are paid up; the rest fits none"
    ),
    "no_contract": Text(
        "未列合同编号,前后3日内也没有同额未付的合同",
        "names no contract, and no unpaid contract with this fee was paid within 3 days",
    ),
    "several_contracts": Text(
        "未列合同编号,前后3日内有多份同额未付的合同",
        "names no contract, and several unpaid contracts with this fee were paid within 3 days",
    ),
    "several_named": Text(
        "所列编号指向多份合同", "the numbers named belong to more than one contract"
    ),
    "no_request": Text(
        "未列编号,此前30日内没有同额未退的申请",
        "names no number, and no open request of the last 30 days has this amount",
    ),
    "several_requests": Text(
        "未列编号,此前30日内有多份同额未退的申请",
        "names no number, and several open requests of the last 30 days have this amount",
    ),
}


class Contract(NamedTuple):
    """A contract of the institution."""

    id: int
    contract_no: str
    fee_fen: int
    paid_on: Day | None
    payment: str  # prepaid, pay_after


class RefundRequest(NamedTuple):
    """A refund that was asked for."""

    id: int
    refund_no: str
    contract_id: int
    requested_on: Day
    amount_fen: int | None


class Books(NamedTuple):
    """All that matching asks of one institution; entries in (booked_on, statement order)."""

    names: frozenset[str]
    accounts: Sequence[Account]
    contracts: Sequence[Contract]
    requests: Sequence[RefundRequest]
    entries: Sequence[Entry]


class Match(NamedTuple):
    """What an entry pays for a contract, or pays back on it."""

    entry_id: int
    contract_id: int
    refund_request_id: int | None
    kind: Literal["receipt", "refund"]
    amount_fen: int
    booked_on: Day
    how: Literal["contract_no", "amount", "refund_no", "request"]


class Derived(NamedTuple):
    """What follows for one entry."""

    entry_id: int
    kind: Kind
    reverses: int | None
    matched_fen: int


class Derivation(NamedTuple):
    """What follows from the books: for each entry, the matches, and why money is left over."""

    entries: list[Derived]
    matches: list[Match]
    unexplained: dict[int, str]  # entry -> key of REASONS


def derive(books: Books) -> Derivation:
    """Classification and matching of one institution's entries."""
    contract_numbers = NumberIndex((each.contract_no, each.id) for each in books.contracts)
    refund_numbers = NumberIndex((each.refund_no, each.id) for each in books.requests)
    holder = Holder(books.names, books.accounts, contract_numbers, refund_numbers)
    classified = classify(holder, books.entries)
    receipts = _Receipts(books.contracts, contract_numbers)
    receipts.match([each.entry for each in classified if each.kind == "receipt"])
    refunds = _Refunds(books.requests, contract_numbers, refund_numbers)
    refunds.match([each.entry for each in classified if each.kind == "refund"])
    matches = receipts.matches + refunds.matches
    matched: defaultdict[int, int] = defaultdict(int)
    for match in matches:
        matched[match.entry_id] += match.amount_fen
    entries = [
        Derived(entry.id, kind, reverses, matched.get(entry.id, 0))
        for entry, kind, reverses in classified
    ]
    return Derivation(entries, matches, receipts.unexplained | refunds.unexplained)


class _Receipts:
    """Receipts find their contracts: all that name some first, then by exact amount."""

    def __init__(self, contracts: Sequence[Contract], numbers: NumberIndex) -> None:
        self.matches: list[Match] = []
        self.unexplained: dict[int, str] = {}
        self._numbers = numbers
        self._short = {each.id: each.fee_fen for each in contracts}
        self._whole: defaultdict[tuple[int, Day], list[Contract]] = defaultdict(list)
        for each in contracts:
            if each.payment == "prepaid" and each.paid_on is not None:
                self._whole[each.fee_fen, each.paid_on].append(each)

    def match(self, receipts: Sequence[Entry]) -> None:
        """Match these receipts, in their order."""
        unnamed = [receipt for receipt in receipts if not self._match_named(receipt)]
        for receipt in unnamed:
            self._match_amount(receipt)

    def _match_named(self, receipt: Entry) -> bool:
        """Pay the contracts named, in the order named; whether there are any."""
        named = self._numbers.named_in(receipt.memo)
        left = receipt.amount_fen
        for contract in named:
            paid = min(left, self._short[contract])
            if paid > 0:
                self._pay(receipt, contract, paid, "contract_no")
                left -= paid
        if named and left:
            self.unexplained[receipt.id] = "paid_up"
        return bool(named)

    def _match_amount(self, receipt: Entry) -> None:
        fitting = [
            contract
            for gap in range(-PAID_WITHIN_DAYS, PAID_WITHIN_DAYS + 1)
            for contract in self._whole.get((receipt.amount_fen, receipt.booked_on + gap), ())
            if self._short[contract.id] == contract.fee_fen
        ]
        if len(fitting) == 1:
            self._pay(receipt, fitting[0].id, receipt.amount_fen, "amount")
        else:
            self.unexplained[receipt.id] = "several_contracts" if fitting else "no_contract"

    def _pay(
        self, receipt: Entry, contract: int, paid: int, how: Literal["contract_no", "amount"]
    ) -> None:
        self._short[contract] -= paid
        self.matches.append(
            Match(receipt.id, contract, None, "receipt", paid, receipt.booked_on, how)
        )


class _Refunds:
    """Refunds find their contracts: all that name a number first, then by open request."""

    def __init__(
        self,
        requests: Sequence[RefundRequest],
        contract_numbers: NumberIndex,
        refund_numbers: NumberIndex,
    ) -> None:
        self.matches: list[Match] = []
        self.unexplained: dict[int, str] = {}
        self._contract_numbers = contract_numbers
        self._refund_numbers = refund_numbers
        self._requests = {each.id: each for each in requests}
        self._paid = dict.fromkeys(self._requests, 0)
        self._of_contract: defaultdict[int, list[RefundRequest]] = defaultdict(list)
        self._of_amount: defaultdict[int | None, list[RefundRequest]] = defaultdict(list)
        for each in sorted(requests, key=lambda each: (each.requested_on, each.refund_no)):
            self._of_contract[each.contract_id].append(each)
            self._of_amount[each.amount_fen].append(each)

    def match(self, refunds: Sequence[Entry]) -> None:
        """Match these refunds, in their order."""
        unnamed = [refund for refund in refunds if not self._match_named(refund)]
        for refund in unnamed:
            self._match_request(refund)

    def _match_named(self, refund: Entry) -> bool:
        """Pay back on the refund named, else on the contract named; whether any is named."""
        named = [self._requests[key] for key in self._refund_numbers.named_in(refund.memo)]
        if named:
            contracts = {request.contract_id for request in named}
            if len(contracts) == 1:
                self._pay_back(refund, named[0].contract_id, named[0], "refund_no")
        else:
            contracts = set(self._contract_numbers.named_in(refund.memo))
            if len(contracts) == 1:
                (contract,) = contracts
                self._pay_back(refund, contract, self._request_met(contract, refund), "contract_no")
        if len(contracts) > 1:
            self.unexplained[refund.id] = "several_named"
        return bool(contracts)

    def _request_met(self, contract: int, refund: Entry) -> RefundRequest | None:
        """The request a refund of the contract meets: of its amount, else the earliest open."""
        opened = [
            each
            for each in self._of_contract[contract]
            if each.requested_on <= refund.booked_on
            and (each.amount_fen is None or self._paid[each.id] < each.amount_fen)
        ]
        exact = [each for each in opened if each.amount_fen == -refund.amount_fen]
        return next(iter(exact + opened), None)

    def _match_request(self, refund: Entry) -> None:
        fitting = [
            each
            for each in self._of_amount[-refund.amount_fen]
            if 0 <= refund.booked_on - each.requested_on <= REFUND_WITHIN_DAYS
            and self._paid[each.id] == 0
        ]
        if len(fitting) == 1:
            self._pay_back(refund, fitting[0].contract_id, fitting[0], "request")
        else:
            self.unexplained[refund.id] = "several_requests" if fitting else "no_request"

    def _pay_back(
        self,
        refund: Entry,
        contract: int,
        request: RefundRequest | None,
        how: Literal["contract_no", "refund_no", "request"],
    ) -> None:
        amount = -refund.amount_fen
        if request:
            self._paid[request.id] += amount
        key = request.id if request else None
        self.matches.append(
            Match(refund.id, contract, key, "refund", amount, refund.booked_on, how)
        )
