"""暂缓: a white place whose proof fails is not lost by a computation; an officer decides. Pure.

The institution stays listed while the hold runs, is told, and leaves by an officer's word, or
neutrally when nobody decided in time. A decision that is public needs no further word.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.credit.eligibility import Assessment
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

#: What an officer may say of a hold.
OUTCOMES: dict[str, Text] = {
    "keep": Text("保留", "keep"),
    "remove": Text("移出", "remove"),
}
#: Conditions that a decision in force ends at once.
_DECIDED = "DECISION"
ConditionKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that runs; ``outcome`` is empty until an officer decides."""

    uscc: str
    since: Day  # cut-off of the edition in which the proof failed
    due: Day  # the last cut-off at which it stays listed undecided
    outcome: str = ""
    #: The conditions it is about; None where it began before they were kept.
    about: frozenset[ConditionKey] | None = None

    def stays(self, cut_off: Day) -> bool:
        """Whether the place is kept at a cut-off."""
        return self.outcome == "keep" or (not self.outcome and cut_off <= self.due)

    def is_outgrown(self, assessment: Assessment) -> bool:
        """Whether it was kept by an officer who did not know of all that lacks now."""
        if self.outcome != "keep" or self.about is None:
            return False
        return not {line.key for line in assessment.lacking} <= self.about


class Held(NamedTuple):
    """What holds make of the white list at a cut-off."""

    entries: list[dict[str, Any]]  # that stay though their proof fails
    begun: list[Hold]
    ended: Mapping[str, str]  # by credit code: proven, decided, gone, left, outgrown
    neutral: frozenset[str]  # leave because nobody decided in time


def hold(
    before: Sequence[Mapping[str, Any]],
    assessments: Mapping[str, Assessment],
    running: Mapping[str, Hold],
    cut_off: Day,
    due: Callable[[Day], Day],
) -> Held:
    """Which of the places of the edition before are held.

    ``before``: its white entries; ``assessments`` and ``running`` by credit code; ``due``: the
    last day of a hold that begins on a day.
    """
    entries, begun, ended, neutral = [], [], {}, set()
    for entry in before:
        uscc = entry["uscc"]
        known, assessment = running.get(uscc), assessments.get(uscc)
        if assessment is None or assessment.state == "white" or _is_decided(assessment):
            if known is not None:
                ended[uscc] = _why_ended(assessment)
            continue
        if known is not None and known.is_outgrown(assessment):
            ended[uscc], known = "outgrown", None
        about = frozenset(line.key for line in assessment.lacking)
        held = known or Hold(uscc, cut_off, due(cut_off), about=about)
        if held.stays(cut_off):
            entries.append({**entry, "name": assessment.standing.name})
            if known is None:
                begun.append(held)
        else:
            ended[uscc] = "left"
            if not held.outcome:
                neutral.add(uscc)
    # one that left the list by a decision or the register, and with it the hold
    ended |= {uscc: "gone" for uscc in running if uscc not in {each["uscc"] for each in before}}
    return Held(entries, begun, ended, frozenset(neutral))


def write_conditions(assessment: Assessment) -> list[dict[str, str]]:
    """The conditions that lack, as a hold keeps them."""
    return [
        {"code": line.code, "datum": line.datum, **line.text._asdict()}
        for line in assessment.lacking
    ]


def read_conditions(lines: Iterable[Mapping[str, str]]) -> frozenset[ConditionKey] | None:
    """What a kept hold is about; None for one that began before this was kept."""
    kept = list(lines)
    if not all("code" in line for line in kept):
        return None
    return frozenset((line["code"], line["datum"]) for line in kept)


def _is_decided(assessment: Assessment) -> bool:
    return any(line.code == _DECIDED and line.verdict == "failed" for line in assessment.lines)


def _why_ended(assessment: Assessment | None) -> str:
    if assessment is None:
        return "gone"
    return "proven" if assessment.state == "white" else "decided"
