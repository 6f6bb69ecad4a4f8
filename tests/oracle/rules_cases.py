"""CASE-OVERDUE: cases past their deadline, counted in working days."""

from datetime import date

from oracle.calendar_days import working_days
from oracle.verdicts import Verdict, Verdicts, outcome
from oracle.world import World

#: States in which nothing is left to do by a deadline.
DONE = ("closed", "rechecked", "dismissed")


def case_rules(world: World) -> Verdicts:
    for each in world.cases:
        if each.deadline is None or not date(2023, 10, 15) <= each.deadline <= world.as_of:
            continue
        days = working_days(each.deadline, world.as_of)
        yield Verdict("CASE-OVERDUE", each.uscc, "case", each.number, each.deadline,
                      outcome(each.state not in DONE and days > 0), days, 0, "red")  # fmt: skip
