"""What an evaluation gives: findings of three values, and breaches with all an officer needs."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from feewatch.kernel.citation import Citation
from feewatch.kernel.days import Day
from feewatch.kernel.departments import BY_SUBJECT
from feewatch.kernel.text import Text

Outcome = Literal["breach", "compliant", "undetermined"]
#: From the least to the most severe.
SEVERITIES = ("notice", "yellow", "orange", "red")
UNSAID = Text("", "")


class Identity(NamedTuple):
    """What makes two breaches the same alert."""

    rule: str
    uscc: str  # empty for a statement of an unregistered account
    subject_kind: str
    subject_id: str
    on: Day


@dataclass(frozen=True, slots=True)
class Finding:
    """The present outcome of one rule on one subject."""

    identity: Identity
    institution_id: int | None
    district: str
    outcome: Outcome
    reason: Text | None = None  # why undetermined
    #: The day a breach that once stood came to an end (paid late, topped up); None: never was.
    cleared_on: Day | None = None
    severity: str | None = None  # of a breach
    is_held: bool = False  # it would be over, were the institution's own word enough


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach with everything that is frozen when its alert opens."""

    identity: Identity
    institution_id: int | None
    institution_name: str
    district: str
    rule_version: str
    authority: str  # law, local, preset
    title: Text
    measured: int | str | None
    limit: int | str | None
    unit: str
    severity: str
    calculation: Text
    basis: tuple[Citation, ...]
    evidence: tuple[dict[str, Any], ...]  # {file_sha256, line} or {record, id}
    cure: Text
    cause: str  # with rule and institution: the matter it belongs to
    #: Days apart up to which two breaches are one spell; None: the cause alone decides.
    spell_days: int | None
    amount_fen: int | None  # what the matter adds up
    historic: bool
    #: State rules hold one alert while the state lasts, whatever the as-of (`on` is the first).
    is_state: bool
    #: (working days of the spell, severity) steps that a lasting state climbs, if any.
    escalation: tuple[tuple[int, str], ...] = ()
    jurisdiction: str = ""  # whose law it is: the place of the block in force
    #: The parameters used: {parameter, title, value, jurisdiction, from, document}, in words.
    values: tuple[dict[str, Any], ...] = ()
    reading: Text = UNSAID
    #: For a preset: the law that would apply to what an officer finds; it is no basis.
    would_apply: tuple[Citation, ...] = ()
    competent: str = BY_SUBJECT  # whose department it is for: see kernel.departments
