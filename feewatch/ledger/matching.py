"""Says which contract a receipt pays and a refund pays back. Two explanations are none.

Pure: recomputed for one institution from all its entries in (booked_on, statement order). What
an officer decided comes first; then numbers in memos, exact amounts, lumps of payment channels.
"""

from collections.abc import Sequence

from feewatch.kernel.text import Text
from feewatch.ledger.books import Books, Derivation, Derived
from feewatch.ledger.classification import Classified, classify, list_returns
from feewatch.ledger.holder import Holder
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
    sides = [_side(books) for books in tied]
    named = [NumberIndex((r.refund_no, r.id) for r in books.requests) for books in tied]
    classified = [_classify(side, numbers) for side, numbers in zip(sides, named, strict=True)]
    receipts = Receipts(sides)
    receipts.match([row.entry for row in rows if row.kind == "receipt"] for rows in classified)
    return [_derivation(*each, receipts) for each in zip(sides, named, classified, strict=True)]


def _side(books: Books) -> Side:
    contracts = frozenset(each.id for each in books.contracts)
    return Side(books, _contract_numbers(books), contracts)


def _classify(side: Side, refund_numbers: NumberIndex) -> list[Classified]:
    books = side.books
    holder = Holder(books.names, books.accounts, side.numbers, refund_numbers, books.beside)
    return classify(holder, books.entries)


def _derivation(
    side: Side, refund_numbers: NumberIndex, classified: Sequence[Classified], receipts: Receipts
) -> Derivation:
    returns = list_returns(classified)
    refunds = Refunds(side.books, side.numbers, refund_numbers)
    refunds.match(
        [each.entry for each in classified if each.kind == "refund"],
        {each.refund.id: each.fen for each in returns.values()},
    )
    back = {key: each.refund.id for key, each in returns.items()}
    keys = {each.entry.id for each in classified}
    used = receipts.used | refunds.used
    entries = [
        Derived(entry.id, kind, back.get(entry.id, reverses), used.get(entry.id, 0))
        for entry, kind, reverses in classified
    ]
    return Derivation(
        entries,
        [each for each in receipts.matches if each.entry_id in keys] + refunds.matches,
        {key: why for key, why in receipts.unexplained.items() if key in keys}
        | refunds.unexplained,
        {key: windows for key, windows in receipts.windows.items() if key in keys},
    )


def _contract_numbers(books: Books) -> NumberIndex:
    if not books.moved:
        return NumberIndex((each.contract_no, each.id) for each in books.contracts)
    registered = (each for each in books.contracts if each.id not in books.moved)
    own = NumberIndex((each.contract_no, each.id) for each in registered)
    since = min(first for first, _ in books.moved.values())
    return MovedNumbers(own, ((each.contract_no, each.id) for each in books.contracts), since)
