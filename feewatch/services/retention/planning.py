"""Works out what is past its term on a day, and what stays though it is, and by what."""

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import SHANGHAI, now
from feewatch.kernel.days import FIRST_DAY, Day, add_months, date_of, day_of, format_day
from feewatch.store import retention as store
from feewatch.store import trail
from feewatch.store.database import Transaction
from feewatch.store.holdings import list_linked

_FOR_GOOD = ""


@dataclass(frozen=True)
class Terms:
    """Up to where each kind is past its term: days and moments as ISO text; empty: none is."""

    payers: str
    bank_files: str
    vouchers: str
    students: str
    rejected_files: str
    messages: str
    sessions: str


@dataclass(frozen=True)
class RetentionPlan:
    """What is past its term, by kind, and how many institutions are bound, by what."""

    as_of: str
    terms: Terms
    counts: dict[str, int]
    stays: dict[str, int]  # rows of bound institutions, and students that an alert names
    bound: dict[str, int]
    marks: dict[str, list[Any]]  # what goes, by names that tell nothing

    def as_json(self) -> dict[str, Any]:
        """The plan without its lists."""
        told = asdict(self)
        del told["marks"]
        return told


def terms_of(app: App, day: Day) -> Terms:
    """The terms of the office, as of a day."""
    kept = app.config.retention

    def years(count: int) -> str:
        return format_day(add_months(day, -12 * count)) if count else _FOR_GOOD

    def days(count: int) -> str:
        return _moment(day - count) if count else _FOR_GOOD

    return Terms(
        payers=years(kept.payers_years), bank_files=years(kept.bank_files_years),
        vouchers=years(kept.vouchers_years), students=years(kept.students_years),
        rejected_files=days(kept.rejected_files_days), messages=days(kept.messages_days),
        sessions=days(kept.sessions_days),
    )  # fmt: skip


def _moment(day: Day) -> str:
    return dt.datetime.combine(date_of(day), dt.time(), SHANGHAI).isoformat(timespec="seconds")


def plan(app: App, day: Day) -> RetentionPlan:
    """What would go on a day; nothing is written."""
    with app.database.reading() as tx:
        return work_out(app, tx, terms_of(app, day), day)


def work_out(app: App, tx: Transaction, terms: Terms, day: Day) -> RetentionPlan:
    """The same within a transaction, for given terms; who is bound on the day stays whole."""
    holders = store.list_bound(tx, day)
    bound = read_bound(tx, day)
    marks: dict[str, list[Any]] = {"statements": [], "students": [], "files": []}
    counts: dict[str, int] = {}
    stays: dict[str, int] = {}
    if terms.payers:
        before = _day(terms.payers)
        due = store.list_due_statements(tx, before, bound)
        marks["statements"] = [(row.file_sha256, row.n) for row in due]
        counts["payers"] = sum(row.rows for row in due)
        stays["payers"] = store.count_bound_rows(tx, before, bound)
    if terms.students:
        students = store.list_students(tx, before=_day(terms.students), bound=bound)
        marks["students"] = [(each.uscc, list(each.contracts)) for each in students]
        counts["students"] = len(students)
    files, vouchers = _due_files(tx, terms, bound)
    marks["files"] = sorted({*files, *vouchers})
    counts |= {"bank_files": len(files), "vouchers": len(vouchers)}
    if terms.messages:
        counts["messages"] = store.count_messages(tx, terms.messages)
    if terms.sessions:
        counts["sessions"] = store.count_sessions(tx, terms.sessions)
    keep = (now() - dt.timedelta(days=app.config.audit.keep_days)).isoformat(timespec="seconds")
    counts["audit"] = trail.count_older(tx, keep)
    return RetentionPlan(
        format_day(day), terms, counts, stays,
        dict(Counter(each.by for each in holders)), marks,
    )  # fmt: skip


def last_day_of_files(app: App, day: Day) -> Day:
    """The day before which files of banks are past their term."""
    terms = terms_of(app, day)
    return _day(terms.bank_files) if terms.bank_files else FIRST_DAY


def read_bound(tx: Transaction, day: Day) -> frozenset[int]:
    """Institutions of which nothing goes: something is open, or of one that is tied to them."""
    keys = {each.institution_id for each in store.list_bound(tx, day)}
    return frozenset(list_linked(tx, keys)) if keys else frozenset()


def _due_files(tx: Transaction, terms: Terms, bound: frozenset[int]) -> tuple[list[str], list[str]]:
    before = _day(terms.bank_files) if terms.bank_files else FIRST_DAY  # no file is older
    files = store.list_due_files(tx, before, bound, terms.rejected_files)
    if not terms.vouchers:
        return files, []
    day = _day(terms.vouchers)
    return files, store.list_due_vouchers(tx, day, _moment(day), bound)


def _day(text: str) -> Day:
    return day_of(dt.date.fromisoformat(text))
