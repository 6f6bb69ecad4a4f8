"""Who may stand on the white list, explained line by line. Positive proof, never lack of alarm.

Alerts are no input here: what no officer has confirmed changes no list.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from feewatch.credit.lists import UNRATED
from feewatch.credit.white_terms import WhiteTerms
from feewatch.engine.findings import Outcome
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

Verdict = Literal["met", "missing", "failed"]
#: Who can supply what lacks. The institution's own word alone proves nothing.
Supplier = Literal["bank", "office", "institution"]
COVER_RULES = ("BAL-COVER", "DEP-MIN")
#: Before the name of a register: days for which the institution alone says that it is whole.
CLAIMED = "claimed/"


class Range(NamedTuple):
    """Days for which something is known, both ends included."""

    first: Day
    last: Day


class AccountsNeeded(NamedTuple):
    """What a custody mode asks for."""

    account_kinds: tuple[str, ...]
    rules: tuple[str, ...]


NEEDS: dict[str, AccountsNeeded] = {
    "bank_custody": AccountsNeeded(("fee",), ("BAL-COVER",)),
    "risk_deposit": AccountsNeeded(("fee", "deposit"), ("DEP-MIN",)),
    "both": AccountsNeeded(("fee", "deposit"), ("BAL-COVER", "DEP-MIN")),
}


class Cover(NamedTuple):
    """What a cover rule says at the cut-off, and the money it compared."""

    outcome: Outcome
    balance_fen: int | None = None
    needed_fen: int | None = None
    reason: Text | None = None  # why it cannot be judged
    only_proven: bool = False  # judged without what the institution alone tells


#: By rule: what it says of all data and, where the institution tells alone, of the rest.
Covers = Mapping[str, Sequence[Cover]]


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A fee or deposit account that is open at the cut-off."""

    account_no: str
    kind: str
    opened_on: Day | None
    covered: tuple[Range, ...]  # by bank or office, or confirmed by the bank
    claimed: tuple[Range, ...] = ()  # by the institution alone: they prove nothing
    told: tuple[tuple[str, Range], ...] = ()  # the same with whose word each is


@dataclass(frozen=True, slots=True)
class WhiteListStanding:
    """What is on file about one institution at a cut-off."""

    institution_id: int
    uscc: str
    name: str
    district: str
    subject: str
    custody: str
    licence_until: Day | None
    renewal_applied_on: Day | None
    accounts: tuple[AccountFacts, ...]
    #: contracts and lessons by the office's word; behind ``CLAIMED`` by the institution's own.
    registers: Mapping[str, tuple[Range, ...]]
    unexplained_fen: int = 0  # received and explained by no contract, up to the cut-off
    receipts_fen: int = 0  # received in the year up to the cut-off
    #: Cases with a 督办单 served at or before the cut-off and not closed by then.
    served_cases: tuple[str, ...] = ()
    #: By cover rule the first day of the breach that stands, where one is on file. For display.
    short_since: Mapping[str, Day] = field(default_factory=dict)


class Line(NamedTuple):
    """One condition and how it stands."""

    code: str
    verdict: Verdict
    text: Text
    datum: str = ""  # which account, register, rule, case or document
    figure: Text | None = None
    since: Day | None = None  # the first day for which it lacks, where that is known
    suppliers: tuple[Supplier, ...] = ()
    words: tuple[Supplier, ...] = ()  # whose word proves it; empty where nobody's does

    @property
    def key(self) -> tuple[str, str]:
        """What is the same condition at another cut-off."""
        return self.code, self.datum


@dataclass(frozen=True, slots=True)
class Assessment:
    """Whether an institution has a place on the white list, and every reason for the answer."""

    standing: WhiteListStanding
    lines: tuple[Line, ...]

    @property
    def state(self) -> Literal["white", "unrated", "not_listed"]:
        """A failed condition excludes; missing facts leave the institution unrated."""
        verdicts = {line.verdict for line in self.lines}
        if "failed" in verdicts:
            return "not_listed"
        return "unrated" if "missing" in verdicts else "white"

    @property
    def lacking(self) -> tuple[Line, ...]:
        """The conditions that are not met."""
        return tuple(line for line in self.lines if line.verdict != "met")

    @property
    def public_reason(self) -> Text:
        """Why there is no place, told without cover figures, alerts or cases."""
        failed = {line.code for line in self.lines if line.verdict == "failed"}
        if "DECISION" in failed:
            return Text("另有生效决定", "a decision in force stands against it")
        if "LICENCE" in failed:
            return Text("办学许可证不在有效期内", "the licence is not valid")
        if failed:
            return Text("不再符合白名单条件", "the conditions of the white list are not all met")
        return UNRATED


def worst(covers: Iterable[Cover], terms: WhiteTerms) -> tuple[Cover, bool] | None:
    """Of what a rule says the outcome that counts, and whether its shortfall is slight.

    What the institution alone tells proves nothing: of all data and of the proven the worse counts.
    """
    judged = [(cover, _is_slight(cover, terms)) for cover in covers]
    return max(judged, key=_badness, default=None)


def _is_slight(cover: Cover, terms: WhiteTerms) -> bool:
    if cover.outcome != "breach" or cover.balance_fen is None or cover.needed_fen is None:
        return False
    return terms.is_slight(cover.needed_fen, cover.balance_fen)


def _badness(judged: tuple[Cover, bool]) -> tuple[int, int]:
    cover, is_slight = judged
    rank = {"compliant": 0, "undetermined": 2, "breach": 1 if is_slight else 3}[cover.outcome]
    return rank, (cover.needed_fen or 0) - (cover.balance_fen or 0)


def is_covered(ranges: Iterable[Range], window: Range) -> bool:
    """Whether ranges, which may touch or overlap, leave no day of the window unknown."""
    return first_gap(ranges, window) is None


def first_gap(ranges: Iterable[Range], window: Range) -> Day | None:
    """The first day of the window that no range covers; None where there is none."""
    next_day = window.first
    for covered in sorted(ranges):
        if covered.first > next_day:
            break
        next_day = max(next_day, covered.last + 1)
    return None if next_day > window.last else next_day


def count_covered(ranges: Iterable[Range], window: Range) -> int:
    """How many days of the window ranges cover."""
    days, next_day = 0, window.first
    for first, last in sorted(ranges):
        start, end = max(first, next_day), min(last, window.last)
        days += max(0, end - start + 1)
        next_day = max(next_day, end + 1)
    return days


def words_of(told: Iterable[tuple[str, Range]], window: Range) -> Collection[str]:
    """Whose words reach into a window."""
    return {word for word, (first, last) in told if first <= window.last and last >= window.first}
