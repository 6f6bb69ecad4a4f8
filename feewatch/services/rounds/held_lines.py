"""What the office holds of an institution, line by line: rows of registers, and totals."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, iso_or_none
from feewatch.kernel.masking import mask_account
from feewatch.kernel.money import group_yuan
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.publication.signing import canonical
from feewatch.registry.columns import Kind
from feewatch.registry.kinds import KINDS
from feewatch.registry.records import BankAccount, Institution
from feewatch.registry.wording import value_in_words
from feewatch.services.check.keeping import read_warning
from feewatch.store.database import Transaction
from feewatch.store.registers import registers
from feewatch.store.registers.registers import RecordOnFile

#: Registers whose rows are lines of their own.
_ROWS = ("institutions", "accounts", "courses")
CONTRACTS, CLAIMS, MISSING = "contracts", "claims", "missing"
_UNKNOWN = Text("不能判定", "cannot be judged")


class HeldLine(NamedTuple):
    """A line of what the office holds, as an institution is shown it."""

    id: str  # register and key of the row, or a total
    section: str
    title: Text
    facts: tuple[tuple[Text, Text], ...]  # what, and its value
    fields: tuple[tuple[str, Text], ...]  # columns of which another value may be said

    def shown(self) -> dict[str, Any]:
        """The line for the record."""
        return {
            "section": self.section, "title": self.title._asdict(),
            "facts": [[what._asdict(), value._asdict()] for what, value in self.facts],
        }  # fmt: skip


def digest(lines: Sequence[HeldLine]) -> str:
    """The hash of lines as they are shown."""
    return hashlib.sha256(canonical([{"id": each.id} | each.shown() for each in lines])).hexdigest()


def read_lines(app: App, scope: Scope) -> tuple[HeldLine, ...]:
    """All that the office holds of the institution of a scope, today."""
    key, day = scope.institution_id, today()
    assert key is not None
    warning = read_warning(app, scope)
    standing = next((each for each in warning.institutions if each.institution_id == key), None)
    with app.database.reading() as tx:
        rows = [_line_of(KINDS[name], row) for name in _ROWS for row in _held(tx, name, key, day)]
    teaching = [each for each in rows if each.section == "courses"]
    own = [each for each in rows if each.section != "courses"]
    contracts, claims, as_of = _UNKNOWN, _UNKNOWN, Text("—", "—")
    if standing is not None:
        contracts = Text(str(standing.contracts), str(standing.contracts))
        as_of = Text(*[iso_or_none(warning.as_of) or "—"] * 2)
        # claims rest on what lessons and contracts tell; where they tell too little, on nothing
        if standing.contracts_to is not None and standing.lessons_to is not None:
            claims = Text(*(f"{group_yuan(standing.claims_fen)} {unit}" for unit in ("元", "yuan")))
    as_of_line = (Text("截止日", "as of"), as_of)
    return (
        *own,
        HeldLine(
            CONTRACTS, CONTRACTS, Text("未结清的合同", "open contracts"),
            ((Text("份数", "how many"), contracts), as_of_line), _fields(KINDS["contracts"]),
        ),
        HeldLine(
            CLAIMS, CLAIMS, Text("应有资金（未消课与预收待核）", "claims of families"),
            ((Text("金额", "sum"), claims), as_of_line), (),
        ),
        *teaching,
        HeldLine(
            MISSING, MISSING,
            Text("没有遗漏的账户、合同、课程", "no account, contract or course is missing"), (), (),
        ),
    )  # fmt: skip


def _held(tx: Transaction, name: str, key: int, day: Day) -> list[RecordOnFile]:
    """The rows of a register that hold today."""
    rows = registers.list_of_institution(tx, KINDS[name], key)
    if name == "institutions":
        facts = [
            row
            for row in rows
            if isinstance(row.record, Institution) and row.record.valid_from <= day
        ]
        return sorted(facts, key=lambda row: row.record.valid_from)[-1:]  # type: ignore[union-attr]
    if name == "accounts":
        return [
            row
            for row in rows
            if isinstance(row.record, BankAccount)
            and (row.record.closed_on is None or row.record.closed_on > day)
        ]
    return rows


def _line_of(kind: Kind, row: RecordOnFile) -> HeldLine:
    kept = kind.keep(row.record)
    facts = []
    for column in kind.columns:
        value = kept.get(column.fills)
        if column.fills == "account_no":
            value = mask_account(str(value))
        is_said = getattr(row.record, column.fills) not in (None, "", column.when_empty)
        if column.fills != "uscc" and is_said:
            words = value_in_words(kind, column.fills, value)
            facts.append((Text(column.zh, column.name), words))
    return HeldLine(
        f"{kind.name}-{row.id}", kind.name, Text(kind.zh, kind.name), tuple(facts), _fields(kind)
    )


def _fields(kind: Kind) -> tuple[tuple[str, Text], ...]:
    """The columns that do not name the row."""
    return tuple(
        (column.name, Text(column.zh, column.name))
        for column in kind.columns
        if column.fills not in kind.key and column.fills != "uscc"
    )
