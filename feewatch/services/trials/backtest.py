"""What a change of the law would have done: a past period judged by two books, side by side.

A simulation: no alert opens, no mark moves, nothing is written.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.engine.explanation import Figure
from feewatch.engine.folders import rule_folders
from feewatch.engine.loader import load_rule_book
from feewatch.engine.revision import Setting, list_touched, revise
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import NATION, covers
from feewatch.kernel.text import Text
from feewatch.services.check.breaches import shown_subject_id
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.services.trials.computing import UNWATCHED, Progress
from feewatch.store.check import replay
from feewatch.store.check.checks import OFFICE
from feewatch.store.database import Record, Transaction

NATIONWIDE = Scope(NATION)


@dataclass(frozen=True)
class ProposedChange:
    """What would be different: parameters, in a place or everywhere; a draft laid over the book."""

    settings: tuple[Setting, ...] = ()
    place: str | None = None
    draft: Path | None = None


@dataclass(frozen=True)
class Period:
    """The law days looked at, and the day as of which the facts are taken."""

    first: Day
    last: Day
    as_of: Day


@dataclass(frozen=True)
class Case:
    """One subject with both outcomes and figures; ``none``: that book does not judge it."""

    uscc: str
    institution: str
    district: str
    subject_kind: str
    subject_id: str
    on: Day
    before: str
    after: str
    measured: int | str | None
    limit_before: int | str | None
    limit_after: int | str | None
    unit: str
    amount_fen: int | None


@dataclass(frozen=True)
class RuleEffect:
    """What changes under one rule."""

    rule: str
    title: Text
    transitions: tuple[Record, ...]  # outcome before and after, with counts; also the unchanged
    examples: tuple[Case, ...]
    counter_examples: tuple[Case, ...]

    @property
    def judged(self) -> int:
        """Subjects that either book judges."""
        return sum(each["subjects"] for each in self.transitions)

    @property
    def flipped(self) -> int:
        """Subjects whose outcome changes."""
        moved = (row for row in self.transitions if row["before_outcome"] != row["after_outcome"])
        return sum(row["subjects"] for row in moved)


@dataclass(frozen=True)
class Backtest:
    """The outcome of a simulation."""

    change: ProposedChange
    period: Period
    place: str
    rule_book: str
    rules: tuple[RuleEffect, ...]
    institutions: tuple[Record, ...]
    totals: Record


def run_backtest(
    app: App,
    change: ProposedChange,
    period: Period,
    *,
    scope: Scope = NATIONWIDE,
    rules: Collection[str] | None = None,
    examples: int = 5,
    progress: Progress = UNWATCHED,
) -> Backtest:
    """Judge a period by the book in force and by the changed one, and compare.

    Raises: InvalidInputError where the change or the period makes no sense.
    """
    if not period.first <= period.last <= period.as_of:
        raise InvalidInputError(
            "PERIOD",
            "日期须为：起 ≤ 止 ≤ 截止日",
            "the days must be: from ≤ to ≤ as-of",
            field="from",
        )
    place = _place(change, scope)
    live = rule_book(app)
    revised = _revised(app, live, change)
    touched = [name for name in list_touched(live, revised) if rules is None or name in rules]
    if not touched:
        raise InvalidInputError(
            "BACKTEST-NOTHING",
            "该变更不涉及任何规则",
            "the change concerns no rule",
            field="parameter",
        )
    match_changed(app)
    progress.expect(2 * len(touched))
    with app.database.reading() as tx, progress.stoppable(tx):
        books = {"before": live, "after": revised}
        _replay(app, tx, books, touched, period, place, progress)
        return Backtest(
            change,
            period,
            place,
            live.version,
            tuple(_effects(tx, live, revised, touched, examples)),
            tuple(replay.count_institutions(tx)),
            replay.count_all(tx),
        )


def _revised(app: App, live: RuleBook, change: ProposedChange) -> RuleBook:
    book = live
    if change.draft is not None:
        book = load_rule_book([*rule_folders(app.config), change.draft])
    return revise(book, change.settings, change.place)


def _place(change: ProposedChange, scope: Scope) -> str:
    """Where something may change, as far as the person sees it."""
    place = change.place or NATION
    if not re.fullmatch(r"[0-9]{6}", place):
        raise InvalidInputError(
            "PLACE",
            f"{place} 不是 6 位行政区划代码",
            f"{place!r} is no division code of six digits",
            field="place",
        )
    if covers(scope.district, place):
        return place
    if covers(place, scope.district):
        return scope.district
    raise InvalidInputError(
        "PLACE-OUTSIDE",
        f"{place} 不在您的辖区内",
        f"{place} lies outside your district",
        field="place",
    )


def _replay(
    app: App,
    tx: Transaction,
    books: dict[str, RuleBook],
    touched: list[str],
    period: Period,
    place: str,
    progress: Progress,
) -> None:
    institutions = {*replay.list_institutions(tx, place), OFFICE}
    window = replay.ReplayWindow(period.first, period.last, place)
    replay.prepare(tx)
    for side, book in books.items():
        evaluation = Evaluation(
            tx, app.database.dialect, book, period.as_of, app.config.office.district, institutions
        )
        for name in touched:
            if name in book.rules:
                with evaluation.of(book.rules[name]) as outcomes:
                    outcomes.keep(side, window)
            progress.step()
    replay.compare(tx)


def _effects(
    tx: Transaction, live: RuleBook, revised: RuleBook, touched: list[str], examples: int
) -> Iterator[RuleEffect]:
    counted = replay.count_transitions(tx)
    for name in touched:
        rule = revised.rules.get(name) or live.rules[name]
        flipped = replay.list_nearest(tx, name, changed=True, outcomes=_ANY, limit=examples)
        # on each side of the limit those that come nearest and yet stay
        still = [
            row
            for outcome in ("compliant", "breach")
            for row in replay.list_nearest(
                tx, name, changed=False, outcomes=(outcome,), limit=examples
            )
        ]
        yield RuleEffect(
            name,
            rule.title,
            tuple(each for each in counted if each["rule"] == name),
            tuple(_case(row) for row in flipped),
            tuple(_case(row) for row in still),
        )


_ANY = ("breach", "compliant", "undetermined", "none")


def _case(row: Record) -> Case:
    unit = row["after_unit"] or row["before_unit"]
    measured = _figure(row, "after_measured", unit)
    if measured is None:
        measured = _figure(row, "before_measured", unit)
    return Case(
        row["uscc"],
        row["institution_name"],
        row["district"],
        row["subject_kind"],
        shown_subject_id(row["subject_id"]),
        row["on_day"],
        row["before_outcome"],
        row["after_outcome"],
        measured,
        _figure(row, "before_limit_value", unit),
        _figure(row, "after_limit_value", unit),
        unit,
        row["amount_fen"],
    )


def _figure(row: Record, name: str, unit: str) -> int | str | None:
    value = row[name]
    if value is None or unit == "text":
        return str(value) if value is not None else None
    return Figure(int(value), row[name.removesuffix("_value") + "_over"]).shown(unit)


def backtest_json(result: Backtest) -> dict[str, Any]:
    """The simulation as JSON; days as text, money in fen."""
    return {
        "simulation": True,
        "from": format_day(result.period.first),
        "to": format_day(result.period.last),
        "as_of": format_day(result.period.as_of),
        "settings": [each._asdict() for each in result.change.settings],
        "place": result.change.place,
        "draft": str(result.change.draft) if result.change.draft else None,
        "rule_book": result.rule_book,
        "totals": _counts(result.totals),
        "rules": [_effect_json(each) for each in result.rules],
        "institutions": [_institution_json(each) for each in result.institutions],
    }


def _effect_json(effect: RuleEffect) -> dict[str, Any]:
    return {
        "rule": effect.rule,
        "title": effect.title._asdict(),
        "judged": effect.judged,
        "flipped": effect.flipped,
        "transitions": [
            {"before": each["before_outcome"], "after": each["after_outcome"]} | _counts(each)
            for each in effect.transitions
        ],
        "examples": [_case_json(each) for each in effect.examples],
        "counter_examples": [_case_json(each) for each in effect.counter_examples],
    }


_COUNTED = ("subjects", "institutions", "contracts", "families", "fen")


def _counts(row: Record) -> dict[str, int]:
    return {name: int(row[name] or 0) for name in _COUNTED}


def _institution_json(row: Record) -> dict[str, Any]:
    names = ("breaches_before", "breaches_after", "newly", "no_longer", "subjects", "contracts",
             "families", "fen")  # fmt: skip
    head = {"uscc": row["uscc"], "institution": row["institution_name"]}
    return head | {"district": row["district"]} | {name: int(row[name] or 0) for name in names}


def _case_json(case: Case) -> dict[str, Any]:
    return {
        "uscc": case.uscc,
        "institution": case.institution,
        "district": case.district,
        "subject": {"kind": case.subject_kind, "id": case.subject_id},
        "on": format_day(case.on),
        "before": case.before,
        "after": case.after,
        "measured": case.measured,
        "limit_before": case.limit_before,
        "limit_after": case.limit_after,
        "unit": case.unit,
        "amount_fen": case.amount_fen,
    }
