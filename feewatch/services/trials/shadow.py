"""Drafts judged in the shadow of the live rule book: what they find and whom they turn.

Nothing is written: no alert opens, no matter, list or due day of the live book knows of a draft.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.engine.book import RuleBook
from feewatch.engine.findings import Finding, Identity
from feewatch.engine.revision import list_touched
from feewatch.engine.scenarios import NOT_JUDGED
from feewatch.kernel.days import Day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.check.findings import list_findings
from feewatch.services.check.rulebook import rule_book, shadow_book
from feewatch.services.trials.backtest import NATIONWIDE
from feewatch.services.trials.computing import UNWATCHED, Progress
from feewatch.store.check.checks import OFFICE
from feewatch.store.pages.scope import list_within


class Flip(NamedTuple):
    """A subject of which a draft says otherwise than the live rule."""

    identity: Identity
    district: str
    live: str  # an outcome, or ``none`` where that book does not judge the subject
    shadow: str


class Draft(NamedTuple):
    """A rule that drafts add, change or take away."""

    rule: str
    title: Text
    is_new: bool


class Shadowed(NamedTuple):
    """A rule that drafts add, change or take away, beside its live self."""

    rule: str
    title: Text
    is_new: bool
    counts: Mapping[tuple[str, str], int]  # (live outcome, shadow outcome) -> subjects
    flips: tuple[Flip, ...]


def shadow_findings(app: App, as_of: Day, rule: str | None = None) -> list[Finding]:
    """What the drafts find, rule by rule; of the live book only what drafts touch.

    Raises: NotFoundError where no draft touches the rule asked for.
    """
    book = shadow_book(app.config)
    drafts = [name for name in _touched(app) if name in book.rules]
    if rule is not None and rule not in drafts:
        raise NotFoundError(
            "SHADOW-UNKNOWN", f"草案没有涉及规则 {rule}", f"no draft touches the rule {rule}"
        )
    return list_findings(app, as_of, rules=[rule] if rule else drafts, book=book)


def list_drafts(app: App) -> list[Draft]:
    """The rules that drafts add, change or take away; judges nothing.

    Raises: InvalidInputError listing every fault of a draft.
    """
    live, shadow = rule_book(app), shadow_book(app.config)
    return [
        Draft(
            name,
            (shadow if name in shadow.rules else live).rules[name].title,
            name not in live.rules,
        )
        for name in _touched(app)
    ]


def compare_shadow(
    app: App, as_of: Day, scope: Scope = NATIONWIDE, progress: Progress = UNWATCHED
) -> list[Shadowed]:
    """Each rule that drafts touch, with the outcomes of both books on subjects in the scope."""
    live, shadow = rule_book(app), shadow_book(app.config)
    compared, drafts = [], list_drafts(app)
    progress.expect(len(drafts))
    for name, title, is_new in drafts:
        before = _outcomes(app, as_of, name, live, scope)
        after = _outcomes(app, as_of, name, shadow, scope)
        flips = [
            Flip(identity, (after.get(identity) or before[identity]).district, *outcomes)
            for identity in sorted({*before, *after})
            for outcomes in [(_outcome(before, identity), _outcome(after, identity))]
        ]
        compared.append(
            Shadowed(
                name, title, is_new,
                Counter((each.live, each.shadow) for each in flips),
                tuple(each for each in flips if each.live != each.shadow),
            )
        )  # fmt: skip
        progress.step()
    return compared


def _touched(app: App) -> list[str]:
    return list_touched(rule_book(app), shadow_book(app.config))


def _outcomes(
    app: App, as_of: Day, rule: str, book: RuleBook, scope: Scope
) -> dict[Identity, Finding]:
    if rule not in book.rules:
        return {}
    findings = list_findings(
        app, as_of, rules=[rule], institutions=_institutions(app, as_of, scope), book=book
    )
    return {each.identity: each for each in findings}


def _institutions(app: App, as_of: Day, scope: Scope) -> set[int] | None:
    """Those of the scope; the office too, to which statements of unknown accounts belong."""
    if scope == NATIONWIDE:
        return None
    with app.database.reading() as tx:
        inside = {*list_within(tx, scope, as_of)}
    return inside | ({OFFICE} if scope.sees(app.config.office.district, None) else set())


def _outcome(findings: Mapping[Identity, Finding], identity: Identity) -> str:
    return findings[identity].outcome if identity in findings else NOT_JUDGED
