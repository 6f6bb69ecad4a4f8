"""What the latest check of an institution came to, rule by rule, in words; judges nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from feewatch.engine.book import RuleBook
from feewatch.engine.entering import file_of_target, is_of_office, target_in_words
from feewatch.kernel.text import Text
from feewatch.store.pages import PageRows


@dataclass(frozen=True, slots=True)
class Target:
    """What must be entered, and where."""

    where: str  # a register, statements, guided_prices, parameters
    words: Text
    is_of_office: bool  # the office alone can enter it
    file: str  # of the office's folder of rules, if it is entered there; nothing for institutions


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some subjects of a rule could not be judged, and what would change that."""

    text: Text
    subjects: int
    enter: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule on one institution."""

    rule: str
    title: Text
    evaluated: int
    breaches: int
    undetermined: int
    reasons: tuple[Reason, ...]  # the most frequent first; none where an older check kept none


def describe_results(book: RuleBook, rows: PageRows) -> list[RuleResult]:
    """The rules that had something to judge, with titles and reasons, in the book's order."""
    order = {name: n for n, name in enumerate(book.rules)}
    judged = (row for row in rows if row.evaluated)
    known = sorted(judged, key=lambda row: (order.get(row.rule, len(order)), row.rule))
    return [
        RuleResult(
            row.rule,
            book.rules[row.rule].title if row.rule in order else Text(row.rule, row.rule),
            row.evaluated,
            row.breaches,
            row.undetermined,
            tuple(_reason(book, each) for each in row.reasons),
        )
        for row in known
    ]


def of_institution(results: list[RuleResult]) -> list[RuleResult]:
    """The same as an institution reads it: without gaps that the office alone can close."""
    return [
        replace(
            result,
            undetermined=sum(reason.subjects for reason in reasons) if result.reasons else unsure,
            reasons=reasons,
        )
        for result in results
        for unsure in [result.undetermined]
        for reasons in [tuple(filter(None, map(_own_part, result.reasons)))]
    ]


def _own_part(reason: Reason) -> Reason | None:
    """What of a reason an institution can change; None where that is nothing."""
    own = tuple(target for target in reason.enter if not target.is_of_office)
    return replace(reason, enter=own) if own or not reason.enter else None


def _reason(book: RuleBook, kept: Mapping[str, Any]) -> Reason:
    targets = (
        Target(
            target.partition(".")[0],
            target_in_words(target, book.parameters),
            is_of_office(target),
            file_of_target(target),
        )
        for target in kept["enter"]
    )
    return Reason(Text(**kept["reason"]), kept["subjects"], tuple(targets))
