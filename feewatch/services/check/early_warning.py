"""Could everyone be refunded tonight? Balance against claims, institution by institution.

Claims are what BAL-COVER stands on: unconsumed liability and receipts that no contract explains.

An office indicator, never law and never public. What cannot be judged is said to be so, never
counted as fine. The figures are those of BAL-COVER; nothing is written.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from feewatch.bootstrap import App
from feewatch.engine.explanation import Figure
from feewatch.engine.findings import Finding
from feewatch.kernel.clock import today
from feewatch.kernel.days import LAST_DAY, Day, format_day, iso_or_none
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.check.asking import ask_of_changed
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import get_rule, rule_book
from feewatch.store.check import checks, early_warning
from feewatch.store.database import Record, Transaction
from feewatch.store.pages.scope import list_within

LABEL = Text("监测指标，非法律规定", "an office indicator, not law")
#: Days over which all refunds are thought to fall due.
STRESS_DAYS = 7
#: Days of flows from which the burn is taken, unless told otherwise, and the most.
WINDOW_DAYS, WINDOW_MOST = 30, 366
RULE = "BAL-COVER"
Verdict = Literal["short", "undetermined", "covered", "nothing_owed"]
#: The order in which an office looks at them.
VERDICTS: tuple[Verdict, ...] = ("short", "undetermined", "covered", "nothing_owed")
_NO_CONTRACTS = Text("没有合同登记，负债未知", "no contracts on file: the liability is unknown")
_NO_ESCROW = Text(
    "风险保证金方式：预收费不在专户，余额不能说明可否退费",
    "risk deposit: fees are not held in escrow, so the balance does not tell",
)


@dataclass(frozen=True)
class CoverStanding:
    """One institution; figures that are not on file are None."""

    institution_id: int
    uscc: str
    institution: str
    district: str
    verdict: Verdict
    reason: Text | None
    balance_fen: int | None
    liability_low_fen: int
    liability_fen: int
    unexplained_fen: int  # received and explained by no contract: presumed prepaid
    balance_as_of: Day | None  # all open fee accounts are covered up to this day
    lessons_to: Day | None
    contracts_to: Day | None
    contracts: int
    families: int
    estimated: int  # contracts whose consumption is estimated
    burn_fen: int | None  # net outflow in the window; None where statements do not cover it
    window_days: int

    @property
    def claims_fen(self) -> int:
        """What the balance is measured against: liability and unexplained receipts."""
        return self.liability_fen + self.unexplained_fen

    @property
    def shortfall_fen(self) -> int | None:
        """What would be missing if everyone were refunded; None where that is unknown."""
        if self.balance_fen is None or self.verdict == "undetermined":
            return None
        return max(0, self.claims_fen - self.balance_fen)

    @property
    def cover(self) -> str | None:
        """Balance ÷ claims as a decimal, for display."""
        if self.balance_fen is None or not self.claims_fen:
            return None
        return str(Figure(self.balance_fen, self.claims_fen).shown("ratio"))

    @property
    def run_out_on(self) -> Day | None:
        """The first day on which the present burn would have used the balance up, if any."""
        if self.verdict == "undetermined" or self.balance_fen is None:
            return None
        if self.balance_as_of is None or self.burn_fen is None or self.burn_fen <= 0:
            return None
        lasts = -(-max(0, self.balance_fen) * self.window_days // self.burn_fen)
        return min(self.balance_as_of + lasts, LAST_DAY)  # further than any calendar

    @property
    def stress_days(self) -> int | None:
        """Whole days that could be paid if all refunds fell due evenly within seven days."""
        if self.verdict == "undetermined" or self.balance_fen is None or not self.claims_fen:
            return None
        return min(STRESS_DAYS, max(0, self.balance_fen) * STRESS_DAYS // self.claims_fen)


@dataclass(frozen=True)
class District:
    """A district's institutions taken together; sums are of those that could be judged."""

    district: str
    counts: dict[Verdict, int]
    balance_fen: int
    liability_fen: int
    claims_fen: int
    shortfall_fen: int

    @property
    def cover(self) -> str | None:
        """Balances ÷ claims of those judged; None where none could be."""
        if not self.claims_fen:
            return None
        return str(Figure(self.balance_fen, self.claims_fen).shown("ratio"))


@dataclass(frozen=True)
class EarlyWarning:
    """All institutions within a scope, the most urgent first, and their districts ranked."""

    as_of: Day
    window_days: int
    institutions: tuple[CoverStanding, ...]
    districts: tuple[District, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Institutions that are short or cannot be judged, what is missing and of how many."""
        short = [each for each in self.institutions if each.verdict == "short"]
        return {
            "short": len(short),
            "undetermined": sum(each.verdict == "undetermined" for each in self.institutions),
            "families": sum(each.families for each in short),
            "shortfall_fen": sum(each.shortfall_fen or 0 for each in short),
        }


def read_early_warning(
    app: App, scope: Scope, as_of: Day | None = None, window_days: int = WINDOW_DAYS
) -> EarlyWarning:
    """Where each institution within the scope stands as of a day, by default that last checked.

    Raises: InvalidInputError for a window of no days or more than a year.
    """
    if not 1 <= window_days <= WINDOW_MOST:
        raise InvalidInputError(
            "WINDOW",
            f"天数应在 1 与 {WINDOW_MOST} 之间",
            f"days lie between 1 and {WINDOW_MOST}",
            field="window",
        )
    with app.database.reading() as tx:
        day = as_of if as_of is not None else checks.latest_as_of(tx)
        day = today() if day is None else day
        keys = list_within(tx, scope, day)
        return arrange(day, window_days, _standings(app, tx, keys, day, window_days))


def read_standings(app: App, institutions: Collection[int], as_of: Day) -> list[CoverStanding]:
    """Where each of these institutions stands as of a day."""
    with app.database.reading() as tx:
        return _standings(app, tx, institutions, as_of, WINDOW_DAYS)


def read_known_warning(app: App, scope: Scope, as_of: Day) -> EarlyWarning:
    """The same for pages of days gone by: worked out again are those whose data changed."""
    with app.database.reading() as tx:

        def stand(keys: Collection[int]) -> dict[int, CoverStanding]:
            standings = _standings(app, tx, keys, as_of, WINDOW_DAYS)
            return {each.institution_id: each for each in standings}

        keys = list_within(tx, scope, as_of)
        known = ask_of_changed(app, tx, ("standings", as_of), keys, stand)
        return arrange(as_of, WINDOW_DAYS, known.values())


def arrange(as_of: Day, window_days: int, standings: Iterable[CoverStanding]) -> EarlyWarning:
    """Institutions by urgency with their districts ranked."""
    ordered = sorted(standings, key=_urgency)
    return EarlyWarning(as_of, window_days, tuple(ordered), tuple(_rank(ordered)))


def _standings(
    app: App, tx: Transaction, keys: Collection[int], as_of: Day, window_days: int
) -> list[CoverStanding]:
    book, dialect = rule_book(app), app.database.dialect
    evaluation = Evaluation(tx, dialect, book, as_of, app.config.office.district, keys)
    # the facts read the law of the rule, which gives its own verdict beside them
    with evaluation.of(get_rule(book, RULE)) as outcomes:
        findings = {finding.institution_id: finding for finding in outcomes.findings()}
        covers = outcomes.select(outcomes.fact("escrow_cover"))
        account_standing = outcomes.fact("account_standing")
        fresh = _by_institution(outcomes.select(early_warning.freshness(account_standing)))
        positions = outcomes.fact("contract_position")
        owed = _by_institution(outcomes.select(early_warning.families(positions)))
        burnt = _by_institution(outcomes.select(early_warning.burn(account_standing, window_days)))
    registers = early_warning.registers_to(tx, keys)
    standings = []
    for row in covers:
        key = row["institution_id"]
        age, owing, out = fresh.get(key), owed.get(key), burnt.get(key)
        contracts_to = registers.get((key, "contracts"))
        verdict, reason = _verdict(row, findings.get(key), contracts_to)
        standings.append(
            CoverStanding(
                key,
                row["uscc"],
                row["institution_name"],
                row["district"],
                verdict,
                reason,
                row["balance_fen"],
                row["liability_low_fen"],
                row["liability_fen"],
                row["unexplained_fen"],
                age["covered_to"] if age and not age["never_covered"] else None,
                registers.get((key, "lessons")),
                contracts_to,
                owing["contracts"] if owing else 0,
                owing["families"] if owing else 0,
                int(owing["estimated"]) if owing else 0,
                out["burn_fen"] if out and not out["uncovered"] else None,
                window_days,
            )
        )
    return standings


def _verdict(
    row: Record, finding: Finding | None, contracts_to: Day | None
) -> tuple[Verdict, Text | None]:
    if not row["claims_fen"]:
        return ("undetermined", _NO_CONTRACTS) if contracts_to is None else ("nothing_owed", None)
    if finding is None:
        return "undetermined", _NO_ESCROW
    if finding.outcome == "undetermined":
        return "undetermined", finding.reason
    return ("short" if finding.outcome == "breach" else "covered"), None


def _by_institution(rows: Iterable[Record]) -> dict[int, Record]:
    return {row["institution_id"]: row for row in rows}


def _urgency(standing: CoverStanding) -> tuple[object, ...]:
    """Short ones by what share they cover, then the unknown by what they owe, then the others."""
    rank = VERDICTS.index(standing.verdict)
    if standing.verdict == "undetermined":
        return rank, -standing.claims_fen, standing.uscc
    return rank, _share(standing.balance_fen or 0, standing.claims_fen), standing.uscc


def _share(balance_fen: int, claims_fen: int) -> float:
    """For order alone."""
    return balance_fen / claims_fen if claims_fen else float("inf")


def _rank(standings: Sequence[CoverStanding]) -> list[District]:
    by_district: dict[str, list[CoverStanding]] = {}
    for standing in standings:
        by_district.setdefault(standing.district, []).append(standing)
    districts = [_district(code, members) for code, members in by_district.items()]
    return sorted(districts, key=_district_urgency)


def _district(code: str, members: Sequence[CoverStanding]) -> District:
    judged = [each for each in members if each.verdict in ("short", "covered")]
    return District(
        code,
        {verdict: sum(each.verdict == verdict for each in members) for verdict in VERDICTS},
        sum(each.balance_fen or 0 for each in judged),
        sum(each.liability_fen for each in judged),
        sum(each.claims_fen for each in judged),
        sum(each.shortfall_fen or 0 for each in judged),
    )


def _district_urgency(district: District) -> tuple[object, ...]:
    if district.counts["short"]:
        return 0, -district.shortfall_fen, district.district
    return (
        (1 if district.counts["undetermined"] else 2),
        -district.counts["undetermined"],
        district.district,
    )


def district_json(district: District) -> dict[str, Any]:
    """A district for the API."""
    return {
        "district": district.district,
        "institutions": district.counts,
        "balance_fen": district.balance_fen,
        "liability_fen": district.liability_fen,
        "claims_fen": district.claims_fen,
        "shortfall_fen": district.shortfall_fen,
        "cover": district.cover,
    }


def standing_json(standing: CoverStanding) -> dict[str, Any]:
    """An institution for the API."""
    return {
        "uscc": standing.uscc,
        "institution": standing.institution,
        "district": standing.district,
        "verdict": standing.verdict,
        "reason": standing.reason.both() if standing.reason else None,
        "balance_fen": standing.balance_fen,
        "balance_as_of": iso_or_none(standing.balance_as_of),
        "liability_fen": standing.liability_fen,
        "liability_low_fen": standing.liability_low_fen,
        "unexplained_fen": standing.unexplained_fen,
        "claims_fen": standing.claims_fen,
        "lessons_to": iso_or_none(standing.lessons_to),
        "contracts_to": iso_or_none(standing.contracts_to),
        "cover": standing.cover,
        "shortfall_fen": standing.shortfall_fen,
        "contracts": standing.contracts,
        "families": standing.families,
        "estimated_contracts": standing.estimated,
        "burn_fen": standing.burn_fen,
        "run_out_on": iso_or_none(standing.run_out_on),
        "stress_days": standing.stress_days,
    }


def warning_json(warning: EarlyWarning) -> dict[str, Any]:
    """What stands above the institutions in the API."""
    return {
        "indicator": LABEL._asdict(),
        "as_of": format_day(warning.as_of),
        "window_days": warning.window_days,
        "districts": [district_json(each) for each in warning.districts],
    }
