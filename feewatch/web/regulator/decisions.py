"""The decision desk: proposed by an officer, reviewed for law, approved by a publisher."""

import io

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.credit.advance_notice import OPEN
from feewatch.credit.decisions import ENDINGS, LEVELS, STATUSES
from feewatch.credit.lists import DECIDED
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import DECIDERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.check.rulebook import rule_book
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.proofs import Proof
from feewatch.services.lists import decision_corrections as corrections
from feewatch.services.lists import decision_pages as reading
from feewatch.services.lists import decisions, procedure
from feewatch.services.lists.decision_papers import read_papers
from feewatch.services.lists.recalls import end_and_correct
from feewatch.services.registers.twin_names import find_warning
from feewatch.store.database import Record
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_field, read_page, read_reason
from feewatch.web.language import say
from feewatch.web.refused import form_on

room = Room("decisions", __name__, may_enter=OFFICE, url_prefix="/desk/decisions")
_KEY = f"/<int(max={MAX_KEY}):key>"
_DONE = Text("已完成：", "done: ")
_CORRECTED = Text("更正版次已发布：{} 第 {} 期", "correction edition published: {} no. {}")
_DELAYED = Text("更正版次尚未发布：", "the correction edition waits: ")
_TEXTS = ("list", "uscc", "premises", "name", "document", "date", "authority", "notice_served_on",
          "objection_until", "defence", "defence_answered_on", "hearing", "hearing_on",
          "why_necessary", "advance_notice", "facts", "content", "fine", "confiscated",
          "licence")  # fmt: skip
_BASIS = ("document", "level", "clause")
STEPS = {
    "review": Text("法制审核通过", "legal review passed"),
    "approve": Text("批准", "approve"),
    "refuse": Text("不予通过", "refuse"),
    "confirm": Text("确认更正", "confirm the correction"),
    "decline": Text("不予更正", "refuse the correction"),
    "changed": Text("决定已变更", "the decision was changed"),
    "revoked": Text("决定已撤销", "the decision was revoked"),
    "void": Text("确认无效", "the decision is void"),
    "repaired": Text("准予信用修复", "credit repair granted"),
}


@room.get("/")
def listed() -> str:
    """Decisions, those that wait first."""
    status = read_choice("status", STATUSES)
    page = reading.list_page(installation(), person.scope, status, read_page())
    return render_template(
        "regulator/decisions.html", page=page, status=status, statuses=[*STATUSES],
        may_propose=person.role in decisions.PROPOSERS,
    )  # fmt: skip


@room.get("/new")
@only(frozenset(decisions.PROPOSERS))
def new() -> str:
    """The form of a proposal."""
    app = installation()
    return render_template(
        "regulator/decision_new.html", terms=rule_book(app).credit_terms, lists=DECIDED,
        authorities=[*app.config.authorities], levels=LEVELS,
        notices=procedure.list_all_notices(app, person.scope, OPEN),
    )  # fmt: skip


@room.post("/new")
@only(frozenset(decisions.PROPOSERS))
@form_on("decisions.new")
def propose() -> Redirect:
    """Propose a decision."""
    form = {name: text for name in _TEXTS if (text := request.form.get(name, "").strip())}
    chosen = {name: request.form.getlist(name)[:50] for name in ("sanctions", "reasons")}
    basis = {name: request.form.get(f"basis_{name}", "").strip() for name in _BASIS}
    papers = read_papers(read_file("file"), read_file("notice_record"))
    values = form | chosen | {"basis": basis, "former_name": "former_name" in request.form}
    proposed = decisions.propose(
        installation(), values, papers, actor=person.name,
        imported="imported" in request.form, file=say(Text("决定", "decision")),
    )  # fmt: skip
    flash(say(STATUSES[proposed.status]) + " · " + proposed.document)
    key = reading.find_key(installation(), proposed.document)
    return redirect(url_for("decisions.show", key=key))


@room.get(_KEY)
def show(key: int) -> str:
    """A document with its entries, its history and what may be done."""
    app, scope = installation(), person.scope
    files = reading.get_files_of(app, scope, key)
    return render_template(
        "regulator/decision.html", key=key, files=files, steps=STEPS,
        terms=rule_book(app).credit_terms, possible=_possible(files[0]),
        found=procedure.get_decision_procedure(app, scope, files[0].decision["id"]),
        twins={one.decision["id"]: _twins_of(one.decision) for one in files},
    )  # fmt: skip


@room.post(_KEY)
@only(frozenset(corrections.CORRECTORS))
@form_on("decisions.show")
def step(key: int) -> Redirect:
    """Review, approve, refuse, confirm a correction, or let a decision end."""
    app, actor, reason = installation(), person.name, read_reason()
    document = reading.get_files_of(app, person.scope, key)[0].decision["document"]
    name = read_field("step", 20)
    if name in ("confirm", "decline"):
        accept = name == "confirm"
        corrections.confirm_correction(app, document, actor=actor, reason=reason, accept=accept)
    elif name in ENDINGS:
        number = request.form.get("repair_number", "")
        _, corrected = end_and_correct(
            app, document, name, on=_day("on"), reason=reason, actor=actor, repair_number=number
        )
        for edition in corrected.published:
            if edition.document is not None:
                flash(say(_CORRECTED).format(edition.district, edition.document["number"]))
        if corrected.delayed is not None:
            flash(say(_DELAYED) + say(corrected.delayed))
    else:
        _taken(name)(app, document, actor=actor, reason=reason)
    flash(say(_DONE) + say(STEPS[name]))
    return redirect(url_for("decisions.show", key=key))


@room.post(f"{_KEY}/correction")
@only(frozenset(corrections.CORRECTORS))
@form_on("decisions.show")
def correct(key: int) -> Redirect:
    """Ask for the correction of a slip of the pen."""
    app = installation()
    document = reading.get_files_of(app, person.scope, key)[0].decision["document"]
    changes = {read_field("field", 40): read_field("value", 200).strip()}
    corrections.ask_correction(app, document, changes, actor=person.name, reason=read_reason())
    flash(say(Text("更正已提出，待另一人确认", "asked for; another person confirms")))
    return redirect(url_for("decisions.show", key=key))


@room.get(f"{_KEY}/<any(document,notice):paper>")
@only(DECIDERS)
def paper(key: int, paper: str) -> Response:
    """The document itself, or the record that its notice was served, to be saved."""
    name, content, media = reading.get_paper(installation(), person.scope, key, paper)
    return send_file(io.BytesIO(content), media, as_attachment=True, download_name=name)


def _taken(name: str) -> decisions.Take:
    taken = {"review": decisions.review, "approve": decisions.approve, "refuse": decisions.refuse}
    if name not in taken:
        raise InvalidInputError("STEP", "没有这个步骤", "there is no such step", field="step")
    return taken[name]


def _twins_of(decision: Record) -> Text | None:
    """The warning of a name that looks like another institution's, where one is named by code."""
    if not decision["uscc"]:
        return None
    return find_warning(installation(), decision["uscc"], decision["name"])


def _possible(file: reading.DecisionFile) -> list[str]:
    """The steps that this person may take now and that will not be refused for who they are."""
    row, role, name = file.decision, person.role, person.name
    earlier = {row["proposed_by"], row["reviewed_by"]}
    if row["status"] == "proposed" and role in decisions.REVIEWERS and name not in earlier:
        return ["review", "refuse"]
    if row["status"] == "reviewed" and role in decisions.APPROVERS and name not in earlier:
        return ["approve", "refuse"]
    if row["status"] != "in_force" or role not in corrections.CORRECTORS:
        return []
    if file.correction is not None:
        return ["confirm", "decline"] if file.correction["asked_by"] != name else []
    return [*ENDINGS]


def read_file(name: str) -> Proof | None:
    """A paper of a posted form; None where no file is chosen.

    Raises: InvalidInputError.
    """
    file = request.files.get(name)
    return read_voucher(file.filename or name, file.read()) if file and file.filename else None


def _day(name: str) -> Day:
    day = parse_day(read_field(name, 10))
    if day is None:
        raise InvalidInputError("DAY", "应为日期", "a day is wanted", field=name)
    return day
