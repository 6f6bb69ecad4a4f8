"""Where institutions stand: the white-list conditions line by line, from what is on file."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from feewatch.bootstrap import App
from feewatch.credit.conditions import assess
from feewatch.credit.decisions import Decision
from feewatch.credit.eligibility import Assessment, Cover, WhiteListStanding
from feewatch.credit.lists import BLACKS
from feewatch.credit.white_terms import PARAMETERS, WhiteTerms
from feewatch.engine.book import RuleBook
from feewatch.engine.law import nearest
from feewatch.kernel.days import Day
from feewatch.kernel.places import ancestry
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.covers import CoverFinding, list_covers

Findings = Callable[..., list[CoverFinding]]
#: By institution and rule what the cover rules say.
Outcomes = Mapping[int, Mapping[str, list[Cover]]]
#: The figures of the white list in a district on a day.
TermsOf = Callable[[str, Day], WhiteTerms]


def gather_outcomes(app: App, as_of: Day, *, findings: Findings = list_covers) -> Outcomes:
    """What the cover rules say, by institution and rule."""
    by_institution: defaultdict[int, defaultdict[str, list[Cover]]]
    by_institution = defaultdict(lambda: defaultdict(list))
    for institution_id, rule, cover in findings(app, as_of):
        by_institution[institution_id][rule].append(cover)
    return by_institution


def barring_documents(taken: Iterable[Decision], cut_off: Day) -> Mapping[str, frozenset[str]]:
    """By credit code the documents whose public entries keep an institution off the white list.

    They do so from the day the entry is public: a notice served before changes nothing.
    """
    barring: defaultdict[str, set[str]] = defaultdict(set)
    for decision in taken:
        if decision.list in BLACKS and decision.uscc and decision.is_public(cut_off):
            barring[decision.uscc].add(decision.document)
    return {uscc: frozenset(documents) for uscc, documents in barring.items()}


def terms_of(app: App) -> TermsOf:
    """The figures of the white list as the rule book in force has them, by place and day."""
    book = rule_book(app)
    return lambda district, day: read_terms(book, district, day)


def read_terms(book: RuleBook, district: str, day: Day) -> WhiteTerms:
    """The figures of the white list in a district on a day: those of the nearest place."""
    values = {}
    for term, parameter in PARAMETERS.items():
        value = nearest(book.parameters[parameter].values, ancestry(district), day)
        assert value is not None  # the shipped book has one for the nation
        assert isinstance(value.value, int)
        values[term] = value.value
    return WhiteTerms(**values)


def assess_all(
    facts: Iterable[WhiteListStanding],
    outcomes: Outcomes,
    barring: Mapping[str, frozenset[str]],
    cut_off: Day,
    terms: WhiteTerms,
) -> list[Assessment]:
    """Each standing judged with the outcomes and black-list documents that concern it."""
    return [
        assess(
            standing,
            outcomes.get(standing.institution_id, {}),
            barring.get(standing.uscc, ()),
            cut_off,
            terms,
        )
        for standing in facts
    ]
