"""定时任务: what each job did and will do, whether the scheduler lives, and its pauses."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.people import OFFICE, SYSTEM
from feewatch.services import timetable as service
from feewatch.services.jobs import JOB_TITLES
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_field, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("scheduling", __name__, may_enter=OFFICE | SYSTEM, url_prefix="/desk/scheduler")


@room.get("/")
def show() -> str:
    """The jobs with their last and next runs, what went wrong, and pauses."""
    timetable = service.read_timetable(installation())
    return render_template(
        "regulator/scheduler.html",
        timetable=timetable,
        complaints=service.list_complaints(timetable),
        titles=JOB_TITLES,
        may_pause=service.list_pausable(person.role),
        ways=service.HOLIDAY_WAYS,
    )


@room.post("/")
@only(service.PAUSERS)
@form_on("scheduling.show")
def turn() -> Response:
    """Pause a job or all, or resume it."""
    job, change = read_field("job", 24), read_field("change", 10)
    act = service.resume if change == "resume" else service.pause
    act(installation(), "" if job == "all" else job, actor=person.name, reason=read_reason())
    flash(t("已恢复", "resumed") if change == "resume" else t("已暂停", "paused"))
    return redirect(url_for("scheduling.show"))
