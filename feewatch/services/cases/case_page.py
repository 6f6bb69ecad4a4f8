"""All that the office's page of a case shows: what is wrong, what the data say, what is next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import SETTLED, STAGES, STEPS, next_step, steps_from
from feewatch.casework.deadlines import WORKING_DAYS, default_deadline
from feewatch.casework.papers import telling_kind
from feewatch.casework.standing import OVER, in_words
from feewatch.casework.workdays import WorkingDay
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.people import CASEWORKERS, User
from feewatch.kernel.text import Text
from feewatch.services.cases import papers
from feewatch.services.cases.closing import default_recheck
from feewatch.services.cases.desk import CaseFile, get_case
from feewatch.services.cases.membership import list_heirs
from feewatch.store.cases import transfers, undertakings
from feewatch.store.cases.standings import read_standing
from feewatch.store.database import Record, Transaction
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages import cases as pages

_SECOND_PERSON = Text(
    "红色案件须由下发督办者以外的人员销号",
    "a red case is closed by another person than the one who issued it",
)
_SAME_DAY = Text("销号当日不能回头看", "not on the day of closing")


@dataclass(frozen=True, slots=True)
class Next:
    """What the person before the page may do now."""

    right: str | None  # the step that the case waits for
    others: tuple[str, ...]
    answering: tuple[str, ...]  # for the institution, of an answer that came on paper
    barred: Mapping[str, Text]  # steps that would be refused, with the reason
    deadlines: Mapping[str, WorkingDay]  # by step: the usual last day, were it taken today
    recheck: WorkingDay | None
    paper: str | None  # the paper, made already, by which 督办 tells the institution


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the field: done, now or to come, with its first and last day so far."""

    title: Text
    place: str  # done, now, later
    days: tuple[Day, Day] | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case with everything beside it."""

    file: CaseFile
    leading: Mapping[int, PageRow]  # of each matter its gravest alert
    answers: Mapping[int, list[PageRow]]  # what the institution said of each matter
    standing: dict[str, Any]
    standing_words: Text
    is_over: bool
    undertakings: PageRows
    items: Mapping[int, list[PageRow]]  # of undertakings
    candidates: PageRows  # open matters of the institution
    titles: Mapping[int, Text]  # of the candidates
    heirs: list[str]
    stages: list[Stage]
    next: Next
    transfers: PageRows

    @property
    def foreign(self) -> PageRows:
        """The matters for which another department is competent than the one that has the case."""
        case = self.file.case
        return [row for row in self.file.matters if row.department != case.department]

    def word_on(self, matter_id: int) -> str:
        """What the latest check says of a matter."""
        return str(self.standing["by_matter"].get(str(matter_id), OVER))


def read_case_page(app: App, person: User, number: str) -> CasePage:
    """The page of a case for a person of the office.

    Raises: NotFoundError, also for one outside the scope.
    """
    file = get_case(app, person.scope, number)
    case, day = file.case, today()
    with app.database.reading() as tx:
        standing = read_standing(tx, case.id)
        kept = standing.as_json(day)
        candidates = _candidates(tx, person, case)
        promised = undertakings.list_of_case(tx, case.id)
        return CasePage(
            file,
            pages.list_leading(tx, [row.id for row in file.matters]),
            pages.list_answers(tx, case.id),
            kept,
            in_words(kept),
            standing.is_over,
            promised,
            undertakings.list_items(tx, [row.id for row in promised]),
            candidates,
            _titles(tx, candidates),
            list_heirs(tx, case._mapping) if person.role in CASEWORKERS else [],
            _stages(file),
            _next(app, person, file, _telling_paper(tx, file)),
            transfers.list_of_case(tx, case.id),
        )


def _candidates(tx: Transaction, person: User, case: PageRow) -> PageRows:
    is_own = person.scope.sees_case(case._mapping)
    if case.state in SETTLED or person.role not in CASEWORKERS or not is_own:
        return []
    return pages.list_takeable(tx, person.scope, case.institution_id, case.uscc)


def _titles(tx: Transaction, rows: PageRows) -> dict[int, Text]:
    leading = pages.list_leading(tx, [row.id for row in rows])
    return {key: Text(**alert.frozen["title"]) for key, alert in leading.items()}


def _stages(file: CaseFile) -> list[Stage]:
    here = next((n for n, (_, states) in enumerate(STAGES) if file.case.state in states), None)
    stages = []
    for n, (title, states) in enumerate(STAGES):
        days = [parse_day(event.at[:10]) or 0 for event in file.events if event.to_state in states]
        place = "now" if n == here else "done" if days else "later"
        stages.append(Stage(title, place, (min(days), max(days)) if days else None))
    return stages


def _telling_paper(tx: Transaction, file: CaseFile) -> Record | None:
    kind = telling_kind({row.authority for row in file.matters})
    return papers.find_latest(tx, file.case.id, [kind]) if file.case.state == "triaged" else None


def _next(app: App, person: User, file: CaseFile, paper: Record | None) -> Next:
    case, day = file.case, today()
    is_own = person.scope.sees_case(case._mapping)
    names = steps_from(case.state, person.role) if is_own else []
    if case.state == "closed" and case.recurred_on is None:
        names = [name for name in names if name != "reopen"]
    barred = _barred(case, person, names)
    right = next_step(case.state, is_back=case.recurred_on is not None)
    right = right if right in names and right not in barred else None
    answering = tuple(name for name in names if name in ("start", "submit"))
    others = tuple(name for name in names if name not in (right, *answering))
    has_term = not all(row.historic for row in file.matters)
    deadlines = {
        name: default_deadline(name, day, app.holidays)
        for name in names
        if STEPS[name].sets_deadline and name in WORKING_DAYS and has_term
    }
    set_by_paper = papers.deadline_of(paper) if paper else None
    if set_by_paper is not None and "notify" in deadlines:
        deadlines["notify"] = WorkingDay(set_by_paper, provisional=False)
    recheck = default_recheck(app, day) if "close" in names else None
    number = paper["number"] if paper else None
    return Next(right, others, answering, barred, deadlines, recheck, number)


def _barred(case: PageRow, person: User, names: list[str]) -> dict[str, Text]:
    barred = {}
    if "close" in names and case.severity == "red" and case.notified_by == person.name:
        barred["close"] = _SECOND_PERSON
    if "recheck" in names and case.closed_on is not None and today() <= case.closed_on:
        barred["recheck"] = _SAME_DAY
    return barred
