"""Proposals as officers and institutions read them: old and new, why, and what acceptance does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.proposals import shown_key
from feewatch.casework.weights import BreachDifference, BreachWeight
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS
from feewatch.registry.wording import (
    FieldChange,
    change_in_words,
    changes_in_words,
)
from feewatch.services.corrections.deciding import find_base, plan_of, unknown_proposal
from feewatch.services.corrections.trial import RegisterTrial, compare_judged, ground_of
from feewatch.services.intake.proofs import load_proof
from feewatch.services.paging import Page, slice_of
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages import proposals as pages

#: The ways in which a breach may differ after acceptance.
CHANGES = ("ended", "opened", "lowered", "raised")


@dataclass(frozen=True, slots=True)
class Effect:
    """What acceptance would change: breaches that end, open, fall or rise, and sums in fen."""

    as_of: Day
    differences: Sequence[BreachDifference]

    def of(self, change: str) -> list[BreachDifference]:
        """The breaches that differ in one way."""
        return [each for each in self.differences if each.change == change]

    def sum_fen(self, change: str) -> int:
        """By how much the sums of these breaches would differ."""
        return sum(_amount(each.after) - _amount(each.before) for each in self.of(change))

    def as_json(self) -> dict[str, Any]:
        """The effect under JSON keys."""
        shown: dict[str, Any] = {"as_of": format_day(self.as_of)}
        for change in CHANGES:
            shown[change] = [_difference_json(each) for each in self.of(change)]
        return shown | {"sums_fen": {change: self.sum_fen(change) for change in CHANGES}}


@dataclass(frozen=True, slots=True)
class ProposalFile:
    """A proposal with all that an officer needs to decide on it."""

    row: PageRow
    kind: Text
    changes: Sequence[FieldChange]
    is_outdated: bool  # the row on file says otherwise by now
    alerts: PageRows
    events: PageRows
    alert_ids: Sequence[str]
    effect: Effect | None = None  # None: not asked for, or nothing can be accepted

    def as_json(self) -> dict[str, Any]:
        """The proposal under JSON keys."""
        row = self.row
        voucher = {"name": row.voucher_name, "sha256": row.voucher_sha256}
        decided = next((each for each in reversed(self.events) if each.change == row.state), None)
        return {
            "id": row.id,
            "state": row.state,
            "uscc": row.uscc,
            "institution": row.name,
            "district": row.district,
            "kind": row.kind,
            "key": shown_key(row.kind, row.key),
            "change": "cancelled" if row.cancels else "changed",
            "old": {each.field: row.before[each.field] for each in self.changes},
            "new": {each.field: row.after[each.field] for each in self.changes},
            "why": row.reason,
            "voucher": voucher if row.voucher_sha256 else None,
            "file": row.file_name,
            "file_sha256": row.file_sha256,
            "proposed_by": row.proposed_by,
            "proposed_at": row.proposed_at,
            "outdated": self.is_outdated,
            "alerts": list(self.alert_ids),
            "decided_by": decided.actor if decided else None,
            "decided_at": decided.at if decided else None,
            "decided_reason": decided.reason if decided else None,
            "history": [
                {name: getattr(each, name) for name in ("at", "actor", "change", "reason")}
                for each in self.events
            ],
        } | ({"effect": self.effect.as_json()} if self.effect else {})


def list_proposals(app: App, scope: Scope, state: str, number: int) -> Page:
    """One page of proposals within a scope, in words."""
    with app.database.reading() as tx:
        day, (size, start) = today(), slice_of(number)
        rows = pages.list_proposals(tx, scope, day, state=state, limit=size, offset=start)
        total = pages.count_proposals(tx, scope, day, state=state)
        return Page([_file(tx, row) for row in rows], total, number)


def list_all_proposals(app: App, scope: Scope, state: str = "") -> list[ProposalFile]:
    """All proposals within a scope, those that wait first."""
    with app.database.reading() as tx:
        rows = pages.list_proposals(tx, scope, today(), state=state, limit=100_000)
        return [_file(tx, row) for row in rows]


def get_proposal(app: App, scope: Scope, key: int, *, with_effect: bool = False) -> ProposalFile:
    """A proposal; ``with_effect`` judges both states of an open one, of which nothing stays.

    Raises: NotFoundError, also for one outside the scope.
    """
    if with_effect:
        with app.database.trying() as tx:
            return _file(tx, _row(tx, scope, key), app)
    with app.database.reading() as tx:
        return _file(tx, _row(tx, scope, key))


def _row(tx: Transaction, scope: Scope, key: int) -> PageRow:
    rows = pages.list_proposals(tx, scope, today(), key=key)
    if not rows:
        raise unknown_proposal(key)
    return rows[0]


def get_voucher(app: App, scope: Scope, key: int) -> tuple[str, bytes, str]:
    """The voucher of a proposal: its name, its bytes, its media type.

    Raises: NotFoundError, UnavailableError.
    """
    row = get_proposal(app, scope, key).row
    if row.voucher_sha256 is None:
        raise unknown_proposal(key)
    return row.voucher_name, *load_proof(app, row.voucher_sha256)


def line_of(row: PageRow) -> Text:
    """What a proposal would change, on one line."""
    return change_in_words(KINDS[row.kind], row.before, row.after, cancels=row.cancels)


def _file(tx: Transaction, row: PageRow, app: App | None = None) -> ProposalFile:
    kind, proposal = KINDS[row.kind], row._mapping
    base = find_base(tx, proposal) if row.state == "open" else None
    effect = None
    if app is not None and base is not None:
        trial = RegisterTrial(app, tx, ground_of(app, tx, row.institution_id, today()))
        before = trial.judge()
        after = trial.judge_after([(kind, plan_of(tx, proposal, base))])
        effect = Effect(trial.days[-1], compare_judged(before, after))
    return ProposalFile(
        row,
        Text(kind.zh, kind.name),
        changes_in_words(kind, row.before, row.after),
        row.state == "open" and base is None,
        pages.list_alerts(tx, row.id),
        pages.list_events(tx, row.id),
        pages.list_alert_ids(tx, row.id),
        effect,
    )


def _difference_json(difference: BreachDifference) -> dict[str, Any]:
    either = difference.either
    return {
        "rule": either.identity.rule,
        "title": either.title._asdict(),
        "subject": {"kind": either.identity.subject_kind, "id": either.identity.subject_id},
        "on": format_day(either.identity.on),
        "unit": either.unit,
        "old": _weight_json(difference.before),
        "new": _weight_json(difference.after),
    }


def _amount(weight: BreachWeight | None) -> int:
    return weight.amount_fen or 0 if weight else 0


def _weight_json(weight: BreachWeight | None) -> dict[str, Any] | None:
    if weight is None:
        return None
    return {
        "measured": weight.measured.shown(weight.unit),
        "limit": weight.limit.shown(weight.unit),
        "severity": weight.severity,
        "amount_fen": weight.amount_fen,
    }
