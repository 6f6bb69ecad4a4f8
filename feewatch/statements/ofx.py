"""Reads OFX 1 (SGML) and OFX 2 (XML): bank and card accounts, their entries, ledger balances.

Strict: what a file does not say plainly is unknown and noted, or refused; never guessed.
"""

import html
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from feewatch.kernel.days import Day
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements import cells
from feewatch.statements.columns import Rows, StatedRow
from feewatch.statements.model import FileReading, Statement, StatementFault
from feewatch.statements.ofx_text import decoded
from feewatch.statements.ofx_values import Stamp, fen_of, stamp_of
from feewatch.statements.proof import covered_days, in_order, prove
from feewatch.statements.refusals import unreadable, whole_or_each

NAME = "ofx"

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:OFXHEADER\s*:|(?:<\?[^>]*>\s*)*<(?:\?OFX\b|OFX>))")
_HEAD = 4096
_TAG = re.compile(r"<(/?)([A-Za-z][\w.]*)\s*(/?)>([^<]*)")
_END_TAG = re.compile(r"</([A-Za-z][\w.]*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)

_STATEMENTS = ("STMTRS", "CCSTMTRS")
_ENTRY = "STMTTRN"
#: Types that say whether money came in or went out.
_SIDES = {
    **dict.fromkeys(("CREDIT", "DEP", "DIRECTDEP"), 1),
    **dict.fromkeys(
        ("DEBIT", "PAYMENT", "CHECK", "CASH", "DIRECTDEBIT", "REPEATPMT", "SRVCHG", "FEE"), -1
    ),
}
#: Further balances, and how the one before the entries is named.
_BALANCES = "BALLIST"
_OPENINGS = ("期初", "上期", "承前", "opening", "previous")
#: No file needs to nest deeper.
_DEEPEST = 100
_GROUPS = {*_STATEMENTS, _ENTRY, "OFX", "BANKTRANLIST", "LEDGERBAL", "BANKACCTFROM", "CCACCTFROM"}
#: Leaves that may stand empty in a file that closes them elsewhere: they are no groups.
_LEAVES = {"CURDEF", "ACCTID", "DTSTART", "DTEND", "DTPOSTED", "TRNAMT", "FITID", "NAME", "MEMO",
           "BALAMT", "DTASOF", "CHECKNUM", "REFNUM"}  # fmt: skip


def is_ofx(content: bytes) -> bool:
    """Whether bytes begin as an OFX file of either version."""
    return _START.match(content[:_HEAD]) is not None


def read_ofx(content: bytes) -> FileReading:
    """The statements of a file; one that is cut off by the file's end is marked truncated."""
    match = decoded(content)
    if isinstance(match, Problem):
        return FileReading(NAME, (), (match,))
    text, notes = match
    text = _CDATA.sub(lambda match: html.escape(match[1], quote=False), text)
    reader = _OfxReader(notes)
    if "<!" in text:
        line = text.count("\n", 0, text.index("<!")) + 1
        reader.fault(
            "OFX-DOCTYPE", line, "含 DOCTYPE 或注释，不予读取", "holds a DOCTYPE or comment"
        )
        return reader.finish()
    groups = _GROUPS.union(name.upper() for name in set(_END_TAG.findall(text))) - _LEAVES
    for tag in _tags(text, groups):
        if not reader.take(tag, is_group=tag.name in groups and not tag.text):
            break
    return reader.finish()


class Tag(NamedTuple):
    """A tag with the text behind it."""

    line: int
    is_end: bool
    name: str
    text: str


def _tags(text: str, groups: Collection[str]) -> Iterator[Tag]:
    """The tags from ``<OFX>`` on, in order, but those that say nothing: an empty leaf."""
    at = max(text.upper().find("<OFX>"), 0)
    line = text.count("\n", 0, at) + 1
    for match in _TAG.finditer(text, at):
        end, tag, closed, value = match.groups()
        if closed or (not end and (not value or value.isspace()) and tag.upper() not in groups):
            continue
        line += text.count("\n", at, match.start())
        at = match.start()
        value = html.unescape(value) if "&" in value else value
        yield Tag(line, bool(end), tag.upper(), " ".join(value.split()))


@dataclass
class _OpenOfxStatement:
    """A statement as far as it was read."""

    line: int
    told: dict[str, str] = field(default_factory=dict)  # path of a leaf -> its text
    rows: list[StatedRow] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)
    sides: list[int] = field(default_factory=list)  # of each row, as its type says; 0: either
    balances: list[dict[str, str]] = field(default_factory=list)  # further ones, each by its leaves
    is_local: bool = False  # it tells a clock without the zone
    faults: list[Problem] = field(default_factory=list)  # why it cannot be read

    def fault(self, code: str, line: int, zh: str, en: str) -> None:
        """Note why it cannot be read."""
        self.faults.append(Problem(code, Text(zh, en), line=line))

    @property
    def account(self) -> str:
        """The account's number, empty where none is told."""
        told = self.told
        number = told.get("BANKACCTFROM.ACCTID") or told.get("CCACCTFROM.ACCTID") or ""
        return "".join(number.split()).replace("-", "")

    @property
    def currency(self) -> str:
        """Its currency, and others of its entries."""
        currencies = dict.fromkeys([self.told.get("CURDEF", ""), *self.currencies])
        return "/".join(each for each in currencies if each)


class _OfxReader:
    def __init__(self, notes: list[Problem]) -> None:
        self._notes = notes
        self._statements: list[Statement] = []
        self._problems: list[Problem] = []
        self._groups: list[str] = []
        self._opened: Counter[str] = Counter()  # how often each group is open
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
            self._opened[tag.name] += 1
            if len(self._groups) > _DEEPEST:
                self.fault("OFX-SYNTAX", tag.line, "标签嵌套过深", "tags stand too deep")
                return False
            if tag.name in _STATEMENTS:
                self._open = _OpenOfxStatement(tag.line)
            elif tag.name == _ENTRY:
                self._entry = _OpenOfxStatement(tag.line)
        elif tag.text and self._open is not None:
            self._leaf(self._entry or self._open, tag)
        return True

    def _end(self, tag: Tag) -> bool:
        if not self._groups or self._groups[-1] != tag.name:
            if not self._opened[tag.name] and tag.name not in _GROUPS:
                return True  # the end of a leaf
            inner = self._groups[-1] if self._groups else ""
            zh, en = f"</{tag.name}> 出现在 <{inner}> 内", f"</{tag.name}> stands inside <{inner}>"
            self.fault("OFX-SYNTAX", tag.line, zh, en)
            return False
        self._opened[self._groups.pop()] -= 1
        if tag.name == _ENTRY:
            self._take_entry()
        elif tag.name in _STATEMENTS:
            self._close(None)
        return True

    def _leaf(self, group: _OpenOfxStatement, tag: Tag) -> None:
        base = max(i for i, each in enumerate(self._groups) if each in (*_STATEMENTS, _ENTRY))
        inner = self._groups[base + 1 :]
        if inner[:1] == [_BALANCES]:
            _take_balance(group.balances, tag)
            return
        path = ".".join([*inner, tag.name])
        if group.told.setdefault(path, tag.text) != tag.text:
            current = self._open or group
            current.fault("OFX-TWICE", tag.line, f"{path} 出现两次", f"{path} stands twice")

    def _take_entry(self) -> None:
        entry, current = self._entry, self._open
        self._entry = None
        if entry is None or current is None:
            return
        fields = entry.told
        fen, posted = fen_of(fields.get("TRNAMT", "")), stamp_of(fields.get("DTPOSTED", ""))
        if fen is None:
            quoted = cells.shown(fields.get("TRNAMT", ""))
            zh, en = f"TRNAMT 金额无法读取：{quoted}", f"TRNAMT is no amount: {quoted}"
            current.fault("OFX-AMOUNT", entry.line, zh, en)
        elif posted is None:
            quoted = cells.shown(fields.get("DTPOSTED", ""))
            zh, en = f"DTPOSTED 不是日期：{quoted}", f"DTPOSTED is no day: {quoted}"
            current.fault("OFX-DAY", entry.line, zh, en)
        elif "CORRECTFITID" in fields:
            zh, en = (
                "含更正（CORRECTFITID），请导出更正后的明细",
                "a correction of an earlier entry",
            )
            current.fault("OFX-CORRECTION", entry.line, zh, en)
        else:
            current.currencies.append(fields.get("CURRENCY.CURSYM", ""))
            current.sides.append(_SIDES.get(fields.get("TRNTYPE", "").upper(), 0))
            current.rows.append(_row(entry.line, posted, fen, fields))
            current.is_local |= posted.is_local

    def _close(self, cut: Problem | None) -> None:
        current = self._open
        assert current is not None
        self._open = self._entry = None
        notes = list(self._notes)
        period = _period(current, notes)
        days = covered_days(Rows.of(current.rows), period, None, None)
        if not current.account or days is None:
            zh, en = "对账单缺账号或日期", "the statement has no account or no days"
            current.fault("OFX-HEAD", current.line, zh, en)
            if days is None:
                self._problems += current.faults
                return
        closing = _closing(current, days, notes)
        _settle_sides(current, closing, notes)
        n = len(self._statements) + 1
        if current.faults:
            husk = unreadable(n, current.account, current.currency, days, current.faults)
            self._statements.append(husk)
            return
        if current.is_local:
            notes.append(_local_clock(current.line))
        rows = Rows.of(sorted(in_order(Rows.of(current.rows)), key=lambda row: row.booked_on))
        statement = Statement(
            n, current.account, None, current.currency, *days, None, closing, rows, notes=notes
        )
        if cut is None and "LEDGERBAL.BALAMT" not in current.told:
            zh, en = "缺账面余额（LEDGERBAL）", "no ledger balance (LEDGERBAL)"
            cut = Problem("OFX-CLOSING", Text(zh, en), line=current.line)
        if cut is not None:
            statement.faults.append(StatementFault("truncated", cut))
        prove(statement)
        self._statements.append(statement)

    def finish(self) -> FileReading:
        """What the tags come to."""
        if not self._problems and self._groups:
            zh, en = "文件不完整，对账单未结束", "the file is cut off"
            cut = Problem("OFX-CUT", Text(zh, en))
            if self._open is not None:
                self._close(cut)
            elif self._statements:
                self._statements[-1].faults.insert(0, StatementFault("truncated", cut))
        if not self._problems and not self._statements:
            zh, en = "文件中没有银行账户对账单（STMTRS）", "no statement of a bank account (STMTRS)"
            self._problems.append(Problem("OFX-EMPTY", Text(zh, en)))
        if self._problems:
            return FileReading(NAME, (), tuple(self._problems))
        return whole_or_each(NAME, self._statements)


def _take_balance(balances: list[dict[str, str]], tag: Tag) -> None:
    """Put a leaf to the last of these balances, or begin another one with it."""
    if not balances or tag.name in balances[-1]:
        balances.append({})
    balances[-1][tag.name] = tag.text


def _opening(current: _OpenOfxStatement) -> int | None:
    """The opening balance, where one is told among the further balances."""
    for balance in current.balances:
        name = f"{balance.get('NAME', '')} {balance.get('DESC', '')}".lower()
        if any(word in name for word in _OPENINGS):
            return fen_of(balance.get("VALUE", ""))
    return None


def _settle_sides(current: _OpenOfxStatement, closing: int | None, notes: list[Problem]) -> None:
    """Refuse rows whose type and sign disagree, unless balances prove one of them right for all."""
    rows, sides = current.rows, current.sides
    wrong = [row for row, side in zip(rows, sides, strict=True) if row.amount_fen * side < 0]
    if not wrong:
        return
    opening = _opening(current)
    by_type = [
        row._replace(amount_fen=abs(row.amount_fen) * side) if side else row
        for row, side in zip(rows, sides, strict=True)
    ]
    proven = [
        each
        for each in (rows, by_type)
        if None not in (opening, closing)
        and (opening or 0) + sum(row.amount_fen for row in each) == closing
    ]
    if len(proven) == 1:
        (current.rows,) = proven
        text = Text(
            f"TRNTYPE 与金额正负不一致（{len(wrong)} 行），按余额证明的一种读取",
            f"type and sign disagree in {len(wrong)} rows: read as the balances prove",
        )
        notes.append(Problem("OFX-SIGN", text, line=wrong[0].line))
        return
    for row in wrong:
        zh, en = "TRNTYPE 与金额正负不一致，收支方向不明", "type and sign disagree: in or out?"
        current.fault("OFX-SIGN", row.line, zh, en)


def _local_clock(line: int) -> Problem:
    text = Text(
        "时间未注明时区，按北京时间读取",
        "times without a zone were read as the bank's own clock, in Shanghai",
    )
    return Problem("OFX-ZONE", text, line=line)


def _row(line: int, posted: Stamp, fen: int, fields: dict[str, str]) -> StatedRow:
    name = fields.get("NAME") or fields.get("PAYEE.NAME") or ""
    party = fields.get("BANKACCTTO.ACCTID") or fields.get("CCACCTTO.ACCTID") or ""
    return StatedRow(
        line,
        posted.day,
        posted.time,
        None,
        fen,
        None,
        cells.word(name),
        cells.word(party),
        cells.word(fields.get("MEMO") or name),
        cells.word(fields.get("FITID", "")),
        False,  # OFX has no mark of reversals
    )


def _period(current: _OpenOfxStatement, notes: list[Problem]) -> tuple[Day, Day] | None:
    """The days that the list of entries states; its end is exclusive where it is a midnight."""
    names = ("BANKTRANLIST.DTSTART", "BANKTRANLIST.DTEND")
    first, last = (stamp_of(current.told.get(name, "")) for name in names)
    if first is None or last is None:
        zh = "起止日期缺失或无法读取，以明细日期为准"
        en = "the period is missing or cannot be read: the days of the entries stand for it"
        notes.append(Problem("OFX-PERIOD", Text(zh, en), line=current.line))
    start = first.day if first else min((row.booked_on for row in current.rows), default=None)
    return None if start is None or last is None else (start, max(start, last.last_day))


def _closing(current: _OpenOfxStatement, days: tuple[Day, Day], notes: list[Problem]) -> int | None:
    """The ledger balance, where it is one of the period's end."""
    amount = current.told.get("LEDGERBAL.BALAMT")
    if amount is None:
        return None
    fen, at = fen_of(amount), stamp_of(current.told.get("LEDGERBAL.DTASOF", ""))
    entered = [row.booked_on for row in current.rows]
    # without a stated end the file has all entries up to its balance
    is_open = "BANKTRANLIST.DTEND" not in current.told
    is_late_enough = at is not None and max(entered, default=days[0]) <= at.day
    if fen is not None and at and is_late_enough and (is_open or at.last_day <= days[1]):
        return fen
    zh = "账面余额的日期或金额不属于本期末，未采用"
    en = "the ledger balance is not of the period's end and was not used"
    notes.append(Problem("OFX-BALANCE", Text(zh, en), line=current.line))
    return None
