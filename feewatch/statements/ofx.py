"""Reads OFX 1 (SGML) and OFX 2 (XML): bank and card accounts, their entries, ledger balances.

Strict: what a file does not say plainly is unknown and noted, or refused; never guessed.
"""

import datetime as dt
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from feewatch.kernel.days import Day, day_of
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.encoding import decode
from feewatch.statements import cells
from feewatch.statements.columns import Rows, StatedRow
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.proof import covered_days, in_order, prove

NAME = "ofx"

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:OFXHEADER\s*:|(?:<\?[^>]*>\s*)*<(?:\?OFX\b|OFX>))")
_HEAD = 4096
_WESTERN = ("cp1252", "latin-1")
_CODE_PAGES = {
    **dict.fromkeys(("1252", "WINDOWS-1252"), "cp1252"),
    **dict.fromkeys(("8859-1", "ISO-8859-1"), "latin-1"),
    **dict.fromkeys(("936", "54936", "GBK", "GB2312", "GB18030"), "gb18030"),
    **dict.fromkeys(("UTF-8", "UTF8", "65001"), "utf-8"),
}
#: Heads are known that stand all on one line, so the next key ends a value as a line does.
_CHARSET = re.compile(rb"CHARSET:\s*([\w-]+?)\s*(?:COMPRESSION|OLDFILEUID|NEWFILEUID|[\r\n<])")
_UTF8 = re.compile(rb"ENCODING:\s*UTF-8")
_XML_ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["']([\w-]+)["']""")
_TAG = re.compile(r"<(/?)([A-Za-z][\w.]*)\s*(/?)>([^<]*)")
_END_TAG = re.compile(r"</([A-Za-z][\w.]*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
#: A day, a clock, and a zone such as ``[+8:CST]`` or ``[5.5]``.
_STAMP = re.compile(
    r"(\d{8})(?:(\d{2})(\d{2})(\d{2})(?:\.\d{1,6})?)?(?:\[([+-]?\d{1,2}(?:\.\d{1,2})?)(?::.*)?\])?",
    re.ASCII,
)
#: OFX knows a decimal point or comma and no thousands; some banks set these apart by a space.
_AMOUNT = re.compile(r"([+-]?) ?(\d+|\d{1,3}(?: \d{3})+)(?:\.(\d\d?)0*|,(\d\d?))?", re.ASCII)
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))

_STATEMENTS = ("STMTRS", "CCSTMTRS")
_ENTRY = "STMTTRN"
_GROUPS = {*_STATEMENTS, _ENTRY, "OFX", "BANKTRANLIST", "LEDGERBAL", "BANKACCTFROM", "CCACCTFROM"}
#: Leaves that may stand empty in a file that closes them elsewhere: they are no groups.
_LEAVES = {"CURDEF", "ACCTID", "DTSTART", "DTEND", "DTPOSTED", "TRNAMT", "FITID", "NAME", "MEMO",
           "BALAMT", "DTASOF", "CHECKNUM", "REFNUM"}  # fmt: skip


def is_ofx(content: bytes) -> bool:
    """Whether bytes begin as an OFX file of either version."""
    return _START.match(content[:_HEAD]) is not None


def read_ofx(content: bytes) -> FileReading:
    """The statements of a file; one that is cut off by the file's end is marked truncated."""
    decoded = _decoded(content)
    if isinstance(decoded, Problem):
        return FileReading(NAME, (), (decoded,))
    text, notes = decoded
    text = _CDATA.sub(lambda found: html.escape(found[1], quote=False), text)
    reader = _OfxReader(notes)
    if "<!" in text:
        line = text.count("\n", 0, text.index("<!")) + 1
        reader.fault(
            "OFX-DOCTYPE", line, "含 DOCTYPE 或注释,不予读取", "holds a DOCTYPE or comment"
        )
        return reader.finish()
    groups = _GROUPS.union(name.upper() for name in set(_END_TAG.findall(text))) - _LEAVES
    for tag in _tags(text):
        if not reader.take(tag, is_group=tag.name in groups and not tag.text):
            break
    return reader.finish()


def _decoded(content: bytes) -> tuple[str, list[Problem]] | Problem:
    """The text in the encoding that the head declares; where it declares none, as of any file."""
    head = content[:_HEAD].partition(b"<OFX>")[0]
    declared = _XML_ENCODING.search(head) or (None if _UTF8.search(head) else _CHARSET.search(head))
    name = declared[1].decode().upper() if declared else "UTF-8" if _UTF8.search(head) else ""
    codec = _CODE_PAGES.get(name)
    otherwise = decode(content)
    if codec is None:
        return otherwise if isinstance(otherwise, Problem) else (otherwise, [])
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        zh, en = f"文件头声明编码 {name},内容却不是", f"declared as {name}, but it is not"
        return Problem("FILE-ENCODING", Text(zh, en), line=line)
    if "\0" in text:
        return Problem("FILE-NUL", Text("文件含有空字符(NUL)", "the file holds NUL characters"))
    if codec not in _WESTERN or content.isascii() or isinstance(otherwise, Problem):
        return text, []
    zh = f"文件头声明编码 {name},文字却也像中文编码,摘要可能是乱码"
    en = f"declared as {name}, but it reads as Chinese too: texts may be garbled"
    return text, [Problem("OFX-CHARSET", Text(zh, en))]


class Tag(NamedTuple):
    """A tag with the text behind it."""

    line: int
    is_end: bool
    name: str
    text: str


def _tags(text: str) -> Iterator[Tag]:
    """The tags from ``<OFX>`` on, in order; one that closes itself says nothing and is left out."""
    at = max(text.upper().find("<OFX>"), 0)
    line = text.count("\n", 0, at) + 1
    for found in _TAG.finditer(text, at):
        line += text.count("\n", at, found.start())
        at = found.start()
        if not found[3]:
            told = found[4]
            told = html.unescape(told) if "&" in told else told
            yield Tag(line, bool(found[1]), found[2].upper(), " ".join(told.split()))


class Stamp(NamedTuple):
    """A moment as Shanghai has it."""

    day: Day
    time: str | None  # None where the file tells the day alone, or says midnight for it
    is_midnight: bool  # the file states a clock, of midnight

    @property
    def last_day(self) -> Day:
        """The last day that ends by then, or that this moment lies in."""
        return self.day - 1 if self.is_midnight else self.day


@lru_cache(maxsize=4096)
def _stamp(text: str) -> Stamp | None:
    """The moment of ``YYYYMMDDHHMMSS.XXX[zone]``; without a zone it is GMT, as OFX has it."""
    found = _STAMP.fullmatch(text)
    if found is None:
        return None
    day, hour, minute, second, zone = found.groups()
    try:
        date = dt.datetime.strptime(day, "%Y%m%d")
        offset = dt.timezone(dt.timedelta(minutes=int(Decimal(zone or 0) * 60)))
        if hour is None:
            return Stamp(day_of(date.date()), None, False)
        moment = date.replace(
            hour=int(hour), minute=int(minute), second=int(second), tzinfo=offset
        ).astimezone(_SHANGHAI)
    except (ValueError, OverflowError):
        return None
    is_midnight = (hour, minute, second) == ("00", "00", "00")
    time = None if is_midnight else moment.strftime("%H:%M:%S")
    return Stamp(day_of(moment.date()), time, is_midnight)


def _fen(text: str) -> int | None:
    """Fen of an amount; None where it is none, or where a comma may mean thousands."""
    found = _AMOUNT.fullmatch(" ".join(text.split()))
    if found is None:
        return parse_yuan(text) if "." in text else None
    sign, whole, cents, others = found.groups()
    return parse_yuan(f"{sign}{whole.replace(' ', '')}.{cents or others or '0'}")


@dataclass
class _OpenOfxStatement:
    """A statement as far as it was read."""

    line: int
    told: dict[str, str] = field(default_factory=dict)  # path of a leaf -> its text
    rows: list[StatedRow] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)


class _OfxReader:
    def __init__(self, notes: list[Problem]) -> None:
        self._notes = notes
        self._statements: list[Statement] = []
        self._problems: list[Problem] = []
        self._groups: list[str] = []
        self._open: _OpenOfxStatement | None = None
        self._entry: _OpenOfxStatement | None = None

    def fault(self, code: str, line: int, zh: str, en: str) -> None:
        """Note why the file is refused."""
        self._problems.append(Problem(code, Text(zh, en), line=line))

    def take(self, tag: Tag, *, is_group: bool) -> bool:
        """Take a tag; False where the nesting is broken, so that nothing behind it can be told."""
        if tag.is_end:
            return self._end(tag)
        if is_group:
            self._groups.append(tag.name)
            if tag.name in _STATEMENTS:
                self._open = _OpenOfxStatement(tag.line)
            elif tag.name == _ENTRY:
                self._entry = _OpenOfxStatement(tag.line)
        elif tag.text and self._open is not None:
            self._leaf(self._entry or self._open, tag)
        return True

    def _end(self, tag: Tag) -> bool:
        if not self._groups or self._groups[-1] != tag.name:
            if tag.name not in self._groups and tag.name not in _GROUPS:
                return True  # the end of a leaf
            inner = self._groups[-1] if self._groups else ""
            zh, en = f"</{tag.name}> 出现在 <{inner}> 内", f"</{tag.name}> stands inside <{inner}>"
            self.fault("OFX-SYNTAX", tag.line, zh, en)
            return False
        self._groups.pop()
        if tag.name == _ENTRY:
            self._take_entry()
        elif tag.name in _STATEMENTS:
            self._close(None)
        return True

    def _leaf(self, group: _OpenOfxStatement, tag: Tag) -> None:
        base = max(i for i, each in enumerate(self._groups) if each in (*_STATEMENTS, _ENTRY))
        path = ".".join([*self._groups[base + 1 :], tag.name])
        if group.told.setdefault(path, tag.text) != tag.text:
            self.fault("OFX-TWICE", tag.line, f"{path} 出现两次", f"{path} stands twice")

    def _take_entry(self) -> None:
        entry, current = self._entry, self._open
        self._entry = None
        if entry is None or current is None:
            return
        told = entry.told
        fen, posted = _fen(told.get("TRNAMT", "")), _stamp(told.get("DTPOSTED", ""))
        if fen is None:
            quoted = cells.shown(told.get("TRNAMT", ""))
            zh, en = f"TRNAMT 金额无法读取:{quoted}", f"TRNAMT is no amount: {quoted}"
            self.fault("OFX-AMOUNT", entry.line, zh, en)
        elif posted is None:
            quoted = cells.shown(told.get("DTPOSTED", ""))
            zh, en = f"DTPOSTED 不是日期:{quoted}", f"DTPOSTED is no day: {quoted}"
            self.fault("OFX-DAY", entry.line, zh, en)
        elif "CORRECTFITID" in told:
            zh, en = "含更正(CORRECTFITID),请导出更正后的明细", "a correction of an earlier entry"
            self.fault("OFX-CORRECTION", entry.line, zh, en)
        else:
            current.currencies.append(told.get("CURRENCY.CURSYM", ""))
            current.rows.append(_row(entry.line, posted, fen, told))

    def _close(self, cut: Problem | None) -> None:
        current = self._open
        assert current is not None
        self._open = self._entry = None
        told, ordered = current.told, in_order(Rows.of(current.rows))
        rows = Rows.of(sorted(ordered, key=lambda row: row.booked_on))
        notes = list(self._notes)
        number = told.get("BANKACCTFROM.ACCTID") or told.get("CCACCTFROM.ACCTID") or ""
        days = covered_days(rows, _period(current, notes), None, None)
        if not number or days is None:
            zh, en = "对账单缺账号或日期", "the statement has no account or no days"
            self.fault("OFX-HEAD", current.line, zh, en)
            return
        currencies = dict.fromkeys([told.get("CURDEF", ""), *current.currencies])
        statement = Statement(
            len(self._statements) + 1,
            "".join(number.split()).replace("-", ""),
            None,
            "/".join(each for each in currencies if each),
            *days,
            None,
            _closing(current, days, notes),
            rows,
            notes=notes,
        )
        if cut is None and "LEDGERBAL.BALAMT" not in told:
            zh, en = "缺账面余额(LEDGERBAL)", "no ledger balance (LEDGERBAL)"
            cut = Problem("OFX-CLOSING", Text(zh, en), line=current.line)
        if cut is not None:
            statement.faults.append(StatementFault("truncated", cut))
        prove(statement)
        self._statements.append(statement)

    def finish(self) -> FileReading:
        """What the tags come to."""
        if not self._problems and self._groups:
            zh, en = "文件不完整,对账单未结束", "the file is cut off"
            cut = Problem("OFX-CUT", Text(zh, en))
            if self._open is not None:
                self._close(cut)
            elif self._statements:
                self._statements[-1].faults.insert(0, StatementFault("truncated", cut))
        if not self._problems and not self._statements:
            zh, en = "文件中没有银行账户对账单(STMTRS)", "no statement of a bank account (STMTRS)"
            self._problems.append(Problem("OFX-EMPTY", Text(zh, en)))
        if self._problems:
            return FileReading(NAME, (), tuple(self._problems))
        return FileReading(NAME, tuple(self._statements))


def _row(line: int, posted: Stamp, fen: int, told: dict[str, str]) -> StatedRow:
    party = told.get("BANKACCTTO.ACCTID") or told.get("CCACCTTO.ACCTID") or ""
    return StatedRow(
        line,
        posted.day,
        posted.time,
        None,
        fen,
        None,
        cells.word(told.get("NAME") or told.get("PAYEE.NAME") or ""),
        cells.word(party),
        cells.word(told.get("MEMO", "")),
        cells.word(told.get("FITID", "")),
        False,  # OFX has no mark of reversals
    )


def _period(current: _OpenOfxStatement, notes: list[Problem]) -> tuple[Day, Day] | None:
    """The days that the list of entries states; its end is exclusive where it is a midnight."""
    names = ("BANKTRANLIST.DTSTART", "BANKTRANLIST.DTEND")
    first, last = (_stamp(current.told.get(name, "")) for name in names)
    if first is None or last is None:
        zh = "起止日期缺失或无法读取,以明细日期为准"
        en = "the period is missing or cannot be read: the days of the entries stand for it"
        notes.append(Problem("OFX-PERIOD", Text(zh, en), line=current.line))
    start = first.day if first else min((row.booked_on for row in current.rows), default=None)
    return None if start is None or last is None else (start, max(start, last.last_day))


def _closing(current: _OpenOfxStatement, days: tuple[Day, Day], notes: list[Problem]) -> int | None:
    """The ledger balance, where it is one of the period's end."""
    told = current.told.get("LEDGERBAL.BALAMT")
    if told is None:
        return None
    fen, at = _fen(told), _stamp(current.told.get("LEDGERBAL.DTASOF", ""))
    entered = [row.booked_on for row in current.rows]
    # without a stated end the file has all entries up to its balance
    is_open = "BANKTRANLIST.DTEND" not in current.told
    is_late_enough = at is not None and max(entered, default=days[0]) <= at.day
    if fen is not None and at and is_late_enough and (is_open or at.last_day <= days[1]):
        return fen
    zh = "账面余额的日期或金额不属于本期末,未采用"
    en = "the ledger balance is not of the period's end and was not used"
    notes.append(Problem("OFX-BALANCE", Text(zh, en), line=current.line))
    return None
