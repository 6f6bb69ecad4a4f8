"""Reads ISO 20022 camt.053 with lxml's streaming parser; any DOCTYPE is refused unread."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.statements.model import Fault, Reading, Row, Statement
from feewatch.statements.proof import covered_days, prove

NAME = "camt.053"
_NAMESPACE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.\d{2}")
#: A document type can stand only before the first element; the prolog is far shorter than this.
_PROLOG = 65536
#: What the parser says of a file that ends too early.
_CUT = ("premature end", "extra content", "couldn't find end", "unclosed", "end of document")


def is_camt053(content: bytes) -> bool:
    """Whether XML declares itself a camt.053."""
    return _NAMESPACE.search(content[:_PROLOG]) is not None


def has_doctype(content: bytes) -> bool:
    """Whether the prolog holds a document type, which camt never needs and attackers do."""
    return b"<!DOCTYPE" in content[:_PROLOG].upper() or b"<!ENTITY" in content[:_PROLOG].upper()


def read_camt(content: bytes) -> Reading:
    """The statements of a file; the one that is cut off by the file's end is marked truncated."""
    if has_doctype(content):
        text = Text("XML 含 DOCTYPE,不予读取", "the XML holds a DOCTYPE and is not read")
        return Reading(NAME, (), (Problem("XML-DOCTYPE", text, line=1),))
    reader = _Reader()
    try:
        for event, element in _events(content):
            reader.take(event, element)
    except etree.XMLSyntaxError as fault:
        line = fault.lineno or 1
        if not reader.cut(line, content.count(b"\n") + 1, str(fault)):
            text = Text(f"XML 有误:{fault.msg}", f"the XML is broken: {fault.msg}")
            return Reading(NAME, (), (Problem("XML-SYNTAX", text, line=line),))
    if reader.problems:
        return Reading(NAME, (), tuple(reader.problems))
    if not reader.statements:
        text = Text("文件中没有对账单(Stmt)", "the file holds no statement (Stmt)")
        return Reading(NAME, (), (Problem("CAMT-EMPTY", text),))
    return Reading(NAME, tuple(reader.statements))


def _events(content: bytes) -> Iterator[tuple[str, etree._Element]]:
    yield from etree.iterparse(
        io.BytesIO(content),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


@dataclass
class _Open:
    """A statement as far as it was read."""

    line: int
    account: str = ""
    owner: str | None = None
    currency: str | None = None
    period: tuple[Day, Day] | None = None
    balances: dict[str, tuple[int, Day | None]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


class _Reader:
    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.problems: list[Problem] = []
        self._open: _Open | None = None

    def take(self, event: str, element: etree._Element) -> None:
        name = _local(element)
        if event == "start":
            if name == "Stmt":
                self._open = _Open(_line(element))
            return
        current = self._open
        if current is None:
            return
        if name == "Stmt":
            self._close(None)
            element.clear()
        elif _local(element.getparent()) != "Stmt":
            return
        elif name == "Acct":
            _take_account(current, element)
        elif name == "FrToDt":
            current.period = _period(element)
        elif name == "Bal":
            self._take_balance(current, element)
        elif name == "Ntry":
            self._take_entry(current, element)
            element.clear()

    def cut(self, line: int, last_line: int, message: str) -> bool:
        """Whether the fault is the early end of the file, inside a statement already begun."""
        lowered = message.lower()
        is_end = line >= last_line - 1 or any(each in lowered for each in _CUT)
        if self._open is None or not self._open.account or not is_end:
            return False
        zh, en = "文件不完整,对账单未结束", "the file is cut off inside the statement"
        self._close(Problem("CAMT-CUT", Text(zh, en), line=line))
        return True

    def _close(self, cut: Problem | None) -> None:
        current = self._open
        assert current is not None
        self._open = None
        rows = sorted(current.rows, key=lambda row: row.booked_on)
        opening = current.balances.get("OPBD") or current.balances.get("PRCD")
        closing = current.balances.get("CLBD")
        days = covered_days(
            rows,
            current.period,
            opening[1] if opening else None,
            closing[1] if closing else None,
        )
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
            opening[0] if opening else None,
            closing[0] if closing else None,
            rows,
        )
        if cut is None and (opening is None or closing is None):
            zh, en = "缺期初或期末余额(OPBD、CLBD)", "an opening or closing balance is missing"
            cut = Problem("CAMT-BALANCE", Text(zh, en), line=current.line)
        if cut is not None:
            statement.faults.append(Fault("truncated", cut))
        prove(statement)
        self.statements.append(statement)

    def _take_balance(self, current: _Open, element: etree._Element) -> None:
        kind = _text(element, "Tp/CdOrPrtry/Cd")
        fen = self._signed(current, element)
        if kind is not None and fen is not None:
            current.balances.setdefault(kind, (fen, _day(element, "Dt")))

    def _take_entry(self, current: _Open, element: etree._Element) -> None:
        status = _text(element, "Sts/Cd") or _text(element, "Sts")
        if status is not None and status.strip() not in ("BOOK", ""):
            return
        fen = self._signed(current, element)
        booked = _day(element, "BookgDt") or _day(element, "ValDt")
        line = _line(element)
        if fen is None:
            return
        if booked is None:
            zh, en = "明细缺记账日期(BookgDt)", "the entry has no booking day (BookgDt)"
            self.problems.append(Problem("CAMT-ENTRY", Text(zh, en), line=line))
            return
        current.rows.append(_row(line, booked, fen, element))

    def _signed(self, current: _Open, element: etree._Element) -> int | None:
        """Signed fen by CdtDbtInd, which states the net effect also of a reversal."""
        amount = element.find("{*}Amt")
        side = _text(element, "CdtDbtInd")
        fen = parse_yuan(amount.text) if amount is not None and amount.text else None
        if amount is None or fen is None or fen < 0 or side not in ("CRDT", "DBIT"):
            shown = amount.text if amount is not None else None
            zh, en = f"金额或方向无法读取:{shown}", f"no amount or no direction: {shown}"
            line = _line(element)
            self.problems.append(Problem("CAMT-AMOUNT", Text(zh, en), line=line))
            return None
        currency = amount.get("Ccy") or ""
        current.currency = current.currency or currency
        if currency and currency != current.currency:
            current.currency = f"{current.currency}/{currency}"
        return fen if side == "CRDT" else -fen


def _row(line: int, booked: Day, fen: int, entry: etree._Element) -> Row:
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    detail = details[0] if len(details) == 1 else None
    party = "Dbtr" if fen > 0 else "Cdtr"
    reference = _text(entry, "AcctSvcrRef")
    return Row(
        line,
        booked,
        _time(entry, "BookgDt"),
        _day(entry, "ValDt"),
        fen,
        None,
        _party_name(detail, party),
        _account_number(detail, f"RltdPties/{party}Acct"),
        _memo(entry, details),
        None if reference in (None, "NOTPROVIDED", "NONREF") else normalise(reference or ""),
        (_text(entry, "RvslInd") or "").strip() in ("true", "1"),
    )


def _memo(entry: etree._Element, details: list[etree._Element]) -> str | None:
    texts = [each.text or "" for d in details for each in d.findall("{*}RmtInf/{*}Ustrd")]
    texts = texts or [each.text or "" for d in details for each in d.findall("{*}AddtlTxInf")]
    texts = texts or [each.text or "" for each in entry.findall("{*}AddtlNtryInf")]
    return normalise(" ".join(texts)) or None


def _party_name(detail: etree._Element | None, party: str) -> str | None:
    if detail is None:
        return None
    name = _text(detail, f"RltdPties/{party}/Nm") or _text(detail, f"RltdPties/{party}/Pty/Nm")
    return (normalise(name) or None) if name else None


def _account_number(element: etree._Element | None, path: str) -> str | None:
    if element is None:
        return None
    number = _text(element, f"{path}/Id/Othr/Id") or _text(element, f"{path}/Id/IBAN")
    return (normalise(number).replace(" ", "") or None) if number else None


def _take_account(current: _Open, element: etree._Element) -> None:
    number = _text(element, "Id/Othr/Id") or _text(element, "Id/IBAN")
    current.account = normalise(number or "").replace(" ", "")
    currency = _text(element, "Ccy")
    current.currency = currency.strip() if currency else current.currency
    owner = _text(element, "Ownr/Nm") or _text(element, "Nm")
    current.owner = normalise(owner) if owner else None


def _period(element: etree._Element) -> tuple[Day, Day] | None:
    ends = [
        parse_day((_text(element, f"{name}Tm") or _text(element, name) or "")[:10])
        for name in ("FrDt", "ToDt")
    ]
    first, last = ends
    return (first, last) if first is not None and last is not None else None


def _day(element: etree._Element, path: str) -> Day | None:
    text = _text(element, f"{path}/Dt") or _text(element, f"{path}/DtTm")
    return parse_day(text.strip()[:10]) if text else None


def _time(element: etree._Element, path: str) -> str | None:
    text = _text(element, f"{path}/DtTm")
    return text[11:19] if text and len(text) >= 19 else None


def _text(element: etree._Element, path: str) -> str | None:
    found = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    return found.text if found is not None else None


def _line(element: etree._Element) -> int:
    found: Any = element.sourceline  # typed as an ellipsis by its stub
    return int(found or 0)


def _local(element: etree._Element | None) -> str:
    return "" if element is None else str(element.tag).rpartition("}")[2]
