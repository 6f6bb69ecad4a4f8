"""The check: what changed is judged by the rule book, and the alerts are brought in line."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.kernel.aside import HERE, Aside, giving_way
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import FIRST_DAY, Day, format_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import NATIONWIDE, Scope
from feewatch.services.check.columns import columnar_engine, moment
from feewatch.services.check.concerned import LastChecks
from feewatch.services.check.grouping import (
    COLUMNAR_LOAD,
    CheckGroup,
    group_institutions,
    list_large,
    usual_load,
)
from feewatch.services.check.judgement import (
    FIGURES,
    Judgement,
    judge,
    judge_findings,
)
from feewatch.services.check.law_history import keep_book
from feewatch.services.check.rulebook import rule_book
from feewatch.services.check.writing import Run, Written, refuse_older, write, write_judgement
from feewatch.services.intake.matching import match_changed, match_light
from feewatch.store import state
from feewatch.store.cases import alerts
from feewatch.store.check import checks
from feewatch.store.check.allowance import OutOfTimeError, allowed
from feewatch.store.check.checks import OFFICE
from feewatch.store.check.turn import only_one_check
from feewatch.store.database import Transaction
from feewatch.store.holdings import list_linked
from feewatch.store.kept import end_long_work
from feewatch.store.pages.scope import list_within

#: How often an institution is judged on a snapshot before it is held still for it.
_TRIES = 2
#: How often more where it has too many rows to be held still.
_MORE_TRIES = 2


@dataclass(frozen=True)
class CheckReport:
    """What a check did."""

    as_of: Day
    institutions: int
    rules: int
    evaluated: int
    breaches: int
    undetermined: int
    opened: int
    withdrawn: int
    recovered: int
    seconds: float
    left_out: tuple[str, ...] = ()  # credit codes: too many rows to be judged now

    def as_json(self) -> dict[str, Any]:
        """The contract's form; ``left_out`` stands there where anybody is."""
        shown = vars(self) | {"as_of": format_day(self.as_of), "seconds": round(self.seconds, 3)}
        shown["left_out"] = [*self.left_out]
        return shown if self.left_out else {k: v for k, v in shown.items() if k != "left_out"}


#: What else a check brings about: of the office, the check, whom it looked at, where to compute.
BeforeEnd = Callable[[App, Run, Collection[int], Aside], Callable[[Transaction], object]]


class CheckStep(NamedTuple):
    """A part of a check that has been done: institutions judged, or brought in line and kept."""

    done: Literal["judged", "written", "left out"]
    institutions: frozenset[int]


def run_check(
    app: App,
    as_of: Day,
    *,
    uscc: str | None = None,
    full: bool = False,
    within: Scope = NATIONWIDE,
    before_end: BeforeEnd | None = None,
) -> CheckReport:
    """Check all institutions, one, or those whose outcomes may differ from the last check.

    A check of an earlier day than the latest one gives findings only and changes no alert. One
    whose data change meanwhile is judged again; of many rows, it may have to be left out.

    ``within``: of these places alone. ``before_end``: what else is worked out once all is judged,
    and what of it is written in the transaction that ends the check.

    Raises: NotFoundError for a credit code that is unknown, or outside these places,
    UnavailableError while another check is at work.
    """
    check = Check(app, as_of, uscc=uscc, full=full, within=within, before_end=before_end)
    for _ in check.steps():
        pass
    return check.report


class Check:
    """One check, group by group: judged on a snapshot, written in short transactions.

    Ended at any step, killed or not, it leaves each institution as this check has it, or as the
    one before had it and with its mark, so that the next one looks at it.
    """

    def __init__(
        self,
        app: App,
        as_of: Day,
        *,
        uscc: str | None = None,
        full: bool = False,
        within: Scope = NATIONWIDE,
        group_load: int | None = None,
        before_end: BeforeEnd | None = None,
    ) -> None:
        """``group_load``: how many rows of statements and lessons are judged on one snapshot.

        Raises: UnavailableError where the office judges on an engine that is not installed.
        """
        self._app = office_of_check(app, full=full)
        self._as_of, self._uscc, self._full = as_of, uscc, full
        self._within, self._before_end = within, before_end
        self._engine = columnar_engine(app) if full and uscc is None else None
        usual = COLUMNAR_LOAD if self._engine else usual_load(app.database)
        self._group_load = usual if group_load is None else group_load
        self._book = rule_book(app)
        self._aside = HERE
        self._started = time.perf_counter()
        self._totals: Counter[str] = Counter(dict.fromkeys(FIGURES, 0))
        self._changes = alerts.Counts(0, 0, 0)
        self._checked: set[int] = set()
        self._changed: set[int] = set()
        self._left_out: list[str] = []

    @property
    def report(self) -> CheckReport:
        """What the check did so far."""
        return CheckReport(
            as_of=self._as_of,
            institutions=len(self._checked - {OFFICE}),
            rules=len(self._book.rules),
            **self._totals,
            **self._changes._asdict(),
            seconds=time.perf_counter() - self._started,
            left_out=tuple(self._left_out),
        )

    def steps(self) -> Iterator[CheckStep]:
        """Do the check, step by step."""
        with (
            only_one_check(self._app.database),
            giving_way(steps_of(self._app, full=self._full)) as aside,
        ):
            self._aside = aside
            self._match()
            run, scope = self._begin()
            if run is None:
                yield from self._look_back(scope)
                return
            restless = yield from self._try(run, scope, _TRIES)
            with self._app.database.reading() as tx:
                large = list_large(tx, restless)
            yield from self._hold_still(run, restless - large)
            left = yield from self._try(run, large | self._changed, _MORE_TRIES)
            if left:
                yield self._leave_out(left)
            self._finish(run, scope)

    def _match(self) -> None:
        """Match who changed, and all that are asked for where the check is a full one.

        Of one that was killed meanwhile the next check matches the rest.
        """
        with self._app.database.reading() as tx:
            again = _scope(tx, self._as_of, self._book, self._uscc, self._within, full=True)
            if not self._full:
                again &= {*state.list_to_derive(tx)}
        match_changed(self._app, again=again - {OFFICE}, aside=self._aside)

    def _begin(self) -> tuple[Run | None, set[int]]:
        """The check on record, and who is to be checked; no record of one of an earlier day."""
        book, as_of = self._book, self._as_of
        with self._app.database.transaction() as tx:
            latest = checks.latest_as_of(tx)
            is_past = latest is not None and as_of < latest
            scope = _scope(tx, as_of, book, self._uscc, self._within, full=self._full or is_past)
            if is_past:
                return None, scope
            keep_book(self._app, tx, book)
            key = checks.begin_run(
                tx, at=timestamp(), as_of=as_of, full=self._full, rule_book=book.version
            )
            # whom this check does not come to any more the next one has to look at
            asked_for = self._full or self._uscc is not None
            state.mark_to_check(tx, scope, by_all_rules=asked_for)
        return Run(key, as_of, book), scope

    def _groups(self, institutions: Collection[int]) -> list[CheckGroup]:
        """The groups, those together whose days can be judged from the same day on."""
        alike: defaultdict[Day, set[int]] = defaultdict(set)
        with self._app.database.reading() as tx:
            last = LastChecks(tx, self._book, self._as_of, institutions)
            for key in sorted({*institutions} - {OFFICE}):
                alike[last.since(key)].add(key)
            if OFFICE in institutions:
                alike[min(alike, default=FIRST_DAY)].add(OFFICE)
            return [
                group
                for members in alike.values()
                for group in group_institutions(tx, members, self._group_load)
            ]

    def _look_back(self, scope: Collection[int]) -> Iterator[CheckStep]:
        for group in self._groups(scope):
            with self._app.database.reading() as tx:
                matched = group.institutions - {*state.list_to_match(tx)}
                judgement = judge_findings(self._app, tx, self._book, self._as_of, matched)
            self._totals.update(judgement.totals_of(matched))
            self._checked |= matched
            yield CheckStep("judged", matched)

    def _try(
        self, run: Run, institutions: set[int], times: int
    ) -> Generator[CheckStep, None, set[int]]:
        """Judge and write institutions, and again who changed meanwhile; who did each time."""
        for _ in range(times):
            if not institutions:
                break
            self._changed = set()
            yield from self._try_all(run, institutions)
            institutions = self._changed
            self._engine = None  # those who changed are few
            if institutions:
                match_changed(self._app, aside=self._aside)
        return institutions

    def _try_all(self, run: Run, institutions: Collection[int]) -> Iterator[CheckStep]:
        """Judge and write group by group; who changes between the two is noted."""
        for group in self._groups(institutions):
            try:
                judgement = self._aside.do(partial(self._judge, run, group))
            except OutOfTimeError:
                yield self._leave_out(group.institutions)
                continue
            self._changed |= group.institutions - judgement.institutions
            yield CheckStep("judged", judgement.institutions)
            for written in write_judgement(self._app, run, judgement):
                self._note(judgement, written)
                yield CheckStep("written", written.institutions)
            if not self._app.database.is_sqlite:  # of a first check nothing is known of its alerts
                self._app.database.take_stock(by_the_way=True)

    def _judge(self, run: Run, group: CheckGroup) -> Judgement:
        """What is found on a snapshot; where one institution is heavy, in the time it is allowed.

        Raises: OutOfTimeError.
        """
        with moment(self._app, self._engine, run.book, group.institutions) as (tx, columnar):
            # rows of the others are not yet what matching will say they are
            matched = group.institutions - {*state.list_to_match(tx)}
            if not group.is_heavy:
                return judge(self._app, tx, run.book, run.as_of, matched, columnar=columnar)
            longest = self._app.config.check.longest_seconds
            interrupt = columnar.interrupt if columnar else lambda: None
            with allowed(tx, longest, interrupt) as go_on:
                return judge(self._app, tx, run.book, run.as_of, matched, go_on, columnar)

    def _hold_still(self, run: Run, institutions: Collection[int]) -> Iterator[CheckStep]:
        """Judge and write those that change all the time while nobody can change them."""
        with self._app.database.reading() as tx:
            groups = group_institutions(tx, institutions, most=0)
        self._changed = set()
        for group in self._app.database.unhurried(groups):
            with self._app.database.transaction() as tx:
                state.hold_still(tx, list_linked(tx, group.institutions))
                if not match_light(self._app, tx, group.institutions):
                    self._changed |= group.institutions  # has grown large since it was measured
                    continue
                judgement = judge(self._app, tx, run.book, run.as_of, group.institutions)
                written = write(tx, run, judgement, group.institutions)
            self._note(judgement, written)
            yield CheckStep("written", written.institutions)

    def _leave_out(self, institutions: Collection[int]) -> CheckStep:
        """Note who keeps results and mark for the next check."""
        with self._app.database.reading() as tx:
            self._left_out += checks.list_usccs(tx, institutions)
        return CheckStep("left out", frozenset(institutions))

    def _note(self, judgement: Judgement, written: Written) -> None:
        self._totals.update(judgement.totals_of(written.institutions))
        both = zip(self._changes, written.changes, strict=True)
        self._changes = alerts.Counts(*(sum(pair) for pair in both))
        self._checked |= written.institutions
        self._changed |= written.changed

    def _finish(self, run: Run, scope: Collection[int]) -> None:
        more = self._before_end
        end = more and more(self._app, run, scope, self._aside)
        with self._app.database.transaction() as tx:
            refuse_older(tx, run)
            if end is not None:
                end(tx)
            counts = self.report.as_json()
            checks.finish_run(tx, run.key, at=timestamp(), counts=counts, left_out=self._left_out)
            if self._full:
                end_long_work(tx)
        self._app.database.take_stock()
        self._app.database.tidy()


def steps_of(app: App, *, full: bool) -> int:
    """By how much a check gives way: a full one to people; one of a few changes is over soon.

    A database in memory is seen by no other thread.
    """
    return app.config.check.nice if full and not app.database.is_in_memory else 0


def office_of_check(app: App, *, full: bool) -> App:
    """The office for a check: what a full one has a server do rests for those who use it."""
    return replace(app, database=app.database.for_long_work(app.config.check.rest)) if full else app


def _scope(
    tx: Transaction, as_of: Day, book: RuleBook, uscc: str | None, within: Scope, *, full: bool
) -> set[int]:
    """Who is checked; the office itself always, for what belongs to no institution."""
    if uscc is not None:
        institution_id = checks.find_institution(tx, uscc)
        is_inside = within == NATIONWIDE or institution_id in list_within(tx, within, as_of)
        if institution_id is None or not is_inside:
            raise NotFoundError("INSTITUTION-UNKNOWN", f"未登记 {uscc}", f"{uscc} is not on file")
        return {institution_id}
    listed = checks.list_institutions(tx) if full else checks.list_due(tx, as_of, book.version)
    return (
        {*listed, OFFICE} if within == NATIONWIDE else {*listed} & {*list_within(tx, within, as_of)}
    )
