"""Today: the page on which a person of the office begins, by role."""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import Response, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.kernel.people import ADMINISTRATORS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.desk import today as service
from feewatch.services.paging import Page
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_page
from feewatch.web.lists import file_of_list
from feewatch.web.regulator import list_columns
from feewatch.web.regulator.duties import DUTIES, duties_page

room = Room("today", __name__, may_enter=OFFICE, url_prefix="/desk")


class Card(NamedTuple):
    """A count with the page, or the place on this one, that lists what it counts."""

    title: Text
    endpoint: str
    filters: dict[str, str]
    tone: str = ""
    anchor: str | None = None


CARDS = {
    "case_answered": Card(
        Text("整改反馈待审", "answers to review"), "cases.board", {"waits": "answered"}, "yellow"
    ),
    "case_recurred": Card(
        Text("销号后再现", "back after closing"), "cases.board", {"waits": "recurred"}, "red"
    ),
    "case_overdue": Card(
        Text("已逾期案件", "cases overdue"), "cases.board", {"waits": "overdue"}, "red"
    ),
    "case_week": Card(
        Text("七日内到期", "due within 7 days"), "cases.board", {"waits": "week"}, "orange"
    ),
    "case_recheck": Card(
        Text("回头看到期", "re-checks due"), "cases.board", {"waits": "recheck"}, "orange"
    ),
    "case_second": Card(
        Text("红色案件待您销号", "red cases for you to close"), "cases.board", {"waits": "second"},
        "yellow",
    ),
    "undertakings": Card(
        Text("承诺到期", "undertakings due"), "cases.board", {"waits": "undertaking"}, "orange"
    ),
    "red_new": Card(
        Text("上次查看后新增红色", "new red since last visit"), "desk.inbox",
        {"severity": "red", "since": "visit"}, "red",
    ),
    "matters": Card(Text("待办事项", "open matters"), "desk.inbox", {}),
    "proposals": Card(
        Text("提请更正待审", "proposals waiting"), "corrections.listed", {"state": "open"}, "yellow"
    ),
    "quarantine": Card(Text("隔离的对账单", "in quarantine"), "quarantine.listed", {}, "orange"),
    "quarantine_second": Card(
        Text("隔离待您复核", "quarantine for a second person"), "quarantine.listed", {}, "yellow"
    ),
    "confirmations": Card(
        Text("对账函待办", "confirmations open"), "confirmations.listed", {}, "yellow"
    ),
    "confirmations_second": Card(
        Text("回函待您确认", "answers of banks to confirm"), "confirmations.listed", {}, "yellow"
    ),
    "countersigns": Card(
        Text("双人复核待您确认", "approvals for you to confirm"), "countersigns.listed",
        {"state": "waiting"}, "yellow",
    ),
    "openings": Card(
        Text("期初报表待签认", "opening statements unsigned"), "today.home", {}, "yellow",
        "openings",
    ),
    "missing": Card(
        Text("缺少对账单的机构", "institutions without statements"), "today.missing", {}, "orange"
    ),
    "visits_missed": Card(
        Text("已过月份缺走访", "visits missed in past months"), "round_desk.home", {}, "orange",
        "missing",
    ),
    "confirmations_late": Card(
        Text("逾期未核对的机构", "confirmations overdue"), "self_reports.listed",
        {"state": "late"}, "orange",
    ),
    "meeting_items": Card(
        Text("议定事项逾期", "items of meetings past their day"), "supervision.listed_meetings", {},
        "orange",
    ),
    "holds": Card(Text("白名单暂缓待决定", "white places on hold"), "holds.listed", {}, "orange"),
    "grades_objected": Card(
        Text("评价异议待答复", "objections to grades"), "grades.listed", {"waiting": "objection"},
        "yellow",
    ),
    "grades_second": Card(
        Text("评定待您复核", "grades for a second person"), "grades.listed",
        {"waiting": "proposed"}, "yellow",
    ),
    "corrections_overdue": Card(
        Text("更正逾期", "corrections overdue"), "publication.listed_recalls", {}, "red"
    ),
    "corrections_due": Card(
        Text("待更正的登载", "entries to be corrected"), "publication.listed_recalls", {}, "orange"
    ),
    "second_words": Card(
        Text("名单移出待第二人同意", "second words asked for"), "publication.show", {}, "yellow"
    ),
    "pushes_failed": Card(Text("推送失败", "pushes given up on"), "push.listed", {}, "red"),
    "decisions_to_review": Card(
        Text("决定待法制审核", "decisions to review"), "decisions.listed", {"status": "proposed"},
        "yellow",
    ),
    "decisions_to_approve": Card(
        Text("决定待批准", "decisions to approve"), "decisions.listed", {"status": "reviewed"},
        "yellow",
    ),
    "defences": Card(
        Text("申辩与异议待答复", "defences and objections to answer"), "defences.listed",
        {"state": "waiting"}, "yellow",
    ),
    "defences_overdue": Card(
        Text("答复已逾期的申辩与异议", "answers to defences overdue"), "defences.listed", {}, "red"
    ),
    "reports_overdue": Card(
        Text("双公示报送已逾期", "decisions not handed in in time"), "decision_reports.listed", {},
        "red",
    ),
    "reports_owed": Card(
        Text("决定待报送双公示", "decisions to hand in"), "decision_reports.listed", {}, "yellow"
    ),
    "decisions": Card(
        Text("公示中的决定", "decisions in force"), "decisions.listed", {"status": "in_force"}
    ),
    "decisions_ending": Card(
        Text("三十日内到期的决定", "decisions ending in 30 days"), "decisions.listed",
        {"status": "in_force"}, "orange",
    ),
    "failed_runs": Card(
        Text("七日内失败的定时任务", "runs failed in 7 days"), "today.home", {}, "red", "runs"
    ),
}  # fmt: skip
_CASEWORK = (
    "case_answered", "case_recurred", "case_overdue", "case_week", "case_recheck", "undertakings",
    "red_new", "matters", "proposals", "defences", "defences_overdue", "reports_overdue",
    "reports_owed", "quarantine", "confirmations", "holds", "missing", "grades_objected",
    "visits_missed", "meeting_items", "confirmations_late",
)  # fmt: skip
#: Of those who take the steps of cases: what they may sign beside whoever asked.
_SIGNING = ("countersigns",)
_SECOND = (
    "case_second", "second_words", "grades_second", "decisions_to_review", "quarantine_second",
    "confirmations_second", "openings",
)  # fmt: skip
#: What each role begins with.
CARDS_OF = {
    "officer": (*_SIGNING, *_CASEWORK),
    "reviewer": (*_SIGNING, *_SECOND, *_CASEWORK),
    "publisher": (
        "corrections_overdue", "corrections_due", "second_words", "pushes_failed",
        "decisions_to_approve", "reports_overdue", "reports_owed", "decisions", "decisions_ending",
        "holds", "case_recurred", "case_overdue", "quarantine", "missing",
    ),
    "administrator": (
        "failed_runs", "pushes_failed", "corrections_overdue", "quarantine", "missing",
        "case_overdue", "proposals",
    ),
    "viewer": _CASEWORK,
}  # fmt: skip


class Beginning(NamedTuple):
    """How a fresh office takes one of its first steps."""

    title: Text
    command: str
    endpoint: str = ""
    filters: dict[str, str] = {}  # noqa: RUF012 - never changed


BEGINNINGS = {
    "institutions": Beginning(
        Text("登记机构", "Register institutions"), "feewatch import institutions FILE",
        "registers.page", {"kind": "institutions"},
    ),
    "accounts": Beginning(
        Text("登记专户和保证金账户", "Register their accounts"), "feewatch import accounts FILE",
        "registers.page", {"kind": "accounts"},
    ),
    "contracts": Beginning(
        Text("登记课程与合同", "Register courses and contracts"),
        "feewatch import contracts FILE --covers FROM..TO",
        "registers.page", {"kind": "contracts"},
    ),
    "lessons": Beginning(
        Text("登记消课", "Register lessons held"), "feewatch import lessons FILE --covers FROM..TO",
        "registers.page", {"kind": "lessons"},
    ),
    "statements": Beginning(
        Text("收取银行对账单", "Take in bank statements"), "feewatch ingest PATH", "handing.upload"
    ),
    "check": Beginning(Text("第一次检查", "Check for the first time"), "feewatch check"),
    "basis": Beginning(
        Text("写明各名单的法律依据", "State the legal basis of each list"),
        "[[publication.list_basis]]",
    ),
    "scheduler": Beginning(
        Text("启动定时任务", "Start the scheduler"), "feewatch scheduler"
    ),
}  # fmt: skip


@room.get("/today")
@only(OFFICE | ADMINISTRATORS | {"rule_editor", "inspector"})
def home() -> str | Redirect:
    """What waits for the person, as its role sees it; an inspector's are the rounds."""
    if person.role == "inspector":
        return redirect(url_for("rounds.home"))
    if person.role in DUTIES:
        return duties_page()
    whose = read_choice("whose", ("mine",))
    found = service.read_today(installation(), person, mine=whose == "mine")
    if not whose:
        g.marks = found.counts
    return render_template(
        "regulator/today.html",
        found=found,
        whose=whose,
        cards=CARDS,
        shown=CARDS_OF[person.role],
        beginnings=BEGINNINGS,
        waits=service.case_waits,
        way_of=_way_to_mine if whose else _way_of,
    )


def _way_of(card: Card) -> str:
    anchor = f"#{card.anchor}" if card.anchor else ""
    query = f"?{urlencode(card.filters)}" if card.filters else ""
    return f"{url_for(card.endpoint)}{query}{anchor}"


def _way_to_mine(card: Card) -> str:
    has_owner = card.endpoint in ("cases.board", "desk.inbox")
    filters = card.filters | ({"owner": person.name} if has_owner else {})
    return _way_of(card._replace(filters=filters))


@room.get("/statements/missing")
def missing() -> str | Response:
    """Accounts whose statements are late."""

    def read(number: int) -> Page:
        return service.list_missing(installation(), person.scope, number)

    title = Text("缺少的对账单", "statements missing")
    if file := file_of_list(title, list_columns.MISSING, read):
        return file
    page = read(read_page())
    return render_template("regulator/missing.html", page=page)
