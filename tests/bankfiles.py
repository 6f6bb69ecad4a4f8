"""A made-up account as its bank has it, and files of many forms that state parts of it."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import NamedTuple

from feewatch.kernel.days import Day, date_of, format_day
from feewatch.kernel.money import format_yuan

ACCOUNT = "6222000011112222"
FIRST: Day = 20_500
DAYS = 16
OPENING = 1_000_00
CONTRACTS = {"HT1": 800_00, "HT2": 300_00, "HT3": 300_00, "HT4": 120_50, "HT5": 800_00}
#: What some formats put before and behind every memo.
KIND = "网银转账"
_PAYERS = ("王芳", "李强", "张伟")
_MEMOS = ("学费", "学费", "学费 HT1", "学费HT2", "缴费 HT3 全款", "往来")


class Payment(NamedTuple):
    """One entry as the bank has it, with all that any of its files might tell."""

    day: Day
    time: str
    fen: int
    balance: int
    payer: str
    memo: str
    reference: str
    is_reversal: bool = False


@dataclass(frozen=True)
class Piece:
    """What one file states: the days it covers, and its payments, oldest first."""

    first: Day
    last: Day
    opening: int
    payments: tuple[Payment, ...]

    @property
    def closing(self) -> int:
        """The balance at its end."""
        return self.payments[-1].balance if self.payments else self.opening

    def meets(self, other: "Piece") -> bool:
        """Whether one of the two ends in the course of the day on which the other begins."""
        ends = {(self.last, self.closing), (other.last, other.closing)}
        return bool(ends & {(self.first, self.opening), (other.first, other.opening)})


def random_payments(dice: Random) -> list[Payment]:
    """Some weeks of payments: equal ones on a day, several a second, some taken back at once."""
    payments: list[Payment] = []
    balance = OPENING
    for day in range(FIRST, FIRST + DAYS):
        seconds = sorted(dice.randrange(9 * 3600, 17 * 3600) for _ in range(dice.randrange(7)))
        if len(seconds) > 1 and dice.random() < 0.5:
            seconds[1] = seconds[0]
        for second in seconds:
            fen = dice.choice([300_00, 300_00, 800_00, 120_50, -50_00, -50_00, -1_00])
            memo = dice.choice(_MEMOS) if fen > 0 else dice.choice(["划拨", "退费", "手续费"])
            made = [(fen, memo, False)]
            if dice.random() < 0.12:
                made.append((-fen, "冲正", True))
            payer = dice.choice(_PAYERS)
            for amount, told, is_reversal in made:
                balance += amount
                time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
                payments.append(
                    Payment(day, time, amount, balance, payer, told,
                            f"B{len(payments):05d}", is_reversal)
                )  # fmt: skip
    return payments


def piece(
    payments: Sequence[Payment], first: Day, last: Day, *, skipped: int = 0, left_out: int = 0
) -> Piece:
    """What stands between two days.

    ``skipped``: so many of the first day were told by an earlier part of it; ``left_out``: so many
    of the last day are not booked yet.
    """
    before = [each for each in payments if each.day < first]
    inside = [each for each in payments if first <= each.day <= last]
    before += inside[:skipped]
    opening = before[-1].balance if before else OPENING
    return Piece(first, last, opening, tuple(inside[skipped : len(inside) - left_out]))


def cuts(payments: Sequence[Payment], day: Day) -> list[int]:
    """After how many rows of a day a file may stop, so that balances tell where it stopped.

    Where the day comes back to a balance, parts without times could follow each other in more
    than one order, and rows that come to nothing might be one or two: no bank's file tells.
    """
    inside = [each.balance for each in payments if each.day == day]
    before = [each.balance for each in payments if each.day < day]
    passed = [before[-1] if before else OPENING, *inside]
    if passed[0] == passed[-1]:
        return []
    return [n for n in range(1, len(inside)) if passed.count(passed[n]) == 1]


def random_tiles(dice: Random, payments: Sequence[Payment]) -> list[Piece]:
    """Pieces that together state every day whole.

    Some meet on a day that both have whole; some in the course of one, where they chain.
    """
    tiles: list[Piece] = []
    start, skipped = FIRST, 0
    while start < FIRST + DAYS:
        end = min(start + dice.randrange(7), FIRST + DAYS - 1)
        booked = sum(each.day == end for each in payments)
        told = [n for n in cuts(payments, end) if end > start or n > skipped]
        left_out = booked - dice.choice(told) if told and dice.random() < 0.4 else 0
        tiles.append(piece(payments, start, end, skipped=skipped, left_out=left_out))
        if left_out:
            start, skipped = end, booked - left_out
        else:
            start, skipped = end + (start == end or dice.random() < 0.6), 0
    return tiles


def random_overlaps(dice: Random, payments: Sequence[Payment]) -> list[Piece]:
    """More pieces of the same days, some of which stop in the middle of one."""
    overlaps: list[Piece] = []
    for _ in range(dice.randrange(2, 7)):
        first = dice.randrange(FIRST, FIRST + DAYS)
        last = dice.randrange(first, FIRST + DAYS)
        on_last = sum(each.day == last for each in payments)
        told = cuts(payments, last)
        left_out = on_last - dice.choice(told) if told and dice.random() < 0.5 else 0
        overlaps.append(piece(payments, first, last, left_out=left_out))
    return overlaps


def _table(header: str, rows: Iterable[Sequence[str]], *lines: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return "\n".join([*lines, out.getvalue()])


def _sides(fen: int) -> tuple[str, str]:
    amount = format_yuan(abs(fen))
    return ("", amount) if fen > 0 else (amount, "")


_GENERIC = (
    "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
)


def generic(
    of: Piece,
    *,
    ordinals: bool = False,
    newest_first: bool = False,
    bare: bool = False,
    download: str = "",
) -> bytes:
    """The generic layout, with the bank's own numbers or with ordinals that begin with 1.

    ``bare``: without the lines above the table; ``download``: what numbers made for this file
    alone begin with.
    """
    listed = [
        (ACCOUNT, "启明培训中心", "CNY", format_day(each.day), each.time, *_sides(each.fen),
         format_yuan(each.balance), each.payer, "", each.memo, each.reference)
        for each in of.payments
    ]  # fmt: skip
    if newest_first:
        listed.reverse()
    if ordinals:
        listed = [(*row[:-1], str(n)) for n, row in enumerate(listed, 1)]
    if download:
        listed = [(*row[:-1], f"{download}{n:04d}") for n, row in enumerate(listed, 1)]
    period = f"起止日期,{format_day(of.first)},{format_day(of.last)}"
    account, opening = f"账号,{ACCOUNT}", f"期初余额,{format_yuan(of.opening)}"
    return _table(_GENERIC, listed, *([] if bare else [account, period, opening])).encode()


def bocom(of: Piece) -> bytes:
    """A layout that has no bank's number, newest first."""
    header = "交易时间,摘要,借方发生额（支出）,贷方发生额（收入）,账户余额,对方账号,对方户名"
    rows = [
        (f"{format_day(each.day)} {each.time}", each.memo, *_sides(each.fen),
         format_yuan(each.balance), "", each.payer)
        for each in reversed(of.payments)
    ]  # fmt: skip
    period = f"起止日期,{format_day(of.first)},{format_day(of.last)}"
    opening = f"期初余额,{format_yuan(of.opening)}"
    return _table(header, rows, f"账号,{ACCOUNT}", period, opening).encode("gb18030")


def icbc_b(of: Piece, *, newest_first: bool = False) -> bytes:
    """A layout that has neither balances nor a bank's number."""
    header = (
        "本方账号,对方账号,交易时间,借/贷,金额,凭证号,对方单位,对方行号,用途,摘要,附言,个性化信息"
    )
    rows = [
        (ACCOUNT, "", f"{format_day(each.day)} {each.time}", "贷" if each.fen > 0 else "借",
         format_yuan(abs(each.fen)), "0", each.payer, "", "", each.memo, "", "")
        for each in of.payments
    ]  # fmt: skip
    if newest_first:
        rows.reverse()
    period = f"起止日期,{format_day(of.first)},{format_day(of.last)}"
    return _table(header, rows, f"账号,{ACCOUNT}", period).encode("gb18030")


def mt940(of: Piece, *, has_references: bool = True, rows_a_page: int = 1000) -> bytes:
    """One statement, in pages that chain; reversals as RC and RD."""

    def balance(tag: str, fen: int, day: Day) -> str:
        amount = format_yuan(abs(fen)).replace(".", ",")
        return f":{tag}:{'C' if fen >= 0 else 'D'}{date_of(day):%y%m%d}CNY{amount}"

    lines: list[str] = []
    starts = list(range(0, len(of.payments), rows_a_page)) or [0]
    opening, opened = of.opening, of.first - 1
    for page, start in enumerate(starts, 1):
        told = of.payments[start : start + rows_a_page]
        is_last = page == len(starts)
        closing, closed = (of.closing, of.last) if is_last else (told[-1].balance, told[-1].day)
        lines += [":20:REF", f":25:{ACCOUNT}", f":28C:00001/{page:03d}"]
        lines += [balance("60F" if page == 1 else "60M", opening, opened)]
        for each in told:
            mark = "C" if each.fen > 0 else "D"
            if each.is_reversal:
                mark = "RD" if each.fen > 0 else "RC"
            amount = format_yuan(abs(each.fen)).replace(".", ",")
            bank = f"//{each.reference}" if has_references else ""
            day = date_of(each.day)
            lines += [f":61:{day:%y%m%d%m%d}{mark}{amount}NTRFNONREF{bank}", f":86:{each.memo}"]
        lines += [balance("62F" if is_last else "62M", closing, closed), "-"]
        opening, opened = closing, closed
    return "\r\n".join([*lines, ""]).encode()


def camt(of: Piece) -> bytes:
    """One statement of camt.053, with parties."""

    def balance(code: str, fen: int, day: Day) -> str:
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="CNY">{format_yuan(abs(fen))}</Amt>'
            f"<CdtDbtInd>{'CRDT' if fen >= 0 else 'DBIT'}</CdtDbtInd>"
            f"<Dt><Dt>{format_day(day)}</Dt></Dt></Bal>"
        )

    def entry(each: Payment) -> str:
        role = "Dbtr" if each.fen > 0 else "Cdtr"
        return (
            f'<Ntry><Amt Ccy="CNY">{format_yuan(abs(each.fen))}</Amt>'
            f"<CdtDbtInd>{'CRDT' if each.fen > 0 else 'DBIT'}</CdtDbtInd>"
            f"<RvslInd>{str(each.is_reversal).lower()}</RvslInd><Sts>BOOK</Sts>"
            f"<BookgDt><Dt>{format_day(each.day)}</Dt></BookgDt>"
            f"<AcctSvcrRef>{each.reference}</AcctSvcrRef><NtryDtls><TxDtls>"
            f"<RltdPties><{role}><Nm>{each.payer}</Nm></{role}></RltdPties>"
            f"<RmtInf><Ustrd>{each.memo}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        )

    first, last = format_day(of.first), format_day(of.last)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>\n'
        f"<Stmt><Id>S</Id><FrToDt><FrDtTm>{first}T00:00:00</FrDtTm>"
        f"<ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>\n"
        f"<Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n"
        f"{balance('OPBD', of.opening, of.first)}{balance('CLBD', of.closing, of.last)}\n"
        f"{''.join(map(entry, of.payments))}</Stmt></BkToCstmrStmt></Document>\n"
    ).encode()


def cut_short(of: Piece) -> Piece:
    """The same with payers and memos cut to their beginnings."""
    cut = (each._replace(payer=each.payer[:1], memo=each.memo[:4]) for each in of.payments)
    return replace(of, payments=tuple(cut))


def told_at_length(of: Piece) -> Piece:
    """The same with memos that the bank puts together from more fields than one."""
    told = (each._replace(memo=f"{KIND} {each.memo} {KIND}") for each in of.payments)
    return replace(of, payments=tuple(told))


#: Name, ending, and how a file of the form states a piece.
FORMS: tuple[tuple[str, str, Callable[[Piece], bytes]], ...] = (
    ("generic", "csv", generic),
    ("generic, newest first", "csv", lambda of: generic(of, newest_first=True)),
    ("generic with ordinals", "csv", lambda of: generic(of, ordinals=True)),
    ("bocom, no numbers", "csv", bocom),
    ("icbc-b, no balances", "csv", icbc_b),
    ("icbc-b, newest first", "csv", lambda of: icbc_b(of, newest_first=True)),
    ("mt940", "sta", mt940),
    ("mt940 in pages", "sta", lambda of: mt940(of, rows_a_page=4)),
    ("mt940 without references", "sta", lambda of: mt940(of, has_references=False)),
    ("camt.053", "xml", camt),
    ("camt.053 at length", "xml", lambda of: camt(told_at_length(of))),
    ("bocom at length", "csv", lambda of: bocom(told_at_length(of))),
    ("generic, cut short", "csv", lambda of: generic(cut_short(of))),
    ("camt.053, cut short", "xml", lambda of: camt(cut_short(of))),
)


def random_files(
    dice: Random, payments: Sequence[Payment], *, tell_all: bool = True
) -> dict[str, bytes]:
    """Files of many forms by name, every day stated whole by one of them at least.

    ``tell_all``: by one that tells of payers too.
    """
    telling = [each for each in FORMS if tell_all <= _tells_all(each[0])]
    tiles, overlaps = random_tiles(dice, payments), random_overlaps(dice, payments)
    files: dict[str, bytes] = {}
    for n, each in enumerate([*tiles, *overlaps]):
        is_tile = n < len(tiles)
        chains = is_tile and any(one.meets(each) for one in tiles)
        forms = telling if is_tile else FORMS
        forms = [form for form in forms if not (chains and form[0].startswith("icbc-b"))]
        if len({(one.day, one.time) for one in each.payments}) < 2:
            # neither times nor balances tell in which order such rows stand
            forms = [form for form in forms if form[0] != "icbc-b, newest first"]
        form, ending, render = dice.choice(forms)
        if dice.random() < 0.2:
            form, ending = "generic, numbered anew", "csv"
            render = partial(generic, download=f"{dice.randrange(10**9):09d}-")
        elif not is_tile and len({one.day for one in each.payments}) > 1 and dice.random() < 0.2:
            form, ending, render = "generic, bare", "csv", partial(generic, bare=True)
        files[f"{n:02d} {form}.{ending}"] = render(each)
    return files


def _tells_all(form: str) -> bool:
    return "mt940" not in form and "cut" not in form
