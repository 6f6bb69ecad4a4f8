"""The inbox of matters, a matter with its alerts, one alert with its law, arithmetic and rows."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.casework.matters import AUTHORITIES
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.cases import desk, steps
from feewatch.services.desk import views
from feewatch.services.desk.bulk import act_on_many, list_colleagues
from feewatch.services.desk.inbox import GROUPS, list_siblings, read_inbox
from feewatch.services.desk.views import list_views
from feewatch.services.paging import Page
from feewatch.store.pages.inbox import SORTS, STATUSES
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.faults import refuse_with
from feewatch.web.forms import (
    read_choice,
    read_field,
    read_page,
    read_reason,
    read_wanted,
    require_confirmation,
    safe_next,
)
from feewatch.web.language import t
from feewatch.web.lists import file_of_list
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns
from feewatch.web.regulator.filters import filters_of_address, read_matters, read_wanted_matters
from feewatch.web.sights import told_evidence

room = Room("desk", __name__, may_enter=OFFICE, url_prefix="/desk")


@room.get("/")
def inbox() -> str | Response:
    """Matters by institution, by rule or one by one."""
    wanted, by = read_wanted_matters(), read_choice("by", GROUPS) or GROUPS[0]

    def read_flat(number: int) -> Page:
        scope = person.scope
        return read_inbox(installation(), scope, wanted, "none", number, keeps=False).page

    title = Text("待办事项", "inbox")
    if file := file_of_list(title, list_columns.MATTERS, read_flat):
        return file
    read = read_inbox(installation(), person.scope, wanted, by, read_page())
    may_act = person.role in CASEWORKERS
    return render_template(
        "regulator/inbox.html",
        inbox=read,
        wanted=wanted,
        by=by,
        groups=GROUPS,
        sorts=SORTS,
        filters=filters_of_address(),
        severities=SEVERITIES[::-1],
        statuses=STATUSES,
        authorities=AUTHORITIES,
        views=list_views(installation(), person),
        may_act=may_act,
        colleagues=list_colleagues(installation()) if may_act else [],
        owners=sorted({*(name for name in read.facets["owner"] if name), person.name}),
        here=request.full_path.rstrip("?"),
    )


@room.get("/alerts")
def alerts() -> str | Response:
    """Alerts one by one, the most severe first."""
    wanted = read_wanted()

    def read(number: int) -> Page:
        return desk.list_alerts(installation(), person.scope, wanted, number).page

    if file := file_of_list(Text("预警", "alerts"), list_columns.ALERTS, read):
        return file
    return render_template(
        "regulator/alerts.html",
        found=desk.list_alerts(installation(), person.scope, wanted, read_page()),
        wanted=wanted,
        filters=filters_of_address(),
        severities=SEVERITIES[::-1],
        statuses=STATUSES,
        authorities=AUTHORITIES,
    )


@room.post("/bulk")
@only(frozenset(CASEWORKERS))
@form_on("desk.inbox")
def bulk() -> str:
    """One act on all matters chosen."""
    act = read_field("act", 20)
    require_confirmation(act)
    results = act_on_many(
        installation(),
        read_matters(),
        act,
        actor=person.name,
        reason=read_reason(),
        owner=request.form.get("owner", "")[:60],
    )
    back = safe_next(request.form.get("back")) or url_for("desk.inbox")
    return render_template("regulator/bulk.html", results=results, act=act, back=back)


@room.post("/views")
@form_on("desk.inbox")
def save_view() -> Response:
    """Keep the list as it is filtered now."""
    address = safe_next(request.form.get("address")) or ""
    views.save_view(installation(), person, read_field("title", views.TITLE_MOST), address)
    flash(t("视图已保存", "the view is saved"))
    return redirect(address)


@room.post(f"/views/<int(max={MAX_KEY}):key>/delete")
@form_on("desk.inbox")
def delete_view(key: int) -> Response:
    """Take a saved view away."""
    views.delete_view(installation(), person, key)
    flash(t("视图已删除", "the view is gone"))
    return redirect(safe_next(request.form.get("back")) or url_for("desk.inbox"))


@room.get(f"/matters/<int(max={MAX_KEY}):matter_id>")
def matter(matter_id: int) -> str:
    """A matter with its alerts, its law and cure, and the others of its institution."""
    app = installation()
    found = desk.get_matter(app, person.scope, matter_id)
    siblings = list_siblings(app, person.scope, matter_id)
    return render_template("regulator/matter.html", found=found, siblings=siblings)


@room.get("/alerts/<alert_id>")
def alert(alert_id: str) -> str:
    """An alert with everything it rests on."""
    found = desk.get_alert(installation(), person.scope, alert_id)
    return render_template("regulator/alert.html", found=found, **told_evidence(found))


@room.post(f"/matters/<int(max={MAX_KEY}):matter_id>/case")
@only(frozenset(CASEWORKERS))
@form_on("desk.matter")
def open_case(matter_id: int) -> Response:
    """Open a case over a matter and take its first step."""
    app, step, reason = installation(), read_field("step", 20), read_reason()
    require_confirmation(step)
    try:
        number = steps.open_case(app, [matter_id], actor=person.name, reason=reason, then=step)
    except ConflictError as refusal:  # another officer was quicker
        case = desk.get_matter(app, person.scope, matter_id).case
        if case is None:
            raise
        way = url_for("cases.show", number=case.number)
        return refuse_with(refusal, (way, t(f"查看案件 {case.number}", f"See case {case.number}")))
    flash(t(f"已立案 {number}", f"case {number} is open"))
    return redirect(url_for("cases.show", number=number))
