"""Where institutions stand: the white-list conditions line by line, from what is on file."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from feewatch.bootstrap import App
from feewatch.credit.decisions import Decision
from feewatch.credit.eligibility import (
    COVER_RULES,
    Assessment,
    CoverProof,
    WhiteListStanding,
    assess,
)
from feewatch.credit.lists import BLACKS
from feewatch.engine.findings import Finding
from feewatch.kernel.days import Day
from feewatch.services.check.checking import list_findings
from feewatch.store.database import Transaction
from feewatch.store.lists import decisions, standings

Findings = Callable[..., list[Finding]]
Outcomes = Mapping[int, Mapping[str, CoverProof]]


def assess_institutions(
    app: App,
    as_of: Day,
    *,
    institutions: Collection[int] | None = None,
    findings: Findings = list_findings,
) -> list[Assessment]:
    """The assessment of institutions, all or some, by credit code."""
    outcomes = gather_outcomes(app, as_of, institutions=institutions, findings=findings)
    with app.database.reading() as tx:
        found = standings.list_standings(tx, as_of, institutions=institutions)
        return assess_all(found, outcomes, decisions.list_decisions(tx), as_of)


def gather_outcomes(
    app: App,
    as_of: Day,
    *,
    institutions: Collection[int] | None = None,
    findings: Findings = list_findings,
) -> Outcomes:
    """What the cover rules say by institution; a breach that is a notice alone is slight."""
    found: defaultdict[int, dict[str, CoverProof]] = defaultdict(dict)
    for each in findings(app, as_of, rules=COVER_RULES, institutions=institutions):
        if each.institution_id is not None:
            is_slight = each.outcome == "breach" and each.severity == "notice"
            found[each.institution_id][each.identity.rule] = "slight" if is_slight else each.outcome
    return found


def assess_district(
    tx: Transaction, district: str, outcomes: Outcomes, taken: list[Decision], cut_off: Day
) -> list[Assessment]:
    """The assessment of every institution of a district, in one view of the data."""
    found = standings.list_standings(tx, cut_off, district=district)
    return assess_all(found, outcomes, taken, cut_off)


def assess_all(
    found: Collection[WhiteListStanding],
    outcomes: Outcomes,
    taken: Collection[Decision],
    cut_off: Day,
) -> list[Assessment]:
    """Each standing judged with the outcomes and black-list decisions that concern it."""
    barring: defaultdict[str, set[str]] = defaultdict(set)
    for each in taken:
        if each.list in BLACKS and each.uscc and each.excludes(cut_off):
            barring[each.uscc].add(each.document)
    return [
        assess(each, outcomes.get(each.institution_id, {}), barring.get(each.uscc, ()), cut_off)
        for each in found
    ]
