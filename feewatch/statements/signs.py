"""Money out that a bank writes with a minus sign in a column of its own.

In such a column a negative amount is a correction in red ink, unless the balances prove that it
is how the bank writes every payment.
"""

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements.columns import Rows
from feewatch.statements.proof import in_order, is_sound


def straightened(
    rows: Rows, opening_fen: int | None, closing_fen: int | None
) -> tuple[Rows, Problem | None]:
    """The rows with such payments as money out, and a note; else the rows as they are."""
    if not any(rows.column("reversal")):  # mostly: no row need be put together
        return rows, None
    red = [row for row in rows if row.reversal and row.amount_fen > 0]
    if not red or any(row.amount_fen < 0 and not row.reversal for row in rows):
        return rows, None
    if is_sound(in_order(rows, opening_fen), opening_fen, closing_fen):
        return rows, None
    turned = Rows.of(
        row._replace(amount_fen=-row.amount_fen, reversal=False)
        if row.reversal and row.amount_fen > 0
        else row
        for row in rows
    )
    if not is_sound(in_order(turned, opening_fen), opening_fen, closing_fen):
        return rows, None
    text = Text(
        f"支出栏以负数表示支出（{len(red)} 行），余额证明如此",
        f"money out is written with a minus sign ({len(red)} rows), as the balances prove",
    )
    return turned, Problem("STATEMENT-SIGN", text, line=red[0].line)
