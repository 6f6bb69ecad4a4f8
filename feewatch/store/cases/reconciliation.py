"""Brings the alerts on record in line with a check, set-wise: opened, raised, ended, withdrawn."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, insert, or_, select, update

from feewatch.casework.comparison import AlertChange, AlertOnRecord, compare, opened_reason
from feewatch.casework.endings import UNEXPLAINED, ExplainEnding
from feewatch.casework.forms import frozen, numbers
from feewatch.casework.identity import alert_id
from feewatch.casework.matters import group
from feewatch.casework.states import IN_CASE, OPEN, WITHDRAWN
from feewatch.engine.findings import Breach, Finding, Identity
from feewatch.engine.holidays import Holidays
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day
from feewatch.store.cases import matters
from feewatch.store.cases.competence import departments_of
from feewatch.store.scope import of_institutions
from feewatch.store.tables.casework import alert, alert_event

_IDENTITY = (
    alert.c.rule,
    alert.c.uscc,
    alert.c.subject_kind,
    alert.c.subject_id,
    alert.c.on_day,
)


class Counts(NamedTuple):
    """What a check changed; ``opened`` counts alerts that opened again."""

    opened: int
    withdrawn: int
    recovered: int


def existing_identities(
    tx: Connection, institutions: Collection[int] | None, rules: Collection[str]
) -> list[Identity]:
    """Identities of the alerts that are not withdrawn, whose present outcome a check must tell.

    None stands for all institutions, 0 among them for what belongs to none.
    """
    query = _of_check(select(*_IDENTITY), institutions, rules)
    return [Identity(*row) for row in tx.execute(query.where(alert.c.status != WITHDRAWN))]


def list_ending(
    tx: Connection,
    *,
    as_of: Day,
    breaches: Iterable[Breach],
    present: Mapping[Identity, Finding],
    scope: Collection[int] | None,
    rules: Collection[str],
    since: Mapping[str, Day],
) -> list[Identity]:
    """Alerts that ``reconcile`` would end or withdraw by the same findings; locks nothing."""
    on_record = _list_standing(tx, scope, rules, since, locked=False)
    ends = {"recovered", "withdrawn"}
    changes = compare(on_record, breaches, present, as_of).changes
    return [change.alert.identity for change in changes if change.change in ends]


def reconcile(
    tx: Connection,
    *,
    as_of: Day,
    breaches: Iterable[Breach],
    present: Mapping[Identity, Finding],
    scope: Collection[int] | None,
    rules: Collection[str],
    since: Mapping[str, Day] = MappingProxyType({}),
    dropped: Collection[str] = (),
    holidays: Holidays | None = None,
    explain: ExplainEnding = lambda *_: UNEXPLAINED,
    actor: str = "engine",
) -> Counts:
    """Open, raise, end and withdraw alerts so that they say what a check of these rules found.

    Doing it again with the same findings changes nothing; the order of the breaches is the same
    to it. ``since``: rules that were judged from a day on alone; their alerts of days before it
    stay as they are. ``dropped``: those of the rules that are no longer in the rule book.
    ``explain``: why a breach is gone.
    """
    known_matters = matters.lock_on_record(tx, scope, rules)
    on_record = _list_standing(tx, scope, rules, since, locked=True)
    fresh, changes, words = compare(on_record, breaches, present, as_of, dropped, holidays, explain)
    by_id = {each.place.matter_id: each for each in known_matters}
    homeless = [
        change.breach
        for change in changes
        if change.change == "reopened"
        and change.breach
        and not by_id[change.alert.matter_id].takes_back
    ]
    homes = _place(tx, [*fresh, *homeless], matters.open_places(known_matters))
    in_case = {each.place.matter_id for each in known_matters if each.status == IN_CASE}
    record = _Record(tx, as_of, actor, timestamp(), departments_of(tx, homes.values()))
    record.open(fresh, homes, in_case)
    record.apply(changes, homes, in_case)
    _write_words(tx, words)
    touched = {change.alert.matter_id for change in changes} | set(homes.values())
    matters.refresh(tx, touched)
    happened = [change.change for change in changes]
    return Counts(
        opened=len(fresh) + happened.count("reopened"),
        withdrawn=happened.count("withdrawn"),
        recovered=happened.count("recovered"),
    )


def _list_standing(
    tx: Connection,
    institutions: Collection[int] | None,
    rules: Collection[str],
    since: Mapping[str, Day],
    *,
    locked: bool,
) -> list[AlertOnRecord]:
    rest = (
        alert.c.id,
        alert.c.matter_id,
        alert.c.status,
        alert.c.severity,
        alert.c.is_state,
        alert.c.opened_as_of,
        alert.c.recovered_on,
        alert.c.held_on,
        alert.c.present,
    )
    query = _of_check(select(*_IDENTITY, *rest), institutions, rules)
    for day in {*since.values()}:
        partly = [rule for rule, first in since.items() if first == day]
        query = query.where(or_(alert.c.rule.not_in(partly), alert.c.on_day >= day))
    return [_standing(row) for row in tx.execute(query.with_for_update() if locked else query)]


def _standing(row: Row[Any]) -> AlertOnRecord:
    parts = tuple(row)
    return AlertOnRecord(parts[5], Identity(*parts[:5]), *parts[6:])


def _write_words(tx: Connection, words: Mapping[str, str]) -> None:
    """The present word on alerts is no event: it stands beside what happened to them."""
    rows = [{"alert": identifier, "word": word} for identifier, word in words.items()]
    if rows:
        change = update(alert).where(alert.c.id == bindparam("alert"))
        tx.execute(change.values(present=bindparam("word")), rows)


def _of_check(
    query: Select[Any], institutions: Collection[int] | None, rules: Collection[str]
) -> Select[Any]:
    return query.where(
        of_institutions(alert.c.institution_id, institutions), alert.c.rule.in_(rules)
    ).order_by(alert.c.id)


def _place(
    tx: Connection, breaches: Sequence[Breach], places: dict[Any, Any]
) -> dict[Identity, int]:
    """The matter of each breach, new matters written."""
    groups = group(breaches, places)
    homes = matters.add_groups(tx, groups)
    return {
        breach.identity: home
        for each, home in zip(groups, homes, strict=True)
        for breach in each.breaches
    }


class _Record:
    """Writes alerts and their events in bulk."""

    def __init__(
        self, tx: Connection, as_of: Day, actor: str, moment: str, departments: Mapping[int, str]
    ) -> None:
        self._tx, self._as_of, self._actor, self._moment = tx, as_of, actor, moment
        self._departments = departments  # of the matters that take members

    def open(
        self, fresh: Sequence[Breach], homes: Mapping[Identity, int], in_case: Collection[int]
    ) -> None:
        """New alerts, in the case where their matter is in one."""
        rows = []
        events = []
        reason = opened_reason(self._as_of).both()
        for breach in fresh:
            matter_id = homes[breach.identity]
            status = IN_CASE if matter_id in in_case else OPEN
            row = self._row(breach) | {"matter_id": matter_id, "status": status}
            row["department"] = self._departments[matter_id]
            rows.append(row)
            events.append(self._event(row["id"], "opened", reason, {"status": status}))
        if rows:
            self._tx.execute(insert(alert), rows)
            self._tx.execute(insert(alert_event), events)

    def apply(
        self,
        changes: Sequence[AlertChange],
        homes: Mapping[Identity, int],
        in_case: Collection[int],
    ) -> None:
        """Changes of alerts on record, with one event each."""
        updates: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        events = []
        for change in changes:
            values = dict(change.values)
            if change.change == "reopened" and change.breach:
                matter_id = homes.get(change.breach.identity, change.alert.matter_id)
                status = IN_CASE if matter_id in in_case else OPEN
                values = _refrozen(change.breach) | values
                values |= {"matter_id": matter_id, "status": status}
                if matter_id in self._departments:  # else it stays in the matter it was in
                    values["department"] = self._departments[matter_id]
            updates[tuple(sorted(values))].append({"alert": change.alert.id, **values})
            detail: dict[str, Any] = {"was": change.alert.severity} if "severity" in values else {}
            if change.breach:
                detail |= numbers(change.breach) | {"severity": values["severity"]}
            if change.arrivals:
                detail |= {"arrivals": [each.as_json() for each in change.arrivals]}
            reason = change.reason.both()
            events.append(self._event(change.alert.id, change.change, reason, detail))
        for names, rows in updates.items():
            self._tx.execute(
                update(alert)
                .where(alert.c.id == bindparam("alert"))
                .values({name: bindparam(name, type_=alert.c[name].type) for name in names}),
                rows,
            )
        if events:
            self._tx.execute(insert(alert_event), events)

    def _row(self, breach: Breach) -> dict[str, Any]:
        identity = breach.identity
        return {
            "id": alert_id(identity),
            "institution_id": breach.institution_id,
            "uscc": identity.uscc,
            "rule": identity.rule,
            "subject_kind": identity.subject_kind,
            "subject_id": identity.subject_id,
            "on_day": identity.on,
            "is_state": breach.is_state,
            "historic": breach.historic,
            "opened_at": self._moment,
            "opened_as_of": self._as_of,
            **_refrozen(breach),
        }

    def _event(
        self, identifier: str, change: str, reason: str, detail: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "alert_id": identifier,
            "at": self._moment,
            "as_of": self._as_of,
            "actor": self._actor,
            "change": change,
            "reason": reason,
            "detail": detail,
        }


def _refrozen(breach: Breach) -> dict[str, Any]:
    """What is frozen when an alert opens, or opens again on other numbers."""
    return {
        "institution_name": breach.institution_name,
        "district": breach.district,
        "rule_version": breach.rule_version,
        "authority": breach.authority,
        "measured": breach.measured,
        "limit_value": breach.limit,
        "unit": breach.unit,
        "severity": breach.severity,
        "frozen": frozen(breach),
        "amount_fen": breach.amount_fen,
    }
