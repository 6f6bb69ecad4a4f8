"""What the rule book says of a group of institutions, from one snapshot; writes nothing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.workdays import add_working_days
from feewatch.engine.book import RuleBook
from feewatch.engine.counts import NOTHING_COUNTED
from feewatch.engine.findings import Breach, Finding, Identity
from feewatch.engine.holidays import Holidays, lay_together
from feewatch.kernel.days import Day
from feewatch.rounds.findings import BESIDE_THE_BOOK
from feewatch.services.check.concerned import (
    NOTHING_SETTLED,
    LastChecks,
    Row,
    Settled,
    Window,
    settled_before,
)
from feewatch.services.check.judging import Evaluation, RuleOutcomes
from feewatch.services.check.weighing import weigh
from feewatch.store import state
from feewatch.store.cases import alerts
from feewatch.store.cases.endings import read_marks
from feewatch.store.check import checks, proven
from feewatch.store.check.checks import OFFICE, Due
from feewatch.store.check.columnar import Columnar
from feewatch.store.check.evaluation import NOTHING_GIVEN
from feewatch.store.database import Transaction
from feewatch.store.state import Touched


class Judgement:
    """What judging a group collects, rule by rule; institution 0 stands for none."""

    def __init__(self, institutions: frozenset[int], rules: Collection[str]) -> None:
        self.institutions = institutions
        #: Those of the book and of the alerts on record; ``dropped``: of the alerts alone.
        self.rules = {*rules}
        self.dropped: set[str] = set()
        self.breaches: defaultdict[int, list[Breach]] = defaultdict(list)
        self.present: dict[Identity, Finding] = {}
        self.counts: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        #: Rules that judge days from one on alone: what they said of days before it stands.
        self.since: Mapping[str, Day] = {}
        #: The next days on which an outcome may differ: of a rule, and of all of an institution.
        self.rule_due: dict[tuple[int, str], Day] = {}
        self.all_due: dict[int, Day] = {}
        #: By fact and institution the row that the next check may take, None where it has none.
        self.kept: defaultdict[str, dict[int, Row | None]] = defaultdict(dict)
        #: How often each institution had changed, and what was on record, in the snapshot.
        self.changes: Mapping[int, int] = {}
        self.seen: Mapping[str, int] = {}
        #: Who tells of anything alone, and the alerts of theirs that were weighed before they end.
        self.self_told: set[int] = set()
        self.weighed: set[Identity] = set()

    def add(
        self,
        outcomes: RuleOutcomes,
        existing: Collection[Identity],
        as_of: Day,
        before: Day | None = None,
        settled: Mapping[int, Settled] = NOTHING_SETTLED,
    ) -> None:
        """Take in what a rule says.

        ``before``: what it says of days before this one is kept apart, where it can. ``settled``:
        by institution what it said of the days that it does not judge now.
        """
        rule = outcomes.rule.id
        before = before if outcomes.may_look_back else None
        fresh, begun = outcomes.counts(before)
        carried = outcomes.carried(before) if before is not None else {}
        for key in {*fresh, *settled, *carried}:  # what adds up may have no subjects yet
            count = fresh.get(key, NOTHING_COUNTED)
            stands = begun.get(key, NOTHING_COUNTED)
            if key in settled:
                count, stands = settled[key].counted + count, settled[key].counted + stands
            told = outcomes.told(key, count)
            self.due_no_later(key, told.pop("due_on"), rule)
            kept = Settled(before, stands, carried.get(key, {})) if before is not None else None
            told["settled"] = kept and kept.as_json()
            self.counts[key].append({"rule": rule, "as_of": as_of, **told})
        self._keep_rows(outcomes)
        if any(count.breaches for count in fresh.values()):
            for breach in outcomes.breaches():
                self.breaches[breach.institution_id or OFFICE].append(breach)
        if existing:
            self.present |= {each.identity: each for each in outcomes.findings(existing)}

    def given(self) -> dict[str, list[Row]]:
        """By fact its rows, where they are known of all institutions."""
        own = self.institutions - {OFFICE}
        return {
            name: [row for row in rows.values() if row is not None]
            for name, rows in self.kept.items()
            if own <= rows.keys()
        }

    def kept_of(self, institutions: Iterable[int]) -> dict[int, dict[str, Row | None]]:
        """By institution and fact the rows that the next check may take."""
        return {
            key: {name: rows[key] for name, rows in self.kept.items() if key in rows}
            for key in institutions
        }

    def _keep_rows(self, outcomes: RuleOutcomes) -> None:
        """Note rows of facts that the next check need not compute."""
        for name, rows in outcomes.kept(self.given()).items():
            self.kept[name] = {key: rows.get(key) for key in self.institutions - {OFFICE}}

    def keep(self, result: Mapping[str, Any], as_of: Day) -> None:
        """Take over what the last check counted of a rule that says the same today."""
        key, rule = result["institution_id"], result["rule"]
        self.due_no_later(key, result["due_on"], rule)
        self.counts[key].append({**result, "as_of": as_of})

    def due_no_later(self, institution: int, day: Day | None, rule: str) -> None:
        """Note a day on which an institution must be looked at again by a rule."""
        if day is not None:
            key = institution, rule
            self.rule_due[key] = min(day, self.rule_due.get(key, day))

    def all_due_no_later(self, institution: int, day: Day | None) -> None:
        """Note a day on which an institution must be looked at again by all rules."""
        if day is not None:
            self.all_due[institution] = min(day, self.all_due.get(institution, day))

    def due(self) -> dict[int, Due]:
        """The next days on which each institution must be looked at again."""
        first = dict(self.all_due)
        for (institution, _), day in self.rule_due.items():
            first[institution] = min(day, first.get(institution, day))
        return {key: Due(day, self.all_due.get(key)) for key, day in first.items()}

    def breaches_of(self, institutions: Iterable[int]) -> list[Breach]:
        """The breaches of some institutions."""
        return [breach for key in sorted(institutions) for breach in self.breaches.get(key, ())]

    def counts_of(self, institutions: Iterable[int]) -> list[dict[str, Any]]:
        """Their outcomes counted, a row an institution and rule, and when these may differ."""
        return [
            {**row, "due_on": self.rule_due.get((key, row["rule"]))}
            for key in sorted(institutions)
            for row in self.counts.get(key, ())
        ]

    def totals_of(self, institutions: Iterable[int]) -> Counter[str]:
        """Their outcomes counted together."""
        totals = Counter(dict.fromkeys(FIGURES, 0))
        for row in self.counts_of(institutions):
            totals.update({name: row[name] for name in FIGURES})
        return totals

    def writing_loads(self) -> Counter[int]:
        """How many rows are to be compared and written of each institution, about."""
        loads = Counter({key: len(rows) for key, rows in self.counts.items()})
        loads.update({key: 3 * len(rows) for key, rows in self.breaches.items()})
        loads.update(finding.institution_id or OFFICE for finding in self.present.values())
        return loads


FIGURES = ("evaluated", "breaches", "undetermined")


def judge_findings(
    app: App, tx: Transaction, book: RuleBook, as_of: Day, institutions: frozenset[int]
) -> Judgement:
    """What is found of some institutions, and nothing that alerts on record would need."""
    judgement = Judgement(institutions, book.rules)
    evaluation = evaluation_of(app, tx, book, as_of, institutions)
    for outcomes in evaluation.of_each(book.rules.values()):
        judgement.add(outcomes, (), as_of)
    return judgement


def judge(
    app: App,
    tx: Transaction,
    book: RuleBook,
    as_of: Day,
    institutions: frozenset[int],
    go_on: Callable[[], None] = lambda: None,
    columnar: Columnar | None = None,
) -> Judgement:
    """All that has to be known of some institutions to bring their alerts in line.

    ``go_on``: asked before each rule; it raises where no more may be judged. ``columnar``: a copy
    of this moment, on which the book is judged in place of the database.
    """
    last = LastChecks(tx, book, as_of, institutions)
    rules = {rule for key in institutions for rule in last.rules_of(key)}
    judgement = Judgement(institutions, rules)
    judgement.changes = state.read_changes(tx, institutions)
    judgement.seen = read_marks(tx)
    if rules == {*book.rules}:
        known = {*book.rules, *BESIDE_THE_BOOK}
        judgement.dropped = {*checks.list_alert_rules(tx, institutions)} - known
        judgement.rules |= judgement.dropped
    for result in last.results:
        if result["rule"] not in rules:
            judgement.keep(result, as_of)
    for institution, day in last.all_due():
        judgement.all_due_no_later(institution, day)
    existing = alerts.existing_identities(tx, institutions, judgement.rules)
    for key in institutions:
        for name, row in last.kept(key).items():
            judgement.kept[name][key] = row
    evaluation = evaluation_of(app, tx, book, as_of, institutions, columnar, judgement.given())
    window = last.window_of(institutions, rules).without(_told_again(book, existing))
    law_changes = _judge_rules(evaluation, judgement, rules, window, existing, go_on)
    _note_due(tx, judgement, as_of, law_changes, last.touched(institutions))
    _note_climbs(judgement, existing, as_of, lay_together(book.holidays.values()))
    _weigh_ends(app, tx, book, as_of, judgement, go_on)
    return judgement


def _told_again(book: RuleBook, existing: Iterable[Identity]) -> dict[str, Day]:
    """Rules whose severity goes by what stands today, with the first day of any alert."""
    first: dict[str, Day] = {}
    for rule, _, _, _, on in existing:
        fact = book.facts[book.rules[rule].fact] if rule in book.rules else None
        if fact is not None and fact.head.today:
            first[rule] = min(on, first.get(rule, on))
    return first


def _judge_rules(
    evaluation: Evaluation,
    judgement: Judgement,
    rules: Collection[str],
    window: Window,
    existing: Iterable[Identity],
    go_on: Callable[[], None],
) -> dict[str, Day]:
    """Let rules judge, those of the window its days alone; by district when their law changes."""
    as_of, chosen = evaluation.as_of, [each for each in evaluation.book.rules if each in rules]
    by_rule: defaultdict[str, list[Identity]] = defaultdict(list)
    for identity in existing:
        if identity.rule not in window.rules or identity.on >= window.since:
            by_rule[identity.rule].append(identity)
    judgement.since = dict.fromkeys(window.rules, window.since)
    before = max(settled_before(as_of), window.since)
    whole = [evaluation.book.rules[each] for each in chosen if each not in window.rules]
    partly = [evaluation.book.rules[each] for each in chosen if each in window.rules]
    law_changes: dict[str, Day] = {}
    for outcomes in chain(
        evaluation.of_each(whole),
        evaluation.of_each_since(partly, window.since, window.carried),
    ):
        go_on()
        rule = outcomes.rule.id
        settled = window.settled.get(rule, NOTHING_SETTLED)
        judgement.add(outcomes, by_rule.get(rule, ()), as_of, before, settled)
        law_changes = _earlier(law_changes, outcomes.law_changes)
    return law_changes


def evaluation_of(
    app: App,
    tx: Transaction,
    book: RuleBook,
    as_of: Day,
    institutions: Collection[int],
    columnar: Columnar | None = None,
    given: Mapping[str, Sequence[Row]] = NOTHING_GIVEN,
) -> Evaluation:
    """The rule book over some institutions as the transaction has their data, or a copy of them.

    ``given``: by fact the rows of those that need not be computed.
    """
    district = app.config.office.district
    dialect = columnar.dialect if columnar else app.database.dialect
    return Evaluation(tx, dialect, book, as_of, district, institutions, columnar, given)


def list_unweighed(
    tx: Transaction, judgement: Judgement, institutions: Collection[int], as_of: Day
) -> set[int]:
    """Who has an alert that would end now and was not weighed, because its case moved meanwhile."""
    own = judgement.self_told & {*institutions}
    if not own:
        return set()
    ending = alerts.list_ending(
        tx, as_of=as_of, breaches=judgement.breaches_of(own), present=judgement.present,
        scope=own, rules=judgement.rules - judgement.dropped, since=judgement.since,
    )  # fmt: skip
    unweighed = {identity.uscc for identity in ending if identity not in judgement.weighed}
    return proven.list_keys(tx, unweighed) if unweighed else set()


def _weigh_ends(
    app: App,
    tx: Transaction,
    book: RuleBook,
    as_of: Day,
    judgement: Judgement,
    go_on: Callable[[], None],
) -> None:
    """Let no alert end by what the institution alone tells; set-wise, and only where one would."""
    own = proven.list_self_told(tx, judgement.institutions - {OFFICE})
    judgement.self_told = own
    ending = alerts.list_ending(
        tx, as_of=as_of, breaches=judgement.breaches_of(own), present=judgement.present,
        scope=own, rules=judgement.rules - judgement.dropped, since=judgement.since,
    )  # fmt: skip
    if not ending:
        return
    judgement.weighed = {*ending}
    by_rule: defaultdict[str, list[Identity]] = defaultdict(list)
    for identity in ending:
        by_rule[identity.rule].append(identity)
    institutions = proven.list_keys(tx, {identity.uscc for identity in ending})
    with proven.only_proven(tx, institutions):
        evaluation = evaluation_of(app, tx, book, as_of, institutions)
        for rule, wanted in by_rule.items():
            go_on()
            with evaluation.of(book.rules[rule]) as outcomes:
                known = {finding.identity: finding for finding in outcomes.findings(wanted)}
                for row in outcomes.count():
                    judgement.due_no_later(row["institution_id"], row["due_on"], rule)
            for identity in wanted:
                finding = weigh(judgement.present.get(identity), known.get(identity), identity)
                if finding is not None:
                    judgement.present[identity] = finding


def _earlier(known: Mapping[str, Day], more: Mapping[str, Day]) -> dict[str, Day]:
    return {
        place: min(day for day in (known.get(place), more.get(place)) if day is not None)
        for place in {*known, *more}
    }


def _note_due(
    tx: Transaction,
    judgement: Judgement,
    as_of: Day,
    law_changes: Mapping[str, Day],
    touched: Touched,
) -> None:
    """Days on which data already on file, or the law itself, may change an outcome.

    ``touched``: the data that the last check, whose days are noted already, does not know.
    """
    institutions = judgement.institutions - {OFFICE}
    for institution, day in checks.next_data_days(tx, institutions, as_of, touched).items():
        judgement.all_due_no_later(institution, day)
    for institution, district in checks.list_places(tx, institutions, as_of):
        judgement.all_due_no_later(institution, law_changes.get(district))


def _note_climbs(
    judgement: Judgement, existing: Iterable[Identity], as_of: Day, holidays: Holidays
) -> None:
    """Days on which a breach that lasts grows more severe by that alone."""
    begun = defaultdict(set)
    for identity in existing:
        begun[identity[:4]].add(identity.on)
    for institution, breaches in judgement.breaches.items():
        for breach in breaches:
            for after, _ in breach.escalation:
                for day in {breach.identity.on, *begun[breach.identity[:4]]}:
                    climb = add_working_days(day, after, holidays).day
                    if climb > as_of and institution != OFFICE:
                        judgement.due_no_later(institution, climb, breach.identity.rule)
