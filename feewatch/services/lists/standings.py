"""Where institutions stand: the white-list conditions line by line, from what is on file."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

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

Findings = Callable[..., list[Finding]]
_WORST_LAST: tuple[CoverProof, ...] = ("compliant", "slight", "undetermined", "breach")
Outcomes = Mapping[int, Mapping[str, CoverProof]]


def gather_outcomes(
    app: App,
    as_of: Day,
    *,
    findings: Findings = list_findings,
) -> Outcomes:
    """What the cover rules say by institution; a breach that is a notice alone is slight.

    What the institution alone tells proves nothing: of all data and of the proven ones the worse
    outcome counts.
    """
    by_institution: defaultdict[int, dict[str, CoverProof]] = defaultdict(dict)
    of_all = findings(app, as_of, rules=COVER_RULES)
    for finding in (*of_all, *findings(app, as_of, rules=COVER_RULES, only_proven=True)):
        if finding.institution_id is not None:
            is_slight = finding.outcome == "breach" and finding.severity == "notice"
            proof: CoverProof = "slight" if is_slight else finding.outcome
            proofs = by_institution[finding.institution_id]
            known = proofs.get(finding.identity.rule, proof)
            proofs[finding.identity.rule] = max(known, proof, key=_WORST_LAST.index)
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


def assess_all(
    facts: Iterable[WhiteListStanding],
    outcomes: Outcomes,
    barring: Mapping[str, frozenset[str]],
    cut_off: Day,
) -> list[Assessment]:
    """Each standing judged with the outcomes and black-list documents that concern it."""
    return [
        assess(
            standing,
            outcomes.get(standing.institution_id, {}),
            barring.get(standing.uscc, ()),
            cut_off,
        )
        for standing in facts
    ]
