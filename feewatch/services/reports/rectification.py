"""The ledger of rectification (整改台账): problem, owner, measure, deadline, progress, end.

A matter of a case is a row. Read from the cases as they stand; nothing is written. A step that was
not taken has no day, and what nobody told is empty: never taken for done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.cases import SETTLED, STATES
from feewatch.engine.book import RuleBook
from feewatch.kernel.clock import today
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, format_day, iso_or_none, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.database import Transaction
from feewatch.store.pages import PageRow, PageRows, rectification
from feewatch.store.pages.rectification import Totals, WantedRows

#: Steps by whose day the ledger may be asked for, in the order of a case.
STEPS_WITH_DAYS = (
    "open", "notify", "submit", "return", "accept", "close", "recheck", "reopen", "dismiss",
)  # fmt: skip
NOBODY = Text("未指定", "nobody yet")
_UNREGISTERED = Text("未备案账户", "unregistered account")
_PRESET = Text("本机关预设指标", "the office's own indicator")


@dataclass(frozen=True)
class RectificationRow:
    """One matter of a case."""

    number: str  # of the case
    matter_id: int
    uscc: str
    institution: Text
    district: str
    severity: str
    rule: str
    title: Text
    sum_fen: int | None
    alerts: int
    recovered: int  # of which the data show the end
    basis: tuple[str, ...]
    owner: str | None  # 责任人
    department: Text  # 责任单位: whose law it is
    cure: Text
    asked: str  # with what words the office asked for it
    undertaken: tuple[str, ...]
    papers: tuple[str, ...]  # numbers of the papers of the case
    deadline: Day | None
    is_overdue: bool
    state: str
    state_on: Day
    result: str  # the last answer of the institution
    closed_on: Day | None
    closed_by: str | None
    recheck_on: Day | None  # when it is due
    rechecked_on: Day | None
    rechecked_by: str | None
    recheck_result: str
    recurred_on: Day | None
    reopened: int  # how often it had to be rectified again

    @property
    def is_repeated(self) -> bool:
        """Whether it came back after it was closed."""
        return self.recurred_on is not None or self.reopened > 0

    @property
    def measure(self) -> Text:
        """措施: what cures it, what the office asked for, what was undertaken."""
        said = [each for each in (self.asked, *self.undertaken) if each]
        if not said:
            return self.cure
        cure = Text(self.cure.zh.rstrip("。"), self.cure.en.rstrip("."))
        return Text("；".join([cure.zh, *said]), "; ".join([cure.en, *said]))


@dataclass(frozen=True)
class Rectification:
    """One page of the ledger and what all rows asked for come to."""

    page: Page
    totals: Totals


def period(first: Day | None, last: Day | None) -> tuple[Day, Day] | None:
    """The days between two, open where one is not given; None where neither is.

    Raises: InvalidInputError where it ends before it begins.
    """
    if first is None and last is None:
        return None
    days = (FIRST_DAY if first is None else first, LAST_DAY if last is None else last)
    if days[0] > days[1]:
        raise InvalidInputError(
            "PERIOD",
            "起始日期应不晚于截止日期",
            "a period begins no later than it ends",
            field="from",
        )
    return days


def read_rectification(app: App, scope: Scope, wanted: WantedRows, number: int) -> Rectification:
    """One page of the ledger."""
    start = (number - 1) * PAGE_SIZE
    with app.database.reading() as tx:
        totals = rectification.count_rows(tx, scope, wanted, today())
        rows = rectification.list_rows(tx, scope, wanted, today(), limit=PAGE_SIZE, offset=start)
        page = Page(_rows(tx, rule_book(app), rows), totals.matters, number)
    return Rectification(page, totals)


def list_rectification(app: App, scope: Scope, wanted: WantedRows) -> list[RectificationRow]:
    """All rows asked for."""
    with app.database.reading() as tx:
        rows = rectification.list_rows(tx, scope, wanted, today())
        return _rows(tx, rule_book(app), rows)


def _rows(tx: Transaction, book: RuleBook, rows: PageRows) -> list[RectificationRow]:
    cases = {row.id for row in rows}
    history = _History(
        rectification.events_by_case(tx, cases),
        rectification.answers_by_case(tx, cases),
        rectification.undertakings_by_case(tx, cases),
        rectification.papers_by_case(tx, cases),
    )
    day = today()
    return [_row(row, book, history, day) for row in rows]


@dataclass(frozen=True)
class _History:
    """By case what happened, was said, promised and made."""

    events: Mapping[int, Sequence[PageRow]]
    answers: Mapping[int, Sequence[PageRow]]
    undertakings: Mapping[int, Sequence[PageRow]]
    papers: Mapping[int, Sequence[PageRow]]


def _row(row: PageRow, book: RuleBook, history: _History, day: Day) -> RectificationRow:
    events = history.events.get(row.id, ())
    moved = [event for event in events if event.from_state != event.to_state]
    closed = _last(events, "close") if row.state in ("closed", "rechecked") else None
    rechecked, notified = _last(events, "recheck"), _last(events, "notify")
    recurred = _last(events, "recur")
    rule = book.rules.get(row.rule)
    name = row.name or row.institution_name
    return RectificationRow(
        row.number,
        row.matter_id,
        row.uscc,
        Text(name, name) if name else _UNREGISTERED,
        row.district,
        row.severity,
        row.rule,
        Text(**row.title) if row.title else Text(row.rule, row.rule),
        row.sum_fen,
        row.alerts,
        row.recovered,
        tuple(citation(law) for law in row.basis or ()),
        row.owner or row.matter_owner,
        rule.department if rule else Text("", ""),
        Text(**row.cure) if row.cure else Text("", ""),
        notified.reason if notified else "",
        tuple(_undertakings(history.undertakings.get(row.id, ()), row.matter_id)),
        tuple(paper.number for paper in history.papers.get(row.id, ())),
        row.deadline,
        row.deadline is not None and row.deadline < day and row.state not in SETTLED,
        row.state,
        _day(moved[-1].at if moved else row.opened_at),
        _result(events, history.answers.get(row.id, ()), row.matter_id),
        _day(closed.at) if closed else None,
        closed.actor if closed else None,
        row.recheck_on,
        _day(rechecked.at) if rechecked else None,
        rechecked.actor if rechecked else None,
        rechecked.reason if rechecked else "",
        _day(recurred.at) if recurred else row.recurred_on,
        sum(event.step == "reopen" for event in events),
    )


def citation(law: Mapping[str, Any]) -> str:
    """A document with its number and article on one line."""
    if law.get("certainty") == "preset" or not law.get("document"):
        return _PRESET.zh
    number = f"（{law['number']}）" if law.get("number") else ""
    return f"{law['document']}{number}{law.get('article') or ''}"


def _last(events: Sequence[PageRow], step: str) -> PageRow | None:
    return next((event for event in reversed(events) if event.step == step), None)


def _day(moment: str) -> Day:
    day = parse_day(moment[:10])
    assert day is not None  # as ``clock.timestamp`` writes it
    return day


def _undertakings(rows: Sequence[PageRow], matter_id: int) -> list[str]:
    """Promises for the matter or for the case as a whole, each with its day."""
    return [
        f"{row.text}（{format_day(row.due_on)}）"
        for row in rows
        if row.matter_id in (None, matter_id)
    ]


def _result(events: Sequence[PageRow], answers: Sequence[PageRow], matter_id: int) -> str:
    """What the institution last said of the matter, else of its case."""
    of_matter = [answer.text for answer in answers if answer.matter_id == matter_id]
    if of_matter:
        return str(of_matter[-1])
    submitted = _last(events, "submit")
    return str(submitted.reason) if submitted else ""


def row_json(row: RectificationRow) -> dict[str, Any]:
    """A row for scripts."""
    return {
        "case": row.number,
        "matter": f"M{row.matter_id}",
        "uscc": row.uscc,
        "institution": row.institution.zh,
        "district": row.district,
        "severity": row.severity,
        "rule": row.rule,
        "title": row.title._asdict(),
        "sum_fen": row.sum_fen,
        "alerts": row.alerts,
        "recovered": row.recovered,
        "basis": list(row.basis),
        "owner": row.owner,
        "department": row.department._asdict(),
        "cure": row.cure._asdict(),
        "asked": row.asked,
        "undertaken": list(row.undertaken),
        "papers": list(row.papers),
        "deadline": iso_or_none(row.deadline),
        "overdue": row.is_overdue,
        "state": row.state,
        "state_on": format_day(row.state_on),
        "result": row.result,
        "closed_on": iso_or_none(row.closed_on),
        "closed_by": row.closed_by,
        "recheck_on": iso_or_none(row.recheck_on),
        "rechecked_on": iso_or_none(row.rechecked_on),
        "rechecked_by": row.rechecked_by,
        "recheck_result": row.recheck_result,
        "recurred_on": iso_or_none(row.recurred_on),
        "reopened": row.reopened,
        "repeated": row.is_repeated,
    }


def progress(row: RectificationRow) -> Text:
    """进度: the state with the day since which it stands, overdue said."""
    state, on = STATES[row.state], format_day(row.state_on)
    late = Text("，已逾期", ", overdue") if row.is_overdue else Text("", "")
    return Text(f"{state.zh}（{on}）{late.zh}", f"{state.en} ({on}){late.en}")
