"""Readings of bytes by the shipped layouts, and small files that tie, to be spoilt in tests."""

import pytest

from feewatch.statements.dialects import load_dialects
from feewatch.statements.reading import read

HEADER = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"

#: Rows that follow from 1000.00: 800.00 in, 1.00 out, 250.50 in, 49.50 out.
ROWS = (
    "6222000011112222,启明培训中心,CNY,2026-03-02,09:30:00,,800.00,1800.00,王芳,622700,学费 HT1,A1",
    "6222000011112222,启明培训中心,CNY,2026-03-05,10:00:00,1.00,,1799.00,,,手续费,A2",
    "6222000011112222,启明培训中心,CNY,2026-03-05,10:00:01,,250.50,2049.50,李强,,学费,A3",
    "6222000011112222,启明培训中心,CNY,2026-03-09,16:20:00,49.50,,2000.00,,,划拨,A4",
)

MT940 = """\
:20:STARTUMS
:25:6222000011112222
:28C:1/1
:60F:C260301CNY1000,00
:61:2603020302C800,00NTRFNONREF//B1
:86:学费 HT1
:61:2603050305D1,00NCHGNONREF//B2
:86:手续费
:61:2603050305C250,50NTRFNONREF//B3
:86:学费
:61:2603090309D49,50NTRFNONREF//B4
:86:划拨
:62F:C260309CNY2000,00
-
"""

_NTRY = """
<Ntry><Amt Ccy="CNY">{}</Amt><CdtDbtInd>{}</CdtDbtInd>{}<Sts>BOOK</Sts>
<BookgDt><Dt>{}</Dt></BookgDt><AcctSvcrRef>{}</AcctSvcrRef>
<NtryDtls><TxDtls><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""
_BAL = """
<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{}</Dt></Dt></Bal>"""


def _entry(amount, side, day, reference, memo, reversal=""):
    return _NTRY.format(amount, side, reversal, day, reference, memo)


def _statement(account="6222000011112222", period="", entries=None, opening="1000.00"):
    if entries is None:
        entries = (
            _entry("800.00", "CRDT", "2026-03-02", "B1", "学费 HT1")
            + _entry("1.00", "DBIT", "2026-03-05", "B2", "手续费")
            + _entry("250.50", "CRDT", "2026-03-05", "B3", "学费")
            + _entry("49.50", "DBIT", "2026-03-09", "B4", "划拨")
        )
    return (
        f"<Stmt><Id>S</Id>{period}<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>CNY</Ccy>"
        "<Ownr><Nm>启明培训中心</Nm></Ownr></Acct>"
        + _BAL.format("OPBD", opening, "2026-03-01")
        + _BAL.format("CLBD", "2000.00", "2026-03-09")
        + entries
        + "</Stmt>"
    )


def _camt(*statements, prolog='<?xml version="1.0" encoding="UTF-8"?>\n'):
    return (
        prolog
        + '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>\n'
        + "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-09T23:30:00</CreDtTm></GrpHdr>\n"
        + "\n".join(statements or [_statement()])
        + "\n</BkToCstmrStmt></Document>\n"
    )


class Samples:
    """Small files of each form, all of the same account, days and money."""

    header = HEADER
    rows = ROWS
    mt940 = MT940
    entry = staticmethod(_entry)
    statement = staticmethod(_statement)
    camt = staticmethod(_camt)

    @staticmethod
    def table(*rows, before=(), after=()):
        """A generic CSV; without rows, the ones that tie."""
        return "\n".join([*before, HEADER, *(rows or ROWS), *after]) + "\n"


@pytest.fixture(scope="session")
def samples():
    return Samples


@pytest.fixture(scope="session")
def layouts():
    return load_dialects()


@pytest.fixture
def reading(layouts):
    """What a file comes to; texts are taken as UTF-8."""

    def of(content, dialect=None, name="file"):
        raw = content.encode() if isinstance(content, str) else content
        found = read(raw, name, layouts, dialect)
        assert found.statements or found.problems, "a file must come to something"
        return found

    return of


@pytest.fixture
def statement(reading):
    """The only statement of a file."""

    def of(content, dialect=None):
        found = reading(content, dialect)
        assert not found.problems, found.problems
        (only,) = found.statements
        return only

    return of


@pytest.fixture
def faults(statement):
    """The kinds of fault of the only statement of a file."""

    def of(content):
        return [fault.kind for fault in statement(content).faults]

    return of


@pytest.fixture
def refusal(reading):
    """The codes for which a file is refused as a whole."""

    def of(content, dialect=None):
        found = reading(content, dialect)
        assert not found.statements, found.statements
        return [problem.code for problem in found.problems]

    return of
