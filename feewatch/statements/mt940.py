"""Reads SWIFT MT940 strictly: messages, pages that chain, entries with mark, reference and memo."""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.money import format_yuan
from feewatch.kernel.problems import Problem
from feewatch.statements.cells import shown
from feewatch.statements.entries import Entries, Part, messages_of, rows_by_day
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.proof import covered_days, prove
from feewatch.statements.refusals import unreadable
from feewatch.statements.swift import (
    account_of,
    fen_of,
    has_tag,
    place_of,
    short_day,
    swift_problem,
)

NAME = "mt940"
BALANCES = ("60F", "60M", "62F", "62M")

_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,18},\d{0,2})", re.ASCII)


class Balance(NamedTuple):
    """An opening or closing balance."""

    fen: int
    day: Day
    currency: str
    is_page: bool  # 60M / 62M: a page break, not the end of the statement


@dataclass
class Message:
    """One message: a page, or a whole statement."""

    line: int
    account: str = ""
    opening: Balance | None = None
    closing: Balance | None = None
    entries: Entries = field(default_factory=Entries)
    place: tuple[str, int] | None = None  # number of the statement and of the page, of :28C:
    is_open: bool = False  # its block never ends, or one after it is only begun
    problems: list[Problem] = field(default_factory=list)  # why it cannot be read

    @property
    def days(self) -> list[Day]:
        """The days that it tells, of balances and entries."""
        balances = [each.day for each in (self.opening, self.closing) if each is not None]
        return [*balances, *self.entries.rows().column("booked_on")]

    @property
    def difference_fen(self) -> int:
        """Opening balance and entries less the closing balance; 0 where one is not told."""
        if self.opening is None or self.closing is None:
            return 0
        return self.opening.fen + self.entries.sum_fen() - self.closing.fen


def is_mt940(text: str) -> bool:
    """Whether a text is an end-of-day statement message and not an intraday one (MT942)."""
    is_account = has_tag(text, "25", "25P")
    return is_account and has_tag(text, *BALANCES) and not has_tag(text, "34F")


def read_mt940(text: str) -> FileReading:
    """The statements of a file; consecutive messages of an account that chain are one.

    A message that cannot be read refuses itself alone where another one can be.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    groups = list(messages_of(text))
    # a last line without its end may be cut in two: then the message has no closing balance
    can_be_cut = text[-1:] != "\n"
    is_open = text.rfind("{1:") > text.rfind("\n-")
    if len(groups) > 1 and _is_stump(groups[-1], can_be_cut=can_be_cut):
        groups.pop()
        can_be_cut, is_open = False, True
    messages = [
        _message(fields, can_be_cut=can_be_cut and fields is groups[-1]) for fields in groups
    ]
    if not messages:
        empty = swift_problem("MT940-EMPTY", 1, "没有 MT940 报文", "no message of MT940")
        return FileReading(NAME, (), (empty,))
    unread = [each for each in messages if each.problems]
    if len(unread) == len(messages) or not all(each.days for each in unread):
        return FileReading(NAME, (), tuple(fault for each in unread for fault in each.problems))
    messages[-1].is_open = is_open
    chains = _chains(messages)
    return FileReading(NAME, tuple(_statement(n, chain) for n, chain in enumerate(chains, 1)))


def _is_stump(fields: list[Part], *, can_be_cut: bool) -> bool:
    """Whether the file ends before the opening balance of its last message is whole."""
    whole = fields[:-1] if can_be_cut else fields
    balances = {"60F", "60M", "61", "62F", "62M"}
    return not any(each.tag in balances for each in whole) and fields[-1].tag not in (
        "61",
        "62F",
        "62M",
    )


def _message(fields: list[Part], *, can_be_cut: bool) -> Message:
    message = Message(fields[0].line)
    problems: list[Problem] = []
    for part in fields:
        other = message.entries.take(part, problems)
        if other is None:
            continue
        line, tag, text = other
        if tag in ("25", "25P"):
            message.account = account_of(text)
        elif tag in ("28", "28C"):
            number, page = place_of(text)
            message.place = None if page is None else (number, page)
        elif tag in ("60F", "60M") and message.opening is None:
            message.opening = _balance(line, tag, text, problems)
        elif tag in ("62F", "62M"):
            message.closing = _balance(line, tag, text, problems)
    if can_be_cut and fields[-1].tag in ("61", "62F", "62M"):
        problems = [each for each in problems if each.line != fields[-1].line]
    if not message.account:
        problems.append(
            swift_problem("MT940-ACCOUNT", message.line, "缺 :25: 账号", "no account :25:")
        )
    if message.opening is None and not problems:
        zh, en = "缺 :60F: 期初余额", "no opening balance :60F:"
        problems.append(swift_problem("MT940-OPENING", message.line, zh, en))
    message.problems = problems
    return message


def _balance(line: int, tag: str, text: str, problems: list[Problem]) -> Balance | None:
    match = _BALANCE.fullmatch(text.strip())
    day = short_day(match[2]) if match else None
    fen = fen_of(match[4]) if match else None
    if match is None or day is None or fen is None:
        quoted = shown(text)
        zh, en = f":{tag}: 余额无法读取：{quoted}", f":{tag}: is no balance: {quoted}"
        problems.append(swift_problem("MT940-BALANCE", line, zh, en))
        return None
    sign = 1 if match[1] == "C" else -1
    return Balance(sign * fen, day, match[3], tag.endswith("M"))


def _chains(messages: list[Message]) -> list[list[Message]]:
    """Messages that make one statement, in the order of their first message."""
    chains: list[list[Message]] = []
    open_chain: dict[str, list[Message]] = {}
    for message in messages:
        before = None if message.problems else open_chain.get(message.account)
        if before is not None and _continues(before[-1], message):
            before.append(message)
        else:
            open_chain[message.account] = [message]
            chains.append(open_chain[message.account])
    return chains


def _continues(page: Message, following: Message) -> bool:
    closing, opening = page.closing, following.opening
    return (
        not page.problems
        and closing is not None
        and opening is not None
        and (closing.fen, closing.currency) == (opening.fen, opening.currency)
        and closing.day <= opening.day
        and closing.is_page == opening.is_page
    )


def _statement(n: int, chain: list[Message]) -> Statement:
    first, last = chain[0], chain[-1]
    if first.problems:
        balance = first.opening or first.closing
        currency = balance.currency if balance else ""
        return unreadable(n, first.account, currency, first.days, first.problems)
    opening, closing = first.opening, last.closing
    assert opening is not None
    rows = rows_by_day([block for each in chain for block in each.entries.blocks()])
    closed = closing.day if closing else None
    days = covered_days(rows, None, opening.day, closed) or (opening.day, opening.day)
    statement = Statement(
        n,
        first.account,
        None,
        opening.currency,
        *days,
        opening.fen,
        closing.fen if closing else None,
        rows,
    )
    if opening.is_page or closing is None or closing.is_page or last.is_open:
        statement.faults.append(StatementFault("truncated", _cut_problem(chain)))
    elif (hole := _hole_problem(chain)) is not None:
        statement.faults.append(StatementFault("truncated", hole))
    prove(statement)
    if not statement.difference_fen:
        _prove_messages(statement, chain)
    return statement


def _prove_messages(statement: Statement, chain: list[Message]) -> None:
    """Each message must tie, even where the faults of two make up for each other."""
    for message in chain:
        if message.difference_fen:
            difference = format_yuan(message.difference_fen)
            zh, en = (
                f"该报文余额相差 {difference} 元",
                f"this message does not tie: off by {difference}",
            )
            problem = swift_problem("STATEMENT-SUM", message.line, zh, en)
            statement.faults.append(StatementFault("arithmetic", problem))
            statement.difference_fen = message.difference_fen
            return


def _hole_problem(chain: list[Message]) -> Problem | None:
    """The first page that does not follow by its number, though its opening balance does."""
    for before, after in pairwise(chain):
        is_page = before.closing is not None and before.closing.is_page
        if is_page and before.place and after.place:
            (number, page), following = before.place, after.place
            if following != (number, page + 1):
                place = f"{following[0]}/{following[1]}"
                zh, en = (
                    f"页次不连续：：28C: {number}/{page} 之后是 {place}",
                    f"a page is missing: {place} follows {number}/{page} in :28C:",
                )
                return swift_problem("MT940-PAGE", after.line, zh, en)
    return None


def _cut_problem(chain: list[Message]) -> Problem:
    first, last = chain[0], chain[-1]
    if first.opening is not None and first.opening.is_page:
        zh, en = "缺前页（以 :60M: 开始）", "an earlier page is missing (it begins with :60M:)"
        return swift_problem("MT940-PAGE", first.line, zh, en)
    if last.closing is not None and last.closing.is_page:
        zh, en = "缺后页（以 :62M: 结束）", "a later page is missing (it ends with :62M:)"
        return swift_problem("MT940-PAGE", last.line, zh, en)
    zh, en = (
        "缺 :62F: 期末余额或报文结尾，文件不完整",
        "no closing balance or end: the file is cut off",
    )
    rows = last.entries.rows()
    line = rows[-1].line if rows else last.line
    return swift_problem("MT940-CLOSING", line, zh, en)
