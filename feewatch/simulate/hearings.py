"""What institutions say in a simulation: defences, hearings and objections, in time and late.

Drawn with the plan; each course says what the office has to do before its decision may go on.
"""

import datetime as dt
from random import Random
from typing import NamedTuple

from feewatch.casework.workdays import add_working_days
from feewatch.kernel.clock import SHANGHAI
from feewatch.kernel.days import Day, date_of, day_of

#: Working days between the answer to a request and its hearing, and in which one may object.
HEARING_DAYS, OBJECTION_DAYS = 7, 10
DEFENCE, HEARING, OBJECTION = "defence", "hearing", "objection"


class Answer(NamedTuple):
    """What the office answers, when, and the day of the hearing where it grants one."""

    at: dt.datetime
    outcome: str
    hearing_on: Day | None = None


class Said(NamedTuple):
    """A defence, a request for a hearing or an objection, with what becomes of it."""

    kind: str
    made: dt.datetime  # by the party itself, or in a letter that came on this day
    is_late: bool
    answers: tuple[Answer, ...] = ()
    withdrawn: dt.datetime | None = None
    on_paper: bool = False  # put on record by an officer on the day after

    @property
    def recorded(self) -> dt.datetime:
        """When it goes on record."""
        return self.made + dt.timedelta(days=1) if self.on_paper else self.made

    @property
    def heard(self) -> dt.datetime | None:
        """When nothing is left for the office to do about it."""
        return self.answers[-1].at if self.answers else self.withdrawn


class Course(NamedTuple):
    """What a party does about a notice that was served to it."""

    name: str  # none: the notice is not on file; silent, rejected, partly, withdrawn, late,
    # hearing, waits, upheld
    said: tuple[Said, ...] = ()
    ready: Day = 0  # the earliest day of a decision that heard it


SILENT = Course("none")
#: The last two are answered only after the decision was proposed.
_COURSES = ("none", "none", "none", "silent", "rejected", "partly", "withdrawn", "late", "hearing",
            "waits", "upheld")  # fmt: skip
AFTER_PROPOSAL = {"waits": "rejected", "upheld": "upheld"}


def draw_course(rng: Random, served_on: Day, until: Day, *, is_grave: bool) -> Course:
    """What a party does between a notice and its decision; the last day is in time to its end.

    ``is_grave``: what is intended gives a right to a hearing.
    """
    name = rng.choice(_COURSES)
    if name in ("none", "silent"):
        return Course(name)
    if name == "late":
        made = _moment(until + 1, 0, 30)
        answers = (Answer(made + dt.timedelta(hours=9), "rejected"),) * rng.randrange(2)
        return Course(name, (Said(DEFENCE, made, is_late=True, answers=answers),), until + 1)
    made = _moment(rng.choice((until, rng.randrange(served_on, until + 1))), rng.choice((14, 23)))
    if name in AFTER_PROPOSAL:
        return Course(name, (Said(DEFENCE, made, is_late=False),))
    if name == "withdrawn":
        taken = made + dt.timedelta(minutes=40)
        return Course(name, (Said(DEFENCE, made, is_late=False, withdrawn=taken),))
    if name == "hearing":
        return _hearing(rng, made, is_grave=is_grave)
    on_paper = rng.random() < 0.4
    answered = made + dt.timedelta(days=rng.randrange(2, 5))
    said = Said(DEFENCE, made, False, (Answer(answered, name),), on_paper=on_paper)
    return Course(name, (said,), day_of(answered.date()) + 1)


def _hearing(rng: Random, made: dt.datetime, *, is_grave: bool) -> Course:
    """Granted and held where there is a right to it, refused where there is none."""
    answered = made + dt.timedelta(days=1)
    if not is_grave:
        said = Said(HEARING, made, False, (Answer(answered, "rejected"),))
        return Course("hearing", (said,), day_of(answered.date()) + 1)
    on = add_working_days(day_of(answered.date()), HEARING_DAYS + rng.randrange(3)).day
    answers = (Answer(answered, "granted", on), Answer(_moment(on, 16), "held", on))
    return Course("hearing", (Said(HEARING, made, is_late=False, answers=answers),), on + 1)


def draw_objection(rng: Random, approved: dt.datetime) -> Said:
    """What an institution says against a decision, by the last day in time or on the next one."""
    until = add_working_days(day_of(approved.date()), OBJECTION_DAYS).day
    is_late = rng.random() < 0.3
    day = until + 1 if is_late else rng.choice((until, day_of(approved.date()) + 1))
    made = _moment(day, 22)
    outcome = "rejected" if is_late or rng.random() < 0.6 else "upheld"
    answers = (Answer(made + dt.timedelta(days=rng.randrange(1, 6)), outcome),)
    return Said(OBJECTION, made, is_late, answers if rng.random() < 0.8 else ())


def _moment(day: Day, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(date_of(day), dt.time(hour, minute), SHANGHAI)
