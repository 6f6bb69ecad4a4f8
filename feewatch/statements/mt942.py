"""Reads SWIFT MT942 (intraday): entries so far, without balances; its control totals are compared.

Expected entries (EC, ED) are no money yet and are left out; the end-of-day MT940 states the same
entries again, which the ledger merges.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.statements.cells import shown
from feewatch.statements.columns import StatedRow
from feewatch.statements.entries import Entries, Part, messages_of, rows_by_day
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.proof import covered_days, prove
from feewatch.statements.refusals import unreadable
from feewatch.statements.swift import (
    account_of,
    fen_of,
    has_tag,
    place_of,
    swift_problem,
)

NAME = "mt942"

_FLOOR = re.compile(r"([A-Z]{3})([CD]?)(\d{1,15}(?:,\d{0,2})?)", re.ASCII)
_TOTAL = re.compile(r"(\d{1,5})([A-Z]{3})(\d{1,15},\d{0,2})", re.ASCII)
_EXPECTED = re.compile(r"\d{6}(?:\d{4}| {4})?E[CD]", re.ASCII)


class SideTotal(NamedTuple):
    """Number and sum of the entries of one side."""

    entries: int
    fen: int


@dataclass
class _Message:
    """One message: a page, or a whole report."""

    line: int
    account: str = ""
    number: str = ""  # the report's, of :28C:
    page: int | None = None  # some banks count the reports of a day here: totals tell more
    currencies: list[str] = field(default_factory=list)
    entries: Entries = field(default_factory=lambda: Entries(_EXPECTED))
    totals: dict[str, SideTotal] = field(default_factory=dict)  # D and C
    has_floor: bool = False  # entries below a sum are not listed
    problems: list[Problem] = field(default_factory=list)  # why it cannot be read


def is_mt942(text: str) -> bool:
    """Whether a text is of intraday messages: a floor limit, and no balance."""
    is_account = has_tag(text, "25", "25P")
    return is_account and has_tag(text, "34F") and not has_tag(text, "60F", "60M", "62F", "62M")


def read_mt942(text: str) -> FileReading:
    """The reports of a file, one statement each; pages of one number and account are one.

    A report that cannot be read refuses itself alone where another one can be.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    messages = [_message(fields) for fields in messages_of(text)]
    groups = groupby(messages, key=lambda each: (each.account, each.number or each.line))
    reports = [list(pages) for _, pages in groups]
    unread = [report for report in reports if any(page.problems for page in report)]
    if unread and (len(unread) == len(reports) or not all(map(_has_entries, unread))):
        problems = (problem for each in messages for problem in each.problems)
        return FileReading(NAME, (), tuple(problems))
    statements: list[Statement] = []
    for report in reports:
        if _has_entries(report):
            statements.append(_statement(len(statements) + 1, report))
    if not statements:
        zh, en = (
            "没有明细的日间报告不说明任何事",
            "an intraday report without entries tells nothing",
        )
        return FileReading(NAME, (), (swift_problem("MT942-EMPTY", 1, zh, en),))
    if not text.rstrip(" \n").endswith(("-", "-}", "}")) and not messages[-1].totals:
        zh, en = "文件不完整，报文未结束", "the file is cut off inside a message"
        cut = swift_problem("MT942-CUT", messages[-1].line, zh, en)
        statements[-1].faults.insert(0, StatementFault("truncated", cut))
    return FileReading(NAME, tuple(statements))


def _has_entries(report: Sequence[_Message]) -> bool:
    return any(page.entries for page in report)


def _message(fields: Sequence[Part]) -> _Message:
    message = _Message(fields[0].line)
    problems = message.problems
    for part in fields:
        other = message.entries.take(part, problems)
        if other is None:
            continue
        line, tag, text = other
        if tag in ("25", "25P"):
            message.account = account_of(text)
        elif tag in ("28", "28C"):
            message.number, message.page = place_of(text)
        elif tag == "34F":
            _take_floor(message, line, text, problems)
        elif tag in ("90D", "90C"):
            _take_total(message, line, tag[-1], text, problems)
    if not message.account:
        zh, en = "缺 :25: 账号", "no account :25:"
        problems.append(swift_problem("MT942-ACCOUNT", message.line, zh, en))
    return message


def _take_floor(message: _Message, line: int, text: str, problems: list[Problem]) -> None:
    match = _FLOOR.fullmatch(text.strip())
    if match is None:
        zh, en = f":34F: 无法读取：{shown(text)}", f":34F: is no floor limit: {shown(text)}"
        problems.append(swift_problem("MT942-FLOOR", line, zh, en))
        return
    message.currencies.append(match[1])
    message.has_floor |= bool(fen_of(match[3]))


def _take_total(
    message: _Message, line: int, side: str, text: str, problems: list[Problem]
) -> None:
    match = _TOTAL.fullmatch(text.partition("\n")[0].strip())
    fen = fen_of(match[3]) if match else None
    if match is None or fen is None:
        zh, en = f"控制合计无法读取：{shown(text)}", f"is no control total: {shown(text)}"
        problems.append(swift_problem("MT942-TOTAL", line, zh, en))
        return
    message.currencies.append(match[2])
    message.totals[side] = SideTotal(int(match[1]), fen)


def _statement(n: int, report: Sequence[_Message]) -> Statement:
    rows = rows_by_day([block for page in report for block in page.entries.blocks()])
    currencies = dict.fromkeys(each for page in report for each in page.currencies)
    problems = [problem for page in report for problem in page.problems]
    if problems:
        booked = rows.column("booked_on")
        return unreadable(n, report[0].account, "/".join(currencies), booked, problems)
    days = covered_days(rows, None, None, None)
    assert days is not None
    statement = Statement(n, report[0].account, None, "/".join(currencies), *days, None, None, rows)
    pages = [page.page for page in report if page.page is not None]
    has_totals = any(page.totals for page in report)
    if not has_totals and pages != list(range(1, len(pages) + 1)):
        zh, en = "报文页次不连续，缺页", "a page of the report is missing"
        fault = swift_problem("MT942-PAGE", report[0].line, zh, en)
        statement.faults.append(StatementFault("truncated", fault))
    if any(page.has_floor for page in report):
        zh, en = "低于 :34F: 限额的明细不在其中", "entries below the limit of :34F: are not listed"
        statement.notes.append(swift_problem("MT942-FLOOR", report[0].line, zh, en))
    prove(statement)
    _prove_totals(statement, report)
    return statement


def _prove_totals(statement: Statement, report: Sequence[_Message]) -> None:
    """Compare what the last page, or each page for itself, states with the entries.

    A reversal counts on the side that it reverses at some banks and on the other side at others.
    """
    pages = [page for page in report if page.totals]
    if not pages:
        return
    is_of_all = len(pages) == 1 and pages[0] is report[-1]
    groups = [statement.rows] if is_of_all else [page.entries.rows() for page in pages]
    for page, rows in zip(pages, groups, strict=True):
        counted = _count(rows, by_mark=False), _count(rows, by_mark=True)
        if not any(_agree(page.totals, each) for each in counted):
            stated = " / ".join(
                f"{side}{total.entries} {format_yuan(total.fen)}"
                for side, total in sorted(page.totals.items())
            )
            zh, en = (
                f"控制合计与明细不符：{stated}",
                f"control totals differ from the rows: {stated}",
            )
            fault = swift_problem("STATEMENT-TOTALS", page.line, zh, en)
            statement.faults.append(StatementFault("arithmetic", fault))
            net = sum(row.amount_fen for row in rows)
            stated_net = sum(
                total.fen if side == "C" else -total.fen for side, total in page.totals.items()
            )
            statement.difference_fen = (net - stated_net) or None
            return


def _count(rows: Sequence[StatedRow], *, by_mark: bool) -> dict[str, SideTotal]:
    sides: dict[str, list[int]] = {"C": [], "D": []}
    for row in rows:
        is_in = (row.amount_fen > 0) != (by_mark and row.reversal)
        sides["C" if is_in else "D"].append(abs(row.amount_fen))
    return {side: SideTotal(len(sums), sum(sums)) for side, sums in sides.items()}


def _agree(stated: dict[str, SideTotal], counted: dict[str, SideTotal]) -> bool:
    return all(counted[side] == total for side, total in stated.items())
