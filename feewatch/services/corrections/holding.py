"""Which changes of an institution's file wait for an officer, and their proposals put on record."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.weights import BreachDifference
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text
from feewatch.registry.cells import CellFault
from feewatch.registry.columns import Kind
from feewatch.registry.reader import RegisterReading
from feewatch.registry.wording import change_in_words, changes_in_words
from feewatch.services.corrections.resting import Resting, contract_of, is_concerned
from feewatch.services.corrections.telling import tell_of_proposals
from feewatch.services.corrections.trial import (
    FileTrial,
    Ground,
    RegisterTrial,
    ground_of,
)
from feewatch.services.foreseeing import MovedError
from feewatch.services.intake.proofs import Proof, keep_proof
from feewatch.services.registers.plan import Covers, Plan, PlannedChange, history_key
from feewatch.store.database import Record, Transaction, tried
from feewatch.store.intake.successors import in_order
from feewatch.store.registers import proposals
from feewatch.store.registers.registers import Located
from feewatch.store.state import hold_still

#: A proposal goes in without a reason too, since the facts stand; an officer will ask for it.
_ASK_WHY = Text(
    "；尚未说明更正理由，请用 --reason 重新提交",
    "; it says no reason yet: hand it in again with --reason",
)


class _Asked(NamedTuple):
    """What was weighed: equal questions have equal answers."""

    ground: Ground
    word: str
    new: list[Located]
    changes: list[PlannedChange]
    firm: list[PlannedChange]  # those that wait whatever the rules say
    covers: Covers


class _Weighed(NamedTuple):
    """The changes of a file that wait, and the breaches that they would end or lower."""

    asked: _Asked
    held: list[PlannedChange]
    relief: list[BreachDifference]


class CorrectionHold:
    """Splits the plan of one file; knows what the institution says of why, and its voucher."""

    def __init__(
        self,
        app: App,
        name: str,
        *,
        as_of: Day,
        reason: str = "",
        voucher: Proof | None = None,
        only_try: bool = False,
    ) -> None:
        """``only_try``: nobody is asked for a reason yet, and no voucher is kept."""
        self._app, self._name, self._as_of = app, name, as_of
        self._reason, self._voucher, self._only_try = reason.strip(), voucher, only_try
        self._alerts: dict[int, set[str]] = {}  # by the key of the row on file
        self._weighed: _Weighed | None = None

    def weigh(self, tx: Transaction, reading: RegisterReading, plan: Plan, covers: Covers) -> None:
        """Let the rules say which changes wait; in a look, for it takes long."""
        self._weighed = None
        if not plan.changes:
            return
        kind = reading.kind
        asked = self._ask(tx, Resting(tx, _institution_of(plan), kind), plan, covers)
        with tried(tx):
            trial = FileTrial(RegisterTrial(self._app, tx, asked.ground), tx, kind, plan, covers)
            held = asked.firm + _harmful(trial, kind, _without(plan.changes, asked.firm))
            self._weighed = _Weighed(asked, held, trial.find_relief(held))

    def split(self, tx: Transaction, reading: RegisterReading, plan: Plan, covers: Covers) -> None:
        """Move the changes that wait, as they were weighed, from ``plan.changes`` to ``plan.held``.

        Raises: MovedError where something else was weighed, or on other ground.
        """
        if not plan.changes:
            return
        institution_id = _institution_of(plan)
        hold_still(tx, in_order(tx, [institution_id]))
        resting = Resting(tx, institution_id, reading.kind)
        weighed = self._weighed
        if weighed is None or weighed.asked != self._ask(tx, resting, plan, covers):
            raise MovedError
        held = weighed.held
        self._alerts = {change.old.id: resting.alerts_of(change, weighed.relief) for change in held}
        plan.changes = _without(plan.changes, held)
        self._settle(tx, reading, plan, held)

    def _ask(self, tx: Transaction, resting: Resting, plan: Plan, covers: Covers) -> "_Asked":
        firm = [
            change
            for change in plan.changes
            if resting.alerts_on(change) or resting.is_decided(change)
        ]
        ground = ground_of(self._app, tx, _institution_of(plan), self._as_of)
        return _Asked(ground, plan.word, [*plan.new], [*plan.changes], firm, covers)

    def _settle(
        self,
        tx: Transaction,
        reading: RegisterReading,
        plan: Plan,
        held: Sequence[PlannedChange],
    ) -> None:
        """Sort what is held: to be proposed, or refused before in the same words."""
        keys = [change.old.id for change in held]
        earlier = proposals.list_of_records(tx, reading.kind.name, keys)
        for change in held:
            latest = next(iter(earlier.get(change.old.id, ())), None)
            said = self._reason
            if latest is not None and _says(reading.kind, latest, change):
                said = said or latest["reason"]
                if latest["state"] == "refused" and said == latest["reason"]:
                    plan.unchanged_rows += change.row.rows
                    _warn(reading, change, _refused(latest))
                    continue
            plan.held.append(change)
            _warn(reading, change, _proposed(reading.kind, change, has_reason=bool(said)))

    def keep(
        self, tx: Transaction, reading: RegisterReading, plan: Plan, actor: str, sha256: str
    ) -> None:
        """Put on record what is held; what was proposed before in the same words stays as it is."""
        if plan.held and self._voucher and not self._only_try:
            keep_proof(self._app, self._voucher)
        self._put_down(tx, reading.kind, plan.held, actor, sha256)

    def propose(
        self,
        tx: Transaction,
        kind: Kind,
        changes: Sequence[PlannedChange],
        actor: str,
        sha256: str,
    ) -> dict[int, int]:
        """Propose changes of rows of one institution, whatever rests on them; nothing else is done.

        By the key of the row on file the proposal of it; ``sha256``: of where it was said.
        """
        if not changes:
            return {}
        institution_id = changes[0].old.institution_id
        assert institution_id is not None
        resting = Resting(tx, institution_id, kind)
        self._alerts = {change.old.id: resting.alerts_on(change) for change in changes}
        return self._put_down(tx, kind, changes, actor, sha256)

    def _put_down(
        self,
        tx: Transaction,
        kind: Kind,
        held: Sequence[PlannedChange],
        actor: str,
        sha256: str,
    ) -> dict[int, int]:
        earlier = proposals.list_of_records(tx, kind.name, [each.old.id for each in held])
        new: dict[int, int] = {}
        known: dict[int, int] = {}
        for change in held:
            latest = next(iter(earlier.get(change.old.id, ())), None)
            if latest is not None and latest["state"] == "open":
                if _says(kind, latest, change) and (latest["reason"] or not self._reason):
                    proposals.link(tx, latest["id"], self._alerts[change.old.id])
                    known[change.old.id] = latest["id"]
                    continue
                reason = "由新的提请替代 / superseded by a newer one"
                proposals.move(tx, latest["id"], "superseded", actor=actor, reason=reason)
            values = self._values(kind, change, actor, sha256)
            new[change.old.id] = proposals.add(tx, values, self._alerts[change.old.id])
        if new:
            institution_id = held[0].old.institution_id
            assert institution_id is not None
            tell_of_proposals(tx, institution_id, [*new.values()], actor)
        return new | known

    def _values(
        self, kind: Kind, change: PlannedChange, actor: str, sha256: str
    ) -> dict[str, object]:
        voucher = self._voucher
        return {
            "institution_id": change.old.institution_id,
            "kind": kind.name,
            "record_id": change.old.id,
            "contract_id": change.row.contract_id,
            "key": history_key(kind, change.old.record),
            "cancels": change.cancels,
            "before": kind.keep(change.old.record),
            "after": kind.keep(change.row.record),
            "reason": self._reason,
            "voucher_sha256": voucher.sha256 if voucher else None,
            "voucher_name": voucher.name if voucher else None,
            "file_sha256": sha256,
            "file_name": self._name[-255:],
            "proposed_by": actor,
        }


def _institution_of(plan: Plan) -> int:
    """The one whose file it is."""
    (institution_id,) = {*plan.institutions.values()}
    return institution_id


def _harmful(trial: FileTrial, kind: Kind, changes: Sequence[PlannedChange]) -> list[PlannedChange]:
    """Those of the changes without which the others end and lower no breach.

    First those of contracts that the breaches name are left out, then all.
    """
    relief = trial.find_relief(changes)
    if not relief:
        return []
    suspects = [change for change in changes if _is_suspect(kind, change, relief)]
    others = _without(changes, suspects)
    return [*changes] if trial.find_relief(others) else suspects


def _is_suspect(kind: Kind, change: PlannedChange, relief: list[BreachDifference]) -> bool:
    contract_id = contract_of(kind, change)
    return any(is_concerned(contract_id, difference) for difference in relief)


def _without(
    changes: Collection[PlannedChange], left_out: Collection[PlannedChange]
) -> list[PlannedChange]:
    keys = {change.old.id for change in left_out}
    return [change for change in changes if change.old.id not in keys]


def _says(kind: Kind, proposal: Record, change: PlannedChange) -> bool:
    """Whether a proposal on record is of this very change of this very row."""
    pair = kind.keep(change.old.record), kind.keep(change.row.record)
    return (proposal["before"], proposal["after"]) == pair


def _first_column(kind: Kind, change: PlannedChange) -> str:
    old, new = change.old.record, change.row.record
    field = next(name for name in old._fields if getattr(old, name) != getattr(new, name))
    return kind.column_of(field).name


def _warn(reading: RegisterReading, change: PlannedChange, fault: CellFault) -> None:
    column = _first_column(reading.kind, change)
    reading.warnings.append(reading.problem(change.row.line, column, fault))


def _proposed(kind: Kind, change: PlannedChange, *, has_reason: bool) -> CellFault:
    before, after = kind.keep(change.old.record), kind.keep(change.row.record)
    # an opaque token is shown to nobody who does not ask for the proposal itself
    told = [each for each in changes_in_words(kind, before, after) if each.field != "student"]
    shown = {each.field for each in told}
    line = change_in_words(
        kind,
        {name: before[name] for name in shown},
        {name: after[name] for name in shown},
        cancels=change.cancels,
    )
    ask = Text("", "") if has_reason else _ASK_WHY
    return CellFault(
        "CORRECTION-PROPOSED",
        Text(
            f"已转为提请更正，核准前资料不变（{line.zh}）{ask.zh}",
            f"taken as a proposal; the facts stand until an officer accepts it ({line.en}){ask.en}",
        ),
    )


def _refused(proposal: Record) -> CellFault:
    number = proposal["id"]
    return CellFault(
        "CORRECTION-REFUSED",
        Text(
            f"此更正已于提请 {number} 中未获采纳；如有新的理由或凭证，请一并说明",
            f"proposal {number} of this very change was refused: give another reason",
        ),
    )
