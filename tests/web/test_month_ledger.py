"""The monthly ledger against figures of its own: three institutions of a whole demonstration.

The right side is worked out here from the raw register files and from what the banks stated, with
fractions, by nothing of the product; liability, balance and the product's own table stand side by
side on three days.
"""

import csv
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from lxml import html

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import Scope
from feewatch.services.check.month_ledger import read_month_ledger
from feewatch.services.check.month_ledger_json import ledger_json
from feewatch.services.demo import shown_at

MONTHS = ("2026-05", "2026-06", "2026-07")
ENDS = {"2026-05": "2026-05-31", "2026-06": "2026-06-30", "2026-07": "2026-07-31"}
HEADS = {
    "合同编号": "contract_no", "统一社会信用代码": "uscc", "收费方式": "basis", "课时数": "lessons",
    "赠送课时": "gift_lessons", "开课日期": "starts_on", "结课日期": "ends_on", "金额": "fee",
    "缴费日期": "paid_on", "上课日期": "held_on", "退费单号": "refund_no",
}  # fmt: skip


def rows_of(demo, kind):
    """The rows of the raw files of a register, by English column."""
    rows = []
    for register in demo.world.registers:
        if register.kind == kind:
            data = register.path.read_bytes()
            encoding = "utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "utf-8"
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                text = data.decode("gb18030")
            rows += [
                {HEADS.get(name, name): value for name, value in row.items()}
                for row in csv.DictReader(text.splitlines())
            ]
    return rows


class Books:
    """One institution as its raw files tell it."""

    def __init__(self, demo, school):
        self.school = school
        self.contracts = [row for row in rows_of(demo, "contracts") if row["uscc"] == school.uscc]
        self.held = defaultdict(list)
        for row in rows_of(demo, "lessons"):
            if row["uscc"] == school.uscc:
                self.held[row["contract_no"]].append((row["held_on"], int(row["lessons"])))
        numbers = {
            row["refund_no"]: row["contract_no"]
            for row in rows_of(demo, "refunds")
            if row["uscc"] == school.uscc
        }
        self.refunded = defaultdict(list)
        entries = [entry for account in school.accounts for entry in account.entries]
        for entry in entries:
            for refund_no, contract_no in numbers.items():
                named = rf"(?<![0-9A-Za-z])({refund_no}|{contract_no})(?![0-9A-Za-z])"
                if entry.amount_fen < 0 and re.search(named, entry.memo):
                    on = (date(1970, 1, 1) + timedelta(entry.booked_on)).isoformat()
                    self.refunded[contract_no].append((on, -entry.amount_fen))

    def consumed(self, row, day):
        fee = int(Decimal(row["fee"]) * 100)
        held = [number for on, number in self.held[row["contract_no"]] if on <= day]
        taught = sum(held)
        if not held and row["basis"] in ("period", "按培训周期"):
            start, end = (date.fromisoformat(row[name]) for name in ("starts_on", "ends_on"))
            elapsed = min(
                max((date.fromisoformat(day) - start).days + 1, 0), (end - start).days + 1
            )
            part = Fraction(elapsed, (end - start).days + 1)
        else:
            part = Fraction(taught, int(row["lessons"]) + int(row["gift_lessons"] or 0))
        return min(fee, int(fee * part + Fraction(1, 2)))

    def figures(self, day):
        """By contract: fee paid, consumed, refunded and liability, in fen."""
        told = {}
        for row in self.contracts:
            if row["paid_on"] <= day:
                fee = int(Decimal(row["fee"]) * 100)
                back = sum(fen for on, fen in self.refunded[row["contract_no"]] if on <= day)
                consumed = self.consumed(row, day)
                told[row["contract_no"]] = (fee, consumed, back, max(0, fee - consumed - back))
        return told

    def balances(self, day):
        return {each.account_no: each.balance(parse_day(day)) for each in self.school.accounts}


@pytest.fixture(scope="module")
def three(town):
    """Three institutions whose statements run without a gap and that paid something back."""
    chosen = [
        school
        for school in town.demo.world.schools
        if school.refunds
        and not school.expected
        and not school.expected_entries
        and not school.expected_refunds
        and school.in_custody
        and all(account.last_day == parse_day("2026-07-31") for account in school.accounts)
    ]
    assert len(chosen) >= 3
    return [Books(town.demo, school) for school in chosen[:3]]


def test_three_institutions_tie_to_the_fen_on_three_days(town, three, capsys):
    app = town.demo.app
    lines = []
    for books in three:
        before = books.figures("2026-04-30")
        for month in MONTHS:
            with clock.fixed(shown_at()):
                told = ledger_json(read_month_ledger(app, Scope(), books.school.uscc, month))
            after = books.figures(ENDS[month])
            owed = sum(each[3] for each in after.values())
            liability = told["liability"]
            assert liability["opening_fen"] == sum(each[3] for each in before.values())
            assert liability["closing_fen"] == owed
            for n, name in enumerate(("received_fen", "consumed_fen", "refunded_fen")):
                moved = sum(row[n] for row in after.values()) - sum(r[n] for r in before.values())
                assert liability[name] == moved, (month, name)
            for line in [liability, *told["contracts"]]:
                assert (
                    line["opening_fen"] + line["received_fen"] - line["recognised_fen"]
                    - line["refunded_fen"]
                ) == line["closing_fen"]  # fmt: skip
            by_number = {each["contract_no"]: each["closing_fen"] for each in told["contracts"]}
            assert {k: v for k, v in by_number.items() if v} == {
                k: v[3] for k, v in after.items() if v[3]
            }
            stated = books.balances(ENDS[month])
            assert {a["account_no"]: a["closing_fen"] for a in told["accounts"]} == stated
            assert {a["difference_fen"] for a in told["accounts"]} == {0}
            closing = sum(account["closing_fen"] for account in told["accounts"])
            lines.append((books.school.name, ENDS[month], owed, liability, stated, closing))
            before = after
    with capsys.disabled():
        print("\nliability: raw files | ledger     bank: stated by the banks | ledger")
        for name, day, owed, liability, stated, closing in lines:
            print(f"  {name} {day}  {owed:>10} | {liability['closing_fen']:>10}  "
                  f"{sum(stated.values()):>10} | {closing:>10}")  # fmt: skip
    assert len(lines) == 9
    assert all(owed > 0 for _, _, owed, *_ in lines)


def test_pages_of_the_office_and_the_institution_show_it(town, three):
    with clock.fixed(shown_at()):
        officer, _ = town.enter("officer")
        uscc = three[0].school.uscc
        text = officer.get(f"/desk/institutions/{uscc}").text
        assert f"/desk/institutions/{uscc}/ledger" in text
        page = officer.get(f"/desk/institutions/{uscc}/ledger?month=2026-06")
        owed = sum(each[3] for each in three[0].figures("2026-06-30").values())
        assert f"{owed / 100:,.2f}" in page.text
        cell = html.document_fromstring(page.text).xpath("//td[@data-label='合同：本月收取']")[0]
        june = read_month_ledger(town.demo.app, Scope(), uscc, "2026-06")
        assert cell.text_content().startswith(f"{june.sum_of('charged_fen') / 100:,.2f}")
        book = officer.get(f"/desk/institutions/{uscc}/ledger.xlsx?month=2026-06")
        assert (book.status_code, book.data[:2]) == (200, b"PK")
        for month in ("2026-15", "9999-12", "0001-01"):
            refused = officer.get(f"/desk/institutions/{uscc}/ledger?month={month}")
            assert refused.status_code == 400
        school, _ = town.enter("institution")
        assert "科目余额表" in school.get("/own/ledger?month=2026-06").text
        assert school.get("/own/ledger.xlsx").status_code == 200
        assert school.get(f"/desk/institutions/{uscc}/ledger").status_code == 403
        viewer, _ = town.enter("viewer")
        number = three[0].school.accounts[0].account_no
        assert number not in viewer.get(f"/desk/institutions/{uscc}/ledger?month=2026-06").text
