"""Writes small worlds as real files: one institution a case, with only what the case is about."""

import csv
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import parse_day
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers

FIRST, AS_OF = "2026-05-01", "2026-07-31"


@dataclass
class School:
    """An institution whose registers and statements are clean until a case changes them."""

    number: int
    name: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    course: dict[str, str] = field(default_factory=dict)
    contracts: list[dict[str, str]] = field(default_factory=list)
    lessons: list[tuple[str, str, int]] = field(default_factory=list)
    confirmations: dict[str, str] = field(default_factory=dict)
    refunds: list[dict[str, str]] = field(default_factory=list)
    approvals: list[dict[str, str]] = field(default_factory=list)
    settlement_no: str = ""
    account: dict[str, str] = field(default_factory=dict)
    #: (day, yuan: in > 0, counterparty, memo), and the counterparty's account where it is known
    entries: list[tuple[str, ...]] = field(default_factory=list)
    opening: str = "200000.00"
    period: tuple[str, str] = (FIRST, AS_OF)

    @property
    def uscc(self) -> str:
        body = f"5237070{self.number:010d}"
        return body + check_character(body)

    @property
    def account_no(self) -> str:
        return f"6222{self.number:013d}"

    @property
    def course_id(self) -> str:
        return f"KC{self.number}"

    def contract(self, paid_on: str = "2026-07-01", **given: str) -> str:
        """Add a contract; its money arrives on the day it is paid unless told otherwise."""
        number = f"HT{self.number:04d}{len(self.contracts):03d}"
        row = {
            "contract_no": number, "uscc": self.uscc, "course_id": self.course_id,
            "student": f"S{self.number}x{len(self.contracts)}", "basis": "hours", "lessons": "40",
            "gift_lessons": "0", "starts_on": paid_on, "ends_on": "", "fee": "1000.00",
            "other_fee": "", "paid_on": paid_on, "renews": "", "channel": "", "payment": "prepaid",
        }  # fmt: skip
        arrives = given.pop("arrives", paid_on)
        row |= given
        self.contracts.append(row)
        if arrives and FIRST <= arrives <= AS_OF:
            self.entries.append((arrives, row["fee"], "王女士", f"学费 {number}"))
        return number


def build(app, schools: list[School], folder: Path) -> None:
    """Write the files of all schools and take them in."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "institutions": [_facts(each) for each in schools],
        "accounts": [row for each in schools for row in _accounts(each)],
        "courses": [_course(each) for each in schools],
        "contracts": [row for each in schools for row in each.contracts],
        "lessons": [
            {
                "contract_no": number,
                "held_on": day,
                "lessons": str(count),
                "uscc": each.uscc,
                "confirmed_by": each.confirmations.get(day, ""),
            }
            for each in schools
            for number, day, count in each.lessons
        ],
        "refunds": [row for each in schools for row in each.refunds],
        "approvals": [row | {"uscc": each.uscc} for each in schools for row in each.approvals],
    }
    covers = (parse_day("2020-01-01"), parse_day(AS_OF))
    for kind, rows in tables.items():
        if rows:
            path = folder / f"{kind}.csv"
            header = list(dict.fromkeys(name for row in rows for name in row))
            _write(path, header, [[row.get(name, "") for name in header] for row in rows])
            known = covers if kind in ("contracts", "lessons") else None
            report = import_registers(app, kind, path, actor="test", covers=known).as_json()
            assert report["bad"] == 0, report["problems"]
    statements = folder / "statements"
    statements.mkdir()
    for each in schools:
        if each.account.get("kind") != "none":
            _statement(each, statements / f"{each.number}.csv")
    outcomes = [each.as_json() for each in ingest(app, [statements], actor="test")]
    assert {each["status"] for each in outcomes} == {"accepted"}, outcomes


def _facts(school: School) -> dict[str, str]:
    return {
        "uscc": school.uscc, "name": school.name or f"测试{school.number}号", "district": "370702",
        "subject": "academic", "nature": "non_profit", "custody": "bank_custody",
        "licence_until": "2030-12-31", "legal_representative": "赵校长",
        "related_parties": "钱股东;孙家商贸", "supervised_from": "",
    } | school.facts  # fmt: skip


def _accounts(school: School) -> list[dict[str, str]]:
    own = _account(school)
    if not school.settlement_no:
        return [own]
    # never asked for statements: it opens on the day after the world ends
    settlement = {
        "account_no": school.settlement_no,
        "kind": "settlement",
        "opened_on": "2027-01-01",
    }
    return [own, own | settlement]


def _account(school: School) -> dict[str, str]:
    return {
        "uscc": school.uscc, "account_no": school.account_no, "bank": "示例银行", "kind": "fee",
        "opened_on": "", "closed_on": "", "minimum_balance": "", "statement_cycle": "",
    } | school.account  # fmt: skip


def _course(school: School) -> dict[str, str]:
    return {
        "course_id": school.course_id, "uscc": school.uscc, "title": "数学", "discipline": "数学",
        "stage": "senior", "mode": "offline", "class_size": "12", "lesson_minutes": "45",
        "price_per_lesson": "100.00",
    } | school.course  # fmt: skip


def _statement(school: School, path: Path) -> None:
    first, last = school.period
    balance = Decimal(school.opening)
    lines = [["起止日期", first, last], ["期初余额", school.opening]]
    header = (
        "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
    )
    lines.append(header.split(","))
    for day, yuan, party, memo, *number in sorted(school.entries, key=lambda each: each[0]):
        amount = Decimal(yuan)
        balance += amount
        out, into = (f"{-amount:.2f}", "") if amount < 0 else ("", f"{amount:.2f}")
        lines.append([school.account_no, "", "CNY", day, "", out, into, f"{balance:.2f}", party,
                      *(number or [""]), memo, ""])  # fmt: skip
    if not school.entries:
        lines.insert(0, ["账号", school.account_no])
        lines.append(["期末余额", school.opening])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
