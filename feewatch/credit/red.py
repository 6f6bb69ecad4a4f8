"""Who may stand on ``credit_red``: stated conditions on grades that people have set. Pure.

A computed grade puts nobody anywhere, and nobody stands on a red and a black list at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from feewatch.credit.decisions import IN_FORCE, Decision
from feewatch.credit.grades import period_before, period_named
from feewatch.credit.lists import BLACKS
from feewatch.engine.grade_scheme import GradeScheme
from feewatch.kernel.days import Day, add_months, format_day
from feewatch.kernel.text import Text

GRADED = Text("评定等级符合信用红名单条件", "the grade that was set meets the conditions")
_GONE: dict[str, Text] = {
    "BLACK": Text("另有生效决定", "a decision in force stands against it"),
    "CLEAR": Text("另有生效决定", "a decision in force stands against it"),
    "VALID": Text("评定已满有效期", "the grade counts no more"),
    "WHITE": Text("不在白名单上", "it is not on the white list"),
}
#: Conditions that three persons or the end of a term settle.
_SETTLED = frozenset({"BLACK", "CLEAR", "VALID"})
_NOT_GRADED = Text(
    "评定等级不再符合信用红名单条件", "the grade does not meet the conditions any more"
)


class SetGrade(NamedTuple):
    """A grade of an institution that a person has set."""

    uscc: str
    name: str
    period: str
    to_day: Day
    scheme: str
    grade: str
    set_on: Day


class RedLine(NamedTuple):
    """One condition and whether it is met."""

    code: str
    is_met: bool
    text: Text


@dataclass(frozen=True, slots=True)
class RedStanding:
    """How an institution stands to ``credit_red``, condition by condition."""

    uscc: str
    name: str
    grade: str
    period: str
    lines: tuple[RedLine, ...]

    @property
    def is_red(self) -> bool:
        """Whether every condition is met."""
        return all(line.is_met for line in self.lines)

    @property
    def is_settled(self) -> bool:
        """Whether a decision or a day known in advance is against it, no mere computation."""
        return any(not line.is_met and line.code in _SETTLED for line in self.lines)

    @property
    def public_reason(self) -> Text:
        """Why there is no place, told without points."""
        missed = [line.code for line in self.lines if not line.is_met]
        return next((_GONE[code] for code in missed if code in _GONE), _NOT_GRADED)


def assess_red(
    scheme: GradeScheme,
    grades: Sequence[SetGrade],
    decisions: Collection[Decision],
    cut_off: Day,
    *,
    is_white: bool,
) -> RedStanding:
    """How an institution with grades that were set stands to ``credit_red`` at a cut-off.

    ``grades``: its own, the latest first, at least one; ``decisions``: those about it that three
    persons have made.
    """
    latest, red = grades[0], scheme.red
    assert red is not None
    valid_until = add_months(latest.to_day, red.valid_months)
    since = add_months(cut_off, -red.clear_months)
    counting = [each for each in decisions if not each.has_ended(cut_off)]
    black = sorted(each.document for each in counting if _bars(each, cut_off))
    recent = sorted(each.document for each in counting if each.decided_on > since)
    named, until = "、".join(red.grades), format_day(valid_until)
    lines = [
        RedLine(
            "BLACK",
            not black,
            Text(
                f"没有黑名单、信用黑名单决定{_listed(black)}",
                f"no decision for a black list{_listed(black)}",
            ),
        ),
        RedLine(
            "GRADE",
            _is_graded_so(scheme, grades),
            Text(
                f"连续 {red.periods} 期评定为 {named}（最近 {latest.period}：{latest.grade}）",
                f"graded {named} for {red.periods} periods (last {latest.period}: {latest.grade})",
            ),
        ),
        RedLine(
            "VALID", cut_off <= valid_until, Text(f"评定有效至 {until}", f"counts until {until}")
        ),
    ]
    if red.clear_months:
        months = red.clear_months
        text = Text(
            f"{months} 个月内没有生效决定{_listed(recent)}",
            f"no decision in {months} months{_listed(recent)}",
        )
        lines.append(RedLine("CLEAR", not recent, text))
    if red.white:
        lines.append(RedLine("WHITE", is_white, Text("在白名单上", "on the white list")))
    return RedStanding(latest.uscc, latest.name, latest.grade, latest.period, tuple(lines))


def _bars(decision: Decision, cut_off: Day) -> bool:
    """Whether a decision for a black list counts: published, or in its window before that."""
    is_over = decision.last_day is None or cut_off > decision.last_day
    return decision.list in BLACKS and decision.status == IN_FORCE and not is_over


def _listed(documents: Sequence[str]) -> str:
    return f"（{'、'.join(documents)}）" if documents else ""


def _is_graded_so(scheme: GradeScheme, grades: Sequence[SetGrade]) -> bool:
    """Whether the latest periods, on end, were graded by the scheme as it asks."""
    assert scheme.red is not None
    wanted = grades[: scheme.red.periods]
    if len(wanted) < scheme.red.periods:
        return False
    expected = wanted[0].period
    for each in wanted:
        period = period_named(scheme.period, each.period)
        if period is None or each.period != expected:
            return False
        if each.scheme != scheme.id or each.grade not in scheme.red.grades:
            return False
        expected = period_before(scheme.period, period).name
    return True


def red_entry(standing: RedStanding, subject: str, *, with_grade: bool) -> dict[str, Any]:
    """The entry of an institution; with its grade only where the scheme publishes grades."""
    shown = {"grade": standing.grade, "period": standing.period} if with_grade else {}
    return {"uscc": standing.uscc, "name": standing.name, "subject": subject, **shown}
