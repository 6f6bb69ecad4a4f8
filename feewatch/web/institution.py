"""An institution's own counter: its status, its alerts and cases, its statements."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from feewatch.casework.answers import STANCES
from feewatch.casework.undertakings import KINDS
from feewatch.kernel.clock import today
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.cases import desk, instalments, steps
from feewatch.services.cases.own_case import read_own_case
from feewatch.services.cases.own_history import read_history
from feewatch.services.cases.todo import read_todo
from feewatch.services.check import early_warning, keeping
from feewatch.services.corrections import deciding, reading
from feewatch.services.intake import quarantine
from feewatch.services.public import board
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import INSTITUTION, Room, installation, person
from feewatch.web.attachments import send_attachment
from feewatch.web.chart import draw
from feewatch.web.forms import read_choice, read_field, read_page, read_reason
from feewatch.web.handing import read_form_voucher, render_upload, send_voucher, take_files
from feewatch.web.labels import label
from feewatch.web.language import t
from feewatch.web.month_ledger import month_of, read_own_ledger, send_ledger
from feewatch.web.refused import form_on
from feewatch.web.sights import told_evidence

room = Room("institution", __name__, may_enter=INSTITUTION, url_prefix="/own")


@room.get("/")
def status() -> str:
    """What is on file about the institution and what it should do."""
    app = installation()
    found = desk.get_own_institution(app, person.scope)
    posted = board.get_institution(app, found.facts.uscc)
    return render_template(
        "institution/status.html",
        found=found,
        tasks=read_todo(app, person.scope, found),
        today=today(),
        chart=draw(found.points),
        warning=keeping.read_warning(app, person.scope),
        indicator=early_warning.LABEL,
        edition=posted.edition,
        places=posted.places,
    )


@room.get("/charges")
def charges() -> str:
    """The charges of the institution's contracts."""
    app, state = installation(), read_choice("state", instalments.STATES)
    uscc = desk.get_own_facts(app, person.scope).uscc
    found = instalments.page_instalments(app, person.scope, uscc, state, read_page())
    return render_template(
        "institution/charges.html", found=found, states=instalments.STATES, filters={"state": state}
    )


@room.get("/ledger")
def month_ledger() -> str:
    """The institution's month: balance table, accounts, contracts against bank and lessons."""
    return render_template("institution/month_ledger.html", **month_of(read_own_ledger()))


@room.get("/ledger.xlsx")
@form_on("institution.month_ledger")
def month_ledger_workbook() -> Response:
    """The same as a workbook."""
    return send_ledger(read_own_ledger())


@room.get("/alerts/<alert_id>")
def alert(alert_id: str) -> str:
    """An alert with its law, arithmetic and cure."""
    found = desk.get_alert(installation(), person.scope, alert_id)
    case = found.case if desk.is_served(found.case) else None
    return render_template("institution/alert.html", found=found, case=case, **told_evidence(found))


@room.get("/cases/<number>")
def case(number: str) -> str:
    """A case of the institution."""
    found = read_own_case(installation(), person.scope, number)
    return render_template(
        "institution/case.html", found=found, stances=STANCES, undertaking_kinds=KINDS
    )


@room.get(f"/cases/<number>/files/<int(max={MAX_KEY}):key>")
def attachment(number: str, key: int) -> Response:
    """A file of the case that is the institution's own, or was addressed to it."""
    return send_attachment(number, key)


@room.post("/cases/<number>/steps")
@form_on("institution.case")
def step(number: str) -> Response:
    """Start rectifying, or hand in what was done."""
    name, reason = read_field("step", 20), read_reason()
    steps.step(installation(), number, name, actor=person.name, reason=reason)
    flash(t("已完成：", "done: ") + label("step", name))
    return redirect(url_for("institution.case", number=number))


@room.get("/history")
def history() -> str:
    """All that the institution handed in, and what came of it."""
    found = read_history(installation(), person, read_page())
    return render_template("institution/history.html", found=found)


@room.post(f"/files/<sha256>/<int(max={MAX_KEY}):n>/withdraw")
@form_on("institution.history")
def withdraw_file(sha256: str, n: int) -> Response:
    """Take back a quarantined statement of the institution's own."""
    quarantine.withdraw(installation(), sha256, n, actor=person.name, reason=read_reason())
    flash(t("已撤回该对账单", "the statement is taken back"))
    return redirect(url_for("institution.history"))


@room.get("/upload")
def upload() -> str:
    """The form to hand in bank statements."""
    return render_upload([])


@room.post("/upload")
def take_upload() -> str:
    """Hand in bank statements and read at once what became of each."""
    return render_upload(take_files())


@room.get("/proposals/")
def proposals() -> str:
    """What the institution asked to have corrected, and what became of it."""
    page = reading.list_proposals(installation(), person.scope, "", read_page())
    return render_template("institution/proposals.html", page=page)


@room.get(f"/proposals/<int(max={MAX_KEY}):key>")
def proposal(key: int) -> str:
    """One of them."""
    found = reading.get_proposal(installation(), person.scope, key)
    return render_template("institution/proposal.html", found=found)


@room.post(f"/proposals/<int(max={MAX_KEY}):key>")
def withdraw(key: int) -> Response:
    """Withdraw a proposal that waits."""
    deciding.decide(installation(), [key], "withdraw", actor=person.name, reason=read_reason())
    flash(t("已撤回提请", "the proposal is withdrawn"))
    return redirect(url_for("institution.proposal", key=key))


@room.get(f"/proposals/<int(max={MAX_KEY}):key>/voucher")
def voucher(key: int) -> Response:
    """The voucher of a proposal."""
    return send_voucher(key)


@room.post(f"/proposals/<int(max={MAX_KEY}):key>/voucher")
@form_on("institution.proposal")
def give_voucher(key: int) -> Response:
    """Lay a voucher to a proposal that waits."""
    given = read_form_voucher()
    if given is None:
        raise InvalidInputError("FILES", "请选择文件", "choose a file", field="voucher")
    deciding.add_voucher(installation(), key, given, actor=person.name)
    flash(t("凭证已提交", "the voucher is handed in"))
    return redirect(url_for("institution.proposal", key=key))
