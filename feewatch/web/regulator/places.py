"""Premises with what became of them, totals of a campaign, and clues with what is made of them."""

import io
from typing import get_args

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day, parse_month
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.cases import clues, places
from feewatch.services.paging import Page
from feewatch.services.reports.handing_back import days_late, get_back_form, write_answers
from feewatch.store.pages.places import WantedClues, WantedPremises
from feewatch.web.access import Room, installation, only, person
from feewatch.web.formats import XLSX
from feewatch.web.forms import (
    read_choice,
    read_form_key,
    read_page,
    read_place,
    read_reason,
    read_text,
)
from feewatch.web.language import t
from feewatch.web.lists import file_of_list
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns

#: The form in which answers go back to the hotline.
ANSWERS = "hotline-answers"

room = Room("places", __name__, may_enter=OFFICE, url_prefix="/desk")


@room.get("/premises")
def premises() -> str | Response:
    """Premises found, by state, disposal, district and month."""
    wanted = _wanted_premises()

    def read(number: int) -> Page:
        return places.list_premises(installation(), person.scope, wanted, number).page

    if file := file_of_list(Text("场所", "premises"), list_columns.PREMISES, read):
        return file
    return render_template(
        "regulator/premises_list.html",
        found=places.list_premises(installation(), person.scope, wanted, read_page()),
        wanted=wanted,
        month=request.args.get("month", ""),
        states=places.STATES,
        disposals=places.DISPOSALS,
        filters=_filters(),
    )


@room.get("/premises/one/<path:number>")
def one_premises(number: str) -> str:
    """Premises with their history and the decisions that name them."""
    found = places.get_premises(installation(), person.scope, number)
    return render_template(
        "regulator/premises.html", found=found, states=places.STATES, disposals=places.DISPOSALS
    )


@room.get("/premises/campaign")
def campaign() -> str:
    """Totals of a campaign against missing papers, by month, state and disposal."""
    wanted = _wanted_premises()
    return render_template(
        "regulator/campaign.html",
        campaign=places.read_campaign(installation(), person.scope, wanted),
        states=places.STATES,
        disposals=places.DISPOSALS,
        filters=_filters(),
    )


@room.get("/premises/campaign.csv")
@form_on("places.premises")
def campaign_csv() -> Response:
    """The same for a spreadsheet."""
    content = places.campaign_csv(_read_campaign())
    head = {"Content-Disposition": "attachment; filename=campaign.csv"}
    return Response(content, mimetype="text/csv; charset=utf-8", headers=head)


@room.get("/premises/campaign.xlsx")
@form_on("places.premises")
def campaign_workbook() -> Response:
    """The same as a workbook."""
    content = io.BytesIO(places.campaign_workbook(_read_campaign()))
    return send_file(content, XLSX, as_attachment=True, download_name="campaign.xlsx")


@room.get("/clues")
def listed_clues() -> str | Response:
    """Clues received, by state, source, district and month."""
    wanted = WantedClues(
        read_choice("state", places.CLUE_STATES),
        read_choice("source", places.SOURCES),
        read_place("district"),
        _read_month(),
        read_text("text"),
        today() if read_choice("late", ("1",)) else None,
    )

    def read(number: int) -> Page:
        return places.list_clues(installation(), person.scope, wanted, number).page

    if file := file_of_list(Text("线索", "clues"), list_columns.CLUES, read):
        return file
    return render_template(
        "regulator/clues.html",
        found=places.list_clues(installation(), person.scope, wanted, read_page()),
        wanted=wanted,
        month=request.args.get("month", ""),
        states=places.CLUE_STATES,
        sources=places.SOURCES,
        filters=_filters(),
        days_late=days_late,
        answers=get_back_form(installation().config, ANSWERS, "answers"),
    )


@room.get("/clues/answers.csv")
@form_on("places.listed_clues")
def answers_csv() -> Response:
    """Answers to the hotline's work orders, as its system reads them."""
    head = {"Content-Disposition": "attachment; filename=answers.csv"}
    return Response(_answers("csv"), mimetype="text/csv; charset=utf-8", headers=head)


@room.get("/clues/answers.xlsx")
@form_on("places.listed_clues")
def answers_workbook() -> Response:
    """The same as a workbook."""
    content = io.BytesIO(_answers("xlsx"))
    return send_file(content, XLSX, as_attachment=True, download_name="answers.xlsx")


@room.get("/clues/one/<path:number>")
def clue(number: str) -> str:
    """A clue with what was made of it and what may be."""
    found = places.get_clue(installation(), person.scope, number)
    return render_template(
        "regulator/clue.html",
        found=found,
        states=places.CLUE_STATES,
        sources=places.SOURCES,
        acts=clues.acts_on(found.clue.state),
        days_late=days_late,
        answer_most=clues.ANSWER_MOST,
    )


@room.post("/clues/one/<path:number>")
@only(frozenset(CASEWORKERS))
def act_on_clue(number: str) -> Answer:
    """Link a clue to a matter, open a case by it, or settle it."""
    acts: tuple[clues.Act, ...] = get_args(clues.Act)
    act = next((each for each in acts if each == request.form.get("act")), None)
    if act is None:
        raise InvalidInputError("CHOICE", "请选择如何处理", "choose what to make of it")
    case_number = clues.act_on_clue(
        installation(),
        number,
        act,
        actor=person.name,
        reason=read_reason(),
        matter_id=read_form_key("matter"),
        answered_on=_read_answered(),
        answer=request.form.get("answer", ""),
    )
    flash(t(f"线索 {number} 已记录", f"clue {number}: on record"))
    if case_number is not None:
        return redirect(url_for("cases.show", number=case_number))
    return redirect(url_for("places.clue", number=number))


def _answers(file: str) -> bytes:
    """The answers given in the month asked for, or ever."""
    done = write_answers(
        installation(), person.scope, _read_month(), actor=person.name, file=file, form=ANSWERS
    )
    return done.content


def _wanted_premises() -> WantedPremises:
    return WantedPremises(
        read_choice("state", places.STATES),
        read_choice("disposal", places.DISPOSALS),
        read_place("district"),
        _read_month(),
        read_text("text"),
    )


def _read_campaign() -> places.Campaign:
    return places.read_campaign(installation(), person.scope, _wanted_premises())


def _read_month() -> tuple[Day, Day] | None:
    text = request.args.get("month", "")
    days = parse_month(text) if text else None
    if text and days is None:
        raise InvalidInputError("MONTH", "月份应为 YYYY-MM", "a month is YYYY-MM", field="month")
    return days


def _read_answered() -> Day | None:
    text = request.form.get("answered_on", "").strip()
    day = parse_day(text) if text else None
    if text and day is None:
        raise InvalidInputError(
            "DAY",
            "答复日期应为 YYYY-MM-DD",
            "the answer's day is YYYY-MM-DD",
            field="answered_on",
        )
    return day


def _filters() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "page"}
