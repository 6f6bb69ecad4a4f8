"""Today: what waits for a person, how old the last check and the scheduler's beat are."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.engine.law import nearest
from feewatch.kernel.clock import now, timestamp, today
from feewatch.kernel.days import Day
from feewatch.kernel.people import Scope, User
from feewatch.kernel.places import ancestry
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.decision_reports import count_owed
from feewatch.services.paging import Page, slice_of
from feewatch.services.rounds.inspectors import count_missed
from feewatch.services.rounds.self_reports import count_late
from feewatch.store.kept import BEHIND_SECONDS
from feewatch.store.pages import PageRow, PageRows, board, institutions, waits
from feewatch.store.pages import today as pages
from feewatch.store.people import visits

#: A look after so long is a new visit.
VISIT = dt.timedelta(minutes=30)
#: A nightly check that is older has been missed.
CHECK_LATE = dt.timedelta(hours=36)
#: As many rows of each list as the page shows; the whole list is one link away.
FEW = 8
CYCLES = ("daily", "weekly", "monthly")


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether the office's machine is alive: its last check and the scheduler's last beat."""

    checked_at: str | None
    checked_as_of: Day | None
    is_check_late: bool
    beat_at: str | None
    is_beat_late: bool


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of the first things a fresh office does."""

    name: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Today:
    """What a person's day begins with."""

    day: Day
    since: str  # moment of the visit before; empty: there was none
    counts: dict[str, int]
    pulse: Pulse
    first_steps: list[FirstStep]
    cases: PageRows  # those that wait for the office, the most pressing first
    red: PageRows
    missing: PageRows
    undertakings: PageRows
    openings: PageRows  # institutions with unsigned opening statements, for a reviewer
    runs: PageRows  # the latest run of each job, for an administrator
    people: dict[str, int]  # by role, for an administrator

    @property
    def is_fresh(self) -> bool:
        """Whether the office has not yet done what every other page rests on."""
        needed = ("institutions", "accounts", "statements", "check")
        return any(not step.is_done for step in self.first_steps if step.name in needed)


def read_today(app: App, person: User, *, mine: bool) -> Today:
    """What waits for a person; ``mine``: of cases and matters only those the person owns.

    Looking begins a new visit where the last look is long ago.
    """
    since, office = _begin_visit(app, person), app.config.office.district
    day, owner, scope = today(), person.name if mine else "", person.scope
    stale = stale_days(app, day)
    moment = (now() - dt.timedelta(days=7)).isoformat(timespec="seconds")
    wanted = board.WantedCases(waits="any", owner=owner)
    runs_it, is_second = person.role == "administrator", person.role == "reviewer"
    with app.database.reading() as tx:
        known = app.database.kept.by_table(tx, behind=BEHIND_SECONDS)
        whose = (scope, office, day, person.name, since, owner)
        counts = known.answer(
            ("waiting", *whose),
            lambda: (
                waits.count_waiting(tx, scope, day, person.name, since=since, owner=owner)
                | pages.count_decisions(tx, scope, day)
            ),
        )
        aside = known.answer(
            ("aside", scope, office, day, person.name),
            lambda: waits.count_aside(tx, scope, office, day, person.name),
        )
        missing, accounts, schools = known.answer(
            ("missing", scope, day, *stale.values()),
            lambda: pages.list_missing(tx, scope, day, stale, limit=FEW),
        )
        lists = known.answer(
            ("today", *whose, is_second),
            lambda: (
                board.list_board(tx, scope, wanted, day, person.name, limit=FEW),
                pages.list_new_red(tx, scope, day, since, owner, FEW),
                pages.list_undertakings(tx, scope, day, owner, FEW),
                institutions.list_unsigned_openings(tx, scope, day) if is_second else [],
            ),
        )
        counts = counts | aside
        counts["visits_missed"] = known.answer(
            ("visits missed", scope, day), lambda: count_missed(app, tx, scope, day)
        )
        counts["confirmations_late"] = known.answer(
            ("confirmations late", scope, day), lambda: count_late(app, tx, scope, day)
        )
        held_until = pages.scheduler_lease(tx)
        counts = counts | count_owed(app, tx, scope)
        counts["missing_accounts"], counts["missing"] = accounts, schools
        counts["corrections_overdue"] = waits.count_corrections_overdue(tx, scope, timestamp())
        counts["failed_runs"] = pages.count_failed_runs(tx, moment) if runs_it else 0
        cases, red, undertakings, openings = lists
        return Today(
            day,
            since,
            counts,
            _pulse(app, known.answer(("last check",), lambda: pages.last_check(tx)), held_until),
            _first_steps(app, known.answer(("begun",), lambda: pages.beginnings(tx)), held_until),
            cases,
            red,
            missing,
            undertakings,
            openings,
            pages.latest_runs(tx) if runs_it else [],
            pages.count_people(tx) if runs_it else {},
        )


def read_pulse(app: App) -> Pulse:
    """How old the last check and the scheduler's last beat are."""
    with app.database.reading() as tx:
        return _pulse(app, pages.last_check(tx), pages.scheduler_lease(tx))


def count_marks(app: App, person: User) -> dict[str, int]:
    """The counts that stand as marks in the menu."""
    office = app.config.office.district
    day = today()
    with app.database.reading() as tx:
        known = app.database.kept.by_table(tx, behind=BEHIND_SECONDS)
        scope, name = person.scope, person.name
        marks = known.answer(
            ("marks", scope, day, name), lambda: waits.count_marks(tx, scope, day, name)
        )
        aside = known.answer(
            ("aside", scope, office, day, name),
            lambda: waits.count_aside(tx, scope, office, day, name),
        )
        return marks | aside


def read_since(app: App, person: User) -> str:
    """The moment after which a matter is new to a person; empty: all are."""
    with app.database.reading() as tx:
        visit = visits.find_visit(tx, person.id)
    return (visit[1] or "") if visit else ""


def list_missing(app: App, scope: Scope, number: int) -> Page:
    """One page of accounts whose statements are late, the longest first."""
    day = today()
    stale = stale_days(app, day)
    with app.database.reading() as tx:
        size, start = slice_of(number)
        rows, total, _ = pages.list_missing(tx, scope, day, stale, limit=size, offset=start)
    return Page(rows, total, number)


def stale_days(app: App, day: Day) -> dict[str, int]:
    """After how many days the statements of an account are late, by their cycle."""
    book, chain = rule_book(app), ancestry(app.config.office.district)
    limits: dict[str, int] = {}
    for cycle in CYCLES:
        value = nearest(book.parameters[f"stale_days_{cycle}"].values, chain, day)
        assert value is not None  # the shipped book has one for the nation
        assert isinstance(value.value, int)
        limits[cycle] = value.value
    return limits


def _begin_visit(app: App, person: User) -> str:
    """The moment of the visit before the present one; empty where there was none."""
    with app.database.reading() as tx:
        visit = visits.find_visit(tx, person.id)
    if visit is not None and now() - dt.datetime.fromisoformat(visit[0]) < VISIT:
        return visit[1] or ""
    # who reads waits for no writer: the visit may as well begin with the next look
    app.database.try_now(lambda tx: visits.begin_visit(tx, person.id, timestamp()))
    return visit[0] if visit else ""


def _pulse(app: App, check: PageRow | None, held_until: str | None) -> Pulse:
    beat, is_beat_late = None, True
    if held_until is not None:
        until = dt.datetime.fromisoformat(held_until)
        beat = (until - dt.timedelta(seconds=app.config.scheduler.lease_seconds)).isoformat()
        is_beat_late = until < now()
    return Pulse(
        check.at if check else None,
        check.as_of if check else None,
        check is None or now() - dt.datetime.fromisoformat(check.at) > CHECK_LATE,
        beat,
        is_beat_late,
    )


def _first_steps(app: App, begun: Mapping[str, bool], held_until: str | None) -> list[FirstStep]:
    done = {
        **begun,
        "basis": bool(app.config.publication.list_basis),
        "scheduler": held_until is not None,
    }
    return [FirstStep(name, is_done) for name, is_done in done.items()]


def case_waits(row: PageRow) -> list[str]:
    """What a case of the board waits for, the most pressing first."""
    return [name for name in board.WAITS if getattr(row, name)]
