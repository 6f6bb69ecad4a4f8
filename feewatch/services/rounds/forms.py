"""Supervision in JSON: groups, draws, campaigns, meetings, pressure; terminals and API alike."""

from typing import Any

from feewatch.kernel.days import format_day, iso_or_none
from feewatch.services.rounds.drawing import DrawFile
from feewatch.services.rounds.groups import GroupStanding
from feewatch.services.rounds.meetings import MeetingFile
from feewatch.services.rounds.pressing import Repeated
from feewatch.store.pages import PageRow


def group_json(each: GroupStanding) -> dict[str, Any]:
    """An institution with its group, what put it there, and who moved it by hand."""
    move = each.move
    return {
        "uscc": each.uscc, "institution": each.name, "district": each.district,
        "group": each.group, "computed": each.computed.group, "facts": each.facts,
        "reasons": [
            {"fact": reason.condition.fact, "value": reason.value, "met": reason.is_met,
             "text": reason.text._asdict()}
            for reason in each.computed.reasons
        ],
        "move": None if move is None else {
            "group": move.to_group, "from": format_day(move.from_day),
            "until": format_day(move.to_day), "actor": move.actor, "reason": move.reason,
        },
    }  # fmt: skip


def draw_row_json(row: PageRow) -> dict[str, Any]:
    """A draw as lists show it."""
    return {
        "number": row.number, "district": row.district, "on": format_day(row.on_day),
        "actor": row.actor, "reason": row.reason, "seed": row.seed, "size": row.size,
        "pool": len(row.pool), "excluded": len(row.excluded), "drawn": list(row.drawn),
    }  # fmt: skip


def draw_json(found: DrawFile) -> dict[str, Any]:
    """A draw with all that it takes to draw again, and whether that gave the same."""
    row = found.draw
    return draw_row_json(row) | {
        "recent_days": row.recent_days,
        "pool": [
            {"uscc": uscc, "tickets": tickets, "group": group, "grade": grade}
            for uscc, tickets, group, grade in row.pool
        ],
        "excluded": [{"uscc": uscc, "visited_on": on} for uscc, on in row.excluded],
        "visits": found.made, "replayed": found.is_replayed,
    }  # fmt: skip


def campaign_row_json(row: PageRow) -> dict[str, Any]:
    """A campaign as lists show it."""
    return {
        "number": row.number, "title": row.title, "district": row.district, "about": row.about,
        "checklist": row.checklist, "from": format_day(row.from_day),
        "to": format_day(row.to_day), "opened_by": row.opened_by, "reason": row.reason,
        "members": row.members, "visits": row.visits,
    }  # fmt: skip


def meeting_row_json(row: PageRow) -> dict[str, Any]:
    """A meeting as lists show it."""
    return {
        "number": row.number, "district": row.district, "title": row.title,
        "held_on": format_day(row.held_on), "chair": row.chair,
        "departments": list(row.departments), "items": row._mapping["items"],
        "closed": row.closed, "past": row.past,
    }  # fmt: skip


def meeting_json(found: MeetingFile) -> dict[str, Any]:
    """A meeting with what it asked for and what came of it."""
    row = found.meeting
    return {
        "number": row.number, "district": row.district, "title": row.title,
        "held_on": format_day(row.held_on), "chair": row.chair,
        "departments": list(row.departments), "note": row.note,
        "items": [
            {"n": item.n, "text": item.text, "department": item.department,
             "due_on": format_day(item.due_on), "closed_on": iso_or_none(item.closed_on),
             "closed_by": item.closed_by, "result": item.result}
            for item in found.items
        ],
    }  # fmt: skip


def pressure_json(row: PageRow) -> dict[str, Any]:
    """A 通报, 挂牌督办 or 问责建议."""
    return {
        "id": row.id, "kind": row.kind, "uscc": row.uscc, "institution": row.name,
        "district": row.district, "document": row.document, "addressee": row.addressee,
        "on": format_day(row.on_day), "actor": row.actor, "reason": row.reason,
        "grounds": [
            {"rule": rule, "case": number, "on": on} for rule, number, on in row.grounds
        ],
        "lifted_on": iso_or_none(row.lifted_on), "lifted_by": row.lifted_by,
        "lift_document": row.lift_document, "lift_reason": row.lift_reason,
    }  # fmt: skip


def repeated_json(each: Repeated) -> dict[str, Any]:
    """Problems of one rule, so many that 问责 may be proposed."""
    return {
        "uscc": each.uscc, "institution": each.name, "district": each.district,
        "rule": each.rule,
        "problems": [{"case": number, "on": on} for number, on in each.problems],
    }  # fmt: skip
