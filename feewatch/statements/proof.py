"""Integrity of one statement: order from the balance chain, arithmetic, the days it covers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, groupby, islice

from feewatch.kernel.days import Day
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.columns import Rows, StatedRow
from feewatch.statements.model import Statement, StatementFault

#: How banks write the one currency that is supervised: these words alone, with or without signs
#: between them, as in ``人民币(元)`` or ``CNY-人民币``.
_CNY_WORDS = r"(?:人民币|人民幣|CNY|RMB|156|¥|元|圆|YUAN)"
_CNY = re.compile(rf"0*1?[\W_]*{_CNY_WORDS}(?:[\W_]*{_CNY_WORDS})*[\W_]*", re.IGNORECASE)

_BREAKS = {
    "missing": Text("可能缺一行", "a row may be missing"),
    "duplicate": Text("可能重复一行", "a row may be repeated"),
    "swapped": Text("可能有两行颠倒", "two rows may be swapped"),
    "sign": Text("可能借贷方向相反", "money in and out may be exchanged"),
    "balance": Text("可能仅余额一栏有误", "the balance alone may be wrong"),
}


@lru_cache(maxsize=256)
def currency_code(text: str) -> str:
    """CNY for every name of the yuan, else the code or name as it stands."""
    name = normalise(text).upper()
    return "CNY" if _CNY.fullmatch(name) else name


def covered_days(
    rows: Rows, head: tuple[Day, Day] | None, opened: Day | None, closed: Day | None
) -> tuple[Day, Day] | None:
    """The days a statement covers: by its head, else by its balances, else by its entries."""
    if head is not None:
        return min(head), max(head)
    booked = rows.days()
    if opened is not None and closed is not None:
        start = opened if opened in booked or opened >= closed else opened + 1
        return start, max(closed, start)
    return (min(booked), max(booked)) if booked else None


def in_order(rows: Rows, opening_fen: int | None = None) -> Rows:
    """The rows oldest first: the order in which the running balances recompute.

    Banks list newest first as often as not, and some turn round the rows of one second only. Where
    balances tell nothing, days and times decide; where no order recomputes, the file's stays, days
    forward, for the break to be shown in.
    """
    if rows and _moment(rows[0]) > _moment(rows[-1]):
        rows = rows.backwards()
    if _first_break(rows, opening_fen) is None:
        return rows
    orders = (rows, rows.backwards())
    ties = (Rows.of(_turn_ties(each, opening_fen)) for each in orders)
    for order in chain(orders[1:], ties):
        if _first_break(order, opening_fen) is None:
            return order
    return rows


def _moment(row: StatedRow) -> tuple[Day, str]:
    return row.booked_on, row.booked_time or ""


def _turn_ties(rows: Rows, opening_fen: int | None) -> Iterator[StatedRow]:
    """The rows with those of one second turned round where the balances say so."""
    known = opening_fen
    for _, group in groupby(rows, lambda row: (row.booked_on, row.booked_time)):
        tie = list(group)
        if len(tie) > 1 and _first_break_in(tie, known) is not None:
            tie.reverse()
        yield from tie
        known = tie[-1].balance_fen


def has_two_orders(rows: Rows, opening_fen: int | None) -> bool:
    """Whether rows of one moment recompute forwards and backwards, so that the file's order holds.

    So do payments in and straight back out, where no opening balance is stated; and in, out and in
    again, even where one is.
    """
    if len(rows) < 2 or rows[0].balance_fen is None or _moment(rows[0]) != _moment(rows[-1]):
        return False
    return all(_first_break(each, opening_fen) is None for each in (rows, rows.backwards()))


def prove_polarity(statement: Statement) -> None:
    """Say so where every balance follows with money out and money in exchanged.

    The statement stays in quarantine: which column is which is for the layout to say.
    """
    rows = statement.rows
    if statement.difference_fen is None or len(rows) < 3:
        return
    exchanged = Rows.of(row._replace(amount_fen=-row.amount_fen) for row in rows)
    orders = (exchanged, exchanged.backwards())
    is_told = None not in rows.column("balance_fen")
    if is_told and any(_first_break(each, None) is None for each in orders):
        text = Text(
            "每一行余额都表明借贷两栏相反，请核对版式（reversed）",
            "every balance says that money in and out are exchanged: check the layout (reversed)",
        )
        problem = Problem("STATEMENT-POLARITY", text, line=rows[0].line)
        statement.faults.append(StatementFault("arithmetic", problem))


def _first_break(rows: Rows, opening_fen: int | None) -> int | None:
    """The first row whose stated balance does not follow from the one before."""
    known, start = opening_fen, 0
    for amounts, balances in rows.columns("amount_fen", "balance_fen"):
        if known is None and balances[0] is not None:
            known = balances[0] - amounts[0]
        if known is not None and list(accumulate(amounts, initial=known))[1:] == balances:
            known = balances[-1]
        elif known is not None and balances.count(None) == len(balances):
            known += sum(amounts)
        else:
            at, known = _follow(amounts, balances, known)
            if at is not None:
                return start + at
        start += len(amounts)
    return None


def is_sound(rows: Rows, opening_fen: int | None, closing_fen: int | None) -> bool:
    """Whether balances are told that these rows, in their order, come to."""
    if not rows or _first_break(rows, opening_fen) is not None:
        return False
    first = opening_fen
    if first is None and rows[0].balance_fen is not None:
        first = rows[0].balance_fen - rows[0].amount_fen
    last = rows[-1].balance_fen if closing_fen is None else closing_fen
    if first is None or last is None:
        return False
    return first + int(sum(rows.column("amount_fen"))) == last


def _first_break_in(rows: Sequence[StatedRow], known: int | None) -> int | None:
    """The same of a few rows."""
    amounts, balances = (row.amount_fen for row in rows), (row.balance_fen for row in rows)
    return _follow(amounts, balances, known)[0]


def _follow(
    amounts: Iterable[int], balances: Iterable[int | None], known: int | None
) -> tuple[int | None, int | None]:
    """The first place where a balance does not follow, and the balance after the last row."""
    for at, (amount, balance) in enumerate(zip(amounts, balances, strict=True)):
        if known is not None:
            known += amount
        if balance is not None:
            if known is not None and known != balance:
                return at, known
            known = balance
    return None, known


def prove(statement: Statement) -> None:
    """Note on a statement every fault of currency and arithmetic that it holds in itself."""
    statement.currency = shown = currency_code(statement.currency)
    if shown != "CNY":
        text = Text(f"币种 {shown} 不是人民币", f"the currency {shown} is not CNY")
        statement.faults.append(StatementFault("currency", Problem("STATEMENT-CURRENCY", text)))
    _prove_sums(statement)


def _prove_sums(statement: Statement) -> None:
    rows, opening, closing = statement.rows, statement.opening_fen, statement.closing_fen
    at = _first_break(rows, opening)
    difference = 0
    if opening is not None and closing is not None:
        difference = opening + sum(rows.column("amount_fen")) - closing
    if at is not None:
        statement.difference_fen = difference or -_gap(rows, at, opening)
        statement.faults.append(StatementFault("arithmetic", _break_problem(rows, at, opening)))
    elif difference:
        statement.difference_fen = difference
        statement.faults.append(StatementFault("arithmetic", _sum_problem(statement, difference)))


def _gap(rows: Rows, at: int, opening: int | None) -> int:
    """Stated balance less the balance that follows from the last one stated before."""
    known = opening or 0
    for row in islice(rows, at):
        known = known + row.amount_fen if row.balance_fen is None else row.balance_fen
    return (rows[at].balance_fen or 0) - known - rows[at].amount_fen


def _break_problem(rows: Rows, at: int, opening: int | None) -> Problem:
    row, gap = rows[at], _gap(rows, at, opening)
    kind = _BREAKS[_break_kind(rows, at, gap)]
    stated = format_yuan(row.balance_fen or 0)
    return Problem(
        "STATEMENT-BALANCE",
        Text(
            f"余额 {stated} 与上一行推算相差 {format_yuan(gap)} 元，{kind.zh}",
            f"the balance {stated} differs from the row before by {format_yuan(gap)}: {kind.en}",
        ),
        line=row.line,
        column="balance",
    )


def _break_kind(rows: Rows, at: int, gap: int) -> str:
    row = rows[at]
    if gap == -2 * row.amount_fen:
        return "sign"
    if at and gap == -row.amount_fen and rows[at - 1][1:] == row[1:]:
        return "duplicate"
    if at + 1 < len(rows):
        after = rows[at + 1]
        turned = [*rows[max(at - 1, 0) : at], after, row, *rows[at + 2 : at + 3]]
        if _first_break_in(turned, None) is None:
            return "swapped"
        if (
            row.balance_fen is not None
            and row.balance_fen - gap + after.amount_fen == after.balance_fen
        ):
            return "balance"
    return "missing"


def _sum_problem(statement: Statement, difference: int) -> Problem:
    assert statement.opening_fen is not None
    assert statement.closing_fen is not None
    opening, closing = format_yuan(statement.opening_fen), format_yuan(statement.closing_fen)
    entries = format_yuan(sum(statement.rows.column("amount_fen")))
    return Problem(
        "STATEMENT-SUM",
        Text(
            f"期初 {opening} + 明细 {entries} ≠ 期末 {closing}，相差 {format_yuan(difference)} 元",
            f"opening {opening} + entries {entries} ≠ closing {closing}: "
            f"off by {format_yuan(difference)}",
        ),
        line=statement.rows[-1].line if statement.rows else None,
    )
