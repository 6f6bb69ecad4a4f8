"""Runs the rule book over institutions and reads the judged rows back as counts and findings."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from feewatch.casework.weights import BreachWeight
from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.compiler import (
    BREACH,
    Compiled,
    adds_up,
    compile_rule,
    keep_fact,
    last_reads,
    law_rows,
    list_read,
    may_look_back,
    table_of,
)
from feewatch.engine.counting import compile_counting, group_rules
from feewatch.engine.counting import law_rows as counting_law
from feewatch.engine.counts import Count
from feewatch.engine.findings import Breach, Finding, Identity, Outcome
from feewatch.engine.holidays import lay_together
from feewatch.engine.law import LawSpan, Variant, law_changes, lay_out, lay_out_prices
from feewatch.kernel.days import FIRST_DAY, Day, add_months
from feewatch.kernel.text import Text
from feewatch.services.check.breaches import BreachReader, subject_of, weight_of
from feewatch.store.check import checks, replay
from feewatch.store.check.engines import Engine, OnConnection
from feewatch.store.check.evaluation import NOTHING_GIVEN, Evaluator
from feewatch.store.check.sources import contract_ids, find_evidence
from feewatch.store.database import Record, Transaction

_NO_REASON = Text("所需资料不全", "a needed fact is missing")


class Evaluation:
    """The rule book over some institutions as of a day, on one connection.

    The law and the facts of one rule at a time stand in the database: ``of`` opens a rule, and its
    outcomes are read before the block ends.
    """

    def __init__(
        self,
        tx: Transaction,
        dialect: str,
        book: RuleBook,
        as_of: Day,
        office_district: str,
        institutions: Collection[int],
        engine: Engine | None = None,
        given: Mapping[str, Sequence[Mapping[str, Any]]] = NOTHING_GIVEN,
    ) -> None:
        """``engine``: where the statements run, if not in the database of the transaction.

        ``given``: by fact the rows of those that need not be computed.
        """
        self.tx = tx
        self.dialect = dialect
        self.book = book
        self.as_of = as_of
        self._districts = {*checks.list_districts(tx, institutions), office_district}
        prices = lay_out_prices(book.prices, self._districts)
        self._run = Evaluator(
            engine or OnConnection(tx),
            as_of,
            office_district,
            institutions,
            prices,
            lay_together(book.holidays.values()),
            {table_of(name): rows for name, rows in given.items()},
        )
        self._given = frozenset(given)
        months = book.parameters["historic_months"].values[0].value
        assert isinstance(months, int)
        self.historic_before = add_months(as_of, -months)
        self._open: RuleOutcomes | None = None

    @contextmanager
    def of(self, rule: Rule) -> "Iterator[RuleOutcomes]":
        """The outcomes of a rule, to be read inside the block.

        Raises: RuntimeError where another rule is open.
        """
        with self._opened(rule, None) as outcomes:
            yield outcomes

    def of_each(self, rules: Iterable[Rule]) -> "Iterator[RuleOutcomes]":
        """The outcomes of each rule, to be read before the next; rules on one fact count at once.

        Raises: RuntimeError where another rule is open.
        """
        rules = list(rules)
        groups = {rule.id: group for group in group_rules(rules, self.book) for rule in group}
        counted: dict[str, dict[int, Count]] = {}
        for rule in rules:
            if rule.id in groups and rule.id not in counted:
                counted |= self._count_together(groups[rule.id])
            with self._opened(rule, counted.get(rule.id)) as outcomes:
                yield outcomes

    def of_each_once(self, rules: Iterable[Rule]) -> "Iterator[RuleOutcomes]":
        """The outcomes of each rule, to be read before the next; facts go once they are done with.

        Of a large office they do not all fit in memory.

        Raises: RuntimeError where another rule is open.
        """
        rules = list(rules)
        done = last_reads([self._compile(rule)[0] for rule in rules])
        for rule, facts in zip(rules, done, strict=True):
            with self._opened(rule, None) as outcomes:
                yield outcomes
            self._run.forget(facts)

    def of_each_since(
        self,
        rules: Iterable[Rule],
        since: Day,
        carried: Mapping[str, Mapping[int, Mapping[str, int]]],
    ) -> "Iterator[RuleOutcomes]":
        """The outcomes of each rule on days from one on, to be read before the next.

        ``carried``: by rule and institution what its facts have added up before that day.
        """
        self._run.look_from(since)
        for rule in rules:
            if adds_up(rule, self.book):
                self._run.carry(carried.get(rule.id, {}))
            with self._opened(rule, None) as outcomes:
                yield outcomes
        self._run.carry({})
        self._run.look_from(FIRST_DAY)

    @contextmanager
    def _opened(self, rule: Rule, counted: dict[int, Count] | None) -> "Iterator[RuleOutcomes]":
        if self._open is not None:
            raise RuntimeError(f"{rule.id}: the law of {self._open.rule.id} still stands")
        compiled, variants, spans = self._compile(rule)
        law = law_rows(rule, self.book, variants, spans)
        changes = law_changes(spans, self.as_of)
        self._open = RuleOutcomes(self, compiled, variants, law, changes, counted)
        try:
            yield self._open
        finally:
            self._open = None

    def _compile(self, rule: Rule) -> tuple[Compiled, tuple[Variant, ...], list[LawSpan]]:
        variants, spans = lay_out(rule, self.book.parameters, self._districts)
        compiled = compile_rule(rule, self.book, variants, self.dialect, self._given)
        return compiled, variants, spans

    def _count_together(self, rules: tuple[Rule, ...]) -> dict[str, dict[int, Count]]:
        """Per rule on one fact what it came to at each institution."""
        counting = compile_counting(rules, self.book, self.dialect)
        law, in_force = counting_law(counting, self.book, self._districts)
        return counting.by_rule(self._run.count_together(counting, law), in_force)

    def run_for(self, outcomes: "RuleOutcomes") -> Evaluator:
        """The evaluator, for the rule that is open.

        Raises: RuntimeError for the outcomes of another one.
        """
        if outcomes is not self._open:
            raise RuntimeError(f"{outcomes.rule.id} is read after its block: its law is gone")
        return self._run

    def outstanding(self, contracts: Collection[int]) -> set[int]:
        """Those of the contracts that still carry unconsumed money."""
        if not contracts:
            return set()
        positions = keep_fact(self.book, "contract_position", self.dialect)
        return self._run.keys_where(positions, "contract_id", contracts, "high_fen > 0")


class RuleOutcomes:
    """What one rule says of its subjects."""

    def __init__(
        self,
        evaluation: Evaluation,
        compiled: Compiled,
        variants: Sequence[Variant],
        law: Sequence[Mapping[str, Any]],
        law_changes: Mapping[str, Day],
        counted: dict[int, Count] | None,
    ) -> None:
        """``counted``: the counts where they are made already, together with other rules."""
        self._evaluation = evaluation
        self._compiled = compiled
        self._variants = variants
        self._law = law
        self._counted = counted
        self._is_laid_out = False
        self.rule = compiled.rule
        #: Whether its rows of days from one on can be judged alone.
        self.may_look_back = may_look_back(self.rule, evaluation.book)
        self.law_changes = law_changes

    def _run(self) -> Evaluator:
        """The evaluator with the law and the facts of the rule, set out when first needed."""
        run = self._evaluation.run_for(self)
        if not self._is_laid_out:
            run.judge(self._compiled, self._law)
            self._is_laid_out = True
        return run

    def count(self) -> list[dict[str, Any]]:
        """Per institution: evaluated, breaches, undetermined, due_on, and the reasons in words.

        An institution without subjects of the rule may be left out.
        """
        return [self.told(key, count) for key, count in self.counts()[0].items()]

    def counts(self, before: Day | None = None) -> tuple[dict[int, Count], dict[int, Count]]:
        """What the rule came to at each institution, and of that on days before a day."""
        self._evaluation.run_for(self)  # refused outside the block, also where counts are at hand
        if self._counted is not None and before is None:
            return self._counted, {}
        return self._run().count(self._compiled, before)

    def told(self, institution: int, count: Count) -> dict[str, Any]:
        """A count with its reasons in words."""
        named = {"institution_id": institution, **count._asdict()}
        return named | {"reasons": self._reasons(count.reasons)}

    def carried(self, before: Day) -> dict[int, dict[str, int]]:
        """By institution what facts of the rule have added up before a day."""
        sums: dict[int, dict[str, int]] = {}
        book = self._evaluation.book
        for name in list_read(book, self.rule.fact):
            if columns := book.facts[name].head.carries:
                added = ", ".join(f"CAST(SUM({each}) AS BIGINT) AS {each}" for each in columns)
                for row in self.select(
                    f"SELECT institution_id, {added} FROM ({self.fact(name)}) AS f "
                    f"WHERE day < {before} GROUP BY institution_id"
                ):
                    sums.setdefault(row["institution_id"], {}).update(
                        {each: row[each] for each in columns if row[each]}
                    )
        return sums

    def kept(self, known: Collection[str]) -> dict[str, dict[int, dict[str, Any]]]:
        """By fact and institution the rows that the next check may take, but for those known."""
        book = self._evaluation.book
        return {
            name: {
                row["institution_id"]: dict(row)
                for row in self.select(f"SELECT * FROM ({self.fact(name)}) AS f")
            }
            for name in list_read(book, self.rule.fact)
            if book.facts[name].head.kept and name not in known
        }

    def _reasons(self, subjects: Mapping[int, int]) -> list[dict[str, Any]]:
        """Why subjects cannot be judged, the most frequent first: {reason, enter, subjects}."""
        ordered = sorted(subjects.items(), key=lambda each: (-each[1], each[0]))
        return [
            {"reason": self._reason(need)._asdict(), "enter": self._enter(need), "subjects": count}
            for need, count in ordered
        ]

    def keep(self, side: str, window: replay.ReplayWindow) -> None:
        """Keep what was judged as one side of a comparison of rule books."""
        columns = self._evaluation.book.facts[self.rule.fact].columns
        has_contract = "contract_id" in columns
        self._run().write_down()
        tx = self._evaluation.tx
        replay.keep(tx, side, self._compiled, window, names_contract=has_contract)

    def findings_sql(self) -> str:
        """A SELECT of every outcome with the figures of breaches: see ``Evaluator.findings``."""
        return self._run().findings(self._compiled)

    def rows(self) -> list[Record]:
        """Every judged row with all that was computed of it."""
        return self._run().everything()

    def select(self, sql: str) -> list[Record]:
        """The rows of a SELECT over facts, which read the law of this rule."""
        return self._run().select(sql)

    def fact(self, name: str) -> str:
        """A SELECT of the rows of a fact from its table, which reads the law of this rule."""
        tables = keep_fact(self._evaluation.book, name, self._evaluation.dialect)
        self._run().keep(tables)
        return f"SELECT * FROM {tables[-1].name}"

    def repeated(self) -> list[tuple[str, str]]:
        """Rows that the grain of their fact does not tell apart: (fact, the grain they share).

        Of the fact of the rule and of all that it reads.
        """
        book = self._evaluation.book
        repeated: list[tuple[str, str]] = []
        for name in list_read(book, self.rule.fact):
            grain = ", ".join(book.facts[name].head.grain)
            found = self.select(
                f"SELECT {grain} FROM ({self.fact(name)}) AS f GROUP BY {grain} HAVING COUNT(*) > 1"
            )
            repeated += [(name, ", ".join(map(str, row.values()))) for row in found]
        return repeated

    def findings(self, wanted: Collection[Identity] | None = None) -> Iterator[Finding]:
        """The outcome of every subject, or of those that wanted identities name.

        A state is found under the identity that is wanted, whatever its day.
        """
        rule = self.rule
        days = {(each.uscc, each.on) for each in wanted} if wanted is not None else None
        first = {each[:4]: each for each in wanted or ()} if rule.is_state else {}
        rows = self._run().outcomes(days if not rule.is_state else None)
        for row in rows:
            identity = Identity(rule.id, row["uscc"], row["subject_kind"], *subject_of(row))
            yield Finding(
                first.get(identity[:4], identity),
                row["institution_id"] or None,
                row["district"],
                _outcome(row["outcome"]),
                self._reason(row["reason"]) if row["outcome"] is None else None,
                row["cleared_on"],
                row["severity"] if row["outcome"] == BREACH else None,
            )

    def _reason(self, need: int) -> Text:
        return self.rule.needs[need - 1].reason if need else _NO_REASON

    def _enter(self, need: int) -> list[str]:
        return list(self.rule.needs[need - 1].enter) if need else []

    def breaches(self) -> list[Breach]:
        """The subjects in breach, with everything an officer needs."""
        rows = self._run().breaches()
        if not rows:
            return []
        here = self._evaluation
        evidence = find_evidence(here.tx, self.rule.evidence, rows, here.as_of)
        historic = self._historic(rows)
        reader = BreachReader(here.book, self._compiled, self._variants, here.as_of)
        return [
            reader.breach(row, proof, is_historic)
            for row, proof, is_historic in zip(rows, evidence, historic, strict=True)
        ]

    def weights(self) -> list[BreachWeight]:
        """How grave each breach is, exactly; without the evidence and law of ``breaches``."""
        return [weight_of(self.rule, row) for row in self._run().breaches()]

    def _historic(self, rows: Sequence[Record]) -> list[bool]:
        """Whether each subject ended long ago, or before supervision, with no money outstanding."""
        before = self._evaluation.historic_before
        ended = [
            row["ended_on"] is not None
            and (row["ended_on"] < before or row["ended_on"] < (row["supervised_from"] or before))
            for row in rows
        ]
        contracts = [
            contract_ids(row) if over else [] for row, over in zip(rows, ended, strict=True)
        ]
        owed = self._evaluation.outstanding({key for keys in contracts for key in keys})
        return [over and owed.isdisjoint(keys) for keys, over in zip(contracts, ended, strict=True)]


def _outcome(value: int | None) -> Outcome:
    if value is None:
        return "undetermined"
    return "breach" if value == BREACH else "compliant"
