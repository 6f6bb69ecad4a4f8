"""What rests on a row on file: alerts in force, an officer's match, a signed opening statement."""

from feewatch.casework.identity import alert_id
from feewatch.casework.weights import BreachDifference
from feewatch.engine.findings import Identity
from feewatch.registry.columns import Kind
from feewatch.registry.records import Contract, Lesson, Refund
from feewatch.services.registers.plan import PlannedChange
from feewatch.store.database import Transaction
from feewatch.store.intake.successors import in_order
from feewatch.store.registers import proposals
from feewatch.store.registers.proposals import names_of


class Resting:
    """What of one institution its own word cannot move any more."""

    def __init__(self, tx: Transaction, institution_id: int, kind: Kind) -> None:
        self._kind = kind
        self._alerts = proposals.list_in_force(tx, in_order(tx, [institution_id]))
        self._lasting = {alert.identity[:4]: alert.id for alert in self._alerts if alert.is_state}
        self._signed = proposals.find_signed(tx, institution_id)
        self._matched = proposals.list_matched_by_hand(tx, institution_id)

    def alerts_on(self, change: PlannedChange) -> set[str]:
        """The alerts in force that name the row of a change."""
        names = names_of(self._kind.name, self._kind.keep(change.old.record))
        return {alert.id for alert in self._alerts if not names.isdisjoint(alert.records)}

    def is_decided(self, change: PlannedChange) -> bool:
        """Whether an officer decided on, or signed, what the row says."""
        record, contract_id = change.old.record, contract_of(self._kind, change)
        if isinstance(record, Contract) and contract_id in self._matched:
            return True
        signed = self._signed
        if signed is None or contract_id not in signed.contract_ids:
            return False
        # what was taught or asked back later is no part of what was signed
        later = isinstance(record, Lesson) and record.held_on >= signed.day
        return not later and not isinstance(record, Refund)

    def alert_of(self, identity: Identity) -> str:
        """The alert of a breach, on record or to be."""
        return self._lasting.get(identity[:4]) or alert_id(identity)

    def alerts_of(self, change: PlannedChange, relief: list[BreachDifference]) -> set[str]:
        """The alerts that wait for a change: those on its row, and those it helps to lower."""
        contract_id = contract_of(self._kind, change)
        lowered = {
            self.alert_of(difference.either.identity)
            for difference in relief
            if is_concerned(contract_id, difference)
        }
        return self.alerts_on(change) | lowered


def is_concerned(contract_id: int | None, difference: BreachDifference) -> bool:
    """Whether a row of a contract may be what makes a breach differ."""
    named = difference.either.contract_ids
    return contract_id is None or not named or contract_id in named


def contract_of(kind: Kind, change: PlannedChange) -> int | None:
    """The contract that a row is, or belongs to."""
    return change.old.id if kind.name == "contracts" else change.row.contract_id
