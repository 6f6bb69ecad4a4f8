"""The check: what changed is judged by the rule book, and the alerts are brought in line."""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.weights import BreachWeight
from feewatch.casework.workdays import add_working_days
from feewatch.engine.book import Fact, Rule, RuleBook
from feewatch.engine.findings import Breach, Finding, Identity
from feewatch.engine.holidays import Holidays, lay_together
from feewatch.kernel.clock import timestamp
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import NATIONWIDE, Scope
from feewatch.services.check.endings import Endings
from feewatch.services.check.judging import Evaluation, RuleOutcomes
from feewatch.services.check.law_history import keep_book
from feewatch.services.check.recurrence import bring_back_cases
from feewatch.services.check.rulebook import rule_book, rule_book_version
from feewatch.services.check.weighing import weigh
from feewatch.services.intake.matching import match_changed
from feewatch.store.cases import alerts, undertakings
from feewatch.store.cases.endings import read_marks
from feewatch.store.check import checks, proven
from feewatch.store.check.checks import OFFICE
from feewatch.store.database import Transaction
from feewatch.store.pages.scope import list_within
from feewatch.store.registers import proposals
from feewatch.store.state import list_to_match

__all__ = ["CheckReport", "list_findings", "rule_book_version", "run_check"]


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

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return vars(self) | {"as_of": format_day(self.as_of), "seconds": round(self.seconds, 3)}


def run_check(
    app: App,
    as_of: Day,
    *,
    uscc: str | None = None,
    full: bool = False,
    within: Scope = NATIONWIDE,
) -> CheckReport:
    """Check all institutions, one, or those whose outcomes may differ from the last check.

    A check of an earlier day than the latest one gives findings only and changes no alert. One
    whose data change after matching is left to the next check.

    ``within``: of these places alone.

    Raises: NotFoundError for a credit code that is unknown, or outside these places.
    """
    started = time.perf_counter()
    book = rule_book(app)
    match_changed(app, everything=full)
    with app.database.transaction() as tx:
        latest = checks.latest_as_of(tx)
        is_past = latest is not None and as_of < latest
        scope = _scope(tx, as_of, book, uscc, within, full=full or is_past)
        if not is_past:
            checks.claim(tx, scope)
        scope -= {*list_to_match(tx)}  # their rows are not yet what matching will say they are
        run = _judge(app, tx, book, as_of, scope, is_past=is_past)
        report = CheckReport(
            as_of=as_of,
            institutions=len(scope - {OFFICE}),
            rules=len(book.rules),
            **run.totals,
            **run.changes._asdict(),
            seconds=time.perf_counter() - started,
        )
        if not is_past:
            proposals.link_in_force(tx, scope)
            undertakings.judge(tx, scope, as_of)
            keep_book(app, tx, book)
            seen = read_marks(tx)
            checks.write_results(tx, scope, run.counts, run.due, as_of, book.version, seen)
            checks.record_run(
                tx, at=timestamp(), as_of=as_of, full=full, rule_book=book.version,
                counts=report.as_json(),
            )  # fmt: skip
            bring_back_cases(tx, scope, as_of)
    return report


def list_findings(
    app: App,
    as_of: Day,
    *,
    rules: Collection[str] | None = None,
    institutions: Collection[int] | None = None,
    book: RuleBook | None = None,
    only_proven: bool = False,
) -> list[Finding]:
    """The outcome of each rule on each subject, in the order of the rule book.

    ``book``: another than the one in force. One that changed since matching has no outcome yet.
    ``only_proven``: of institutions that tell of anything alone, without what they so tell.

    Raises: NotFoundError for an unknown rule.
    """
    book = book or rule_book(app)
    chosen = [get_rule(book, name) for name in rules] if rules is not None else book.rules.values()
    match_changed(app)
    with app.database.reading() as tx:
        scope = {*checks.list_institutions(tx), OFFICE} if institutions is None else institutions
        matched = {*scope} - {*list_to_match(tx)}
        if not only_proven:
            return _findings(_evaluation(app, tx, book, as_of, matched), chosen)
        matched = proven.list_self_told(tx, matched)
        if not matched:
            return []
        with proven.only_proven(tx, matched):
            return _findings(_evaluation(app, tx, book, as_of, matched), chosen)


def _findings(evaluation: Evaluation, rules: Iterable[Rule]) -> list[Finding]:
    findings: list[Finding] = []
    for rule in rules:
        with evaluation.of(rule) as outcomes:
            findings += outcomes.findings()
    return findings


def weigh_breaches(
    app: App, tx: Transaction, as_of: Day, institutions: Collection[int]
) -> list[BreachWeight]:
    """Every breach of some institutions as the transaction has their facts; writes nothing.

    Their entries must be matched.
    """
    book = rule_book(app)
    evaluation = _evaluation(app, tx, book, as_of, institutions)
    weights: list[BreachWeight] = []
    for outcomes in evaluation.of_each(book.rules.values()):
        if any(row["breaches"] for row in outcomes.count()):
            weights += outcomes.weights()
    return weights


def get_rule(book: RuleBook, name: str) -> Rule:
    """A rule by id.

    Raises: NotFoundError.
    """
    if name not in book.rules:
        raise NotFoundError("RULE-UNKNOWN", f"规则库中没有 {name}", f"no rule {name} in the book")
    return book.rules[name]


def get_fact(book: RuleBook, name: str) -> Fact:
    """A fact by id.

    Raises: NotFoundError.
    """
    if name not in book.facts:
        raise NotFoundError(
            "FACT-UNKNOWN", f"规则库中没有事实 {name}", f"no fact {name} in the rule book"
        )
    return book.facts[name]


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


def _evaluation(
    app: App, tx: Transaction, book: RuleBook, as_of: Day, scope: Collection[int]
) -> Evaluation:
    return Evaluation(tx, app.database.dialect, book, as_of, app.config.office.district, scope)


class _Run:
    """What judging a scope collects, rule by rule."""

    def __init__(self) -> None:
        self.breaches: list[Breach] = []
        self.present: dict[Identity, Finding] = {}
        self.counts: list[dict[str, Any]] = []
        self.due: dict[int, Day] = {}
        self.totals: Counter[str] = Counter(evaluated=0, breaches=0, undetermined=0)
        self.changes = alerts.Counts(0, 0, 0)

    def add(self, outcomes: RuleOutcomes, existing: Collection[Identity], as_of: Day) -> None:
        """Take in what a rule says."""
        has_breaches = False
        for row in outcomes.count():
            figures = {name: int(row[name]) for name in self.totals}
            self.totals.update(figures)
            self.due_no_later(row["institution_id"], row["due_on"])
            key = {
                "institution_id": row["institution_id"],
                "rule": outcomes.rule.id,
                "as_of": as_of,
            }
            self.counts.append(key | figures | {"reasons": row["reasons"]})
            has_breaches = has_breaches or figures["breaches"] > 0
        if has_breaches:
            self.breaches += outcomes.breaches()
        if existing:
            self.present |= {each.identity: each for each in outcomes.findings(existing)}

    def due_no_later(self, institution: int, day: Day | None) -> None:
        """Note a day on which an institution must be looked at again."""
        if day is not None and day < self.due.get(institution, day + 1):
            self.due[institution] = day


def _judge(
    app: App, tx: Transaction, book: RuleBook, as_of: Day, scope: set[int], *, is_past: bool
) -> _Run:
    run = _Run()
    dropped = {*checks.list_alert_rules(tx, scope)} - {*book.rules}
    rules = {*book.rules, *dropped}
    existing = [] if is_past else alerts.existing_identities(tx, scope, rules)
    evaluation = _evaluation(app, tx, book, as_of, scope)
    law_changes: dict[str, Day] = {}
    for outcomes in evaluation.of_each(book.rules.values()):
        run.add(outcomes, [each for each in existing if each.rule == outcomes.rule.id], as_of)
        law_changes = _earlier(law_changes, outcomes.law_changes)
    if not is_past:
        _note_due(tx, run, scope, as_of, law_changes)
        holidays = lay_together(book.holidays.values())
        _note_climbs(run, existing, as_of, holidays)
        _weigh_ends(app, tx, book, as_of, scope, run)
        run.changes = alerts.reconcile(
            tx, as_of=as_of, breaches=run.breaches, present=run.present, scope=scope, rules=rules,
            dropped=dropped, holidays=holidays,
            explain=Endings(tx, book.version).explain,
        )  # fmt: skip
    return run


def _weigh_ends(
    app: App, tx: Transaction, book: RuleBook, as_of: Day, scope: set[int], run: _Run
) -> None:
    """Let no alert end by what the institution alone tells; set-wise, and only where one would."""
    own = proven.list_self_told(tx, scope - {OFFICE})
    ending = alerts.list_ending(
        tx, as_of=as_of, breaches=run.breaches, present=run.present, scope=own, rules=book.rules
    )
    if not ending:
        return
    by_rule: defaultdict[str, list[Identity]] = defaultdict(list)
    for identity in ending:
        by_rule[identity.rule].append(identity)
    institutions = proven.list_keys(tx, {identity.uscc for identity in ending})
    with proven.only_proven(tx, institutions):
        evaluation = _evaluation(app, tx, book, as_of, institutions)
        for rule, wanted in by_rule.items():
            with evaluation.of(book.rules[rule]) as outcomes:
                known = {finding.identity: finding for finding in outcomes.findings(wanted)}
                for row in outcomes.count():
                    run.due_no_later(row["institution_id"], row["due_on"])
            for identity in wanted:
                finding = weigh(run.present.get(identity), known.get(identity), identity)
                if finding is not None:
                    run.present[identity] = finding


def _earlier(known: Mapping[str, Day], more: Mapping[str, Day]) -> dict[str, Day]:
    return {
        place: min(day for day in (known.get(place), more.get(place)) if day is not None)
        for place in {*known, *more}
    }


def _note_due(
    tx: Transaction, run: _Run, scope: Iterable[int], as_of: Day, law_changes: Mapping[str, Day]
) -> None:
    """Days on which data already on file, or the law itself, may change an outcome."""
    institutions = set(scope) - {OFFICE}
    for institution, day in checks.next_data_days(tx, institutions, as_of).items():
        run.due_no_later(institution, day)
    for institution, district in checks.list_places(tx, institutions, as_of):
        run.due_no_later(institution, law_changes.get(district))


def _note_climbs(run: _Run, existing: Iterable[Identity], as_of: Day, holidays: Holidays) -> None:
    """Days on which a breach that lasts grows more severe by that alone."""
    begun = defaultdict(set)
    for identity in existing:
        begun[identity[:4]].add(identity.on)
    for breach in run.breaches:
        for after, _ in breach.escalation:
            for day in {breach.identity.on, *begun[breach.identity[:4]]}:
                climb = add_working_days(day, after, holidays).day
                if climb > as_of and breach.institution_id is not None:
                    run.due_no_later(breach.institution_id, climb)
