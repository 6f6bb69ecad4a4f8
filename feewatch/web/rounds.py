"""The rounds on a phone: the own institutions, the form of a visit, visits handed in.

Every page works without a script; with it a visit waits on the phone while there is no connection.
"""

import io
import secrets

from flask import Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.clock import today
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import VISITORS
from feewatch.rounds.checklists import RESULTS, UNSEEN
from feewatch.services.rounds import pages
from feewatch.services.rounds.files import find_version
from feewatch.services.rounds.visiting import (
    ITEM_NOTE_MAX,
    KINDS,
    MOST_MB,
    NOTE_MAX,
    ItemSaid,
    Photo,
    VisitGiven,
    read_photo,
    record_visit,
)
from feewatch.store.rounds.visits import WantedVisits
from feewatch.web.access import Room, installation, only, person
from feewatch.web.assets import assets
from feewatch.web.forms import read_field, read_page, read_text
from feewatch.web.language import t

room = Room("rounds", __name__, may_enter=VISITORS, url_prefix="/rounds")
_INSPECTOR = frozenset({"inspector"})


@room.get("/")
def home() -> str:
    """The own institutions with what is missing, campaigns that run, the last visits."""
    return render_template("rounds/home.html", own=pages.read_own(installation(), person))


@room.get("/visits/")
@only(_INSPECTOR)
def listed() -> str:
    """The own visits."""
    wanted = WantedVisits(own=pages.own_only(person))
    page = pages.list_visits(installation(), person, wanted, read_page())
    return render_template("rounds/visits.html", page=page, kinds=KINDS)


@room.get("/visits/new")
def form() -> str:
    """The form of a visit to an institution or to premises, with a checklist or without."""
    found = pages.read_form(
        installation(),
        person,
        read_text("uscc", 18),
        read_text("premises", 60),
        read_text("checklist", 60),
        read_text("campaign", 40),
    )
    return render_template(
        "rounds/form.html",
        found=found,
        token=secrets.token_hex(16),
        kinds=KINDS,
        results=RESULTS,
        today=today(),
        most_mb=MOST_MB,
        note_max=NOTE_MAX,
        item_note_max=ITEM_NOTE_MAX,
    )


@room.post("/visits/new")
def hand_in() -> Redirect:
    """A visit is handed in; the same one twice is one."""
    kept = record_visit(installation(), _read_visit(), actor=person.name)
    if kept.is_new:
        flash(t(f"走访 {kept.number} 已记录", f"visit {kept.number}: on record"))
    page = "rounds.show" if person.role in _INSPECTOR else "round_desk.show"
    return redirect(url_for(page, number=kept.number))


@room.get("/visits/<number>")
@only(_INSPECTOR)
def show(number: str) -> str:
    """A visit with its results and what became of what it found."""
    found = pages.get_visit(installation(), person, number)
    return render_template("rounds/visit.html", found=found, kinds=KINDS, results=RESULTS)


@room.get("/visits/<number>/photos/<int:key>")
@only(_INSPECTOR)
def photo(number: str, key: int) -> Response:
    """A photo of a visit, to be saved."""
    name, content, media_type = pages.load_photo(installation(), person, number, key)
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)


@room.get("/token")
def token() -> Response:
    """Who is logged in and by which word their forms go: for visits that waited on a phone."""
    return jsonify(person=person.name, csrf_token=generate_csrf())


@room.get("/worker.js")
def worker() -> Response:
    """The script that keeps the form at hand while there is no connection."""
    content = assets()["rounds-worker.js"].content
    return Response(content, mimetype="text/javascript")


def _read_visit() -> VisitGiven:
    day = parse_day(read_field("on", 10))
    if day is None:
        raise InvalidInputError("DAY", "请填写日期", "give a day", field="on")
    name, version = request.form.get("checklist", "")[:60], request.form.get("version", "")[:40]
    checklist = find_version(installation(), name, version) if name else None
    items = [item.id for item in checklist.items] if checklist else []
    return VisitGiven(
        token=request.form.get("token", "")[:100],
        on=day,
        kind=request.form.get("kind", "")[:12],
        uscc=request.form.get("uscc", "")[:18],
        premises_no=request.form.get("premises", "")[:60],
        checklist=name,
        version=version,
        results={
            item: ItemSaid(
                request.form.get(f"result_{item}", UNSEEN)[:8],
                request.form.get(f"note_{item}", ""),
            )
            for item in items
        },
        note=request.form.get("note", ""),
        photos=[*_photos("photo", ""), *(p for i in items for p in _photos(f"photo_{i}", i))],
        campaign=request.form.get("campaign", "")[:40],
    )


def _photos(field: str, item: str) -> list[Photo]:
    files = request.files.getlist(field)
    return [read_photo(item, file.filename, file.read()) for file in files if file.filename]
