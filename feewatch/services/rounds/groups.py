"""Groups 重点难点, 存在问题, 落实到位: computed, explained, moved by hand for a time."""

from collections import Counter
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, Scope
from feewatch.rounds.scheme import GROUPS, NO_GROUP, Grouped
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.rounds.files import rounds_scheme
from feewatch.services.rounds.inspectors import unknown_institution
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow
from feewatch.store.rounds import groups, standing

#: A move by hand lasts so many days at most.
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """The group of an institution, by its facts and by hand."""

    institution_id: int
    uscc: str
    name: str
    district: str
    facts: dict[str, int]
    computed: Grouped
    move: PageRow | None  # by hand, while it lasts

    @property
    def group(self) -> str:
        """The group in which it is dealt with."""
        return self.computed.group if self.move is None else str(self.move.to_group)


def list_groups(app: App, scope: Scope, group: str = "") -> list[GroupStanding]:
    """The institutions of a scope with their groups today, or those of one group."""
    with app.database.reading() as tx:
        standings = list_standings(app, tx, scope, today())
    return [each for each in standings if not group or each.group == group]


def list_standings(app: App, tx: Transaction, scope: Scope, day: Day) -> list[GroupStanding]:
    """The same within a transaction, as of a day."""
    scheme = rounds_scheme(app)
    counted = standing.count_facts(tx, scope, day, day - scheme.recent_days)
    moves = groups.list_moves(tx, day)
    return [
        GroupStanding(key, uscc, name, district, facts, scheme.assess(facts), moves.get(key))
        for key, (uscc, name, district, facts) in counted.items()
    ]


def count_groups(standings: list[GroupStanding]) -> Counter[str]:
    """How many institutions are in each group."""
    return Counter(each.group for each in standings)


def move(app: App, uscc: str, group: str, *, until: Day | None, actor: str, reason: str) -> None:
    """Put an institution into a group by hand until a day; no group: as computed again.

    Raises: ForbiddenError, NotFoundError, InvalidInputError.
    """
    require_reason(reason)
    day = today()
    if group and (group not in GROUPS or group == NO_GROUP):
        raise InvalidInputError("GROUP", "没有这个分组", "no such group", field="group")
    if group and (until is None or not day < until <= day + MOST_DAYS):
        raise InvalidInputError(
            "GROUP-UNTIL",
            f"须写明截止日，至多 {MOST_DAYS} 天",
            f"say until when, at most {MOST_DAYS} days",
            field="until",
        )
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        known = {each.uscc: each for each in list_standings(app, tx, person.scope, day)}
        if uscc not in known:
            raise unknown_institution(uscc)
        before = known[uscc]
        last = day if until is None or not group else until
        groups.add(
            tx, institution_id=before.institution_id, to_group=group,
            computed=before.computed.group, from_day=day, to_day=last, actor=person.name,
            reason=reason,
        )  # fmt: skip
        audit.record(
            tx, person.name, "group.move", uscc, before={"group": before.group},
            after={"group": group or before.computed.group, "until": format_day(last)},
            reason=reason,
        )  # fmt: skip
