"""Balances that a bank states in rows of their own among the entries: 承前余额, 期末余额."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.model import Statement


class StatedBalance(NamedTuple):
    """One of them: ``kind`` is opening, closing, or skipped for one at the turn of a page."""

    line: int
    kind: str
    day: Day | None
    fen: int


def ends_of(
    balances: Sequence[StatedBalance],
) -> tuple[Day | None, Day | None, int | None, int | None]:
    """Days of the opening and the closing balance, and both balances, as far as they are told.

    Where a bank repeats them on every page, the first opening and the last closing count; it may
    list newest entries first.
    """
    openings = [each for each in balances if each.kind == "opening"]
    closings = [each for each in balances if each.kind == "closing"]
    if openings and closings and closings[0].line < openings[0].line:
        openings, closings = openings[::-1], closings[::-1]
    opening = openings[0] if openings else None
    closing = closings[-1] if closings else None
    return (
        opening and opening.day,
        closing and closing.day,
        opening and opening.fen,
        closing and closing.fen,
    )


def compare_balances(balances: Sequence[StatedBalance], statement: Statement) -> Problem | None:
    """The first of them that is no balance before or after the entry above or below it."""
    if not balances or not statement.rows:
        return None
    told = sorted(
        (line, amount, balance)
        for lines, amounts, stated in statement.rows.columns("line", "amount_fen", "balance_fen")
        for line, amount, balance in zip(lines, amounts, stated, strict=True)
        if balance is not None
    )
    lines = [line for line, _, _ in told]
    for balance in balances:
        at = bisect_left(lines, balance.line)
        near = told[max(at - 1, 0) : at + 1]
        if near and balance.fen not in {
            known for _, amount, after in near for known in (after, after - amount)
        }:
            stated = format_yuan(balance.fen)
            text = Text(
                f"表中所列余额 {stated} 与相邻明细的余额不符",
                f"the balance {stated} stated among the rows is not that of the rows beside it",
            )
            return Problem("STATEMENT-BALANCE", text, line=balance.line, column="balance")
    return None
