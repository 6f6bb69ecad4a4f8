"""What the editions of all districts rest on at a cut-off: one reader, one view of the data.

Every table is read once for the whole office, however many districts publish.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from feewatch.credit.decisions import Decision
from feewatch.credit.eligibility import Assessment
from feewatch.credit.white_terms import WhiteTerms
from feewatch.kernel.days import Day
from feewatch.services.lists.standings import Outcomes, TermsOf, assess_all, barring_documents
from feewatch.store.database import Transaction
from feewatch.store.lists import decisions, editions, standings


class DistrictRecord(NamedTuple):
    """What is on file of one district at a cut-off."""

    district: str
    assessments: list[Assessment]
    decisions: list[Decision]  # of this district, in the order of their recording
    terms: WhiteTerms


def gather_districts(
    tx: Transaction, cut_off: Day, outcomes: Outcomes, terms: TermsOf, *, default: str
) -> Iterator[DistrictRecord]:
    """Every district with institutions, decisions or editions, by code; ``default`` for none."""
    taken = decisions.list_decisions(tx)
    barring = barring_documents(taken, cut_off)
    by_district: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in taken:
        by_district[decision.district].append(decision)
    # districts whose institutions have all gone still have lists that must say so
    elsewhere = sorted({*editions.list_districts(tx), *by_district}, reverse=True)
    is_empty = not elsewhere
    for district, facts in standings.iterate_districts(tx, cut_off):
        while elsewhere and elsewhere[-1] < district:
            place = elsewhere.pop()
            yield DistrictRecord(place, [], by_district[place], terms(place, cut_off))
        if elsewhere and elsewhere[-1] == district:
            elsewhere.pop()
        here = terms(district, cut_off)
        assessments = assess_all(facts, outcomes, barring, cut_off, here)
        yield DistrictRecord(district, assessments, by_district[district], here)
        is_empty = False
    for place in [default] if is_empty else reversed(elsewhere):
        yield DistrictRecord(place, [], by_district[place], terms(place, cut_off))
