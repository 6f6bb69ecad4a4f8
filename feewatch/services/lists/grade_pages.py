"""Grades as people and scripts read them: lists with counts, one sheet with its history."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.grades import format_points
from feewatch.credit.lists import WHITE
from feewatch.credit.red import RedStanding
from feewatch.engine.grade_scheme import GradeScheme
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, iso_or_none, parse_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.proofs import load_proof
from feewatch.services.lists.grading import scheme_in_force
from feewatch.services.lists.red import list_red_standings
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import editions, grades

#: How the rows of a list are chosen beside the period.
WAITING = ("objection", "draft", "told", "proposed", "set")


class NextCheck(NamedTuple):
    """When an institution is to be looked at on site again, by its grade."""

    last: Day  # the latest check on record, else the day its grade was set
    days: int
    due: Day


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A sheet as lists show it."""

    grade: Record
    is_waiting: bool  # an objection waits for its answer
    next_check: NextCheck | None


@dataclass(frozen=True, slots=True)
class GradeOverview:
    """One page of sheets of a period, with counts of all of them."""

    page: Page
    rows: Sequence[GradeRow]  # all that the page is of
    period: str
    periods: Sequence[str]  # with any sheet in scope, the latest first
    counts: Mapping[str, int]  # by grade as set or computed; empty where facts are missing
    statuses: Mapping[str, int]
    objections: int


@dataclass(frozen=True, slots=True)
class GradeFile:
    """A sheet with objections, their files, its history, and its way to ``credit_red``."""

    row: GradeRow
    scheme: GradeScheme | None  # None: it is in the rule book no more
    objections: Sequence[Record]
    files: Sequence[Record]
    events: Sequence[Record]
    red: RedStanding | None


def read_overview(
    app: App, scope: Scope, period: str, grade: str | None, waiting: str, number: int
) -> GradeOverview:
    """The sheets of a period in scope: of one grade, or that wait for something."""
    with app.database.reading() as tx:
        periods = grades.list_periods(tx, scope)
        chosen = period or (periods[0] if periods else "")
        rows = _rows(app, tx, grades.list_rows(tx, scope, period=chosen) if chosen else [])
    counts = Counter(grade_of(row.grade) for row in rows)
    statuses = Counter(row.grade["status"] for row in rows)
    shown = [
        row
        for row in rows
        if (grade is None or grade_of(row.grade) == grade) and _waits(row, waiting)
    ]
    start = (number - 1) * PAGE_SIZE
    return GradeOverview(
        Page(shown[start : start + PAGE_SIZE], len(shown), number), shown, chosen, periods, counts,
        statuses, sum(row.is_waiting for row in rows),
    )  # fmt: skip


def _waits(row: GradeRow, waiting: str) -> bool:
    if waiting == "objection":
        return row.is_waiting
    return not waiting or row.grade["status"] == waiting


def list_grades(app: App, scope: Scope, *, period: str = "", uscc: str = "") -> list[GradeRow]:
    """All sheets in scope, the latest period first."""
    with app.database.reading() as tx:
        return _rows(app, tx, grades.list_rows(tx, scope, period=period, uscc=uscc))


def get_grade_file(app: App, scope: Scope, uscc: str, period: str) -> GradeFile:
    """One sheet with all that became of it.

    Raises: NotFoundError, also outside the scope, and for a draft asked by its institution.
    """
    with app.database.reading() as tx:
        rows = _rows(app, tx, grades.list_rows(tx, scope, period=period, uscc=uscc))
        if not rows or not uscc or not period:
            raise grades.unknown(uscc, period)
        row = rows[0]
        key = row.grade["id"]
        return GradeFile(
            row,
            rule_book(app).grade_schemes.get(row.grade["scheme"]),
            grades.list_objections(tx, key),
            grades.list_files(tx, key),
            grades.list_events(tx, key),
            _red(app, tx, row) if scope.institution_id is None else None,
        )


def list_red(app: App, scope: Scope) -> list[RedStanding]:
    """Who would stand on ``credit_red`` today, and who with a grade that was set would not.

    By the white lists as published; those that meet every condition first.
    """
    with app.database.reading() as tx:
        places = sorted({row["district"] for row in grades.list_set(tx)})
        standings = [
            standing
            for place in places
            if scope.sees(place, None)
            for standing in _red_of(app, tx, place)
        ]
    return sorted(standings, key=lambda each: (not each.is_red, each.uscc))


def red_json(standing: RedStanding) -> dict[str, Any]:
    """How an institution stands to ``credit_red``, under stable keys."""
    return {
        "uscc": standing.uscc,
        "name": standing.name,
        "period": standing.period,
        "grade": standing.grade,
        "met": standing.is_red,
        "conditions": [
            {"code": line.code, "met": line.is_met, "text": line.text._asdict()}
            for line in standing.lines
        ],
    }


def _red_of(app: App, tx: Transaction, district: str) -> list[RedStanding]:
    """How institutions of a district would stand today, by the white list as published."""
    latest = editions.find_latest(tx, district)
    listed = latest.read()["lists"].get(WHITE, ()) if latest else ()
    white = {entry["uscc"] for entry in listed}
    return list_red_standings(tx, scheme_in_force(app), today(), white, district=district)


def _red(app: App, tx: Transaction, row: GradeRow) -> RedStanding | None:
    standings = _red_of(app, tx, row.grade["district"])
    return next((each for each in standings if each.uscc == row.grade["uscc"]), None)


def get_grade_paper(
    app: App, scope: Scope, uscc: str, period: str, key: int
) -> tuple[str, bytes, str]:
    """A file of an objection: its name, its bytes, its media type.

    Raises: NotFoundError, also outside the scope; UnavailableError where it is gone or changed.
    """
    files = get_grade_file(app, scope, uscc, period).files
    file = next((each for each in files if each["id"] == key), None)
    if file is None:
        raise NotFoundError("ATTACHMENT-UNKNOWN", f"没有附件 {key}", f"no attachment {key}")
    content, _ = load_proof(app, file["sha256"])
    return file["name"], content, file["media_type"]


def _rows(app: App, tx: Transaction, rows: Sequence[Record]) -> list[GradeRow]:
    waiting, looks = grades.list_waiting(tx), grades.list_last_looks(tx)
    schemes = rule_book(app).grade_schemes
    return [
        GradeRow(
            row,
            row["id"] in waiting,
            _next_check(row, schemes.get(row["scheme"]), looks.get(row["institution_id"])),
        )
        for row in rows
    ]


def _next_check(row: Record, scheme: GradeScheme | None, look: str | None) -> NextCheck | None:
    """By the grade that was set; None where none is."""
    level = scheme.level(row["set_grade"]) if scheme and row["set_grade"] else None
    if level is None:
        return None
    looked = parse_day(look[:10]) if look else None
    last = max(row["set_on"], looked or row["set_on"])
    return NextCheck(last, level.checks_days, last + level.checks_days)


def grade_of(row: Record) -> str:
    """The grade that was set, else the computed one; empty where facts are missing."""
    return str(row["set_grade"] or row["computed"])


def row_json(row: GradeRow) -> dict[str, Any]:
    """A sheet under stable keys."""
    grade, check = row.grade, row.next_check
    return {
        **{name: grade[name] for name in ("uscc", "name", "district", "period", "scheme")},
        "from": iso_or_none(grade["from_day"]),
        "to": iso_or_none(grade["to_day"]),
        "scheme_hash": grade["scheme_hash"],
        "status": grade["status"],
        "points": format_points(grade["points"]),
        "computed": grade["computed"] or None,
        "grade": grade["set_grade"],
        "proposed": grade["proposed"],
        "reason": grade["reason"],
        "lines": grade["lines"],
        "missing": grade["missing"],
        "told_on": iso_or_none(grade["told_on"]),
        "objection_until": iso_or_none(grade["objection_until"]),
        "objection_waiting": row.is_waiting,
        "set_by": grade["set_by"],
        "set_on": iso_or_none(grade["set_on"]),
        "checks_days": check.days if check else None,
        "last_check": iso_or_none(check.last) if check else None,
        "next_check": iso_or_none(check.due) if check else None,
    }


def file_json(file: GradeFile) -> dict[str, Any]:
    """A sheet with its objections and history under stable keys."""
    told = ("id", "text", "made_by", "made_at", "outcome", "answer", "answered_by", "answered_at")
    happened = ("at", "actor", "change", "before", "after", "reason")
    return row_json(file.row) | {
        "objections": [{name: each[name] for name in told} for each in file.objections],
        "history": [{name: each[name] for name in happened} for each in file.events],
        "credit_red": None if file.red is None else red_json(file.red),
    }


def no_grade(uscc: str, period: str) -> NotFoundError:
    """The refusal for an institution without a grade."""
    return grades.unknown(uscc, period)
