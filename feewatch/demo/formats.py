"""Bank files as bytes: generic CSV, SWIFT MT940, ISO 20022 camt.053.001.02."""

import csv
import io
from html import escape
from itertools import pairwise

from feewatch.demo.model import Entry
from feewatch.demo.statements import BankFile, Statement
from feewatch.kernel.days import Day, date_of, format_day
from feewatch.kernel.money import format_yuan

SUFFIXES = {"csv": (".csv", ".txt"), "mt940": (".sta", ".mt940"), "camt": (".xml",)}
_HEADER = ("账号", "户名", "币种", "交易日期", "交易时间", "借方发生额", "贷方发生额", "余额",
           "对方户名", "对方账号", "摘要", "流水号")  # fmt: skip


def render(file: BankFile) -> bytes:
    """The bytes of a file."""
    text = {"csv": _csv, "mt940": _mt940, "camt": _camt}[file.style](file)
    if file.cut_short:
        text = text[: text.rindex(":62F:")]
    return text.replace("\n", file.newline).encode(file.encoding)


def _csv(file: BankFile) -> str:
    [statement] = file.statements
    out = io.StringIO()
    if file.junk:
        out.write("单位账户交易明细查询\n")
    out.write(f"起止日期,{format_day(statement.from_day)},{format_day(statement.to_day)}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    out.write(f"期初余额,{format_yuan(statement.opening_fen)}\n")
    for entry, balance in zip(statement.entries, statement.balances, strict=True):
        amount = format_yuan(abs(entry.amount_fen))
        money_out, money_in = ("", amount) if entry.amount_fen > 0 else (amount, "")
        writer.writerow(
            (statement.account_no, statement.owner, statement.currency,
             format_day(entry.booked_on), entry.time, money_out, money_in, format_yuan(balance),
             entry.counterparty, entry.counterparty_account, entry.memo, entry.reference)
        )  # fmt: skip
    out.write(f"期末余额,{format_yuan(statement.closing_fen)}\n")
    if file.junk:
        out.write("以上数据仅供参考\n")
    return out.getvalue()


def _mt940(file: BankFile) -> str:
    """Chaining messages; the opening balance is that of the evening before."""
    [statement] = file.statements
    parts = _split(statement, file.messages)
    return "".join(_message(statement, number, *part) for number, part in enumerate(parts, start=1))


def _split(statement: Statement, messages: int) -> list[tuple[Day, Day]]:
    days = statement.to_day - statement.from_day + 1
    messages = min(messages, days)
    ends = [statement.from_day + days * k // messages - 1 for k in range(messages + 1)]
    return [(before + 1, end) for before, end in pairwise(ends)]


def _message(statement: Statement, number: int, from_day: Day, to_day: Day) -> str:
    rows = [
        (entry, balance)
        for entry, balance in zip(statement.entries, statement.balances, strict=True)
        if from_day <= entry.booked_on <= to_day
    ]
    before = [
        balance
        for entry, balance in zip(statement.entries, statement.balances, strict=True)
        if entry.booked_on < from_day
    ]
    opening = before[-1] if before else statement.opening_fen
    closing = rows[-1][1] if rows else opening
    if to_day == statement.to_day:
        closing = statement.closing_fen
    lines = [
        "{1:F01MADEUPBJAXXX0000000000}{2:I940MADEUPBJXXXXN}{4:",
        f":20:{_yymmdd(from_day)}{number:06d}",
        f":25:{statement.account_no}",
        f":28C:{statement.from_day % 900 + number:05d}/001",
        f":60F:{_balance(opening, from_day - 1, statement.currency)}",
    ]
    for entry, _ in rows:
        lines += [_line_61(entry), f":86:{entry.memo}"]
    lines += [f":62F:{_balance(closing, to_day, statement.currency)}", "-}\n"]
    return "\n".join(lines)


def _line_61(entry: Entry) -> str:
    on = _yymmdd(entry.booked_on)
    mark = "C" if entry.amount_fen > 0 else "D"
    if entry.reversal:  # RC takes back a credit, RD a debit
        mark = "RD" if entry.amount_fen > 0 else "RC"
    amount = format_yuan(abs(entry.amount_fen)).replace(".", ",")
    return f":61:{on}{on[2:]}{mark}{amount}NTRFNONREF//{entry.reference}"


def _balance(fen: int, on: Day, currency: str) -> str:
    mark = "C" if fen >= 0 else "D"
    return f"{mark}{_yymmdd(on)}{currency}{format_yuan(abs(fen)).replace('.', ',')}"


def _yymmdd(on: Day) -> str:
    return date_of(on).strftime("%y%m%d")


def _camt(file: BankFile) -> str:
    last = format_day(file.statements[-1].to_day)
    body = "\n".join(_stmt(s, n) for n, s in enumerate(file.statements, start=1))
    identity = f"M{file.statements[0].account_no[-6:]}{file.statements[0].from_day}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>{identity}</MsgId><CreDtTm>{last}T23:30:00</CreDtTm></GrpHdr>\n"
        f"{body}\n</BkToCstmrStmt></Document>\n"
    )


def _stmt(statement: Statement, n: int) -> str:
    first, last = format_day(statement.from_day), format_day(statement.to_day)
    identity = f"S{statement.account_no[-6:]}{statement.from_day}{n}"
    entries = "\n".join(_ntry(entry, statement.currency) for entry in statement.entries)
    return (
        f"<Stmt><Id>{identity}</Id><ElctrncSeqNb>{n}</ElctrncSeqNb>"
        f"<CreDtTm>{last}T23:30:00</CreDtTm><FrToDt><FrDtTm>{first}T00:00:00</FrDtTm>"
        f"<ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>\n"
        f"<Acct><Id><Othr><Id>{statement.account_no}</Id></Othr></Id>"
        f"<Ccy>{statement.currency}</Ccy><Ownr><Nm>{escape(statement.owner)}</Nm></Ownr></Acct>\n"
        f"{_bal('OPBD', statement.opening_fen, first, statement.currency)}\n"
        f"{_bal('CLBD', statement.closing_fen, last, statement.currency)}\n"
        f"{entries}\n</Stmt>"
    )


def _bal(code: str, fen: int, on: str, currency: str) -> str:
    side = "CRDT" if fen >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{format_yuan(abs(fen))}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def _ntry(entry: Entry, currency: str) -> str:
    on = format_day(entry.booked_on)
    side = "CRDT" if entry.amount_fen > 0 else "DBIT"
    back = "<RvslInd>true</RvslInd>" if entry.reversal else ""
    return (
        f"<Ntry><NtryRef>{entry.reference}</NtryRef>"
        f'<Amt Ccy="{currency}">{format_yuan(abs(entry.amount_fen))}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd>{back}<Sts>BOOK</Sts><BookgDt><Dt>{on}</Dt></BookgDt>"
        f"<ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{entry.reference}</AcctSvcrRef>"
        "<BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd><NtryDtls><TxDtls>"
        f"<Refs><AcctSvcrRef>{entry.reference}</AcctSvcrRef></Refs>{_parties(entry)}"
        f"<RmtInf><Ustrd>{escape(entry.memo)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def _parties(entry: Entry) -> str:
    if not entry.counterparty:
        return ""
    role = "Dbtr" if entry.amount_fen > 0 else "Cdtr"
    account = ""
    if entry.counterparty_account:
        number = entry.counterparty_account
        account = f"<{role}Acct><Id><Othr><Id>{number}</Id></Othr></Id></{role}Acct>"
    name = escape(entry.counterparty)
    return f"<RltdPties><{role}><Nm>{name}</Nm></{role}>{account}</RltdPties>"
