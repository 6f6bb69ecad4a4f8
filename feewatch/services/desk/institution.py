"""How an institution stands, on top of its page: cover, lists, days that statements cover."""

from dataclasses import dataclass

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, add_months, date_of, day_of, format_day, month_end
from feewatch.kernel.people import Scope
from feewatch.services.cases.desk import Dossier
from feewatch.services.check.early_warning import CoverStanding
from feewatch.services.check.keeping import read_kept
from feewatch.services.public.board import ListPlace, PostedDistrict, get_institution
from feewatch.store.pages import PageRow

MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthCovered:
    """Of one account and month: days asked for, and days that statements cover."""

    name: str  # YYYY-MM
    days: int
    covered: int
    is_before: bool  # the first statement tells of later days alone

    @property
    def state(self) -> str:
        """``none`` asked, ``whole``, ``part``, ``missing``; ``before`` any statement."""
        if not self.days:
            return "none"
        if self.covered >= self.days:
            return "whole"
        if self.covered:
            return "part"
        return "before" if self.is_before else "missing"


@dataclass(frozen=True, slots=True)
class InstitutionState:
    """What stands on top of the page of an institution."""

    cover: CoverStanding | None  # as the last check kept it
    as_of: Day | None
    edition: PostedDistrict | None  # the latest of its district
    places: list[ListPlace]  # at which it stands in that edition
    is_on_hold: bool
    calendar: list[tuple[PageRow, list[MonthCovered]]]  # by account, the oldest month first


def read_state(app: App, dossier: Dossier) -> InstitutionState:
    """How the institution of a dossier stands; who may know has been asked."""
    facts = dossier.facts
    kept = read_kept(app, Scope(institution_id=facts.id))
    known = get_institution(app, facts.uscc, facts.district)
    spans = _months(today())
    calendar = [
        (account, [_month(account, dossier.covered.get(account.id, []), span) for span in spans])
        for account in dossier.accounts
    ]
    return InstitutionState(
        kept.institutions[0] if kept and kept.institutions else None,
        kept.as_of if kept else None,
        known.edition,
        known.places,
        dossier.is_on_hold,
        calendar,
    )


def _month(account: PageRow, covered: list[tuple[Day, Day]], span: tuple[Day, Day]) -> MonthCovered:
    first, last = max(span[0], account.known_from), min(span[1], today())
    if account.closed_on is not None:
        last = min(last, account.closed_on - 1)
    days = max(0, last - first + 1)
    inside = sum(max(0, min(last, end) - max(first, begin) + 1) for begin, end in covered)
    is_before = not covered or last < min(begin for begin, _ in covered)
    return MonthCovered(format_day(span[0])[:7], days, inside if days else 0, is_before)


def _months(day: Day) -> list[tuple[Day, Day]]:
    first = day_of(date_of(day).replace(day=1))
    firsts = [add_months(first, -back) for back in range(MONTHS - 1, -1, -1)]
    return [(each, month_end(each)) for each in firsts]
