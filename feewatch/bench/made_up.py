"""Bank files of made-up accounts in any size, and the registers they belong to."""

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from xlsxwriter import Workbook

from feewatch.bootstrap import App
from feewatch.demo import names
from feewatch.demo.model import day
from feewatch.kernel.days import LAST_DAY, Day, date_of, format_day
from feewatch.kernel.money import format_yuan
from feewatch.store.bulk import insert_rows
from feewatch.store.tables import registers as tables

HEADER = ("账号", "户名", "币种", "交易日期", "交易时间", "借方发生额", "贷方发生额", "余额",
          "对方户名", "对方账号", "摘要", "流水号")  # fmt: skip
_FIRST_DAY = day("2025-01-01")
_DAYS = 365
_PRICES = (80, 100, 120, 150, 180, 200)
#: Of five rows two are paid on contracts; the others are releases, refunds, charges, interest.
_ROWS_A_CONTRACT = 5
_OTHERS = ("课程费划转 第{n}期", "教师课酬", "场地租金及物业费", "退费 {no} 学员申请", "手续费",
           "利息", "教材采购款 发票号{n}")  # fmt: skip


class Account(NamedTuple):
    """A made-up institution and its one account, by number from 0."""

    n: int

    @property
    def account_no(self) -> str:
        """Nineteen digits."""
        return f"6222{self.n:05d}0000000000"

    @property
    def name(self) -> str:
        """Of the institution."""
        return names.school_name(self.n, "arts")

    def contract_no(self, n: int) -> str:
        """Of the institution's contract of this number from 0."""
        return f"HT25{self.n:04d}{n:06d}"


class Money(NamedTuple):
    """One row before any bank has written it down."""

    booked_on: Day
    time: str
    fen: int
    party: str
    party_account: str
    memo: str
    reference: str


def moneys(account: Account, count: int, days: int = _DAYS) -> Iterator[Money]:
    """So many days of an account in so many rows, oldest first."""
    rng = Random(account.n)  # noqa: S311 - made up, the same every time
    parties = [(names.person(rng), f"6217{rng.randrange(10**15):015d}") for _ in range(500)]
    for n in range(count):
        booked_on = _FIRST_DAY + n * days // count
        second = 8 * 3600 + rng.randrange(10 * 3600)
        time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        party, number = rng.choice(parties)
        contract = account.contract_no(n // _ROWS_A_CONTRACT)
        if n % _ROWS_A_CONTRACT < 2:
            fen, memo = _fee(n) // 2, f"{party}学费{contract}"
        else:
            fen = -rng.randrange(1_00, 3_000_00)
            memo = rng.choice(_OTHERS).format(n=n, no=contract)
        yield Money(booked_on, time, fen, party, number, memo, f"{booked_on}{account.n:04d}{n:09d}")


def _fee(n: int) -> int:
    """Of the contract that row n is about, in fen."""
    contract = n // _ROWS_A_CONTRACT
    return _PRICES[contract % len(_PRICES)] * (20 + contract % 30) * 100


def lines(account: Account, count: int, days: int = _DAYS) -> Iterator[tuple[str, ...]]:
    """The rows of an account in the generic layout."""
    balance = 1_000_000_00
    for money in moneys(account, count, days):
        balance += money.fen
        amount = format_yuan(abs(money.fen))
        yield (
            account.account_no, account.name, "CNY", format_day(money.booked_on), money.time,
            *(("", amount) if money.fen > 0 else (amount, "")), format_yuan(balance),
            money.party, money.party_account, money.memo, money.reference,
        )  # fmt: skip


def write_csv(path: Path, accounts: int, rows: int) -> None:
    """A GB18030 file of the generic layout: so many rows, account by account."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for n in range(accounts):
            writer.writerows(lines(Account(n), rows // accounts))


def write_files(
    folder: Path, accounts: int, files: int, rows: int, *, of_whole_days: bool = True
) -> None:
    """So many GB18030 files of so many rows, equally many of each account.

    ``of_whole_days``: each day is in one file, as banks write them; else in two now and then.
    """
    folder.mkdir()
    each = files // accounts
    days = each * (_DAYS // each) if of_whole_days else _DAYS
    for n in range(accounts):
        account = Account(n)
        year = list(lines(account, each * rows, days))
        for part in range(each):
            path = folder / f"{account.account_no}-{part:04d}.csv"
            with path.open("w", encoding="gb18030", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(HEADER)
                writer.writerows(year[part * rows : (part + 1) * rows])


def write_xlsx(path: Path, rows: int) -> None:
    """A workbook of text cells in the generic layout."""
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate((HEADER, *lines(Account(0), rows))):
            for column, text in enumerate(line):
                sheet.write_string(number, column, text)


def mt940(rows: int) -> str:
    """One message with so many rows."""
    account, opening = Account(0), 1_000_000_00
    found = list(moneys(account, rows))
    closing = opening + sum(each.fen for each in found)
    told = [
        ":20:STATEMENT", f":25:{account.account_no}", ":28C:00001/001",
        f":60F:{_balance(opening, _FIRST_DAY - 1)}",
    ]  # fmt: skip
    for each in found:
        on = f"{date_of(each.booked_on):%y%m%d}"
        mark = "C" if each.fen > 0 else "D"
        told.append(f":61:{on}{on[2:]}{mark}{_comma(each.fen)}NTRFNONREF//{each.reference}")
        told.append(f":86:{each.memo} {each.party} {each.party_account}")
    told += [f":62F:{_balance(closing, _FIRST_DAY + _DAYS - 1)}", "-", ""]
    return "\n".join(told)


def _balance(fen: int, on: Day) -> str:
    return f"{'C' if fen >= 0 else 'D'}{date_of(on):%y%m%d}CNY{_comma(fen)}"


def _comma(fen: int) -> str:
    return format_yuan(abs(fen)).replace(".", ",")


def register(app: App, accounts: int, rows: int) -> None:
    """Put the institutions, accounts and contracts on file to which so many rows each belong."""
    everyone = [Account(n) for n in range(accounts)]
    rng = Random(accounts)  # noqa: S311 - the same
    with app.database.transaction() as tx:
        codes = {names.credit_code(rng, app.config.office.district, for_profit=False): None
                 for _ in everyone}  # fmt: skip
        insert_rows(tx, tables.institution, ("id", "uscc"), enumerate(codes, 1))
        insert_rows(
            tx, tables.institution_fact,
            ("institution_id", "valid_from", "valid_to", "name", "district", "subject", "nature",
             "custody"),
            ((each.n + 1, 0, LAST_DAY, each.name, app.config.office.district, "arts",
              "non_profit", "bank_custody") for each in everyone),
        )  # fmt: skip
        insert_rows(
            tx, tables.account, ("account_no", "institution_id", "bank", "kind", "imported_on"),
            ((each.account_no, each.n + 1, names.BANKS[0], "fee", 0) for each in everyone),
        )  # fmt: skip
        insert_rows(
            tx, tables.contract,
            ("institution_id", "contract_no", "course_id", "student", "basis", "gift_lessons",
             "fee_fen", "paid_on", "payment"),
            ((each.n + 1, each.contract_no(n // _ROWS_A_CONTRACT), "C", f"S{n:09d}", "hours", 0,
              _fee(n), _FIRST_DAY + n * _DAYS // rows, "prepaid")
             for each in everyone for n in range(0, rows, _ROWS_A_CONTRACT)),
        )  # fmt: skip
