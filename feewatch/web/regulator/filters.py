"""What the address asks the lists of the desk for, read strictly."""

import datetime as dt
from dataclasses import replace

from flask import request

from feewatch.casework.cases import STATES
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.clock import now
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.services.desk.district import AGES
from feewatch.services.desk.today import read_since
from feewatch.store.pages import inbox
from feewatch.store.pages.board import SORTS, WAITS, WantedCases
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import installation, person
from feewatch.web.forms import read_choice, read_month_span, read_place, read_text, read_wanted

#: In place of a name: what nobody owns.
NOBODY = "-"
#: In place of a moment: since the person's visit before this one.
VISIT = "visit"


def read_wanted_cases() -> WantedCases:
    """What the address asks the board of cases for."""
    owner = read_text("owner", 60)
    return WantedCases(
        state=read_choice("state", STATES),
        waits=read_choice("waits", ("any", *WAITS)),
        owner="" if owner == NOBODY else owner,
        unowned=owner == NOBODY,
        severity=read_choice("severity", SEVERITIES),
        district=read_place("district"),
        text=read_text("text"),
        sort=read_choice("sort", SORTS),
        opened=_name_of(read_month_span("opened")),
        closed=read_month_span("closed"),
    )


def read_wanted_matters() -> inbox.Wanted:
    """What the address asks the inbox for: open matters, no historic ones, unless it says so."""
    owner = read_text("owner", 60)
    since = read_choice("since", (VISIT,))
    opened_after, opened_until = _moments_of_month() or _moments_of_age()
    return replace(
        read_wanted(status="open", historic=False),
        owner="" if owner == NOBODY else owner,
        unowned=owner == NOBODY,
        since=read_since(installation(), person) if since else opened_after,
        until=opened_until,
        not_ended="age" in request.args,
        correcting=read_choice("correcting", ("yes",)) == "yes",
        text=read_text("text"),
        sort=read_choice("sort", inbox.SORTS),
    )


def _moments_of_month() -> tuple[str, str] | None:
    """Between which moments a matter of the month of the address was opened; None: no month."""
    days = read_month_span("month")
    return (_name_of(days), format_day(days[1] + 1)[:7]) if days else None


def _name_of(month: tuple[Day, Day] | None) -> str:
    return format_day(month[0])[:7] if month else ""


def _moments_of_age() -> tuple[str, str]:
    """Between which moments a matter of the class of age of the address was opened; empty: any."""
    chosen = read_choice("age", [str(number) for number in range(len(AGES) + 1)])
    if not chosen:
        return "", ""
    ends = [(now() - dt.timedelta(days=days)).isoformat(timespec="seconds") for days in AGES]
    place = int(chosen)
    return ends[place] if place < len(ends) else "", ends[place - 1] if place else ""


def read_matters() -> list[int]:
    """The keys of the matters that a form has chosen.

    Raises: InvalidInputError for what is no key.
    """
    keys = {read_whole(key, MAX_KEY) for key in request.form.getlist("matter")}
    if None in keys:
        raise InvalidInputError("MATTER", "事项编号无效", "there is no such matter")
    return sorted(key for key in keys if key is not None)


def filters_of_address() -> dict[str, str]:
    """The filters of the address as they stand, without the page's number and empty ones."""
    return {name: value for name, value in request.args.items() if value and name != "page"}
