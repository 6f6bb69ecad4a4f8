"""What the cover rules say of institutions, with the money they compared; writes nothing."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.eligibility import COVER_RULES, Cover
from feewatch.kernel.days import Day
from feewatch.services.check.asking import ask_of_changed
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import get_rule, rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.store.check import checks, proven
from feewatch.store.database import Transaction
from feewatch.store.state import list_to_match

#: The column of a rule's fact that says what the balance is held against.
_NEEDED = {"BAL-COVER": "claims_fen", "DEP-MIN": "fees_fen"}


class CoverFinding(NamedTuple):
    """What a cover rule says of an institution."""

    institution_id: int
    rule: str
    cover: Cover


def list_covers(
    app: App, as_of: Day, institutions: Collection[int] | None = None
) -> list[CoverFinding]:
    """The outcome of each cover rule on each institution, all of them or some.

    Of institutions that tell of anything alone a second time without what they so tell. One whose
    data changed since matching has no outcome yet.
    """
    match_changed(app)
    with app.database.reading() as tx:
        chosen = checks.list_institutions(tx) if institutions is None else institutions
        matched = {*chosen} - {*list_to_match(tx)}
        return _list_within(app, tx, as_of, matched)


def list_kept_covers(app: App, as_of: Day, institutions: Collection[int]) -> list[CoverFinding]:
    """The same for pages: judged again are those whose data changed since this process looked."""
    match_changed(app)
    with app.database.reading() as tx:
        matched = {*institutions} - {*list_to_match(tx)}

        def judge(stale: Collection[int]) -> dict[int, list[CoverFinding]]:
            covers = defaultdict[int, list[CoverFinding]](list)
            for cover in _list_within(app, tx, as_of, stale):
                covers[cover.institution_id].append(cover)
            return covers

        known = ask_of_changed(app, tx, ("covers", as_of), matched, judge)
    return [cover for each in sorted(known) for cover in known[each]]


def _list_within(
    app: App, tx: Transaction, as_of: Day, matched: Collection[int]
) -> list[CoverFinding]:
    book, office, dialect = rule_book(app), app.config.office.district, app.database.dialect
    covers = _judge(Evaluation(tx, dialect, book, as_of, office, matched))
    telling = proven.list_self_told(tx, matched)
    if not telling:
        return covers
    with proven.only_proven(tx, telling):
        again = _judge(Evaluation(tx, dialect, book, as_of, office, telling))
    only_proven = (each._replace(cover=each.cover._replace(only_proven=True)) for each in again)
    return [*covers, *only_proven]


def _judge(evaluation: Evaluation) -> list[CoverFinding]:
    covers: list[CoverFinding] = []
    for name in COVER_RULES:
        rule = get_rule(evaluation.book, name)
        with evaluation.of(rule) as outcomes:
            wanted = f"institution_id, balance_fen, {_NEEDED[name]}"
            rows = outcomes.select(f"SELECT {wanted} FROM ({outcomes.fact(rule.fact)}) AS f")
            money = {
                row["institution_id"]: (row["balance_fen"], row[_NEEDED[name]]) for row in rows
            }
            for finding in outcomes.findings():
                if finding.institution_id is not None:
                    figures = money.get(finding.institution_id, (None, None))
                    cover = Cover(finding.outcome, *figures, finding.reason)
                    covers.append(CoverFinding(finding.institution_id, name, cover))
    return covers
