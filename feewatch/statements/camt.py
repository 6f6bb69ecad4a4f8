"""Reads ISO 20022 camt.053 statements, camt.052 reports and camt.054 notifications, any version.

With lxml's streaming parser; any DOCTYPE is refused unread. Reports and notifications tell of
entries so far: they have no balances of their own, and no days but those of their entries.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from feewatch.kernel.days import Day, day_of, parse_day
from feewatch.kernel.money import MAX_FEN
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.cells import shown
from feewatch.statements.columns import Rows, StatedRow
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.proof import covered_days, prove

STATEMENT = "camt.053"
#: The element that holds what one account's statement, report or notification says.
_HOLDERS = {"camt.052": "Rpt", STATEMENT: "Stmt", "camt.054": "Ntfctn"}
NAMES = tuple(_HOLDERS)
_NAMESPACE = re.compile(r"\b(camt\.05[234])\.001\.\d{2}\b")
#: Where the namespace must stand, and where a document type is looked for in XML of other kinds.
_PROLOG = 65536
_DECLARATION = re.compile(r"(\s*)<\?xml\s[^>]*\?>")
#: At most five decimals as ISO 20022 has it, of which yuan have two.
_AMOUNT = re.compile(r"0*(\d{1,15})(?:\.(\d{0,2})0*)?", re.ASCII)
_STEP = 1 << 20
_PARTS = ("Acct", "FrToDt", "Bal", "Ntry")
#: The balances that a statement ties between; others are of money that is not booked.
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_DETAILS = "NtryDtls/TxDtls"
_DETAILS_OF_FIRST_VERSION = "TxDtls"
#: Where the name of a party stands: of all versions, of newer ones, of a bank that is one.
_PARTY_NAMES = ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm")
_Told = dict[str, list[str]]
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def find_camt(text: str) -> str | None:
    """Which of these messages XML declares itself to be."""
    found = _NAMESPACE.search(text, 0, _PROLOG)
    return found[1] if found else None


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
            "XML-DOCTYPE", 1, "XML 含 DOCTYPE,不予读取", "the XML holds a DOCTYPE"
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
        zh, en = f"XML 有误:{fault.msg}", f"broken: {fault.msg}"
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
        zh, en = "文件中没有对账单,或其中没有明细", "no statement, or none with entries"
        return reader.refused("CAMT-EMPTY", None, zh, en)
    return FileReading(name, tuple(reader.statements))


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
                    self._fault("XML-DOCTYPE", element, "XML 含 DOCTYPE", "the XML holds a DOCTYPE")
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
            _take_account(current, _told(element))
        elif name == "FrToDt":
            self._take_period(current, element)
        elif name == "Bal":
            self._take_balance(current, element)
        elif name == "Ntry":
            self._take_entry(current, element)
            element.clear()

    def cut(self, line: int) -> bool:
        """Whether the file ends too early inside or after a statement, which is marked so."""
        problem = Problem(
            "CAMT-CUT", Text("文件不完整,对账单未结束", "the file is cut off"), line=line
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
        )
        if cut is None and self._name == STATEMENT:
            cut = _missing(opening, closing, current.line)
        if cut is not None:
            statement.faults.append(StatementFault("truncated", cut))
        prove(statement)
        self.statements.append(statement)

    def _take_period(self, current: _OpenCamtStatement, element: etree._Element) -> None:
        told = _told(element)
        first, last = (self._day(element, told, name) for name in ("FrDt", "ToDt"))
        if first is not None and last is not None:
            current.period = first, last

    def _take_balance(self, current: _OpenCamtStatement, element: etree._Element) -> None:
        told = _told(element)
        kind = _text(told, "Tp/CdOrPrtry/Cd") or _text(told, "Tp/Cd")
        if kind not in (*_OPENING, *_CLOSING):
            return
        fen, day = self._signed(current, element, told), self._day(element, told, "Dt")
        is_page = "INTM" in told.get("Tp/SubTp/Cd", ())
        if fen is not None:
            balance = _Balance(kind == "PRCD", fen, day, is_page)
            (current.closings if kind in _CLOSING else current.openings).append(balance)

    def _take_entry(self, current: _OpenCamtStatement, element: etree._Element) -> None:
        told = _told(element)
        if (_text(told, "Sts/Cd") or _text(told, "Sts")) not in (None, "BOOK"):
            return
        fen = self._signed(current, element, told)
        booked = self._day(element, told, "BookgDt" if "BookgDt" in told else "ValDt")
        if fen is None:
            return
        if booked is None:
            zh, en = "明细缺记账日期(BookgDt)", "the entry has no booking day (BookgDt)"
            self._fault("CAMT-ENTRY", element, zh, en)
            return
        current.rows.append(_row(_line(element), booked, fen, told))

    def _signed(
        self, current: _OpenCamtStatement, element: etree._Element, told: _Told
    ) -> int | None:
        """Signed fen by CdtDbtInd, which states the net effect also of a reversal."""
        amount = element.find("{*}Amt")
        text = (amount.text or "").strip() if amount is not None and not len(amount) else ""
        side = _text(told, "CdtDbtInd")
        fen = _fen(text)
        if amount is None or fen is None or side not in ("CRDT", "DBIT"):
            quoted = f"{shown(text)} {shown(side or '')}"
            zh, en = f"金额或方向无法读取:{quoted}", f"no amount or no direction: {quoted}"
            self._fault("CAMT-AMOUNT", element, zh, en)
            return None
        currency = amount.get("Ccy") or ""
        current.currency = current.currency or currency
        if currency and currency not in current.currency:
            current.currency = f"{current.currency}/{currency}"
        return fen if side == "CRDT" else -fen

    def _day(self, element: etree._Element, told: _Told, path: str) -> Day | None:
        """The day that an element tells; one that cannot be read is noted as a fault."""
        text = _day_text(told, path)
        moment = _moment(text) if text else None
        if text and moment is None:
            quoted = shown(text)
            zh, en = f"{path} 不是日期:{quoted}", f"{path} is no day: {quoted}"
            self._fault("CAMT-DAY", element, zh, en)
        return moment and moment[0]

    def _fault(self, code: str, element: etree._Element, zh: str, en: str) -> None:
        self.problems.append(Problem(code, Text(zh, en), line=_line(element)))


def _missing(opening: _Balance | None, closing: _Balance | None, line: int) -> Problem | None:
    """What of a statement is not in the file, as far as its balances tell."""
    if opening is None or closing is None:
        zh, en = "缺期初或期末余额(OPBD、CLBD)", "an opening or closing balance is missing"
        return Problem("CAMT-BALANCE", Text(zh, en), line=line)
    if opening.is_page or closing.is_page:
        zh, en = "只是对账单的一页(INTM),缺其余各页", "one page of a statement (INTM) alone"
        return Problem("CAMT-PAGE", Text(zh, en), line=line)
    return None


def _fen(text: str) -> int | None:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    return fen if fen <= MAX_FEN else None


def _row(line: int, booked: Day, fen: int, told: _Told) -> StatedRow:
    details = _DETAILS if _DETAILS in told else _DETAILS_OF_FIRST_VERSION
    is_alone = len(told.get(details, ())) == 1
    party = f"{details}/RltdPties/{'Dbtr' if fen > 0 else 'Cdtr'}"
    reference = _text(told, "AcctSvcrRef")
    if reference is None and is_alone:
        reference = _text(told, f"{details}/Refs/AcctSvcrRef")
    booking = _moment(_day_text(told, "BookgDt") or "")
    value = _moment(_day_text(told, "ValDt") or "")
    name = next((text for each in _PARTY_NAMES if (text := _text(told, f"{party}/{each}"))), None)
    return StatedRow(
        line,
        booked,
        booking and booking[1],
        value and value[0],
        fen,
        None,
        normalise(name) if name and is_alone else None,
        _number(told, f"{party}Acct/Id") if is_alone else None,
        _memo(told, details),
        None if reference in (None, "NOTPROVIDED", "NONREF") else normalise(reference),
        _text(told, "RvslInd") in ("true", "1"),
    )


def _memo(told: _Told, details: str) -> str | None:
    paths = (f"{details}/RmtInf/Ustrd", f"{details}/AddtlTxInf", "AddtlNtryInf")
    memos = (normalise(" ".join(told[path])) for path in paths if path in told)
    return next(filter(None, memos), None)


def _number(told: _Told, path: str) -> str | None:
    forms = ("Othr/Id", "IBAN", "PrtryAcct/Id", "BBAN")
    number = next((text for each in forms if (text := _text(told, f"{path}/{each}"))), None)
    return normalise(number).replace(" ", "") if number else None


def _take_account(current: _OpenCamtStatement, told: _Told) -> None:
    current.account = _number(told, "Id") or ""
    current.currency = _text(told, "Ccy") or current.currency
    owner = _text(told, "Ownr/Nm") or _text(told, "Nm")
    current.owner = normalise(owner) if owner else None


def _day_text(told: _Told, path: str) -> str | None:
    paths = (f"{path}/Dt", f"{path}/DtTm", f"{path}Tm", path)
    return next((text for each in paths if (text := _text(told, each))), None)


@lru_cache(maxsize=4096)
def _moment(text: str) -> tuple[Day, str | None] | None:
    """Day and time in Shanghai of an ISO date or date and time; one without a zone is local."""
    day = parse_day(text[:10])
    if day is None or len(text) == 10:
        return None if day is None else (day, None)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return (day, None) if text[10] in "+-Z" else None
    if moment.tzinfo is not None:
        moment = moment.astimezone(_SHANGHAI)
    return day_of(moment.date()), moment.strftime("%H:%M:%S")


def _told(element: etree._Element) -> _Told:
    """The texts below an element by their paths of local names."""
    told: _Told = {}
    _tell(element, "", told)
    return told


def _tell(element: etree._Element, at: str, told: _Told) -> None:
    for child in element:
        path = at + _local_name(child.tag)
        told.setdefault(path, []).append((child.text or "").strip())
        if len(child):
            _tell(child, f"{path}/", told)


def _text(told: _Told, path: str) -> str | None:
    """The first text of a path, None where there is none or it is empty."""
    texts = told.get(path)
    return texts[0] or None if texts else None


def _line(element: etree._Element) -> int:
    found: Any = element.sourceline  # typed as an ellipsis by its stub
    return int(found or 0)


def _local(element: etree._Element | None) -> str:
    return "" if element is None else _local_name(element.tag)


@lru_cache
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]
