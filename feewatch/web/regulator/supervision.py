"""Groups, draws, campaigns, meetings and pressure on the desk: listed, explained, decided."""

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.rounds.scheme import FACTS, GROUPS, NO_GROUP
from feewatch.services.cases.places import DISPOSALS
from feewatch.services.rounds import campaigns, drawing, groups, meetings, pressing
from feewatch.services.rounds.files import list_checklists, rounds_scheme
from feewatch.store.rounds.meetings import MeetingItem
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_field, read_form_day, read_reason
from feewatch.web.language import t
from feewatch.web.lists import file_of_list, whole
from feewatch.web.refused import form_on
from feewatch.web.regulator import round_columns

room = Room("supervision", __name__, may_enter=OFFICE, url_prefix="/desk/supervision")
_WORKERS = frozenset(CASEWORKERS)


@room.get("/groups")
def grouped() -> str | Response:
    """Institutions by group, each with the facts that put it there."""
    standings = groups.list_groups(installation(), person.scope)
    chosen = read_choice("group", GROUPS)
    shown = [each for each in standings if not chosen or each.group == chosen]
    if file := file_of_list(Text("分组", "groups"), round_columns.STANDINGS, whole(shown)):
        return file
    return render_template(
        "regulator/groups.html",
        standings=shown,
        counts=groups.count_groups(standings),
        chosen=chosen,
        groups=GROUPS,
        movable=[name for name in GROUPS if name != NO_GROUP],
        facts=FACTS,
        scheme=rounds_scheme(installation()),
    )


@room.post("/groups")
@only(_WORKERS)
@form_on("supervision.grouped")
def move() -> Redirect:
    """Put an institution into a group by hand until a day, or let it be computed again."""
    groups.move(
        installation(),
        read_field("uscc", 18),
        request.form.get("group", "")[:12],
        until=read_form_day("until"),
        actor=person.name,
        reason=read_reason(),
    )
    flash(t("分组已调整", "moved"))
    return redirect(url_for("supervision.grouped"))


@room.get("/draws")
def listed_draws() -> str | Response:
    """Draws of visits that nobody is told of."""
    rows = drawing.list_draws(installation(), person.scope)
    if file := file_of_list(Text("抽取", "draws"), round_columns.DRAWS, whole(rows)):
        return file
    return render_template(
        "regulator/draws.html",
        draws=rows,
        scheme=rounds_scheme(installation()),
        groups=GROUPS,
    )


@room.post("/draws")
@only(_WORKERS)
@form_on("supervision.listed_draws")
def make_draw() -> Redirect:
    """Draw institutions by a seed."""
    number = drawing.draw_visits(
        installation(),
        _number("size", 1000),
        actor=person.name,
        reason=read_reason(),
        seed=request.form.get("seed", "").strip()[:100] or None,
    )
    flash(t(f"已抽取：{number}", f"drawn: {number}"))
    return redirect(url_for("supervision.draw", number=number))


@room.get("/draws/<number>")
def draw(number: str) -> str:
    """A draw, drawn again from what is on record."""
    found = drawing.get_draw(installation(), person.scope, number)
    return render_template("regulator/draw.html", found=found, groups=GROUPS)


@room.get("/campaigns")
def listed_campaigns() -> str | Response:
    """Campaigns with members and visits counted."""
    rows = campaigns.list_campaigns(installation(), person.scope)
    if file := file_of_list(Text("专项督导", "campaigns"), round_columns.CAMPAIGNS, whole(rows)):
        return file
    return render_template(
        "regulator/campaigns.html",
        campaigns=rows,
        checklists=list_checklists(installation(), today()),
    )


@room.post("/campaigns")
@only(_WORKERS)
@form_on("supervision.listed_campaigns")
def open_campaign() -> Redirect:
    """A campaign over institutions or premises."""
    number = campaigns.open_campaign(
        installation(),
        read_field("title", 200),
        read_field("about", 12),
        read_field("checklist", 60),
        (_day("from"), _day("to")),
        actor=person.name,
        reason=read_reason(),
        members=request.form.get("members", "")[:20_000].split(),
    )
    flash(t(f"专项督导 {number} 已开始", f"campaign {number} has begun"))
    return redirect(url_for("supervision.campaign", number=number))


@room.get("/campaigns/<number>")
def campaign(number: str) -> str:
    """A campaign with its totals, member by member."""
    found = campaigns.get_campaign(installation(), person.scope, number)
    return render_template("regulator/campaign_of.html", found=found, disposals=DISPOSALS)


@room.post("/premises/<path:number>")
@only(_WORKERS)
@form_on("places.one_premises")
def dispose(number: str) -> Redirect:
    """Premises are disposed of."""
    campaigns.dispose(
        installation(), number, read_field("disposal", 12), _day("on"), actor=person.name,
        reason=read_reason(),
    )  # fmt: skip
    flash(t(f"场所 {number} 的处置已登记", f"premises {number}: disposed of"))
    return redirect(url_for("places.one_premises", number=number))


@room.get("/meetings")
def listed_meetings() -> str | Response:
    """Meetings of the departments."""
    rows = meetings.list_meetings(installation(), person.scope)
    if file := file_of_list(Text("协调会议", "meetings"), round_columns.MEETINGS, whole(rows)):
        return file
    return render_template("regulator/meetings.html", meetings=rows)


@room.post("/meetings")
@only(_WORKERS)
@form_on("supervision.listed_meetings")
def hold() -> Redirect:
    """A meeting that was held, with what each department has to do."""
    lines = request.form.get("items", "")[:20_000].splitlines()
    number = meetings.hold_meeting(
        installation(),
        read_field("title", 200),
        _day("on"),
        chair=read_field("chair", 100),
        departments=request.form.get("departments", "")[:2000].replace("、", " ").split(),
        items=[_item(line) for line in lines if line.strip()],
        actor=person.name,
        note=request.form.get("note", "")[:2000],
    )
    flash(t(f"会议 {number} 已记录", f"meeting {number}: on record"))
    return redirect(url_for("supervision.meeting", number=number))


@room.get("/meetings/<number>")
def meeting(number: str) -> str:
    """A meeting with its items."""
    found = meetings.get_meeting(installation(), person.scope, number)
    return render_template("regulator/meeting.html", found=found)


@room.post("/meetings/<number>")
@only(_WORKERS)
@form_on("supervision.meeting")
def close_item(number: str) -> Redirect:
    """An item is done."""
    meetings.close_item(
        installation(), number, _number("n", 1000), result=read_reason(), actor=person.name
    )
    flash(t("事项已办结", "closed"))
    return redirect(url_for("supervision.meeting", number=number))


@room.get("/pressure")
def pressed() -> str | Response:
    """通报, 挂牌督办, 问责建议, and where the office's preset would let 问责 be proposed."""
    desk = pressing.read_desk(installation(), person.scope)
    title = Text("通报与挂牌督办", "circulars and listings")
    if file := file_of_list(title, round_columns.PRESSURES, whole(desk.rows)):
        return file
    return render_template("regulator/pressure.html", desk=desk, kinds=pressing.KINDS)


@room.post("/pressure")
@only(_WORKERS)
@form_on("supervision.pressed")
def press() -> Redirect:
    """One of them is decided, or a listing lifted."""
    if "lift" in request.form:
        pressing.lift(
            installation(), _number("lift", 2**31 - 1), read_field("document", 120),
            actor=person.name, reason=read_reason(),
        )  # fmt: skip
        flash(t("挂牌督办已解除", "lifted"))
    else:
        pressing.press(
            installation(), read_field("uscc", 18), read_field("kind", 12),
            read_field("document", 120), actor=person.name, reason=read_reason(),
            on=read_form_day("on"), addressee=request.form.get("addressee", "")[:200],
        )  # fmt: skip
        flash(t("已记录", "on record"))
    return redirect(url_for("supervision.pressed"))


def _day(name: str) -> Day:
    day = parse_day(read_field(name, 10))
    if day is None:
        raise InvalidInputError("DAY", "请填写日期", "give a day", field=name)
    return day


def _number(name: str, most: int) -> int:
    number = read_whole(read_field(name, 10), most)
    if not number:
        raise InvalidInputError("NUMBER", "应为正整数", "a whole number is wanted", field=name)
    return number


def _item(line: str) -> MeetingItem:
    """An item typed on a line: day, department, text, with spaces between."""
    first, _, rest = line.strip().partition(" ")
    department, _, text = rest.strip().partition(" ")
    day = parse_day(first)
    if day is None or not text.strip():
        raise InvalidInputError(
            "MEETING-ITEM",
            "每行一项：期限 部门 内容，如 2026-09-30 市场监管局 核查价格公示",
            "one a line: day, department, text",
            field="items",
        )
    return MeetingItem(text.strip(), department, day)
