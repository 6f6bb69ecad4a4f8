"""What is on file: institutions with their opening statements, statements as received."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.cases import desk, instalments
from feewatch.services.desk.institution import read_state
from feewatch.services.intake.contract_releases import (
    BANK_WORDS,
    LESSON_WORDS,
    compare_releases,
)
from feewatch.services.paging import Page
from feewatch.services.people.countersigning import waits
from feewatch.services.registers import coverage_desk, openings
from feewatch.services.registers.twin_names import find_warning
from feewatch.store.pages.files import CHANNELS
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.chart import draw
from feewatch.web.forms import (
    read_choice,
    read_days,
    read_field,
    read_page,
    read_reason,
    read_text,
)
from feewatch.web.language import say, t
from feewatch.web.lists import file_of_list
from feewatch.web.month_ledger import month_of, read_ledger, send_ledger
from feewatch.web.refused import form_on
from feewatch.web.regulator import list_columns

room = Room("records", __name__, may_enter=OFFICE, url_prefix="/desk")
#: So many releases stand on their page; the command lists all.
RELEASES_SHOWN = 200
STATEMENT_STATUSES = ("accepted", "quarantined", "rejected")


@room.get("/institutions")
def institutions() -> str | Response:
    """Institutions by name."""
    text = read_text("text")

    def read(number: int) -> Page:
        return desk.list_institutions(installation(), person.scope, text, number)

    if file := file_of_list(Text("机构", "institutions"), list_columns.INSTITUTIONS, read):
        return file
    page = read(read_page())
    return render_template("regulator/institutions.html", page=page, text=text)


@room.get("/institutions/<uscc>")
def institution(uscc: str) -> str:
    """All that is on file about an institution."""
    found = desk.get_institution(installation(), person.scope, uscc)
    facts = found.facts
    is_ours = person.scope.sees(facts.district, facts.id)  # else it only has a site here
    return render_template(
        "regulator/institution.html",
        found=found,
        chart=draw(found.points),
        state=read_state(installation(), found) if is_ours else None,
        twins=find_warning(installation(), facts.uscc, facts.name),
    )


@room.get("/institutions/<uscc>/charges")
def charges(uscc: str) -> str:
    """The charges of an institution's contracts."""
    state = read_choice("state", instalments.STATES)
    found = instalments.page_instalments(installation(), person.scope, uscc, state, read_page())
    return render_template(
        "regulator/charges.html", found=found, states=instalments.STATES, filters={"state": state}
    )


@room.get("/institutions/<uscc>/contract-releases")
def contract_releases(uscc: str) -> str:
    """What e-CNY contracts released to an institution, beside its bank and its lessons."""
    found = compare_releases(installation(), person.scope, uscc)
    return render_template(
        "regulator/contract_releases.html",
        found=found,
        bank_words=BANK_WORDS,
        lesson_words=LESSON_WORDS,
        most=RELEASES_SHOWN,
    )


@room.get("/institutions/<uscc>/ledger")
def month_ledger(uscc: str) -> str:
    """An institution's month: balance table, accounts, contracts against bank and lessons."""
    ledger = read_ledger(uscc)
    return render_template("regulator/month_ledger.html", **month_of(ledger))


@room.get("/institutions/<uscc>/ledger.xlsx")
@form_on("records.month_ledger")
def month_ledger_workbook(uscc: str) -> Response:
    """The same as a workbook."""
    return send_ledger(read_ledger(uscc))


@room.post(f"/institutions/<uscc>/opening/<int(max={MAX_KEY}):key>")
@only(frozenset({"reviewer"}))
@form_on("records.institution")
def sign_opening(uscc: str, key: int) -> Response:
    """Sign the opening statement that was looked at."""
    openings.sign_opening(installation(), uscc, key, actor=person.name, reason=read_reason())
    flash(t(f"已签认期初报表 {key}", f"opening statement {key} is signed"))
    return redirect(url_for("records.institution", uscc=uscc))


@room.post("/institutions/<uscc>/coverage")
@only(frozenset(CASEWORKERS))
@form_on("records.institution")
def vouch(uscc: str) -> Response:
    """Vouch for days for which an institution declared a register whole."""
    register = read_field("register", 20)
    days = read_days("days")
    number = coverage_desk.vouch(
        installation(), uscc, register, actor=person.name, reason=read_reason(), days=days
    ).waits
    done = t("已核实，这些日期即日起算数", "confirmed: these days count from now on")
    flash(done if number is None else say(waits(number)))
    return redirect(url_for("records.institution", uscc=uscc))


@room.get("/statements")
def statements() -> str | Response:
    """Statements as received, with the reasons of those set aside."""
    status = read_choice("status", STATEMENT_STATUSES)

    def read(number: int) -> Page:
        return desk.list_statements(installation(), person.scope, status, number).page

    if file := file_of_list(Text("对账单", "statements"), list_columns.STATEMENTS, read):
        return file
    found = desk.list_statements(installation(), person.scope, status, read_page())
    return render_template(
        "regulator/statements.html",
        found=found,
        status=status,
        statuses=STATEMENT_STATUSES,
        filters={"status": request.args.get("status", "")},
    )


@room.get("/files")
def files() -> str | Response:
    """Files as received, whatever became of them."""
    status = read_choice("status", STATEMENT_STATUSES)
    channel = read_choice("channel", CHANNELS)

    def read(number: int) -> Page:
        return desk.list_files(installation(), person, status, channel, number).page

    if file := file_of_list(Text("收到的文件", "files received"), list_columns.FILES, read):
        return file
    return render_template(
        "regulator/files.html",
        files=desk.list_files(installation(), person, status, channel, read_page()),
        statuses=STATEMENT_STATUSES,
        channels=CHANNELS,
        filters={"status": status, "channel": channel},
    )
