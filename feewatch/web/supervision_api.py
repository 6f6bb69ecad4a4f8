"""Supervision through the API, reading alone: groups, draws, campaigns, meetings, pressure.

Persons of the office alone are let in: what a draw chose is not told to whoever is visited.
"""

from flask import Response, jsonify

from feewatch.kernel.people import OFFICE
from feewatch.rounds.scheme import GROUPS
from feewatch.services.rounds import campaigns, drawing, forms, groups, meetings, pressing
from feewatch.web import transfers_api
from feewatch.web.access import installation, only, person
from feewatch.web.forms import read_choice

room = transfers_api.room


@room.get("/groups")
@only(OFFICE)
def list_groups() -> Response:
    """Institutions with their groups today and what put them there."""
    rows = groups.list_groups(installation(), person.scope, read_choice("group", GROUPS))
    return jsonify(items=[forms.group_json(each) for each in rows])


@room.get("/draws")
@only(OFFICE)
def list_draws() -> Response:
    """Draws of visits, the last first."""
    rows = drawing.list_draws(installation(), person.scope)
    return jsonify(items=[forms.draw_row_json(row) for row in rows])


@room.get("/draws/<number>")
@only(OFFICE)
def get_draw(number: str) -> Response:
    """A draw, drawn again from its seed and pool."""
    return jsonify(forms.draw_json(drawing.get_draw(installation(), person.scope, number)))


@room.get("/campaigns")
@only(OFFICE)
def list_campaigns() -> Response:
    """Campaigns, the last first."""
    rows = campaigns.list_campaigns(installation(), person.scope)
    return jsonify(items=[forms.campaign_row_json(row) for row in rows])


@room.get("/campaigns/<number>")
@only(OFFICE)
def get_campaign(number: str) -> Response:
    """A campaign with its totals, member by member."""
    return jsonify(campaigns.get_campaign(installation(), person.scope, number).as_json())


@room.get("/meetings")
@only(OFFICE)
def list_meetings() -> Response:
    """Meetings of the departments, the last first."""
    rows = meetings.list_meetings(installation(), person.scope)
    return jsonify(items=[forms.meeting_row_json(row) for row in rows])


@room.get("/meetings/<number>")
@only(OFFICE)
def get_meeting(number: str) -> Response:
    """A meeting with what it asked for."""
    return jsonify(forms.meeting_json(meetings.get_meeting(installation(), person.scope, number)))


@room.get("/pressures")
@only(OFFICE)
def list_pressures() -> Response:
    """通报, 挂牌督办, 问责建议, and where the office's preset would let 问责 be proposed."""
    desk = pressing.read_desk(installation(), person.scope)
    return jsonify(
        items=[forms.pressure_json(row) for row in desk.rows],
        repeated=[forms.repeated_json(each) for each in desk.repeated],
        wanted=desk.wanted,
        months=desk.months,
    )
