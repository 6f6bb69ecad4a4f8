"""Writes scenarios as real files, each an institution of its own, and takes them in.

Nothing is stored past the readers that every office's files go through.
"""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.scenarios import Row, Scenario
from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import LAST_DAY, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS
from feewatch.services.check.checking import run_check
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_content
from feewatch.store.cases import cases, matters

_ACTOR = "scenarios"
_HEADER = (
    "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
)
#: Rows without which the others have no one to belong to come first.
_ORDER = (
    "institutions", "accounts", "courses", "contracts", "charges", "lessons", "refunds",
    "approvals",
)  # fmt: skip


class Placed(NamedTuple):
    """A scenario in the world: its institution, its numbers for accounts and refunds, its files."""

    scenario: Scenario
    number: int
    uscc: str
    numbers: Mapping[str, str]  # as the scenario calls them -> a number no other has
    files: tuple[bytes, ...]

    @property
    def hashes(self) -> set[str]:
        """The hashes of its statements."""
        return {hashlib.sha256(each).hexdigest() for each in self.files}


def place(scenarios: Iterable[Scenario]) -> list[Placed]:
    """Each scenario under a credit code and numbers that no other has."""
    return [_place(number, each) for number, each in enumerate(scenarios, 1)]


def _place(number: int, scenario: Scenario) -> Placed:
    body = f"52{scenario.institution.get('district', '')[:6]:0<6}{number:09d}"
    named = [row["account_no"] for row in scenario.rows["accounts"]]
    named += [row["account"] for row in scenario.rows["statements"]]
    numbers = {name: f"6222{number:08d}{n:03d}" for n, name in enumerate(dict.fromkeys(named), 1)}
    refunds = (row["refund_no"] for row in scenario.rows["refunds"])
    numbers |= {name: f"{name}{number:06d}" for name in refunds}
    files = tuple(
        _statement(scenario, n, row, numbers) for n, row in enumerate(scenario.rows["statements"])
    )
    return Placed(scenario, number, body + check_character(body), numbers, files)


def build(app: App, world: Sequence[Placed], folder: Path) -> None:
    """Take the world's registers and statements in.

    Raises: InvalidInputError naming every row that its register refuses.
    """
    refused = [line for placed in world for line in _strays(placed.scenario)]
    for kind in _ORDER:
        for covers, rows in _by_coverage(kind, world).items():
            refused += _import(app, kind, covers, rows)
    if refused:
        listed = "\n".join(refused)
        raise InvalidInputError(
            "SCENARIO-ROWS", f"情形中的登记有误：\n{listed}", f"scenarios with bad rows:\n{listed}"
        )
    words = set()
    for placed in world:
        told = placed.scenario.rows["statements"]
        for n, (content, statement) in enumerate(zip(placed.files, told, strict=True)):
            word = statement.get("told_by") or "office"
            words.add(word)
            (folder / word).mkdir(parents=True, exist_ok=True)
            (folder / word / f"{placed.number:05d}-{n:02d}.csv").write_bytes(content)
    for word in sorted(words):
        for _ in ingest(app, [folder / word], actor=_ACTOR, provenance=word):
            pass  # what is quarantined is what some scenarios are about
    _open_cases(app, [placed for placed in world if placed.scenario.rows["cases"]])


def _open_cases(app: App, world: Iterable[Placed]) -> None:
    """Open the cases that scenarios name, over what a check finds at their institutions."""
    for placed in sorted(world, key=lambda each: each.scenario.as_of):
        run_check(app, placed.scenario.as_of, uscc=placed.uscc)
        with app.database.transaction() as tx:
            matters_found = [row for row in matters.list_matters(tx) if row["uscc"] == placed.uscc]
            for row in placed.scenario.rows["cases"]:
                district = placed.scenario.institution["district"]
                year = int(row["deadline"][:4])
                opened = cases.add_case(
                    tx, district=district, year=year, matters=matters_found, severity="red",
                    owner="officer", department=matters_found[0]["department"],
                )  # fmt: skip
                cases.change_case(
                    tx,
                    opened["id"],
                    "open",
                    state=row["state"],
                    deadline=parse_day(row["deadline"]),
                )


_Covers = tuple[int, int] | None


def _by_coverage(kind: str, world: Sequence[Placed]) -> dict[_Covers, list[tuple[Scenario, Row]]]:
    grouped: defaultdict[_Covers, list[tuple[Scenario, Row]]] = defaultdict(list)
    for placed in world:
        covers = placed.scenario.covers.get(kind)
        grouped[covers] += [(placed.scenario, row) for row in _rows(kind, placed)]
    return {covers: rows for covers, rows in grouped.items() if rows}


def _rows(kind: str, placed: Placed) -> Iterator[Row]:
    scenario, owner = placed.scenario, {"uscc": placed.uscc}
    if kind == "institutions":
        yield {**scenario.institution, **owner}
        return
    for row in scenario.rows[kind]:
        if kind == "accounts":
            yield {**row, **owner, "account_no": placed.numbers[row["account_no"]]}
        elif kind == "refunds":
            yield {**row, **owner, "refund_no": placed.numbers[row["refund_no"]]}
        elif kind == "contracts":
            yield {**_contract(row), **owner}
        elif kind == "charges":
            yield {**_charge(row), **owner}
        else:
            yield {**row, **owner}


def _contract(row: Row) -> Row:
    number = row["contract_no"]
    stated = {name: value for name, value in row.items() if name != "received_on"}
    return {
        "course_id": "KC1", "student": f"S{number}", "starts_on": row.get("paid_on", ""),
        "ends_on": "", **stated,
    }  # fmt: skip


def _charge(row: Row) -> Row:
    stated = {name: value for name, value in row.items() if name != "received_on"}
    return {"due_on": row.get("paid_on", ""), **stated}


def _import(
    app: App, kind: str, covers: _Covers, rows: Sequence[tuple[Scenario, Row]]
) -> Iterator[str]:
    """Import the rows of one register; what is wrong is told by scenario."""
    must = [column.name for column in KINDS[kind].columns if column.must_stand]
    header = list(dict.fromkeys([*must, *(name for _, row in rows for name in row)]))
    text = _csv([header, *([row.get(name, "") for name in header] for _, row in rows)])
    report = import_content(
        app, kind, f"{kind}.csv", text, actor=_ACTOR, covers=covers, as_of=LAST_DAY
    )
    if not report.bad:
        return
    for problem in report.problems:
        where, _ = rows[(problem.line or 2) - 2]
        yield f"{where.file}: {where.title}: {kind}.{problem.column}: {problem.message.both()}"


def _statement(
    scenario: Scenario, number: int, statement: Row, numbers: Mapping[str, str]
) -> bytes:
    """One statement in the plain layout; its balances add up unless a closing is stated."""
    balance = _opening(scenario, number)
    lines = [["起止日期", statement["from"], statement["to"]], ["期初余额", f"{balance:.2f}"]]
    account_no, currency = numbers[statement["account"]], statement.get("currency", "CNY")
    entries = sorted(_entries(scenario, statement), key=lambda row: row["booked_on"])
    if not entries:
        lines.insert(0, ["账号", account_no])
    lines.append(_HEADER.split(","))
    for row in entries:
        balance += _amount(row)
        party = row.get("counterparty_account", "")
        lines.append([
            account_no, "", currency, row["booked_on"], "", row.get("out", ""),
            row.get("in", ""), f"{balance:.2f}", row.get("counterparty", ""),
            numbers.get(party, party), _memo(row, numbers), "",
        ])  # fmt: skip
    lines.append(["期末余额", statement.get("closing") or f"{balance:.2f}"])
    return _csv(lines)


def _memo(row: Row, numbers: Mapping[str, str]) -> str:
    """The memo with the numbers that refunds and accounts have in the world."""
    memo = row.get("memo", "")
    for name, number in numbers.items():
        memo = memo.replace(name, number)
    return memo


def _opening(scenario: Scenario, number: int) -> Decimal:
    """The opening stated, else the closing of the account's statement before."""
    statements = scenario.rows["statements"]
    this = statements[number]
    if this["opening"]:
        return Decimal(this["opening"])
    before = max(n for n in range(number) if statements[n]["account"] == this["account"])
    closing = statements[before].get("closing")
    moved = sum((_amount(row) for row in _entries(scenario, statements[before])), Decimal(0))
    return Decimal(closing) if closing else _opening(scenario, before) + moved


def _amount(row: Row) -> Decimal:
    return Decimal(row.get("in") or 0) - Decimal(row.get("out") or 0)


def _entries(scenario: Scenario, statement: Row) -> list[Row]:
    """What was booked in the period: the entries stated, and what contracts charge."""
    charges = scenario.rows["charges"]
    charged = {row["contract_no"] for row in charges}
    whole = [row for row in scenario.rows["contracts"] if row["contract_no"] not in charged]
    paid = [_receipt(scenario, row, row["fee"]) for row in whole]
    paid += [_receipt(scenario, row, row["amount"]) for row in charges]
    return [
        row
        for row in [*scenario.rows["entries"], *paid]
        if row["account"] == statement["account"]
        and statement["from"] <= row["booked_on"] <= statement["to"]
    ]


def _receipt(scenario: Scenario, charged: Row, yuan: str) -> Row:
    """Money of a contract or charge, arriving in the first fee account on the day it says."""
    is_prepaid = charged.get("payment") not in ("pay_after", "先学后付")
    usual = charged.get("paid_on", "") if is_prepaid else ""
    return {
        "account": _fee_account(scenario),
        "booked_on": charged.get("received_on", usual),
        "in": yuan,
        "counterparty": "王女士",
        "memo": f"学费 {charged['contract_no']}",
    }


def _fee_account(scenario: Scenario) -> str:
    fee = (row for row in scenario.rows["accounts"] if row["kind"] in ("fee", "收费专用账户"))
    return next((row["account_no"] for row in fee), "")


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def _strays(scenario: Scenario) -> Iterator[str]:
    """Entries that no statement of their account covers: a slip, for nobody would see them."""
    spans = [(row["account"], row["from"], row["to"]) for row in scenario.rows["statements"]]
    for row in scenario.rows["entries"]:
        on = row.get("booked_on", "")
        if not any(account == row["account"] and a <= on <= b for account, a, b in spans):
            wrong = Text(
                f"{row['account']} 没有覆盖 {on or '(无日期)'} 的对账单",
                f"no statement of {row['account']} covers {on or '(no day)'}",
            )
            yield f"{scenario.file}: {scenario.title}: entries: {wrong.both()}"
