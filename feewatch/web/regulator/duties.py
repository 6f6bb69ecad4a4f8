"""Today of those who do no casework: rule editors and the three administrators."""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import render_template, url_for

from feewatch.kernel.days import format_day
from feewatch.kernel.text import Text
from feewatch.services.duties import DAYS, Duties, read_duties
from feewatch.services.people.separation import STATES
from feewatch.web.access import installation, person


class Duty(NamedTuple):
    """A count with the page that lists what it counts."""

    title: Text
    endpoint: str
    filters: dict[str, str] = {}  # noqa: RUF012 - never changed
    tone: str = ""


_ROLES = Duty(Text("角色提请待您确认", "roles for you to confirm"), "people.listed", {}, "yellow")
_HELD = Duty(
    Text("重置的登录待您确认", "reset log-ins for you to confirm"), "people.listed", {}, "yellow"
)
#: What each role begins with.
DUTIES: dict[str, dict[str, Duty]] = {
    "rule_editor": {
        "mostly_dismissed": Duty(
            Text("半数以上不予处理的规则", "rules dismissed more often than not"),
            "monitoring.noise", {"sort": "-dismissed_share"}, "orange",
        ),
        "presets": Duty(
            Text("含本机关预设的规则", "rules that rest on presets"), "monitoring.noise"
        ),
        "rules": Duty(Text("有预警的规则", "rules with alerts"), "monitoring.noise"),
        "drafts": Duty(
            Text("草案改动的规则", "rules that drafts change"), "drafts.shadow", {}, "yellow"
        ),
    },
    "system_admin": {
        "complaints": Duty(
            Text("系统各部分的问题", "complaints of the system"), "conditions.show", {}, "red"
        ),
        "failed_runs": Duty(
            Text("七日内失败的定时任务", "runs failed in 7 days"), "scheduling.show", {}, "red"
        ),
        "pushes_failed": Duty(Text("推送失败", "pushes given up on"), "push.listed", {}, "red"),
        "roles": _ROLES,
        "held": _HELD,
    },
    "security_admin": {
        "roles": _ROLES,
        "held": _HELD,
        "must_change": Duty(
            Text("尚未更改初始密码", "first password not changed yet"), "people.listed", {},
            "orange",
        ),
        "no_factor": Duty(
            Text("应启用而未启用动态码", "without the second factor that is wanted"),
            "people.listed", {}, "orange",
        ),
    },
    "audit_admin": {
        "failed_log_ins": Duty(
            Text("登录失败", "failed log-ins"), "audit.listed", {"action": "log_in.failed"},
            "orange",
        ),
        "refused": Duty(
            Text("被拒绝的操作", "requests refused"), "audit.listed", {"action": "request.refused"},
            "orange",
        ),
        "read": Duty(
            Text("查看个人信息", "personal data read"), "audit.listed", {"action": "personal.read"}
        ),
        "given": Duty(
            Text("交出的文件", "files given out"), "audit.listed", {"action": "file.given"}
        ),
        "aside": Duty(
            Text("待补记的记录", "acts to be put on record"), "audit.chain", {}, "orange"
        ),
    },
}  # fmt: skip


def duties_page() -> str:
    """What waits for the person, as its role sees it."""
    found = read_duties(installation(), person)
    return render_template(
        "regulator/duties.html",
        found=found,
        shown=DUTIES[person.role],
        way_of=lambda duty: _way_of(duty, found),
        states=STATES,
        days=DAYS,
    )


def _way_of(duty: Duty, found: Duties) -> str:
    since = {"first": format_day(found.first)} if duty.endpoint == "audit.listed" else {}
    query = urlencode(duty.filters | since)
    return f"{url_for(duty.endpoint)}?{query}" if query else url_for(duty.endpoint)
