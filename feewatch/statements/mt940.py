"""Reads SWIFT MT940 strictly: messages, pages that chain, entries with mark, reference and memo."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from feewatch.kernel.days import Day, date_of, parse_day
from feewatch.kernel.money import MAX_FEN, format_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.cells import shown
from feewatch.statements.model import Fault, Reading, Row, Statement
from feewatch.statements.proof import covered_days, prove

NAME = "mt940"

#: Only known fields: a memo's own line may well begin with something like ``:26:37``.
_TAG = re.compile(r":(20|21|13D|25P?|28C?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|NS):")
_ENTRY = re.compile(
    r"(?P<value>\d{6})(?:(?P<entry>\d{4})| {4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d{1,15},\d{0,2})(?P<type>[A-Z][A-Z0-9]{3})(?P<rest>.*)",
    re.DOTALL | re.ASCII,
)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,15},\d{0,2})", re.ASCII)
_SUBFIELD = re.compile(r"\?(\d{2})")
#: The entry day lies so near the value day that the year between them is never in doubt.
_NEAR_DAYS = 180
#: Words that stand where a bank has no reference of its own.
_NO_REFERENCE = {"NONREF", "NOTPROVIDED", ""}


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
    rows: list[Row] = field(default_factory=list)
    is_open: bool = False  # its block {4: never ends

    @property
    def difference_fen(self) -> int:
        """Opening balance and entries less the closing balance; 0 where one is not told."""
        if self.opening is None or self.closing is None:
            return 0
        return self.opening.fen + sum(row.amount_fen for row in self.rows) - self.closing.fen


def is_mt940(text: str) -> bool:
    """Whether a text is an end-of-day statement message and not an intraday one (MT942)."""
    tags = {found[1] for line in text.splitlines() if (found := _TAG.match(line))}
    is_account = bool(tags & {"25", "25P"})
    return is_account and bool(tags & {"60F", "60M", "62F", "62M"}) and "34F" not in tags


def read_mt940(text: str) -> Reading:
    """The statements of a file; consecutive messages of an account that chain are one."""
    problems: list[Problem] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    groups = list(_messages(text))
    # a last line without its end may be cut in two: then the message has no closing balance
    can_be_cut = text[-1:] != "\n"
    messages = [
        _message(fields, problems, can_be_cut=can_be_cut and fields is groups[-1])
        for fields in groups
    ]
    if not messages:
        problems.append(_problem("MT940-EMPTY", 1, "没有 MT940 报文", "no message of MT940"))
    if problems:
        return Reading(NAME, (), tuple(problems))
    messages[-1].is_open = text.rfind("{4:") > text.rfind("\n-")
    chains = _chains(messages)
    return Reading(NAME, tuple(_statement(n, chain) for n, chain in enumerate(chains, 1)))


class _Field(NamedTuple):
    line: int
    tag: str
    text: str


def _fields(text: str) -> Iterator[_Field]:
    """Fields in order; a line without a tag goes on with the field before it."""
    line, tag, parts = 0, "", [""]
    for number, raw in enumerate(text.split("\n"), 1):
        found = _TAG.match(raw)
        is_end = raw.startswith(("-}", "{1:")) or raw.rstrip() == "-"
        if found or is_end:
            if tag:
                yield _Field(line, tag, "\n".join(parts).rstrip("\n"))
            tag = found[1] if found else ""
            line, parts = number, [raw[found.end() :]] if found else []
        elif tag:
            parts.append(raw)
    if tag:
        yield _Field(line, tag, "\n".join(parts).rstrip("\n"))


def _messages(text: str) -> Iterator[list[_Field]]:
    """The fields of each message: it begins with :20:, or where a second account would begin."""
    current: list[_Field] = []
    for each in _fields(text):
        if current and each.tag in ("20", "25") and any(one.tag == each.tag for one in current[:4]):
            yield current
            current = []
        current.append(each)
    if current:
        yield current


def _message(fields: list[_Field], problems: list[Problem], *, can_be_cut: bool) -> Message:
    message = Message(fields[0].line)
    found: list[Problem] = []
    last = ""
    for line, tag, text in fields:
        if tag in ("25", "25P"):
            message.account = _account(text)
        elif tag in ("60F", "60M") and message.opening is None:
            message.opening = _balance(line, tag, text, found)
        elif tag in ("62F", "62M"):
            message.closing = _balance(line, tag, text, found)
        elif tag == "61":
            row = _entry(line, text, found)
            if row is not None:
                message.rows.append(row)
        elif tag == "86" and last == "61" and message.rows:
            message.rows[-1] = _described(message.rows[-1], text)
        last = tag
    if can_be_cut and last in ("61", "62F", "62M"):
        found = [each for each in found if each.line != fields[-1].line]
    if not message.account:
        found.append(_problem("MT940-ACCOUNT", message.line, "缺 :25: 账号", "no account :25:"))
    if message.opening is None and not found:
        zh, en = "缺 :60F: 期初余额", "no opening balance :60F:"
        found.append(_problem("MT940-OPENING", message.line, zh, en))
    problems += found
    return message


def _account(text: str) -> str:
    """The number of ``BANK/NUMBER``, without the currency that some banks put behind it."""
    number = normalise(text.partition("\n")[0]).replace(" ", "")
    return re.sub(r"(?<=\d)/?[A-Z]{3}$", "", number).rpartition("/")[2]


def _problem(code: str, line: int, zh: str, en: str) -> Problem:
    return Problem(code, Text(zh, en), line=line)


def _balance(line: int, tag: str, text: str, problems: list[Problem]) -> Balance | None:
    found = _BALANCE.fullmatch(text.strip())
    day = _day(found[2]) if found else None
    fen = _fen(found[4]) if found else None
    if found is None or day is None or fen is None:
        told = shown(text)
        zh, en = f":{tag}: 余额无法读取:{told}", f":{tag}: is no balance: {told}"
        problems.append(_problem("MT940-BALANCE", line, zh, en))
        return None
    sign = 1 if found[1] == "C" else -1
    return Balance(sign * fen, day, found[3], tag.endswith("M"))


def _fen(text: str) -> int | None:
    whole, _, cents = text.partition(",")
    fen = int(whole) * 100 + int(cents.ljust(2, "0"))
    return fen if fen <= MAX_FEN else None


@lru_cache(maxsize=4096)
def _day(text: str) -> Day | None:
    """The day of YYMMDD; two-digit years up to 79 are 20YY, as SWIFT has it."""
    century = "20" if int(text[:2]) < 80 else "19"
    return parse_day(f"{century}{text[:2]}-{text[2:4]}-{text[4:]}")


@lru_cache(maxsize=4096)
def _entry_day(value: Day, entry: str) -> Day | None:
    """The day of MMDD nearest to the value day: the year is not stated and may turn between."""
    year = date_of(value).year
    days = (parse_day(f"{each}-{entry[:2]}-{entry[2:]}") for each in (year - 1, year, year + 1))
    known = [day for day in days if day is not None]
    nearest = min(known, key=lambda day: abs(day - value), default=None)
    return nearest if nearest is not None and abs(nearest - value) <= _NEAR_DAYS else None


def _entry(line: int, text: str, problems: list[Problem]) -> Row | None:
    found = _ENTRY.fullmatch(text)
    value = _day(found["value"]) if found else None
    booked = _entry_day(value, found["entry"]) if found and value and found["entry"] else value
    fen = _fen(found["amount"]) if found else None
    if found is None or value is None or booked is None or fen is None:
        told = shown(text.partition("\n")[0])
        zh, en = f":61: 明细无法读取:{told}", f":61: is no entry: {told}"
        problems.append(_problem("MT940-ENTRY", line, zh, en))
        return None
    mark = found["mark"]
    # RC takes a credit back and so leaves the account; RD gives a debit back
    sign = 1 if mark in ("C", "RD") else -1
    _, _, bank = found["rest"].partition("\n")[0].partition("//")
    reference = bank.strip()
    return Row(
        line, booked, None, value, sign * fen, None, None, None, None,
        None if reference.upper() in _NO_REFERENCE else reference,
        mark.startswith("R"),
    )  # fmt: skip


def _described(row: Row, text: str) -> Row:
    """The entry with what its :86: tells; ``?20``-style subfields are taken apart."""
    parts = _SUBFIELD.split(text.replace("\n", ""))
    if len(parts) < 3:
        return row._replace(memo=normalise(text.replace("\n", "")) or None)
    told: dict[str, str] = {}
    for code, value in zip(parts[1::2], parts[2::2], strict=True):
        name = _SUBFIELD_MEANS.get(code, "")
        told[name] = told.get(name, "") + value
    memo, party, number = (
        normalise(told.get(each, "")) or None
        for each in ("memo", "counterparty", "counterparty_account")
    )
    return row._replace(memo=memo, counterparty=party, counterparty_account=number)


_SUBFIELD_MEANS = {
    **dict.fromkeys([f"{n}" for n in (*range(20, 30), *range(60, 64))], "memo"),
    "31": "counterparty_account",
    "32": "counterparty",
    "33": "counterparty",
}


def _chains(messages: list[Message]) -> list[list[Message]]:
    """Messages that make one statement, in the order of their first message."""
    chains: list[list[Message]] = []
    open_chain: dict[str, list[Message]] = {}
    for message in messages:
        before = open_chain.get(message.account)
        if before is not None and _continues(before[-1], message):
            before.append(message)
        else:
            open_chain[message.account] = [message]
            chains.append(open_chain[message.account])
    return chains


def _continues(page: Message, following: Message) -> bool:
    closing, opening = page.closing, following.opening
    return (
        closing is not None
        and opening is not None
        and (closing.fen, closing.currency) == (opening.fen, opening.currency)
        and closing.day <= opening.day
        and closing.is_page == opening.is_page
    )


def _statement(n: int, chain: list[Message]) -> Statement:
    first, last = chain[0], chain[-1]
    opening, closing = first.opening, last.closing
    assert opening is not None
    rows = sorted((row for each in chain for row in each.rows), key=lambda row: row.booked_on)
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
        statement.faults.append(Fault("truncated", _cut_problem(chain)))
    prove(statement)
    if not statement.difference_fen:
        _prove_messages(statement, chain)
    return statement


def _prove_messages(statement: Statement, chain: list[Message]) -> None:
    """Each message must tie, even where the faults of two make up for each other."""
    for message in chain:
        if message.difference_fen:
            told = format_yuan(message.difference_fen)
            zh, en = f"该报文余额相差 {told} 元", f"this message does not tie: off by {told}"
            problem = _problem("STATEMENT-SUM", message.line, zh, en)
            statement.faults.append(Fault("arithmetic", problem))
            statement.difference_fen = message.difference_fen
            return


def _cut_problem(chain: list[Message]) -> Problem:
    first, last = chain[0], chain[-1]
    if first.opening is not None and first.opening.is_page:
        zh, en = "缺前页(以 :60M: 开始)", "an earlier page is missing (it begins with :60M:)"
        return _problem("MT940-PAGE", first.line, zh, en)
    if last.closing is not None and last.closing.is_page:
        zh, en = "缺后页(以 :62M: 结束)", "a later page is missing (it ends with :62M:)"
        return _problem("MT940-PAGE", last.line, zh, en)
    zh, en = (
        "缺 :62F: 期末余额或报文结尾,文件不完整",
        "no closing balance or end: the file is cut off",
    )
    return _problem("MT940-CLOSING", last.rows[-1].line if last.rows else last.line, zh, en)
