"""Why a breach is no longer found: a correction, by which it never was, or something that came.

``withdrawn`` is for corrections alone: an office's, an accepted one, a statement read again, a rule
changed. Whatever else ends a breach ended it, and it stays on record as one that was.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from feewatch.engine.findings import Identity
from feewatch.kernel.days import Day
from feewatch.kernel.text import Text

#: As many corrections or arrivals as a reason names; the history has all.
_MOST_NAMED = 5


class Correction(NamedTuple):
    """Something on file that was set right since the last check."""

    line: Text  # who, when, old -> new
    names: frozenset[str]  # numbers of contracts, courses, refunds, days that it is of
    alert_ids: frozenset[str] = frozenset()  # those of which it is known to be the correction
    of_all: bool = False  # of whatever there is, such as a rule
    days: tuple[Day, Day] | None = None  # of the bank's rows of these days alone


class Arrival(NamedTuple):
    """A row or statement that came since the last check."""

    kind: str
    key: str
    by: str
    at: str
    is_late: bool  # tells of a day that was judged already
    names: frozenset[str]

    @property
    def line(self) -> Text:
        """Which row, by whom, when; whether it came after the fact."""
        late = Text("事后补报 ", "reported late: ") if self.is_late else Text("", "")
        return Text(
            f"{late.zh}{self.kind} {self.key}（{self.by}，{self.at}）",
            f"{late.en}{self.kind} {self.key} ({self.by}, {self.at})",
        )

    def as_json(self) -> dict[str, Any]:
        """The arrival as the history of an alert keeps it."""
        facts = self._asdict()
        del facts["names"]
        return facts


class Ending(NamedTuple):
    """What explains that an alert is no breach any more."""

    correction: Text | None  # None: nothing on file was set right
    arrivals: Sequence[Arrival] = ()

    def told_with(self, reason: Text) -> Text:
        """The reason with what was set right, or what came meanwhile, late rows first."""
        corrected = [] if self.correction is None else [self.correction]
        came = sorted(self.arrivals, key=lambda arrival: not arrival.is_late)
        return _joined([reason, *corrected, *(each.line for each in came[:_MOST_NAMED])])


#: Explains the ending of the alert of an id and identity; True: its subject is gone altogether.
ExplainEnding = Callable[[str, Identity, bool], Ending]
#: Of a check to which nothing tells what changed.
UNEXPLAINED = Ending(None)


def explain_ending(
    alert_id: str,
    identity: Identity,
    names: frozenset[str],
    corrections: Iterable[Correction],
    arrivals: Sequence[Arrival],
    *,
    is_gone: bool,
) -> Ending:
    """What ended an alert that rests on the records of these names.

    Corrections of other records count only where nothing else came that may have ended it.
    """
    possible = [
        each for each in corrections if each.days is None or _retells(each.days, identity, is_gone)
    ]
    fitting = [each for each in possible if _is_of(each, alert_id, names)]
    came = [each for each in arrivals if not names or not each.names or each.names & names]
    if not fitting and not came:
        fitting = possible
    if fitting:
        return Ending(_joined([each.line for each in fitting[:_MOST_NAMED]]))
    return Ending(None, came)


def _is_of(correction: Correction, alert_id: str, names: frozenset[str]) -> bool:
    is_known = correction.of_all or correction.days is not None
    return is_known or alert_id in correction.alert_ids or bool(correction.names & names)


def _retells(days: tuple[Day, Day], identity: Identity, is_gone: bool) -> bool:
    """Whether rows of these days told anew can be why the subject of an alert is gone."""
    return is_gone and days[0] <= identity.on <= days[1]


def _joined(lines: Sequence[Text]) -> Text:
    return Text("；".join(line.zh for line in lines), "; ".join(line.en for line in lines))


def who_and_when(actor: str, at: str) -> Text:
    """By whom and on which day something was set right, as its line begins."""
    return Text(f"{actor} 于 {at[:10]} ", f"{actor} on {at[:10]} ")
