"""Reviews folders of rule data before they are put into force: every fault at once, and a trial."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.engine.book import RuleBook
from feewatch.engine.difference import BookDifference, compare
from feewatch.engine.folders import rule_folders
from feewatch.engine.loader import (
    SHIPPED,
    load_rule_book,
    load_scenarios,
    read_rule_book,
    read_scenario_folders,
)
from feewatch.engine.prices import gap_warnings
from feewatch.engine.reference_lint import ReferenceCount, count_references, source_notes
from feewatch.engine.scenario_lint import lint_scenarios
from feewatch.engine.scenarios import Scenario
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.problems import Problem
from feewatch.services.check.rulebook import book_of, rule_book
from feewatch.services.trials.grade_scenarios import GradeResult, run_grade_scenarios
from feewatch.services.trials.scenarios import Result, run_scenarios, scratch_app


class Review(NamedTuple):
    """A rule book as some folders give it, and what is to be said of it."""

    book: RuleBook
    scenarios: int
    faults: tuple[Problem, ...]
    warnings: tuple[Problem, ...]  # what may be right, and what nobody should overlook
    notes: tuple[Problem, ...]  # documents that are unread, unused, or without an issuer
    references: ReferenceCount


def review(config: Config, drafts: Sequence[Path] = ()) -> Review:
    """The book in force with drafts laid over it, reviewed."""
    return review_folders([*rule_folders(config), *drafts])


def review_folders(overlaid: Sequence[Path]) -> Review:
    """The shipped rule book with folders laid over it, reviewed."""
    folders = [SHIPPED, *overlaid]
    book, faults = read_rule_book(folders)
    scenarios, wrong = read_scenario_folders(folders)
    faults_found = [*faults, *wrong]
    if not faults_found:
        faults_found += lint_scenarios(book, scenarios)
    count = sum(len(each) for each in scenarios.values())
    count += sum(len(scheme.scenarios) for scheme in book.grade_schemes.values())
    return Review(
        book,
        count,
        tuple(faults_found),
        tuple(gap_warnings(book.prices)),
        tuple(source_notes(book)),
        count_references(book),
    )


def differences(config: Config, first: Path | None, second: Path | None) -> list[BookDifference]:
    """What the second rule book changes of the first.

    A folder is a whole rule book, or laid over the shipped one. Without a second folder, the
    first is laid over what is in force; without any, what is in force is against the shipped book.

    Raises: InvalidInputError listing every fault.
    """
    if first is None:
        return compare(load_rule_book(), book_of(config))
    if second is None:
        return compare(book_of(config), load_rule_book([*rule_folders(config), first]))
    return compare(_book_at(first), _book_at(second))


def _book_at(folder: Path) -> RuleBook:
    is_whole = all((folder / each).is_dir() for each in ("sources", "parameters", "rulebook"))
    return load_rule_book([folder], shipped=not is_whole)


def try_rules(
    config: Config, wanted: Sequence[str] = (), drafts: Sequence[Path] = ()
) -> list[Result]:
    """Run the scenarios of the rules wanted, or of all, in an empty installation in memory.

    Raises: NotFoundError for an unknown rule; InvalidInputError listing every fault.
    """
    return try_folders([*rule_folders(config), *drafts], wanted)


def try_folders(folders: Sequence[Path], wanted: Sequence[str] = ()) -> list[Result]:
    """The same for the shipped book with folders laid over it."""
    with scratch_app(folders) as app:
        return run_scenarios(app, _chosen(app, wanted, folders))


def try_schemes(
    config: Config, wanted: Sequence[str] = (), drafts: Sequence[Path] = ()
) -> list[GradeResult]:
    """Run the scenarios of the schemes of 信用评价 wanted, or of all.

    Raises: InvalidInputError listing every fault.
    """
    return run_grade_scenarios(load_rule_book([*rule_folders(config), *drafts]), wanted)


def is_scheme(config: Config, name: str, drafts: Sequence[Path] = ()) -> bool:
    """Whether a name is that of a scheme of 信用评价.

    Raises: InvalidInputError listing every fault.
    """
    return name in load_rule_book([*rule_folders(config), *drafts]).grade_schemes


def _chosen(app: App, wanted: Sequence[str], folders: Sequence[Path]) -> list[Scenario]:
    book, scenarios = rule_book(app), load_scenarios(folders)
    for name in wanted:
        if name not in book.rules:
            raise NotFoundError(
                "RULE-UNKNOWN", f"规则库中没有 {name}", f"no rule {name} in the book"
            )
    names = wanted or book.rules
    return [each for name in names for each in scenarios.get(name, ())]
