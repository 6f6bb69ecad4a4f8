"""The JSON API, version 1: reading. ``openapi.json`` beside this module describes it all."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, jsonify

from feewatch.casework.forms import alert_json
from feewatch.casework.proposals import MARK
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.errors import NotFoundError
from feewatch.services.cases import desk
from feewatch.services.check.early_warning import standing_json, warning_json
from feewatch.services.desk import inbox
from feewatch.services.lists import noticeboard
from feewatch.services.paging import Page
from feewatch.web.access import ANYONE, READERS, Room, installation, only, person
from feewatch.web.forms import read_district, read_page, read_place, read_text, read_wanted
from feewatch.web.regulator import monitoring
from feewatch.web.sights import shown_record, shown_subject

room = Room("api", __name__, may_enter=READERS, url_prefix="/api/v1")


@room.get("/matters")
def matters() -> Response:
    """Matters by severity and day."""
    found = inbox.list_matters(installation(), person.scope, read_wanted(), read_page())
    items = [_matter_json(row, is_waiting=row.id in found.correcting) for row in found.page.rows]
    return _listed(found.page, items)


@room.get("/alerts")
def alerts() -> Response:
    """Alerts by severity and day."""
    found = desk.list_alerts(installation(), person.scope, read_wanted(), read_page())
    items = [_alert_json(row, found.correcting) for row in found.page.rows]
    return _listed(found.page, items)


@room.get("/alerts/<alert_id>")
def alert(alert_id: str) -> Response:
    """One alert."""
    found = desk.get_alert(installation(), person.scope, alert_id)
    return jsonify(_alert_json(found.alert, {alert_id: found.correcting}))


@room.get("/institutions")
def institutions() -> Response:
    """Institutions by name."""
    page = desk.list_institutions(installation(), person.scope, read_text("text"), read_page())
    return _listed(page, [_institution_json(row) for row in page.rows])


@room.get("/findings")
def findings() -> Response:
    """Outcomes counted by rule, at the latest checks."""
    rows = desk.count_findings(installation(), person.scope)
    return jsonify(items=[_counts_json(row) for row in rows])


@room.get("/early-warning")
def early_warning() -> Response:
    """Could everyone be refunded tonight: an office indicator, the most urgent first."""
    found = monitoring.read_warning()
    page = monitoring.page_of(found)
    items = [standing_json(each) for each in page.rows]
    return jsonify(
        **warning_json(found), items=items, page=page.number, pages=page.last, total=page.total
    )


@room.get("/editions")
@only(ANYONE)
def editions() -> Response:
    """Every edition of a district, the newest first; of every district where none is named."""
    app, place = installation(), read_place("district")
    places = [place] if place else noticeboard.list_districts(app)
    rows = [row for each in places for row in noticeboard.list_editions(app, each)]
    return jsonify(items=[_edition_json(row) for row in rows])


@room.get("/lists")
@only(ANYONE)
def lists() -> Response:
    """The signed document of the latest edition: every list, its reasons, its signature.

    Of an office that publishes for the districts below it: which editions are the latest.
    """
    latest = _latest()
    if len(latest) == 1:
        # the bytes that were signed, not a copy that may differ in a space
        return Response(latest[0].head.document, mimetype="application/json")
    return jsonify(editions=[_edition_json(edition.head) for edition in latest])


@room.get("/lists/<name>")
@only(ANYONE)
def one_list(name: str) -> Response:
    """One list of the latest edition; of all the latest where no district is named."""
    held = [
        {**_edition_json(edition.head), "list": name, "entries": edition.lists[name]}
        for edition in _latest()
        if name in edition.lists
    ]
    if not held:
        raise NotFoundError("LIST-UNKNOWN", f"没有名单 {name}", f"there is no list {name}")
    return jsonify(held[0] if len(held) == 1 else {"list": name, "editions": held})


@room.get("/openapi.json")
@only(ANYONE)
def openapi() -> Response:
    """The description of this API."""
    return jsonify(description())


@cache
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    text = Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _latest() -> list[noticeboard.PostedEdition]:
    """The latest edition of the district named, else of the office's own, else of every district.

    Raises: NotFoundError where there is none.
    """
    app = installation()
    edition = noticeboard.find_latest(app, read_district())
    is_named = bool(read_place("district"))
    latest = [edition] if edition else [] if is_named else noticeboard.list_latest(app)
    if not latest:
        raise NotFoundError("EDITION-UNKNOWN", "尚未发布名单", "no lists have been published")
    return latest


def _listed(page: Page, items: list[dict[str, Any]]) -> Response:
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


def _matter_json(row: Any, *, is_waiting: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "uscc": row.uscc,
        "institution": row.name,
        "district": row.district,
        "rule": row.rule,
        "title": row.title,
        "authority": row.authority,
        "severity": row.severity,
        "status": row.status,
        "alerts": row.alerts,
        "sum_fen": row.sum_fen,
        "first_day": iso_or_none(row.first_day),
        "last_day": iso_or_none(row.last_day),
        "historic": row.historic,
        "opened_at": row.opened_at,
        "correction": MARK._asdict() if is_waiting else None,
    }


def _alert_json(row: Any, correcting: desk.Correcting) -> dict[str, Any]:
    shown = alert_json(row._mapping, correcting)
    shown["subject"]["id"] = shown_subject(row)
    shown["evidence"] = [
        {**each, "id": shown_record(each)} if "record" in each else each
        for each in shown["evidence"]
    ]
    return shown


def _institution_json(row: Any) -> dict[str, Any]:
    return {
        "uscc": row.uscc,
        "name": row.name,
        "district": row.district,
        "subject": row.subject,
        "nature": row.nature,
        "custody": row.custody,
        "licence_until": iso_or_none(row.licence_until),
        "open_matters": row.open_matters,
        "undetermined": row.undetermined,
    }


def _counts_json(row: Any) -> dict[str, Any]:
    return {
        "rule": row.rule,
        "as_of": iso_or_none(row.as_of),
        "evaluated": int(row.evaluated),
        "breaches": int(row.breaches),
        "undetermined": int(row.undetermined),
    }


def _edition_json(row: Any) -> dict[str, Any]:
    return {
        "district": row.district,
        "number": row.number,
        "cut_off": iso_or_none(row.cut_off),
        "sha256": row.sha256,
        "previous_sha256": row.previous_sha256,
        "rule_book": row.rule_book,
        "counts": row.counts,
        "published_at": row.published_at,
    }
