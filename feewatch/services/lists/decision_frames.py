"""What forms of the decision desk are held against: register, rule book, authorities, calendar."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.workdays import add_working_days
from feewatch.credit.advance_notice import DECIDED, DROPPED
from feewatch.credit.decision_form import read_decision
from feewatch.credit.decision_frame import DecisionFrame
from feewatch.credit.decisions import Decision
from feewatch.credit.objections import heard_in_defence
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.text import normalise
from feewatch.services.check.rulebook import rule_book
from feewatch.services.lists.decision_papers import DecisionFaultsError, Form
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions, notices, objections

_WINDOW = "decision_window_days"


class HeldForm(NamedTuple):
    """A form that stood: the decision, and the notice on file that came before it."""

    decision: Decision
    notice: Record | None


def days_of(app: App, name: str) -> int:
    """A number of working days among the parameters of lists."""
    days = rule_book(app).parameters[name].values[0].value
    assert isinstance(days, int)
    return days


def working_days_after(app: App, day: Day, name: str) -> Day:
    """The last of so many working days after a day, as a parameter of lists tells."""
    return add_working_days(day, days_of(app, name), app.holidays).day


def frame_of(app: App, tx: Transaction, form: Form, **rest: Any) -> DecisionFrame:
    """What a form is held against; ``rest``: further values of the frame."""
    uscc, premises_no = form.get("uscc"), form.get("premises")
    registered = decisions.find_registered(tx, uscc) if isinstance(uscc, str) else None
    if isinstance(premises_no, str) and not uscc:
        registered = decisions.find_premises(tx, premises_no)
    return DecisionFrame(
        terms=rule_book(app).credit_terms,
        today=today(),
        authorities=app.config.authorities,
        window_end=lambda served: working_days_after(app, served, _WINDOW),
        registered=registered,
        persons=decisions.find_persons(tx, _texts(form)),
        **rest,
    )


def hold_against(
    app: App, tx: Transaction, form: Form, file: str, *, imported: bool, own: int | None = None
) -> HeldForm:
    """A decision's form held against all that is on file.

    What is on record of a notice that it names stands for what the form says of service, window,
    defence and hearing. ``own``: the notice on which a decision rests already that is corrected.

    Raises: DecisionFaultsError with every fault.
    """
    of_party = _notices(tx, form)
    notice = _named(of_party, form, own)
    if notice is not None:
        form = _from_record(tx, form, notice)
    waiting = [] if own is not None else [row["number"] for row in of_party if not row["ended_at"]]
    frame = frame_of(
        app, tx, form, imported=imported, open_notices=waiting,
        notice=None if notice is None else notices.as_notice(notice),
    )  # fmt: skip
    decision, problems = read_decision(form, frame, file)
    if decision is None:
        raise DecisionFaultsError(problems)
    return HeldForm(decision, notice)


def _notices(tx: Transaction, form: Form) -> list[Record]:
    uscc, premises_no = form.get("uscc"), form.get("premises")
    if isinstance(uscc, str) and uscc:
        return notices.list_of_party(tx, uscc, None)
    return notices.list_of_party(tx, "", premises_no) if isinstance(premises_no, str) else []


def _named(of_party: list[Record], form: Form, own: int | None) -> Record | None:
    """The notice that a form names, if it may rest on it."""
    number = form.get("advance_notice")
    if not isinstance(number, str):
        return None
    for row in reversed(of_party):
        is_same = row["number"] == normalise(number) and row["state"] != DROPPED
        is_decided = row["state"] == DECIDED and row["end_reason"] != form.get("document")
        if is_same and (row["id"] == own or not is_decided):
            return row
    return None


def _from_record(tx: Transaction, form: Form, notice: Record) -> Mapping[str, Any]:
    said = objections.list_about(tx, objections.About(notice["id"]))
    kept = {key: value for key, value in form.items() if key not in _HEARD}
    known = {
        "notice_served_on": format_day(notice["served_on"]),
        "objection_until": format_day(notice["defend_until"]),
        "facts": notice["facts"],
    }
    return known | kept | heard_in_defence(said)


_HEARD = frozenset({"defence", "defence_answered_on", "hearing", "hearing_on"})


def _texts(form: Form) -> list[str]:
    """The texts of a form, those of its tables too."""
    texts = [normalise(value) for value in form.values() if isinstance(value, str)]
    for value in form.values():
        texts += _texts(value) if isinstance(value, Mapping) else []
    return texts
