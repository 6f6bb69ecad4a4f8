"""Restatements as officers read them: which statement tells which days again, row by row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.ledger.balances import Span
from feewatch.ledger.days import Range, shared_ranges, told_ranges
from feewatch.ledger.merging import fits
from feewatch.ledger.restatements import Kind, RestatedPair, RestatedRow, find_restatements
from feewatch.ledger.tellers import Tellers
from feewatch.store.database import Transaction
from feewatch.store.intake import ledger
from feewatch.store.pages import PageRow, institutions, restatements

_TEXTS = ("counterparty", "memo")
_SHOWN = ("balance_fen", *_TEXTS, "reference")


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row of either version with its line; ``changed``: the fields that differ."""

    kind: Kind
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restated:
    """A statement that tells of days which an earlier one tells otherwise."""

    account_no: str
    earlier: PageRow  # statement with file_name and received_at
    later: PageRow
    rows: tuple[RowDifference, ...]

    def count(self, kind: Kind) -> int:
        """How many rows were added, are missing, changed."""
        return sum(each.kind == kind for each in self.rows)

    def as_json(self) -> dict[str, Any]:
        """The restatement under JSON keys."""
        return {
            "account": self.account_no,
            "earlier": _named(self.earlier),
            "later": _named(self.later),
            "rows": [
                {
                    "kind": row.kind,
                    "before": row.before,
                    "after": row.after,
                    "changed": list(row.changed),
                }
                for row in self.rows
            ],
        }


def list_restatements(app: App, scope: Scope, uscc: str) -> list[Restated]:
    """The restatements of an institution's accounts.

    Raises: NotFoundError, also for an institution outside the scope.
    """
    with app.database.reading() as tx:
        institution = institutions.find_institution(tx, scope, uscc, today())
        if institution is None:
            raise NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")
        return read_restatements(tx, institution.id)


def read_restatements(
    tx: Transaction, institution_id: int, account_id: int | None = None
) -> list[Restated]:
    """The restatements of all accounts of an institution, or of one of them."""
    accounts = institutions.list_accounts(tx, institution_id)
    return restated_of(tx, [each for each in accounts if account_id in (None, each.id)])


def restated_of(tx: Transaction, accounts: Sequence[PageRow]) -> list[Restated]:
    """The restatements of these accounts; only where days are told twice is more asked."""
    keys = [account.id for account in accounts]
    spans, outside = ledger.list_spans_of(tx, keys), ledger.list_outside_of(tx, keys)
    restated: list[Restated] = []
    for account in accounts:
        own = spans.get(account.id, [])
        shared = shared_ranges(told_ranges(own, outside.get(account.id, [])))
        if shared:
            restated += _of_account(tx, account, own, shared)
    return restated


def _of_account(
    tx: Transaction, account: PageRow, spans: list[Span], shared: Sequence[Range]
) -> Iterable[Restated]:
    rows = (
        RestatedRow(day, stated, merged.merged_into or stated.id)
        for day, stated, merged in ledger.list_stated(tx, account.id, shared)
    )
    tellers = Tellers(spans, ledger.list_totals(tx, account.id))
    restatements_found = find_restatements(spans, rows, tellers)
    if not restatements_found:
        return
    keys = {
        key
        for restatement in restatements_found
        for key in (restatement.earlier_id, restatement.later_id)
    }
    heads = restatements.list_statements(tx, keys)
    sides = (
        side
        for restatement in restatements_found
        for pair in restatement.differences
        for side in pair[1:]
        if side
    )
    lines = restatements.list_lines(tx, {row.stated.id for row in sides})
    for restatement in restatements_found:
        differences = tuple(_difference(pair, lines) for pair in restatement.differences)
        yield Restated(
            account.account_no,
            heads[restatement.earlier_id],
            heads[restatement.later_id],
            differences,
        )


def _difference(pair: RestatedPair, lines: dict[int, int]) -> RowDifference:
    before, after = (
        None if row is None else _told(row, lines) for row in (pair.before, pair.after)
    )
    changed = _changed(before, after) if before and after else ()
    return RowDifference(pair.kind, before, after, changed)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """The fields that contradict each other; one that a version does not tell contradicts none.

    A reference is named where nothing else differs, since many are numbers of the file alone.
    """
    pairs = {name: (before[name], after[name]) for name in ("amount_fen", *_SHOWN)}
    changed = [
        name
        for name, pair in pairs.items()
        if None not in pair and (pair[0] != pair[1] if name not in _TEXTS else not fits(*pair))
    ]
    return tuple(name for name in changed if name != "reference" or changed == ["reference"])


def _told(row: RestatedRow, lines: dict[int, int]) -> dict[str, Any]:
    return {
        "line": lines[row.stated.id],
        "booked_on": format_day(row.day),
        "amount_fen": row.stated.amount_fen,
    } | {name: getattr(row.stated.told, name) for name in _SHOWN}


def _named(row: PageRow) -> dict[str, Any]:
    return {
        "statement": f"{row.file_sha256}#{row.n}",
        "file": row.file_name,
        "received_at": row.received_at,
        "period": [format_day(row.from_day), format_day(row.to_day)],
    }
