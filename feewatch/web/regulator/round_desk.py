"""The rounds on the desk: inspectors with their institutions, visits, what is missing."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day, parse_month
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.rounds.checklists import RESULTS
from feewatch.rounds.scheme import GROUPS
from feewatch.services.paging import Page, slice_of
from feewatch.services.rounds import inspectors, pages
from feewatch.services.rounds.files import list_checklists
from feewatch.services.rounds.plan import list_plan
from feewatch.services.rounds.visiting import KINDS
from feewatch.store.rounds.visits import WantedVisits
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import (
    read_choice,
    read_field,
    read_form_day,
    read_month_span,
    read_page,
    read_reason,
    read_text,
)
from feewatch.web.language import t
from feewatch.web.lists import file_of_list, whole
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns, round_columns

room = Room("round_desk", __name__, may_enter=OFFICE, url_prefix="/desk/rounds")


@room.get("/")
def home() -> str:
    """Inspectors with their institutions, the visits they owe, institutions of nobody."""
    return render_template(
        "regulator/rounds.html", desk=inspectors.read_desk(installation(), person.scope)
    )


@room.post("/")
@only(frozenset(CASEWORKERS))
@form_on("round_desk.home")
def assign() -> Redirect:
    """Institutions become an inspector's, or a substitute's for some days."""
    number = inspectors.assign(
        installation(),
        read_field("inspector", 60),
        read_field("usccs", 20_000).replace("，", " ").replace(",", " ").split(),
        actor=person.name,
        reason=read_reason(),
        first=read_form_day("from"),
        last=read_form_day("to"),
        is_substitute="substitute" in request.form,
    )
    flash(t(f"已分配 {number} 家机构", f"{number} institutions assigned"))
    return redirect(url_for("round_desk.home"))


@room.post("/release")
@only(frozenset(CASEWORKERS))
@form_on("round_desk.home")
def release() -> Redirect:
    """An institution is an inspector's no more."""
    name, uscc = read_field("inspector", 60), read_field("uscc", 18)
    inspectors.release(installation(), name, uscc, actor=person.name, reason=read_reason())
    flash(t("已解除分工", "released"))
    return redirect(url_for("round_desk.home"))


@room.get("/plan")
def planned() -> str | Response:
    """The plan of visits of a month: groups, inspectors, what is owed, checks by grade."""
    month = request.args.get("month") or format_day(today())[:7]
    days = read_month_span("month") or parse_month(month)
    assert days is not None
    places = list_plan(installation(), person.scope, *days)
    if file := file_of_list(Text("走访计划", "plan"), round_columns.PLANNED, whole(places)):
        return file
    number = read_page()
    size, start = slice_of(number)
    return render_template(
        "regulator/plan.html",
        page=Page(places[start : start + size], len(places), number),
        month=month,
        groups=GROUPS,
        missing=sum(place.missing for place in places),
        due=sum(place.is_check_due for place in places),
        alone=sum(not place.is_anybodys for place in places),
    )


@room.get("/visits/")
def listed() -> str | Response:
    """Visits by inspector, kind, institution and month."""
    wanted = WantedVisits(
        inspector=read_text("inspector", 60),
        kind=read_choice("kind", KINDS),
        uscc=read_text("uscc", 18),
        days=read_month_span("month"),
    )

    def read(number: int) -> Page:
        return pages.list_visits(installation(), person, wanted, number)

    if file := file_of_list(Text("走访", "visits"), list_columns.VISITS, read):
        return file
    return render_template(
        "regulator/visits.html",
        page=read(read_page()),
        wanted=wanted,
        month=request.args.get("month", ""),
        kinds=KINDS,
        filters={name: value for name, value in request.args.items() if name != "page"},
    )


@room.get("/visits/<number>")
def show(number: str) -> str:
    """A visit with its results, photos and the matters it led to."""
    found = pages.get_visit(installation(), person, number)
    return render_template("regulator/visit.html", found=found, kinds=KINDS, results=RESULTS)


@room.get("/visits/<number>/photos/<int:key>")
def photo(number: str, key: int) -> Response:
    """A photo of a visit, to be saved."""
    name, content, media_type = pages.load_photo(installation(), person, number, key)
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)


@room.get("/checklists")
def checklists() -> str:
    """The checklists in use, item by item."""
    in_use = list_checklists(installation(), today())
    return render_template("regulator/checklists.html", checklists=in_use)
