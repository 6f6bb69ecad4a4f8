"""What waits for those who do no casework: rule editors and the three administrators."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from feewatch.bootstrap import App
from feewatch.kernel.clock import now, timestamp, today
from feewatch.kernel.complaints import Complaint
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.people import User, is_among
from feewatch.services.audit.reads import count_waiting
from feewatch.services.desk.today import Pulse, read_pulse
from feewatch.services.health.doctor import examine
from feewatch.services.people.separation import Separation
from feewatch.services.people.separation import read as read_separation
from feewatch.services.trials.noise import RuleNoise, read_noise
from feewatch.services.trials.shadow import list_drafts
from feewatch.store import trail
from feewatch.store.pages import PageRows, waits
from feewatch.store.pages import today as pages
from feewatch.store.people import role_requests, users

#: Acts are counted of so many days.
DAYS = 7
#: As many rules as the page lists; the whole list is one link away.
_FEW = 8
#: A rule of whose matters more are dismissed wants another look.
_MOSTLY = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Duties:
    """What a day begins with; each role has its part."""

    day: Day
    first: Day  # acts are counted from this day
    counts: dict[str, int]
    pulse: Pulse | None = None
    rules: list[RuleNoise] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    runs: PageRows = ()
    waiting: PageRows = ()  # roles that wait for a second person
    acts: dict[str, int] = field(default_factory=dict)
    separation: Separation | None = None


def read_duties(app: App, person: User) -> Duties:
    """What waits for a rule editor or an administrator of one of the three kinds."""
    return _OF[person.role](app, person)


def _of_rules(app: App, person: User) -> Duties:
    rules = read_noise(app, person.scope)
    shares = [rule.dismissed_share for rule in rules]
    counts = {
        "rules": len(rules),
        "mostly_dismissed": sum(Decimal(share) > _MOSTLY for share in shares if share is not None),
        "presets": sum(bool(rule.presets) for rule in rules),
        "drafts": len(list_drafts(app)),
    }
    return Duties(*_days(), counts, pulse=read_pulse(app), rules=rules[:_FEW])


def _of_system(app: App, person: User) -> Duties:
    day, first = _days()
    since = (now() - dt.timedelta(days=DAYS)).isoformat(timespec="seconds")
    complaints = [each for part in examine(app, thoroughly=False) for each in part.complaints]
    with app.database.reading() as tx:
        waiting = role_requests.list_waiting(tx)
        counts = {
            "complaints": len(complaints),
            "failed_runs": pages.count_failed_runs(tx, since),
            "pushes_failed": waits.count_failed_pushes(tx),
            "roles": _for(waiting, person),
            "held": _held(users.list_all(tx, now=timestamp()), person),
        }
        runs = pages.latest_runs(tx)
    return Duties(
        day, first, counts, read_pulse(app), complaints=complaints, runs=runs, waiting=waiting,
        separation=read_separation(app),
    )  # fmt: skip


def _of_security(app: App, person: User) -> Duties:
    wanted = app.config.people.second_factor
    with app.database.reading() as tx:
        waiting = role_requests.list_waiting(tx)
        everybody = users.list_all(tx, now=timestamp())
    may_enter = [row for row in everybody if not row.disabled]
    counts = {
        "roles": _for(waiting, person),
        "held": _held(everybody, person),
        "must_change": sum(bool(row.must_change) for row in may_enter),
        "no_factor": sum(is_among(row.role, wanted) and not row.factors for row in may_enter),
    }
    return Duties(*_days(), counts, waiting=waiting, separation=read_separation(app))


def _of_audit(app: App, _: User) -> Duties:
    day, first = _days()
    with app.database.reading() as tx:
        acts = trail.count_by_action(tx, format_day(first))
    begun = Counter[str]()
    for action, count in acts.items():
        begun[".".join(action.split(".")[:2])] += count
    counts = {
        "failed_log_ins": begun["log_in.failed"],
        "refused": begun["request.refused"],
        "read": begun["personal.read"],
        "given": begun["file.given"],
        "aside": count_waiting(app),
    }
    return Duties(day, first, counts, acts=acts, separation=read_separation(app))


def _days() -> tuple[Day, Day]:
    day = today()
    return day, day - DAYS


def _for(waiting: PageRows, person: User) -> int:
    """How many requests a person may decide on: not the own ones, none about the person."""
    return sum(person.name not in (row.asked_by, row.name) for row in waiting)


def _held(everybody: PageRows, person: User) -> int:
    """How many log-ins that were reset a person may free."""
    moment = timestamp()
    return sum(
        bool(row.held_until and row.held_until > moment)
        and person.name not in (row.held_by, row.name)
        for row in everybody
    )


_OF: dict[str, Callable[[App, User], Duties]] = {
    "rule_editor": _of_rules,
    "system_admin": _of_system,
    "security_admin": _of_security,
    "audit_admin": _of_audit,
}
