"""What a check changes in the alerts on record: a pure comparison, the same in any order."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.casework.endings import UNEXPLAINED, Arrival, Ending, ExplainEnding
from feewatch.casework.matters import gravest
from feewatch.casework.standing import BREACH, OVER, UNDETERMINED
from feewatch.casework.states import OPEN, WITHDRAWN, may
from feewatch.casework.workdays import working_days_between
from feewatch.engine.findings import Breach, Finding, Identity
from feewatch.engine.holidays import Holidays
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import Text

_CLEARED = Text("数据更正后不再构成该情形", "the data as they stand now show no breach")
_GONE = Text(
    "该对象不再适用此规则（数据已更正）", "the rule applies to this no longer: the data changed"
)
_NO_RULE = Text("规则已不在规则库中", "the rule is no longer in the rule book")
_OVER = Text("自 {day} 检查起不再构成", "no breach any more by the check of {day}")
_RECOVERED = Text("自 {day} 起已恢复", "over since {day}")
_AGAIN = Text("数据更正后再次出现", "the data show the breach again")
_RAISED = Text("等级由 {old} 升至 {new}", "severity raised from {old} to {new}")
_HELD = Text(
    "依机构自报资料已了结，待银行核对后方可了结",
    "over by the institution's own word alone: it stands until the bank has confirmed it",
)
_OPENED = Text("截至 {day} 检查发现", "found by the check as of {day}")


@dataclass(frozen=True, slots=True)
class AlertOnRecord:
    """An alert on record, as far as a check may change it."""

    id: str
    identity: Identity
    matter_id: int
    status: str
    severity: str
    is_state: bool
    opened_as_of: Day
    recovered_on: Day | None
    held_on: Day | None = None
    present: str = BREACH  # the word of the check before


class AlertChange(NamedTuple):
    """One event of an alert on record; ``values`` are the new values of its columns."""

    alert: AlertOnRecord
    change: str  # raised, recovered, held, relapsed, reopened, withdrawn
    reason: Text
    values: dict[str, Any]
    breach: Breach | None = None  # with the numbers of a raise or reopening
    arrivals: Sequence[Arrival] = ()  # what came that ended it


class Comparison(NamedTuple):
    """Breaches that open alerts, and what changes in those on record."""

    fresh: list[Breach]
    changes: list[AlertChange]
    #: Where it differs from the word of the check before: the present word on an alert, by id.
    words: dict[str, str]


def compare(
    on_record: Iterable[AlertOnRecord],
    breaches: Iterable[Breach],
    present: Mapping[Identity, Finding],
    as_of: Day,
    dropped: Collection[str] = (),
    holidays: Holidays | None = None,
    explain: ExplainEnding = lambda *_: UNEXPLAINED,
) -> Comparison:
    """What the breaches and present outcomes of a check change in the alerts on record.

    ``dropped``: rules that are no longer in the rule book; what they found is withdrawn.
    ``explain``: asked of what seems never to have been: only a correction shows that it was not.
    """
    standing = sorted(on_record, key=lambda alert: alert.identity)
    by_identity = {alert.identity: alert for alert in standing}
    lasting = {alert.identity[:4]: alert for alert in standing if _lasts(alert, as_of)}
    fresh: list[Breach] = []
    changes: list[AlertChange] = []
    confirmed: set[Identity] = set()
    unique = {breach.identity: breach for breach in breaches}
    for identity, breach in sorted(unique.items()):
        known = lasting.get(identity[:4]) if breach.is_state else None
        known = known or by_identity.get(identity)
        if known is None:
            fresh.append(breach)
        else:
            confirmed.add(known.identity)
            changes += _confirm(known, breach, as_of, holidays)
    for alert in standing:
        if alert.identity.rule in dropped:
            changes += _withdraw(alert, _NO_RULE)
        elif alert.identity not in confirmed:
            changes += _end(alert, present.get(alert.identity), as_of, explain)
    now = {alert.id: _word(alert, confirmed, present) for alert in standing}
    words = {alert.id: now[alert.id] for alert in standing if now[alert.id] != alert.present}
    return Comparison(fresh, changes, words)


def _word(
    alert: AlertOnRecord, confirmed: Collection[Identity], present: Mapping[Identity, Finding]
) -> str:
    if alert.identity in confirmed:
        return BREACH
    finding = present.get(alert.identity)
    if finding is not None and finding.outcome != "compliant":
        return UNDETERMINED
    return OVER


def opened_reason(as_of: Day) -> Text:
    """Why an alert opened."""
    return _OPENED.fill(day=format_day(as_of))


def _lasts(alert: AlertOnRecord, as_of: Day) -> bool:
    """Whether a state that breaches now continues this alert.

    One seen to end by this very as-of has not ended after all.
    """
    over = alert.recovered_on is not None and alert.recovered_on < as_of
    return alert.is_state and alert.status != WITHDRAWN and not over


def _confirm(
    alert: AlertOnRecord, breach: Breach, as_of: Day, holidays: Holidays | None
) -> Iterator[AlertChange]:
    severity = gravest([alert.severity, _severity(alert, breach, as_of, holidays)])
    if alert.status == WITHDRAWN:
        values = {
            "status": OPEN,
            "severity": severity,
            "recovered_on": None,
            "withdrawn_reason": None,
        }
        yield AlertChange(alert, "reopened", _AGAIN, values, breach)
        return
    if alert.recovered_on is not None or alert.held_on is not None:
        values = {"recovered_on": None} | _let_go(alert)
        yield AlertChange(alert, "relapsed", _AGAIN, values)
    if severity != alert.severity:
        reason = _RAISED.fill(old=alert.severity, new=severity)
        yield AlertChange(alert, "raised", reason, {"severity": severity}, breach)


def _severity(alert: AlertOnRecord, breach: Breach, as_of: Day, holidays: Holidays | None) -> str:
    if not breach.escalation:
        return breach.severity
    days = working_days_between(alert.identity.on, as_of, holidays)
    climbed = [severity for after, severity in breach.escalation if days >= after]
    return gravest([breach.severity, *climbed])


def _end(
    alert: AlertOnRecord, finding: Finding | None, as_of: Day, explain: ExplainEnding
) -> Iterator[AlertChange]:
    """What becomes of an alert without a breach; the unknown is never passed."""
    if finding is not None and finding.outcome != "compliant":
        if finding.is_held and alert.held_on is None:
            yield AlertChange(alert, "held", _HELD, {"held_on": as_of})
        return
    cleared_on = _cleared_on(alert, finding, as_of)
    if cleared_on is not None:
        if cleared_on != alert.recovered_on and alert.status != WITHDRAWN:
            ending = explain(alert.id, alert.identity, finding is None)
            yield _recover(alert, cleared_on, _RECOVERED, ending)
    elif may("withdraw", alert.status):
        ending = explain(alert.id, alert.identity, finding is None)
        if ending.correction is not None:
            words, what = finding.reason if finding else _GONE, ending.correction
            words = words or _CLEARED
            yield from _withdraw(alert, Text(f"{words.zh}：{what.zh}", f"{words.en}: {what.en}"))
        elif alert.recovered_on is None:
            yield _recover(alert, as_of, _OVER, ending)


def _recover(alert: AlertOnRecord, day: Day, words: Text, ending: Ending) -> AlertChange:
    reason = ending.told_with(words.fill(day=format_day(day)))
    values = {"recovered_on": day} | _let_go(alert)
    return AlertChange(alert, "recovered", reason, values, arrivals=ending.arrivals)


def _let_go(alert: AlertOnRecord) -> dict[str, Any]:
    """What says that an alert no longer waits for the bank, if it did."""
    return {} if alert.held_on is None else {"held_on": None}


def _withdraw(alert: AlertOnRecord, reason: Text) -> Iterator[AlertChange]:
    if may("withdraw", alert.status):
        values = {"status": WITHDRAWN, "withdrawn_reason": reason.both()} | _let_go(alert)
        yield AlertChange(alert, "withdrawn", reason, values)


def _cleared_on(alert: AlertOnRecord, finding: Finding | None, as_of: Day) -> Day | None:
    """The day a breach came to an end; None where it never was.

    A state found gone on the very as-of that opened its alert never was: the data changed.
    """
    if not alert.is_state:
        return finding.cleared_on if finding else None
    if alert.recovered_on is not None:
        return alert.recovered_on
    return as_of if as_of > alert.opened_as_of else None
