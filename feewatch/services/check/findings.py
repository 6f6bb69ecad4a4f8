"""What the rules say of institutions at this moment, asked outside a check; writes nothing."""

from collections.abc import Collection, Iterable

from feewatch.bootstrap import App
from feewatch.casework.weights import BreachWeight
from feewatch.engine.book import Rule, RuleBook
from feewatch.engine.findings import Finding
from feewatch.kernel.days import Day
from feewatch.services.check.judgement import evaluation_of
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import get_rule, rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.store import state
from feewatch.store.check import checks, proven
from feewatch.store.check.checks import OFFICE
from feewatch.store.database import Transaction


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
        matched = {*scope} - {*state.list_to_match(tx)}
        if not only_proven:
            return _findings(evaluation_of(app, tx, book, as_of, matched), chosen)
        matched = proven.list_self_told(tx, matched)
        if not matched:
            return []
        with proven.only_proven(tx, matched):
            return _findings(evaluation_of(app, tx, book, as_of, matched), chosen)


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
    evaluation = evaluation_of(app, tx, book, as_of, institutions)
    weights: list[BreachWeight] = []
    for outcomes in evaluation.of_each(book.rules.values()):
        if any(row["breaches"] for row in outcomes.count()):
            weights += outcomes.weights()
    return weights
