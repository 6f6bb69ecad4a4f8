"""What the cover rules say of institutions, with the money they compared; writes nothing."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.credit.eligibility import COVER_RULES, Cover
from feewatch.engine.compiler import select_fact
from feewatch.kernel.days import Day
from feewatch.services.check.checking import get_rule
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.store.check import checks, proven
from feewatch.store.database import Transaction
from feewatch.store.state import list_to_match, read_changes

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
        changes = read_changes(tx, matched)
        key = ("covers", as_of, app.config.office.district, rule_book(app).version)
        known: dict[int, CoversKept] = (app.database.kept.find(key, None) or ({},))[0]
        stale = {each for each in matched if _is_stale(known.get(each), changes.get(each))}
        if stale:
            found = defaultdict[int, list[CoverFinding]](list)
            for cover in _list_within(app, tx, as_of, stale):
                found[cover.institution_id].append(cover)
            known = known | {each: CoversKept(changes.get(each), found[each]) for each in stale}
            app.database.kept.put(key, None, known)
    return [cover for each in sorted(matched) for cover in known[each].covers]


class CoversKept(NamedTuple):
    """What the cover rules said of an institution after so many changes of its data."""

    changes: int | None
    covers: list[CoverFinding]


def _is_stale(judged: CoversKept | None, changes: int | None) -> bool:
    return judged is None or changes is None or judged.changes != changes


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
            facts = select_fact(evaluation.book, rule.fact, evaluation.dialect)
            wanted = f"institution_id, balance_fen, {_NEEDED[name]}"
            rows = outcomes.select(f"SELECT {wanted} FROM ({facts}) AS f")
            money = {
                row["institution_id"]: (row["balance_fen"], row[_NEEDED[name]]) for row in rows
            }
            for finding in outcomes.findings():
                if finding.institution_id is not None:
                    figures = money.get(finding.institution_id, (None, None))
                    cover = Cover(finding.outcome, *figures, finding.reason)
                    covers.append(CoverFinding(finding.institution_id, name, cover))
    return covers
