"""Reads ISO 20022 camt.053 statements, camt.052 reports and camt.054 notifications, any version.

With lxml's streaming parser; any DOCTYPE is refused unread. Reports and notifications tell of
entries so far: they have no balances of their own, and no days but those of their entries.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import etree

from feewatch.kernel.days import Day
from feewatch.kernel.money import MAX_FEN
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.camt_entries import (
    Owner,
    Texts,
    day_text,
    local_name,
    moment_of,
    number_at,
    row_of,
    text_at,
    texts_below,
)
from feewatch.statements.camt_summary import compare_summary
from feewatch.statements.cells import shown
from feewatch.statements.columns import Rows, StatedRow
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.proof import covered_days, prove
from feewatch.statements.refusals import unreadable, whole_or_each

STATEMENT = "camt.053"
#: The element that holds what one account's statement, report or notification says.
_HOLDERS = {"camt.052": "Rpt", STATEMENT: "Stmt", "camt.054": "Ntfctn"}
NAMES = tuple(_HOLDERS)
_NAMESPACE = re.compile(r"\b(camt\.05[234])\.\d{3}\.\d{2,3}\b")
#: What the holders stand in, which tells the message where no namespace does.
_MESSAGES = {"Stmt": STATEMENT, "AcctRpt": "camt.052", "DbtCdtNtfctn": "camt.054"}
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)[\s>]")
#: Where the namespace must stand, and where a document type is looked for in XML of other kinds.
_PROLOG = 65536
_DECLARATION = re.compile(r"(\s*)<\?xml\s[^>]*\?>")
#: At most five decimals as ISO 20022 has it, of which yuan have two.
_AMOUNT = re.compile(r"0*(\d{1,15})(?:\.(\d{0,2})0*)?", re.ASCII)
_STEP = 1 << 20
_PARTS = ("Acct", "FrToDt", "Bal", "TxsSummry", "Ntry")
_MIDNIGHT = "00:00:00"
#: The balances that a statement ties between; others are of money that is not booked.
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def find_camt(text: str) -> str | None:
    """Which of these messages XML declares itself to be."""
    match = _NAMESPACE.search(text, 0, _PROLOG)
    if match:
        return match[1]
    match = _ELEMENT.search(text, 0, _PROLOG)
    return _MESSAGES[match[1]] if match else None


def has_doctype(text: str) -> bool:
    """Whether the prolog holds a document type, which camt never needs and attackers do."""
    prolog = text[:_PROLOG].upper()
    return "<!DOCTYPE" in prolog or "<!ENTITY" in prolog


def read_camt(text: str, name: str) -> FileReading:
    """The statements of a file; the one that is cut off by the file's end is marked truncated.

    ``name``: which of the messages it is.

    The text is decoded already: Chinese banks declare GB2312 and write GBK.
    """
    reader = _CamtReader(name)
    if has_doctype(text):
        return reader.refused(
            "XML-DOCTYPE", 1, "XML 含 DOCTYPE，不予读取", "the XML holds a DOCTYPE"
        )
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=[f"{{*}}{each}" for each in (_HOLDERS[name], *_PARTS)],
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    content = _DECLARATION.sub(r"\1", text, count=1).encode("utf-8", "replace")
    try:
        for start in range(0, len(content), _STEP):
            parser.feed(content[start : start + _STEP])
            reader.take_all(parser.read_events())
    except etree.XMLSyntaxError as fault:
        zh, en = f"XML 有误：{fault.msg}", f"broken: {fault.msg}"
        return reader.refused("XML-SYNTAX", fault.lineno, zh, en)
    try:
        parser.close()
    except etree.XMLSyntaxError as fault:  # no fault but the end, which came too early
        reader.take_all(parser.read_events())
        if not reader.cut(fault.lineno or 1):
            return reader.refused("XML-SYNTAX", fault.lineno, "XML 不完整", "the XML is cut off")
    if reader.problems:
        return FileReading(name, (), tuple(reader.problems))
    if not reader.statements:
        zh, en = "文件中没有对账单，或其中没有明细", "no statement, or none with entries"
        return reader.refused("CAMT-EMPTY", None, zh, en)
    return whole_or_each(name, reader.statements)


class _Balance(NamedTuple):
    """An opening or closing balance; of several the first opening and the last closing count."""

    is_previous: bool  # PRCD, which stands for an opening balance that is not there
    fen: int
    day: Day | None
    is_page: bool  # of a page, and not of the statement's beginning or end


@dataclass
class _OpenCamtStatement:
    """A statement as far as it was read."""

    line: int
    account: str = ""
    owner: str | None = None
    currency: str | None = None
    period: tuple[Day, Day] | None = None
    openings: list[_Balance] = field(default_factory=list)
    closings: list[_Balance] = field(default_factory=list)
    rows: list[StatedRow] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)  # amounts that are not booked
    summary: Texts = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)  # why it cannot be read

    @property
    def whose(self) -> Owner:
        """Whose the account is."""
        return Owner(self.account, self.owner)


class _CamtReader:
    def __init__(self, name: str) -> None:
        self._name, self._holder = name, _HOLDERS[name]
        self.statements: list[Statement] = []
        self.problems: list[Problem] = []
        self._open: _OpenCamtStatement | None = None

    def refused(self, code: str, line: int | None, zh: str, en: str) -> FileReading:
        """The file refused as a whole."""
        return FileReading(self._name, (), (Problem(code, Text(zh, en), line=line),))

    def take_all(self, events: Iterable[Any]) -> None:
        """Take what the parser has found so far."""
        for event, element in events:
            self._take(event, element)

    def _take(self, event: str, element: etree._Element) -> None:
        name = _local(element)
        if event == "start":
            if name == self._holder:
                self._open = _OpenCamtStatement(_line(element))
                if element.getroottree().docinfo.internalDTD is not None:
                    text = Text("XML 含 DOCTYPE", "the XML holds a DOCTYPE")
                    self.problems.append(Problem("XML-DOCTYPE", text, line=_line(element)))
            return
        current = self._open
        if current is None:
            return
        if name == self._holder:
            self._close(None)
            element.clear()
        elif _local(element.getparent()) != self._holder:
            return
        elif name == "Acct":
            _take_account(current, texts_below(element))
        elif name == "FrToDt":
            self._take_period(current, element)
        elif name == "Bal":
            self._take_balance(current, element)
        elif name == "TxsSummry":
            current.summary = texts_below(element)
        elif name == "Ntry":
            self._take_entry(current, element)
            element.clear()

    def cut(self, line: int) -> bool:
        """Whether the file ends too early inside or after a statement, which is marked so."""
        problem = Problem(
            "CAMT-CUT", Text("文件不完整，对账单未结束", "the file is cut off"), line=line
        )
        if self._open is not None and self._open.account:
            self._close(problem)
        elif self.statements:
            self.statements[-1].faults.insert(0, StatementFault("truncated", problem))
        else:
            return False
        return True

    def _close(self, cut: Problem | None) -> None:
        current = self._open
        assert current is not None
        self._open = None
        rows = Rows.of(sorted(current.rows, key=lambda row: row.booked_on))
        opening = min(current.openings, default=None, key=lambda each: each.is_previous)
        closing = current.closings[-1] if current.closings else None
        if current.faults:
            self._close_unread(current, [each.day for each in (opening, closing) if each])
            return
        if self._name != STATEMENT and (opening is None or closing is None):
            opening, closing, current.period = None, None, None
            if not rows and cut is None:
                return  # a report without entries says nothing of a day
        opened, closed = opening and opening.day, closing and closing.day
        days = covered_days(rows, current.period, opened, closed)
        if days is None and (alone := opened or closed):
            days = alone, alone
        if not current.account or days is None:
            zh, en = "对账单缺账号或日期", "the statement has no account or no days"
            self.problems.append(Problem("CAMT-HEAD", Text(zh, en), line=current.line))
            return
        statement = Statement(
            len(self.statements) + 1,
            current.account,
            current.owner,
            current.currency or "",
            *days,
            opening and opening.fen,
            closing and closing.fen,
            rows,
            notes=current.notes,
        )
        if cut is None and self._name == STATEMENT:
            cut = _missing(opening, closing, current.line)
        if cut is not None:
            statement.faults.append(StatementFault("truncated", cut))
        prove(statement)
        differing = compare_summary(current.summary, rows, current.pending)
        if differing is not None and cut is None:
            fault = Problem("STATEMENT-TOTALS", differing, line=current.line)
            statement.faults.append(StatementFault("arithmetic", fault))
        self.statements.append(statement)

    def _close_unread(self, current: _OpenCamtStatement, balanced: Iterable[Day | None]) -> None:
        """Put a statement of which something cannot be read to the others."""
        booked = (row.booked_on for row in current.rows)
        days = [*(current.period or ()), *filter(None, balanced), *booked]
        if days:
            n, currency = len(self.statements) + 1, current.currency or ""
            husk = unreadable(n, current.account, currency, days, current.faults)
            self.statements.append(husk)
        else:
            self.problems += current.faults

    def _take_period(self, current: _OpenCamtStatement, element: etree._Element) -> None:
        """Take the days named; an end at midnight, by either clock, is the day before."""
        below = texts_below(element)
        texts = day_text(below, "FrDt"), day_text(below, "ToDt")
        first, last = (moment_of(each or "") for each in texts)
        if first is None or last is None:
            quoted = shown(" ".join(filter(None, texts)))
            text = Text(
                f"起止日期（FrToDt）无法读取，以余额和明细的日期为准：{quoted}",
                f"FrToDt cannot be read, the days of balances and entries stand for it: {quoted}",
            )
            current.notes.append(Problem("CAMT-PERIOD", text, line=_line(element)))
            return
        is_midnight = last[1] == _MIDNIGHT or _MIDNIGHT in (texts[1] or "")[10:]
        current.period = first[0], max(first[0], last[0] - is_midnight)

    def _take_balance(self, current: _OpenCamtStatement, element: etree._Element) -> None:
        texts = texts_below(element)
        kind = text_at(texts, "Tp/CdOrPrtry/Cd") or text_at(texts, "Tp/Cd")
        if kind not in (*_OPENING, *_CLOSING):
            return
        fen, day = self._signed(current, element, texts), self._day(current, element, texts, "Dt")
        is_page = "INTM" in texts.get("Tp/SubTp/Cd", ())
        if fen is not None:
            balance = _Balance(kind == "PRCD", fen, day, is_page)
            (current.closings if kind in _CLOSING else current.openings).append(balance)

    def _take_entry(self, current: _OpenCamtStatement, element: etree._Element) -> None:
        texts = texts_below(element)
        is_booked = (text_at(texts, "Sts/Cd") or text_at(texts, "Sts")) in (None, "BOOK")
        fen = self._signed(current, element, texts)
        if not is_booked:
            current.pending.append(fen or 0)
            return
        booked = self._day(current, element, texts, "BookgDt" if "BookgDt" in texts else "ValDt")
        if fen is None:
            return
        if booked is None:
            zh, en = "明细缺记账日期（BookgDt）", "the entry has no booking day (BookgDt)"
            current.faults.append(_fault("CAMT-ENTRY", element, zh, en))
            return
        current.rows.append(row_of(_line(element), booked, fen, texts, current.whose))

    def _signed(
        self, current: _OpenCamtStatement, element: etree._Element, texts: Texts
    ) -> int | None:
        """Signed fen by CdtDbtInd, which states the net effect also of a reversal."""
        amount = element.find("{*}Amt")
        text = (amount.text or "").strip() if amount is not None and not len(amount) else ""
        side = text_at(texts, "CdtDbtInd")
        fen = _fen(text)
        if amount is None or fen is None or side not in ("CRDT", "DBIT"):
            quoted = f"{shown(text)} {shown(side or '')}"
            zh, en = f"金额或方向无法读取：{quoted}", f"no amount or no direction: {quoted}"
            current.faults.append(_fault("CAMT-AMOUNT", element, zh, en))
            return None
        currency = amount.get("Ccy") or ""
        current.currency = current.currency or currency
        if currency and currency not in current.currency:
            current.currency = f"{current.currency}/{currency}"
        return fen if side == "CRDT" else -fen

    def _day(
        self, current: _OpenCamtStatement, element: etree._Element, texts: Texts, path: str
    ) -> Day | None:
        """The day that an element tells; one that cannot be read is noted as a fault."""
        text = day_text(texts, path)
        moment = moment_of(text) if text else None
        if text and moment is None:
            quoted = shown(text)
            zh, en = f"{path} 不是日期：{quoted}", f"{path} is no day: {quoted}"
            current.faults.append(_fault("CAMT-DAY", element, zh, en))
        return moment and moment[0]


def _fault(code: str, element: etree._Element, zh: str, en: str) -> Problem:
    return Problem(code, Text(zh, en), line=_line(element))


def _missing(opening: _Balance | None, closing: _Balance | None, line: int) -> Problem | None:
    """What of a statement is not in the file, as far as its balances tell."""
    if opening is None or closing is None:
        zh, en = "缺期初或期末余额（OPBD、CLBD）", "an opening or closing balance is missing"
        return Problem("CAMT-BALANCE", Text(zh, en), line=line)
    if opening.is_page or closing.is_page:
        zh, en = "只是对账单的一页（INTM），缺其余各页", "one page of a statement (INTM) alone"
        return Problem("CAMT-PAGE", Text(zh, en), line=line)
    return None


def _fen(text: str) -> int | None:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    fen = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    return fen if fen <= MAX_FEN else None


def _take_account(current: _OpenCamtStatement, texts: Texts) -> None:
    current.account = number_at(texts, "Id") or ""
    current.currency = text_at(texts, "Ccy") or current.currency
    owner = text_at(texts, "Ownr/Nm") or text_at(texts, "Nm")
    current.owner = normalise(owner) if owner else None


def _line(element: etree._Element) -> int:
    line: Any = element.sourceline  # typed as an ellipsis by its stub
    return int(line or 0)


def _local(element: etree._Element | None) -> str:
    return "" if element is None else local_name(element.tag)
