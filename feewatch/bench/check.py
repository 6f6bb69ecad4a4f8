"""Speed of the check: row rules, the whole book against DuckDB, and a check after one statement."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from feewatch.bench import growth
from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import COLUMNS, PLACES, Size, fee_account_no, list_schools
from feewatch.bench.row_rules import NARROW, compare_rows
from feewatch.bench.timing import compare, seconds_of
from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.engine.book import RuleBook
from feewatch.founding import initialise
from feewatch.kernel.days import Day, format_day, parse_day
from feewatch.kernel.extras import library
from feewatch.kernel.text import Text
from feewatch.services.check.checking import run_check
from feewatch.services.check.columns import words_read
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.services.intake.recording import ingest
from feewatch.store import bulk, state
from feewatch.store.check import checks
from feewatch.store.check.column_view import ColumnView, viewing_columns
from feewatch.store.check.columnar import Columnar

TITLE = Text("检查的速度", "Speed of the check")
_ENTRIES, _INSTITUTIONS = 1_000_000, 2_000
_AS_OF: Day = parse_day("2026-07-31") or 0
#: A history of a tenth, of once and of five times the length, for the check of one statement.
_LENGTHS = (0.1, 1, 5)
#: Offices beside this one in which the time of each rule is measured, as many times its size.
_SMALLER, _LARGER = 0.1, 5
#: Institutions that are made in one transaction, so that the log of writes stays short.
_AT_ONCE = 500
#: Institutions that get one new statement each; the check after each is timed.
_STATEMENTS = 9
_RUNS = 3
#: The whole book takes minutes at full size, on which little else tells.
_BOOK_RUNS = 1
#: Below this scale times mean nothing, and one run shows that the answers are the same.
_TELLING_SCALE = 0.02
_THREADS = 2
#: Of so many institutions one has a case.
_HAS_CASE = 40
_CASES = {
    "case_file": (
        "number", "institution_id", "uscc", "district", "state", "severity", "escalated",
        "deadline", "deadline_provisional", "opened_at",
    ),
}  # fmt: skip


def run(scale: float) -> Iterator[Figure]:
    """The row rules, the whole book, one statement after a full check and in other histories."""
    institutions = max(int(_INSTITUTIONS * scale), 2)
    runs = _RUNS if scale >= _TELLING_SCALE else 1
    after: dict[float, float] = {}
    entries: dict[float, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for length in _LENGTHS:
            size = Size.of_entries(int(_ENTRIES * scale * length), institutions)
            entries[length] = size.entries * size.institutions
            app = made_office(Path(folder) / f"{length:g}", size, checked=length != 1)
            if length == 1:
                run_check(app, _AS_OF, full=True)  # opens the alerts of a first check
                full = seconds_of(lambda: run_check(app, _AS_OF, full=True))  # noqa: B023
                yield from _judged(app, runs)
                yield from _grown(Path(folder), app, entries[length], scale, runs)
            after[length] = _after_statement(app, institutions)
            app.database.dispose()
    yield Figure(
        Text("一份新对账单后的检查，对全部检查", "Check after one new statement, of a full check"),
        100 * after[1] / full, "%", Target("≤", 0.2),
        {"entries": entries[1], "institutions": institutions, "full_seconds": full,
         "one_seconds": after[1]},
    )  # fmt: skip
    yield Figure(
        Text("历史长 50 倍时，一份新对账单后的检查", "Check after one statement, history 50 times"),
        after[5] / after[0.1], "× as long", Target("≤", 1.2),
        {f"seconds_at_{entries[each]}_entries": after[each] for each in _LENGTHS},
    )  # fmt: skip


def made_office(home: Path, size: Size, *, checked: bool) -> App:
    """A world on SQLite, all to be checked, or all taken as checked by the book in force.

    Made institution by institution: memory and the log of writes do not grow with it. A few
    schools have a case past its deadline.
    """
    app = initialise(Config(home))
    version = rule_book(app).version if checked else None
    schools = list_schools(size, _AS_OF - 1, checked_by=version)
    for _ in range(0, size.institutions, _AT_ONCE):
        with app.database.transaction() as tx:
            bulk.fill(tx, COLUMNS, islice(schools, _AT_ONCE))
    with app.database.transaction() as tx:
        bulk.fill(tx, _CASES, [{"case_file": [*_late_cases(size.institutions)]}])
    return app


def _late_cases(institutions: int) -> Iterator[tuple[Any, ...]]:
    for key in range(_HAS_CASE, institutions + 1, _HAS_CASE):
        district, _ = PLACES[key % len(PLACES)]
        yield (
            f"{district}-2026-{key:06d}", key, "", district, "notified", "red", False, _AS_OF - 30,
            False, "2026-06-01T09:00:00+08:00",
        )  # fmt: skip


def _grown(folder: Path, app: App, entries: int, scale: float, runs: int) -> Iterator[Figure]:
    """Each rule in the office, in one of a tenth of the institutions and in one of five times."""
    small, middle = _made(folder, scale, _SMALLER, runs), _measured(app, entries, runs)
    yield from growth.figures([small, middle, _made(folder, scale, _LARGER, runs)])


def _made(folder: Path, scale: float, times: float, runs: int) -> growth.Measured:
    """The time of each rule in an office so many times the size, made for it and gone after it."""
    institutions = max(int(_INSTITUTIONS * scale * times), 1)
    size = Size.of_entries(int(_ENTRIES * scale * times), institutions)
    with tempfile.TemporaryDirectory(dir=folder) as home:
        app = made_office(Path(home), size, checked=False)
        match_changed(app)
        measured = _measured(app, size.entries * size.institutions, runs)
        app.database.dispose()
    return measured


def _measured(app: App, entries: int, runs: int) -> growth.Measured:
    book = rule_book(app)

    @contextmanager
    def anew() -> Iterator[Evaluation]:
        with app.database.reading() as tx:
            everyone = {*checks.list_institutions(tx), checks.OFFICE}
            office = app.config.office.district
            yield Evaluation(tx, app.database.dialect, book, _AS_OF, office, everyone)
        app.database.dispose()  # the temporary tables go with the connection

    return growth.measure(anew, book, entries, runs)


def _judged(app: App, runs: int) -> Iterator[Figure]:
    book = rule_book(app)
    office = app.config.office.district
    with (
        closing(Columnar(library("duckdb"), library("pyarrow"), _THREADS)) as columnar,
        ExitStack() as opened,
    ):
        views: list[ColumnView] = []
        rows = 0

        def copy() -> None:
            nonlocal rows
            views.append(opened.enter_context(viewing_columns(app.database)))
            rows = columnar.copy(views[0], words_read(book))

        copied = seconds_of(copy)
        tx = views[0].tx
        everyone = {*checks.list_institutions(tx), checks.OFFICE}

        def here() -> Evaluation:
            return Evaluation(tx, app.database.dialect, book, _AS_OF, office, everyone)

        def there() -> Evaluation:
            return Evaluation(tx, columnar.dialect, book, _AS_OF, office, everyone, columnar)

        by_rows = [*compare_rows(here, book, runs, Text("SQLite", "SQLite"))]
        by_rows += compare_rows(there, book, runs, Text("DuckDB 拷贝", "a copy in DuckDB"))
        counted: dict[Callable[[], Evaluation], set[tuple[str | int, ...]]] = {}

        def judge(anew: Callable[[], Evaluation]) -> None:
            counted[anew] = _counts(anew(), book)

        pair = compare(lambda: judge(here), lambda: judge(there), _BOOK_RUNS)
    if counted[here] != counted[there]:
        raise AssertionError("the two databases differ")
    outcomes = sum(int(evaluated) for _, _, evaluated, *_ in counted[here])
    yield from by_rows
    yield Figure(
        Text(f"整部规则库在 SQLite 上，对 DuckDB {_THREADS} 线程",
             f"The whole book on SQLite against DuckDB with {_THREADS} threads, same outcomes"),
        pair.times_as_long, "× as long", Target("≤", 20),
        {"rules": len(book.rules), "rows": rows, "outcomes": outcomes,
         "sqlite_seconds": pair.ours_seconds, "duckdb_seconds": pair.bare_seconds,
         "copying_to_duckdb_seconds": copied},
    )  # fmt: skip
    yield from _against_cel(
        by_rows[NARROW].of, outcomes, pair.ours_seconds, pair.bare_seconds + copied
    )


def _against_cel(
    narrow: Mapping[str, float], outcomes: int, sqlite: float, duckdb: float
) -> Iterator[Figure]:
    """Outcomes a second beside the rows a second of CEL, given only the columns it reads."""
    rate = narrow["rows"] / narrow["evaluator_seconds"]
    for name, seconds, least in (
        (Text("SQLite", "SQLite"), sqlite, 0.5),
        (Text("DuckDB（含拷贝）", "DuckDB with the copy"), duckdb, 1.5),
    ):
        yield Figure(
            Text(f"整部规则库每秒判定数，{name.zh}，对 CEL 仅所读各列的五条逐行规则",
                 f"Outcomes a second of the whole book on {name.en}, of CEL's on five row rules"),
            outcomes / seconds / rate, "×", Target("≥", least),
            {"outcomes": outcomes, "seconds": seconds, "outcomes_a_second": outcomes / seconds,
             "evaluator_rows_a_second": rate},
        )  # fmt: skip


def _counts(evaluation: Evaluation, book: RuleBook) -> set[tuple[str | int, ...]]:
    """(rule, institution, evaluated, breaches, undetermined) of every rule."""
    names = "institution_id", "evaluated", "breaches", "undetermined"
    return {
        (outcomes.rule.id, *(int(row[name]) for name in names))
        for outcomes in evaluation.of_each(book.rules.values())
        for row in outcomes.count()
    }


def _after_statement(app: App, institutions: int) -> float:
    """The median seconds of a check after one new statement of one institution."""
    chosen = range(1, min(_STATEMENTS, institutions) + 1)
    with app.database.transaction() as tx:
        state.mark_changed(tx, chosen)
    run_check(app, _AS_OF)
    seconds = []
    for each in chosen:
        (taken,) = ingest(app, [_statement(app, each)], actor="bench")
        seconds.append(seconds_of(lambda: run_check(app, _AS_OF)))
        if not taken.is_taken:
            raise AssertionError(taken.as_json())
    return median(seconds)


def _statement(app: App, institution: int) -> Path:
    """A statement of a fee account for as-of with one receipt."""
    path = app.config.var / f"{institution}.csv"
    day = format_day(_AS_OF)
    path.write_text(
        "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
        f"{fee_account_no(institution)},,CNY,{day},10:00:00,,100.00,300100.00,王女士,,学费,R1\n",
        encoding="utf-8",
    )
    return path
