"""A month of an institution as JSON: integer fen, ISO days, null for what is unknown."""

from typing import Any

from feewatch.kernel.days import format_day
from feewatch.services.check.month_accounts import AccountMonth, Days
from feewatch.services.check.month_ledger import ContractMonth, MonthLedger

#: Figures of the balance table, of each contract and in sum.
FIGURES = (
    "opening_fen", "received_fen", "recognised_fen", "refunded_fen", "closing_fen",
    "charged_fen", "moved_fen", "outside_fen",
)  # fmt: skip


def ledger_json(ledger: MonthLedger) -> dict[str, Any]:
    """The balance table, the accounts, and the month in three columns."""
    return {
        "uscc": ledger.facts.uscc,
        "institution": ledger.facts.name,
        "district": ledger.facts.district,
        "month": ledger.month,
        "from": format_day(ledger.first),
        "to": format_day(ledger.last),
        "liability": _liability(ledger),
        "contracts": [_contract(contract) for contract in ledger.contracts],
        "accounts": [_account(account) for account in ledger.accounts],
        "columns": _columns(ledger),
        "uncovered": {name: _days(ranges) for name, ranges in ledger.uncovered.items()},
    }


def _liability(ledger: MonthLedger) -> dict[str, Any]:
    """What the contracts come to; ``recognised_fen`` is consumed and settled together."""
    figures = {name: ledger.sum_of(name) for name in FIGURES if name != "outside_fen"}
    known = ledger.unknown == 0
    return figures | {
        "consumed_fen": ledger.sum_of("consumed_fen") if known else None,
        "settled_fen": ledger.sum_of("settled_fen") if known else None,
        "contracts": len(ledger.contracts),
        "unknown_contracts": ledger.unknown,
        "estimated_contracts": ledger.estimated,
    }


def _contract(contract: ContractMonth) -> dict[str, Any]:
    figures = {name: getattr(contract, name) for name in FIGURES}
    return {
        "contract_no": contract.contract_no,
        "paid_on": format_day(contract.paid_on),
        **figures,
        "consumed_fen": contract.consumed_fen,
        "settled_fen": contract.settled_fen,
        "lessons": contract.lessons,
        "is_known": contract.consumed_fen is not None,
        "is_estimated": contract.is_estimated,
    }


def _account(account: AccountMonth) -> dict[str, Any]:
    names = ("account_no", "bank", "kind", "opening_fen", "in_fen", "out_fen", "closing_fen")
    return {name: getattr(account, name) for name in names} | {
        "difference_fen": account.difference_fen,
        "seen_in_fen": account.seen_in_fen,
        "seen_out_fen": account.seen_out_fen,
        "missing": _days(account.missing),
    }


def _columns(ledger: MonthLedger) -> dict[str, Any]:
    """Contract register, bank and lessons beside each other, and what they leave unexplained."""
    return {
        "contracts": {
            "contracts": sum(contract.charged_fen > 0 for contract in ledger.contracts),
            "charged_fen": ledger.charged_fen,
            "reported_fen": ledger.sum_of("charged_fen"),
        },
        "bank": {
            "is_known": ledger.is_bank_known,
            "received_fen": ledger.flow_of("receipt", inward=True),
            "matched_fen": ledger.flow_of("receipt", inward=True) - ledger.unmatched_fen,
            "unmatched_fen": ledger.unmatched_fen,
            "released_fen": ledger.flow_of("release", inward=False),
            "returned_fen": ledger.flow_of("own", "returned", inward=True),
            "refunded_fen": ledger.refunded_by_bank_fen,
        },
        "lessons": {
            "lessons": ledger.sum_of("lessons"),
            "consumed_fen": ledger.consumed_fen,
            "reported_fen": ledger.sum_of("consumed_fen"),
        },
        "unexplained": {
            "opening_fen": ledger.unexplained_opening_fen,
            "closing_fen": ledger.unexplained_closing_fen,
        },
        "outside_fen": ledger.outside_fen,
        "outside_share": ledger.outside_share,
    }


def _days(ranges: tuple[Days, ...]) -> list[list[str]]:
    return [[format_day(first), format_day(last)] for first, last in ranges]
