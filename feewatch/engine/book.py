"""The rule book in memory: sources, dated parameters, guided prices, facts and rules."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from feewatch.engine.credit_terms import NOTHING, CreditTerms
from feewatch.engine.grade_scheme import GradeScheme
from feewatch.engine.holidays import HolidayYear
from feewatch.engine.list_meanings import ListMeaning, meaning_json
from feewatch.engine.sources import NOTHING_SAID, LawReference, LawSource
from feewatch.kernel.citation import Citation
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

Authority = Literal["law", "local", "preset"]
#: How a measured figure is read: integers, except the two exact fractions and the text.
UNITS = ("fen", "lessons", "days", "months", "minutes", "fen_per_lesson", "ratio", "text")
#: The basis shown for an office preset: it never claims to be law.
PRESET = Citation("监测指标（本机关预设，非法律规定）", "", "", None, None, "preset")

#: Ratios are held in millionths, so that comparisons multiply whole numbers.
MILLION = 1_000_000


class ParameterValue(NamedTuple):
    """One value of a parameter in one place, for a span of days (both included)."""

    jurisdiction: str
    from_day: Day
    to_day: Day
    value: int | tuple[str, ...]  # ratios in millionths; word lists as tuples
    source: str | None  # None: an office preset
    article: str
    checked: dt.date
    whole: bool = False  # the document as a whole, for the reason stated
    reason: Text = NOTHING_SAID

    @property
    def reference(self) -> LawReference | None:
        """What the value rests on; None for an office preset."""
        if self.source is None:
            return None
        return LawReference(self.source, self.article, self.whole, self.reason)


@dataclass(frozen=True)
class Parameter:
    """A figure or word list that rules use, dated and by place."""

    id: str
    title: Text
    unit: str
    values: tuple[ParameterValue, ...]


@dataclass(frozen=True)
class InForce:
    """Where and when a rule is in force, with what authority, on what basis."""

    jurisdiction: str
    from_day: Day
    to_day: Day
    authority: Authority
    basis: tuple[LawReference, ...]
    applies: str | None  # an expression that narrows the subjects
    #: For a preset: the law that would apply if an officer found the breach; it claims nothing.
    would_apply: tuple[LawReference, ...] = ()


class MissingFact(NamedTuple):
    """Why a rule cannot judge: the first whose condition holds is the reason."""

    when: str
    reason: Text
    #: What makes it judgeable: a register, one of its columns, statements, a parameter, prices.
    enter: tuple[str, ...] = ()


class SeverityStep(NamedTuple):
    """The first step whose condition holds gives the severity."""

    when: str | None
    level: str


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule, as its file states it. Expressions are SQL over fact columns and parameters."""

    id: str
    version: str  # the first 12 digits of the hash of its file
    file: str
    title: Text
    department: Text
    competent: str  # the same as a word of kernel.departments, by which cases go to people
    fact: str
    subject: str
    unit: str
    applies: str | None
    measured: str
    limit: str | None
    breach: str
    ripe: str | None  # the as-of from which the subject is judged; default its law day
    due: tuple[str, ...]  # days on which the outcome may change with the same data
    cleared: str | None  # the day on which a breach that once stood ended
    is_state: bool
    needs: tuple[MissingFact, ...]
    severity: tuple[SeverityStep, ...]
    escalation: tuple[tuple[str, str], ...]  # (parameter of working days, severity)
    cause: str
    spell_days: int | None
    amount: str | None
    shown: dict[str, str]
    calculation: Text
    evidence: tuple[str, ...]
    cure: Text
    reading: Text
    parameters: tuple[str, ...]
    in_force: tuple[InForce, ...]


@dataclass(frozen=True)
class Price:
    """One line of the guided-price table."""

    place: str
    place_name: str
    stage: str  # compulsory = primary and junior
    mode: str
    class_from: int
    class_to: int
    price_fen: int
    float_ppm: int
    standard_minutes: int
    from_day: Day
    to_day: Day
    document: str
    certainty: str
    status: str  # in_force, expired, unconfirmed
    source: str = ""  # the document and its article, where they are on file
    article: str = ""

    @property
    def reference(self) -> LawReference | None:
        """The article on file that sets the price; None where only a number or nothing is."""
        return LawReference(self.source, self.article) if self.source else None

    @property
    def decides(self) -> bool:
        """Whether the price may decide anything; an unconfirmed one may not."""
        return self.status in ("in_force", "expired")


class FactColumn(NamedTuple):
    """What a column of a fact says."""

    name: str
    meaning: Text
    unit: str
    unknown: Text | None  # when it is NULL; None: never


class FactHead(NamedTuple):
    """What a fact says of itself, for people."""

    about: Text
    grain: tuple[str, ...]  # the columns that no two of its rows have alike
    columns: tuple[FactColumn, ...]
    #: What is dated some day touches no row of a day more than so many days before it; None: any.
    reach: int | None = None
    #: Columns added up from the first day on, of which a rule keeps the sums before a day.
    carries: tuple[str, ...] = ()
    #: The most that values of parameters may be for the fact to be right.
    bounds: tuple[tuple[str, int], ...] = ()
    #: The kinds of matches that it reads; none said: any.
    matches: tuple[str, ...] = ()
    #: Of one row an institution, which is the same until its data change: DATA, and days on which
    #: it changes by itself; empty: it is computed each time.
    kept: tuple[str, ...] = ()
    #: Columns that tell of as-of, whatever the day of the row: of them a severity alone may tell.
    today: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A named SELECT over the store: what rules are evaluated on."""

    id: str
    sql: str
    columns: tuple[str, ...]
    uses: tuple[str, ...]  # other facts it reads
    joins_law: bool  # it joins the table `law` itself, to use parameters inside
    parameters: tuple[str, ...] = ()  # those it uses inside
    head: FactHead = FactHead(Text("", ""), (), ())  # noqa: RUF009 - never changed


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Everything under rules/, checked."""

    version: str
    sources: dict[str, LawSource]
    parameters: dict[str, Parameter]
    prices: tuple[Price, ...]
    facts: dict[str, Fact]
    rules: dict[str, Rule]
    holidays: dict[int, HolidayYear] = field(default_factory=dict)
    credit_terms: CreditTerms = NOTHING
    list_meanings: dict[str, ListMeaning] = field(default_factory=dict)
    grade_schemes: dict[str, GradeScheme] = field(default_factory=dict)

    def certainty_of(self, reference: LawReference) -> str:
        """The certainty of the article that is referred to; none where it is not on file."""
        source = self.sources.get(reference.source)
        return source.certainty_of(reference) if source else "none"

    def cite(self, reference: LawReference) -> Citation:
        """The citation of a reference that lint has found to resolve."""
        return self.sources[reference.source].cite(reference)

    def meanings_json(self) -> dict[str, dict[str, Any]]:
        """What each list means, as editions carry it, consequences with their citation."""
        return {
            name: meaning_json(meaning, meaning.reference and self.cite(meaning.reference))
            for name, meaning in self.list_meanings.items()
        }
