"""Evidence as people read it: of each row its place, day, amount and content.

The one place where that is decided, for the office's page, the institution's page and the command
line alike; what a reader may not see is masked here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.casework.cases import STATES
from feewatch.casework.states import SEVERITY_WORDS
from feewatch.casework.subjects import KINDS as SUBJECT_KINDS
from feewatch.casework.subjects import OF_ACCOUNT
from feewatch.kernel.masking import mask_account, mask_name
from feewatch.kernel.money import group_yuan
from feewatch.kernel.text import Text
from feewatch.ledger.words import WORDS
from feewatch.registry.columns import Column
from feewatch.registry.kinds import KINDS
from feewatch.services.intake.advice import FILE_WORDS, REASON_WORDS

Row = Mapping[str, Any]


class Sight(NamedTuple):
    """What of a row its reader may see in full."""

    accounts: bool
    payers: bool
    memos: bool


class EvidencePlace(NamedTuple):
    """Where a row stands: a file of the bank with its line, or a register."""

    name: Text
    file_sha256: str = ""
    line: int | None = None


class EvidenceCell(NamedTuple):
    """One thing that a row says, under its title."""

    title: Text
    value: Text


class _RowKind(NamedTuple):
    """Which columns of a kind of row are its day and its amount; empty: it has none."""

    day: str
    amount: str


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One row of evidence; without day, amount or cells where it says nothing of the kind."""

    kind: str
    place: EvidencePlace
    name: str  # of the account, contract, course …
    on: str | None  # ISO
    amount_fen: int | None
    cells: tuple[EvidenceCell, ...]


#: Rows of bank files and of registers. A price for a lesson is no amount of money that moved.
ROW_KINDS: dict[str, _RowKind] = {
    "entry": _RowKind("booked_on", "amount_fen"),
    "statement": _RowKind("to_day", "closing_fen"),
    "contract": _RowKind("paid_on", "fee_fen"),
    "charge": _RowKind("paid_on", "amount_fen"),
    "course": _RowKind("starts_on", ""),
    "refund": _RowKind("requested_on", "amount_fen"),
    "case": _RowKind("deadline", ""),
    "account": _RowKind("opened_on", ""),
    "institution": _RowKind("supervised_from", ""),
}
_FILE = Text("文件", "file")
_REGISTER = Text("登记", "register")
_WORD = Text("来源", "whose word")
#: Titles of columns that no register has.
_TITLES = {
    "held_lessons": Text("已消课时", "lessons held"),
    "last_held_on": Text("最近上课日期", "last lesson"),
    "state": Text("状态", "state"),
    "severity": Text("等级", "severity"),
    "deadline": Text("期限", "deadline"),
    "opened_at": Text("立案", "opened"),
}
_WORDS = {"state": STATES, "severity": SEVERITY_WORDS}


def describe_evidence(sources: Iterable[Mapping[str, Any]], sight: Sight) -> list[EvidenceLine]:
    """The lines of the sources that ``read_evidence`` gives, in their order."""
    return [line for source in sources for line in _lines_of(source, sight)]


def _lines_of(source: Mapping[str, Any], sight: Sight) -> Iterator[EvidenceLine]:
    if "file_sha256" not in source:
        yield _record(source, sight)
        return
    rows: Sequence[Row] = source["rows"]
    for row in rows:
        yield _bank_row(source, row, sight)
    if not rows:  # the alert outlives what it rested on
        yield EvidenceLine("entry", _place(source, {}), "", None, None, ())


def _bank_row(source: Mapping[str, Any], row: Row, sight: Sight) -> EvidenceLine:
    kind = "statement" if "status" in row else "entry"
    account = row["account_no"] or ""
    name = account if sight.accounts else mask_account(account)
    cells = _statement_cells(row) if kind == "statement" else _entry_cells(row, sight)
    day, amount = _day_and_amount(kind, row)
    return EvidenceLine(kind, _place(source, row), name, day, amount, tuple(cells))


def _place(source: Mapping[str, Any], row: Row) -> EvidencePlace:
    file = row.get("file")
    name = Text(file, file) if file else _FILE
    return EvidencePlace(name, source["file_sha256"], source.get("line"))


def _statement_cells(row: Row) -> Iterator[EvidenceCell]:
    status, reason = FILE_WORDS[row["status"]], REASON_WORDS.get(row["reason"] or "")
    days = f"{row['from_day']} … {row['to_day']}"
    said = Text(f"{days} · {status.zh}", f"{days} · {status.en}")
    if reason:
        said = Text(f"{said.zh} · {reason.zh}", f"{said.en} · {reason.en}")
    yield EvidenceCell(SUBJECT_KINDS["statement"], said)
    yield EvidenceCell(_WORD, WORDS[row["word"]])


def _entry_cells(row: Row, sight: Sight) -> Iterator[EvidenceCell]:
    payer, account = row["counterparty"], row["counterparty_account"]
    shown = [
        payer if sight.payers else mask_name(payer or ""),
        account if sight.accounts else account and mask_account(account),
    ]
    yield EvidenceCell(Text("对方", "counterparty"), _same(" ".join(filter(None, shown)) or "—"))
    if sight.memos and row["memo"]:
        yield EvidenceCell(Text("摘要", "memo"), _same(row["memo"]))
    if row["balance_fen"] is not None:
        yield EvidenceCell(Text("余额", "balance"), _same(group_yuan(row["balance_fen"])))
    yield EvidenceCell(_WORD, WORDS[row["word"]])


def _record(source: Mapping[str, Any], sight: Sight) -> EvidenceLine:
    kind, name, row = source["record"], str(source["id"]), source["row"]
    if kind in OF_ACCOUNT and not sight.accounts:
        name = mask_account(name)
    word = SUBJECT_KINDS.get(kind, _same(kind))
    place = EvidencePlace(Text(f"{_REGISTER.zh} · {word.zh}", f"{_REGISTER.en} · {word.en}"))
    day, amount = _day_and_amount(kind, row or {})
    return EvidenceLine(kind, place, name, day, amount, tuple(_record_cells(kind, row or {})))


def _record_cells(kind: str, row: Row) -> Iterator[EvidenceCell]:
    register = KINDS.get(f"{kind}s")
    columns = {column.fills: column for column in register.columns} if register else {}
    for name, value in row.items():
        if value is not None:
            yield _cell(columns.get(name), name, value)


def _cell(column: Column | None, name: str, value: Any) -> EvidenceCell:
    title = Text(column.zh, column.name.replace("_", " ")) if column else _title(name)
    if name.endswith("_fen"):
        return EvidenceCell(title, _same(group_yuan(value)))
    if name.endswith("_at"):
        return EvidenceCell(title, _same(str(value)[:16].replace("T", " ")))
    if column is None:
        return EvidenceCell(title, _WORDS.get(name, {}).get(value) or _same(str(value)))
    return EvidenceCell(
        title, Text(str(column.words.get(value, value)), str(value).replace("_", " "))
    )


def _title(name: str) -> Text:
    return _TITLES.get(name) or _same(name.removesuffix("_fen").replace("_", " "))


def _day_and_amount(kind: str, row: Row) -> tuple[str | None, int | None]:
    day, amount = ROW_KINDS.get(kind, _RowKind("", ""))
    return row.get(day), row.get(amount)


def _same(text: str) -> Text:
    return Text(text, text)
