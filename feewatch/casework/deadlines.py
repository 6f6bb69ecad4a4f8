"""Deadlines in working days that a step sets unless the officer names a day.

No law fixes them: they are an office's presets, and an officer may set any later day.
"""

from feewatch.casework.workdays import WorkingDay, add_working_days
from feewatch.engine.holidays import Holidays
from feewatch.kernel.days import Day

#: 15 working days are the usual term of a 责令限期整改 for training institutions.
WORKING_DAYS: dict[str, int] = {"notify": 15, "return": 10, "reopen": 15}


def default_deadline(step: str, today: Day, holidays: Holidays | None = None) -> WorkingDay:
    """The last day for a step taken today."""
    return add_working_days(today, WORKING_DAYS[step], holidays)
