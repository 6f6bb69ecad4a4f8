"""What a visit found becomes alerts and matters, with which officers work as with any other.

The authority is the office's own checklist, so that it is a hint and claims no violation. What is
over the next visit says: an item that is in order then ends what was found at it before.
"""

from collections.abc import Mapping
from typing import NamedTuple

from feewatch.casework.identity import alert_id
from feewatch.engine.findings import Breach, Finding, Identity
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text
from feewatch.rounds.checklists import FAIL, Checklist
from feewatch.rounds.findings import RULE, SUBJECT, cause_of, subject_of
from feewatch.store.cases import alerts
from feewatch.store.database import Transaction
from feewatch.store.rounds import found

_CURE = Text(
    "整改后由责任督学在下次走访中复查该项", "mend it; the next visit looks at the item again"
)
_NOT_TOLD = Text("尚无后续走访查过该项", "no visit has looked at the item since")


class VisitPlace(NamedTuple):
    """Where a visit was made: at an institution, or at premises that are none."""

    institution_id: int | None
    premises_id: int | None
    district: str
    uscc: str
    name: str


class ToPut(NamedTuple):
    """The visit that found something."""

    number: str
    on: Day
    inspector: str
    checklist: Checklist


def identities_of(
    place: VisitPlace, visit: ToPut, said: Mapping[str, tuple[str, str]]
) -> dict[str, Identity]:
    """By item the identity of what was not in order."""
    return {
        item: Identity(RULE, place.uscc, SUBJECT, subject_of(visit.number, item), visit.on)
        for item, (result, _) in said.items()
        if result == FAIL
    }


def alerts_of(
    place: VisitPlace, visit: ToPut, said: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """By item the alert of what was not in order."""
    return {item: alert_id(each) for item, each in identities_of(place, visit, said).items()}


def put_on_record(
    tx: Transaction, place: VisitPlace, visit: ToPut, said: Mapping[str, tuple[str, str]]
) -> None:
    """Open alerts of what a visit found, end those of which it, or a later one, saw the end.

    Its results are on record already, whose words count here in the order of the visits.
    """
    assert place.institution_id is not None
    breaches = [
        _breach(place, visit, item, said[item][1], identity)
        for item, identity in identities_of(place, visit, said).items()
    ]
    known = found.list_known(tx, place.institution_id)
    ended = found.list_ended(tx, place.institution_id)
    present = {each: _finding(place, each, ended) for each in known}
    alerts.reconcile(
        tx, as_of=visit.on, breaches=breaches, present=present, scope=[place.institution_id],
        rules=[RULE], actor=visit.inspector,
    )  # fmt: skip
    found.say_untold(tx, [alert_id(breach.identity) for breach in breaches])
    late = {
        breach.identity: _finding(place, breach.identity, ended)
        for breach in breaches
        if breach.identity.subject_id in ended
    }
    if late:  # it was handed in after the visit that saw the end of it
        alerts.reconcile(
            tx, as_of=visit.on, breaches=(), present=present | late,
            scope=[place.institution_id], rules=[RULE], actor=visit.inspector,
        )  # fmt: skip


def _finding(place: VisitPlace, identity: Identity, ended: Mapping[str, Day]) -> Finding:
    over = ended.get(identity.subject_id)
    if over is None:
        return Finding(
            identity, place.institution_id, place.district, "undetermined", reason=_NOT_TOLD
        )
    return Finding(identity, place.institution_id, place.district, "compliant", cleared_on=over)


def _breach(place: VisitPlace, visit: ToPut, key: str, note: str, identity: Identity) -> Breach:
    item = visit.checklist.find_item(key)
    assert item is not None  # asked before
    title, day = visit.checklist.title, format_day(visit.on)
    return Breach(
        identity=identity,
        institution_id=place.institution_id,
        institution_name=place.name,
        district=place.district,
        rule_version=visit.checklist.sha256[:16],
        authority="preset",
        title=Text(f"走访发现：{item.text.zh}，不符合", f"not in order: {item.text.en}"),
        measured=note,
        limit=None,
        unit="text",
        severity=item.severity,
        calculation=Text(
            f"{day} 走访 {visit.number}，{title.zh} 第 {key} 项“{item.text.zh}”不符合：{note}",
            f"{day}, visit {visit.number}, {title.en}, item {key}, {item.text.en}: {note}",
        ),
        basis=(),
        evidence=({"record": "visit", "id": visit.number},),
        cure=_CURE,
        cause=cause_of(visit.checklist.id, key),
        spell_days=None,
        amount_fen=None,
        historic=False,
        is_state=False,
    )
