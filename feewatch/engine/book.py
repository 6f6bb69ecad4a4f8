"""The rule book in memory: sources, dated parameters, guided prices, facts and rules."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple

from feewatch.kernel.citation import Citation
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

Authority = Literal["law", "local", "preset"]
#: How a measured figure is read: integers, except the two exact fractions and the text.
UNITS = ("fen", "lessons", "days", "months", "minutes", "fen_per_lesson", "ratio", "text")
#: The basis shown for an office preset: it never claims to be law.
PRESET = Citation("监测指标(本机关预设,非法律规定)", "", "", None, None, "preset")


@dataclass(frozen=True)
class LawSource:
    """A document of law, as far as somebody has read it."""

    id: str
    title: Text
    number: str
    issuer: str
    issued: dt.date | None
    effective: dt.date | None
    repealed_by: str
    address: str
    certainty: str  # V1, V2; anything else is never shown as law
    checked: dt.date  # the day somebody last looked

    def cite(self, article: str) -> Citation:
        """The citation of an article of this document."""
        return Citation(
            self.title.zh,
            self.number,
            article,
            self.issued.isoformat() if self.issued else None,
            self.effective.isoformat() if self.effective else None,
            self.certainty,
            self.address,
        )


class ParameterValue(NamedTuple):
    """One value of a parameter in one place, for a span of days (both included)."""

    jurisdiction: str
    from_day: Day
    to_day: Day
    value: int | tuple[str, ...]  # ratios in millionths; word lists as tuples
    source: str | None  # None: an office preset
    article: str
    checked: dt.date


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
    basis: tuple[tuple[str, str], ...]  # (source id, article)
    applies: str | None  # an expression that narrows the subjects


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

    @property
    def decides(self) -> bool:
        """Whether the price may decide anything; an unconfirmed one may not."""
        return self.status in ("in_force", "expired")


@dataclass(frozen=True)
class Fact:
    """A named SELECT over the store: what rules are evaluated on."""

    id: str
    sql: str
    columns: tuple[str, ...]
    uses: tuple[str, ...]  # other facts it reads
    joins_law: bool  # it joins the table `law` itself, to use parameters inside
    parameters: tuple[str, ...] = ()  # those it uses inside


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Everything under rules/, checked."""

    version: str
    sources: dict[str, LawSource]
    parameters: dict[str, Parameter]
    prices: tuple[Price, ...]
    facts: dict[str, Fact]
    rules: dict[str, Rule]
