"""Inspectors (责任督学): whose institutions are, who stands in, which visits are missing."""

from collections.abc import Collection
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, add_months, date_of, format_day, iso_or_none, month_end
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import CASEWORKERS, Scope, User
from feewatch.kernel.text import Text
from feewatch.rounds.months import Owed, owed
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, nobody, place_outside, require_reason
from feewatch.services.rounds.files import rounds_scheme
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.people import users
from feewatch.store.rounds import assignments, visits

#: So many months back missing visits are listed.
MONTHS_BACK = 3


def assign(
    app: App,
    inspector: str,
    usccs: Collection[str],
    *,
    actor: str,
    reason: str,
    first: Day | None = None,
    last: Day | None = None,
    is_substitute: bool = False,
) -> int:
    """How many institutions became an inspector's; another inspector's time there ends before.

    A substitute stands in from a first to a last day; the inspector's own assignment runs on.

    Raises: ForbiddenError, NotFoundError, InvalidInputError, ConflictError.
    """
    require_reason(reason)
    begin = today() if first is None else first
    _check_days(begin, last, is_substitute=is_substitute)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        heir = _get_inspector(tx, inspector)
        for uscc in sorted(set(usccs)):
            row = _get_institution(tx, person, uscc)
            if not heir.scope.sees(row.district, None):
                raise place_outside(row.district, inspector)
            before = _make_room(tx, row, inspector, begin, last, is_substitute=is_substitute)
            assignments.add(
                tx, inspector, row.id, begin, last=last, is_substitute=is_substitute,
                actor=person.name, reason=reason,
            )  # fmt: skip
            audit.record(
                tx, person.name, "inspector.assign", uscc, before={"inspector": before},
                after={"inspector": inspector, "substitute": is_substitute,
                       "from": format_day(begin), "to": iso_or_none(last)}, reason=reason,
            )  # fmt: skip
        tell(
            tx, to_user=heir.id, kind="rounds_assigned", object=inspector,
            text=Text(f"{len(set(usccs))} 家机构由您负责走访",
                      f"{len(set(usccs))} institutions are yours to visit"),
            address="/rounds/",
        )  # fmt: skip
    return len(set(usccs))


def release(app: App, inspector: str, uscc: str, *, actor: str, reason: str) -> None:
    """An institution is an inspector's no more from today on.

    Raises: ForbiddenError, NotFoundError, InvalidInputError.
    """
    require_reason(reason)
    day = today()
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, CASEWORKERS)
        row = _get_institution(tx, person, uscc)
        running = [
            assignment
            for assignment in assignments.list_overlapping(tx, row.id, day, None)
            if assignment.inspector == inspector
        ]
        if not running:
            raise NotFoundError(
                "ASSIGNMENT-UNKNOWN",
                f"{uscc} 现不由 {inspector} 负责",
                f"{uscc} is not the institution of {inspector}",
            )
        for assignment in running:
            assignments.end(tx, assignment.id, day - 1)
        audit.record(
            tx, person.name, "inspector.release", uscc,
            before={"inspector": inspector}, after={"inspector": None}, reason=reason,
        )  # fmt: skip


def _check_days(first: Day, last: Day | None, *, is_substitute: bool) -> None:
    if last is not None and last < first:
        raise InvalidInputError(
            "DAYS", "起始日晚于截止日", "the first day lies after the last", field="to"
        )
    if is_substitute and last is None:
        raise InvalidInputError(
            "SUBSTITUTE-DAYS",
            "代岗须有截止日",
            "who stands in for another does so until a day",
            field="to",
        )


def _make_room(
    tx: Transaction,
    row: PageRow,
    inspector: str,
    first: Day,
    last: Day | None,
    *,
    is_substitute: bool,
) -> str | None:
    """Whose it was; an earlier inspector's time ends the day before, a later one is a conflict."""
    before = None
    for other in assignments.list_overlapping(tx, row.id, first, last):
        if other.inspector == inspector:
            raise ConflictError(
                "ASSIGNED-ALREADY",
                f"{row.uscc} 在该期间已由 {inspector} 负责",
                f"{row.uscc} is the institution of {inspector} on these days already",
            )
        if is_substitute or other.is_substitute:
            continue
        if other.from_day >= first:
            raise ConflictError(
                "ASSIGNED-LATER",
                f"{row.uscc} 自 {format_day(other.from_day)} 起由 {other.inspector} 负责",
                f"{row.uscc} is the institution of {other.inspector} from "
                f"{format_day(other.from_day)} on",
            )
        assignments.end(tx, other.id, first - 1)
        before = other.inspector
    return before


def _get_inspector(tx: Transaction, name: str) -> User:
    person = users.find_by_name(tx, name)
    if person is None or person.disabled:
        raise InvalidInputError("INSPECTOR-UNKNOWN", *nobody(name), field="inspector")
    if person.role != "inspector":
        raise InvalidInputError(
            "INSPECTOR-ROLE", f"{name} 不是责任督学", f"{name} is no inspector", field="inspector"
        )
    return person


def _get_institution(tx: Transaction, person: User, uscc: str) -> PageRow:
    row = visits.find_institution(tx, uscc, today())
    if row is None or not person.scope.sees(row.district, row.id):
        raise unknown_institution(uscc)
    return row


def unknown_institution(uscc: str) -> NotFoundError:
    """That there is no such institution, or not for this person."""
    return NotFoundError("INSTITUTION-UNKNOWN", f"没有机构 {uscc}", f"no institution {uscc}")


@dataclass(frozen=True, slots=True)
class MissingVisit:
    """A month in which an institution was not visited as it should have been."""

    owed: Owed
    uscc: str
    name: str
    district: str
    is_running: bool  # the month is not over yet


@dataclass(frozen=True, slots=True)
class InspectorsDesk:
    """Whose institutions are, what nobody looks after, what is missing."""

    assignments: PageRows
    inspectors: list[str]
    unassigned: PageRows
    missing: list[MissingVisit]


def read_desk(app: App, scope: Scope) -> InspectorsDesk:
    """The inspectors of a scope with their institutions and the visits they owe."""
    day = today()
    with app.database.reading() as tx:
        return InspectorsDesk(
            assignments.list_within(tx, scope, day),
            assignments.list_inspectors(tx),
            assignments.list_unassigned(tx, scope, day),
            list_missing_within(app, tx, scope, *months_looked_at(day)),
        )


def months_looked_at(day: Day) -> tuple[Day, Day]:
    """The months of which missing visits are listed: some that are over, and the running one."""
    month = day - date_of(day).day + 1
    return add_months(month, -MONTHS_BACK), month_end(day)


def list_missing(
    app: App, scope: Scope, first: Day, last: Day, inspector: str = ""
) -> list[MissingVisit]:
    """The visits that are missing in the months of a span, or those of one inspector."""
    with app.database.reading() as tx:
        return list_missing_within(app, tx, scope, first, last, inspector)


def list_missing_within(
    app: App, tx: Transaction, scope: Scope, first: Day, last: Day, inspector: str = ""
) -> list[MissingVisit]:
    """The same within a transaction."""
    spans = assignments.list_spans(tx, scope, first, last)
    if inspector:
        spans = [span for span in spans if span.inspector == inspector]
    made = visits.count_by_month(tx, first, last)
    missing = owed(spans, made, first, last, rounds_scheme(app).visits_a_month)
    named = visits.name_institutions(tx, {each.institution_id for each in missing}, last)
    day = today()
    return [
        MissingVisit(each, *named[each.institution_id], month_end(each.month) >= day)
        for each in missing
    ]


def count_missed(app: App, tx: Transaction, scope: Scope, day: Day) -> int:
    """How many visits the desk lists as missing of months that are over."""
    missing = list_missing_within(app, tx, scope, *months_looked_at(day))
    return sum(not each.is_running for each in missing)
