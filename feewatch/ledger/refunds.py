"""Says on which contract each refund pays back. Two explanations are none. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from feewatch.ledger.books import Books, How, Match, Matches, RefundRequest
from feewatch.ledger.holder import Entry
from feewatch.ledger.numbers import NumberIndex

#: An unnamed refund is booked at most so many days after it was requested.
REFUND_WITHIN_DAYS = 30


class Refunds:
    """Refunds find their contracts: decided, naming a number, of an open request's amount."""

    def __init__(
        self,
        books: Books,
        contract_numbers: NumberIndex,
        refund_numbers: NumberIndex,
        matches: Matches,
    ) -> None:
        """``matches``: where its own go, behind those that are there."""
        self._matches = matches
        self.unexplained: dict[int, str] = {}
        self.used: defaultdict[int, int] = defaultdict(int)
        self._given = books.given
        self._may_pay = books.may_pay
        self._returned: Mapping[int, int] = {}
        self._contract_numbers = contract_numbers
        self._refund_numbers = refund_numbers
        self._requests = {request.id: request for request in books.requests}
        self._paid = dict.fromkeys(self._requests, 0)
        self._of_contract: defaultdict[int, list[RefundRequest]] = defaultdict(list)
        self._of_amount: defaultdict[int | None, list[RefundRequest]] = defaultdict(list)
        for request in sorted(
            books.requests, key=lambda request: (request.requested_on, request.refund_no)
        ):
            self._of_contract[request.contract_id].append(request)
            self._of_amount[request.amount_fen].append(request)

    def match(self, refunds: Iterable[Entry], returned: Mapping[int, int]) -> None:
        """Match these refunds, in their order; what came back of them pays nothing back.

        They may be very many, and are gone through one by one; money in among them is passed over.
        """
        self._returned = returned
        decided = self._match_given(refunds) if self._given else set()
        unnamed = [
            refund
            for refund in refunds
            if self._is_kept(refund) and refund.id not in decided and not self._match_named(refund)
        ]
        for refund in unnamed:
            self._match_request(refund)
        for key, fen in returned.items():
            self.used[key] += fen

    def _is_kept(self, refund: Entry) -> bool:
        return self._returned.get(refund.id, 0) < -refund.amount_fen

    def _match_given(self, refunds: Iterable[Entry]) -> set[int]:
        """Pay back as officers decided; the refunds on which they did are theirs altogether."""
        keys = {each.entry_id for each in self._given}
        by_key = {each.id: each for each in refunds if each.id in keys and self._is_kept(each)}
        given = [each for each in self._given if each.entry_id in by_key]
        for entry_id, contract, amount in given:
            refund = by_key[entry_id]
            self._pay_back(refund, contract, self._request_met(contract, refund), "manual", amount)
        decided = {each.entry_id for each in given}
        for key in decided:
            if self.used[key] + self._returned.get(key, 0) < -by_key[key].amount_fen:
                self.unexplained[key] = "decided_in_part"
        return decided

    def _match_named(self, refund: Entry) -> bool:
        """Pay back on the refund named, else on the contract named; whether any is named."""
        named = [self._requests[key] for key in self._refund_numbers.named_in(refund.memo)]
        if named:
            contracts = {request.contract_id for request in named}
            if len(contracts) == 1:
                self._pay_back(refund, named[0].contract_id, named[0], "refund_no")
        else:
            day = refund.booked_on
            numbered = self._contract_numbers.named_in(refund.memo, day)
            contracts = {contract for contract in numbered if self._may_pay(contract, day)}
            if len(contracts) == 1:
                (contract,) = contracts
                self._pay_back(refund, contract, self._request_met(contract, refund), "contract_no")
        if len(contracts) > 1:
            self.unexplained[refund.id] = "several_named"
        return bool(contracts)

    def _request_met(self, contract: int, refund: Entry) -> RefundRequest | None:
        """The request a refund of the contract meets: of its amount, else the earliest open."""
        opened = [
            request
            for request in self._of_contract.get(contract, ())
            if request.requested_on <= refund.booked_on
            and (request.amount_fen is None or self._paid[request.id] < request.amount_fen)
        ]
        exact = [request for request in opened if request.amount_fen == -refund.amount_fen]
        return next(iter(exact + opened), None)

    def _match_request(self, refund: Entry) -> None:
        fitting = [
            request
            for request in self._of_amount.get(-refund.amount_fen, ())
            if 0 <= refund.booked_on - request.requested_on <= REFUND_WITHIN_DAYS
            and self._paid[request.id] == 0
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
        how: How,
        most: int | None = None,
    ) -> None:
        """Let what of the refund did not come back, or at most so much, pay back on a contract."""
        left = -refund.amount_fen - self._returned.get(refund.id, 0) - self.used[refund.id]
        amount = left if most is None else min(most, left)
        if amount <= 0:
            return
        if request:
            self._paid[request.id] += amount
        self.used[refund.id] += amount
        key = request.id if request else None
        self._matches.append(
            Match(refund.id, contract, key, "refund", amount, refund.booked_on, how)
        )
