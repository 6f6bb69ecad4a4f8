"""Papers (文书): the register of numbers, one paper as a page, made, served, void; many at once."""

import io
import time

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Redirect

from feewatch.casework.papers import PAPERS, WAYS
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.kernel.text import Text
from feewatch.services.cases import paper_register, papers, serving, serving_many
from feewatch.services.people.acting import require_role
from feewatch.store.pages import PageRows
from feewatch.store.pages.papers import WantedPapers
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.formats import XLSX
from feewatch.web.forms import read_choice, read_field, read_page, read_reason, read_text
from feewatch.web.language import say
from feewatch.web.refused import form_on
from feewatch.web.regulator.filters import read_matters

room = Room("papers", __name__, may_enter=OFFICE, url_prefix="/desk/papers")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
STATES = ("served", "unserved", "void")
_WORKERS = frozenset(CASEWORKERS)
#: So long one request works on an act for many before it shows how far it came.
_WORK_SECONDS = 2.0
_MADE = Text("文书已制作：", "made: ")
_SERVED = Text("送达已登记", "the service is on record")
_VOID = Text("文书已作废", "the paper is void")


@room.get("/")
def register() -> str:
    """The register of numbers."""
    wanted = _wanted()
    return render_template(
        "regulator/papers.html",
        found=paper_register.read_register(installation(), person.scope, wanted, read_page()),
        wanted=wanted,
        kinds=PAPERS,
        states=STATES,
        runs=serving_many.list_runs(installation(), person) if person.role in _WORKERS else [],
        filters={name: value for name, value in request.args.items() if name != "page"},
    )


@room.get("/register.csv")
@form_on("papers.register")
def register_csv() -> Response:
    """The register for a spreadsheet."""
    head = {"Content-Disposition": "attachment; filename=papers.csv"}
    content = paper_register.register_csv(_rows())
    return Response(content, mimetype="text/csv; charset=utf-8", headers=head)


@room.get("/register.xlsx")
@form_on("papers.register")
def register_workbook() -> Response:
    """The register as a workbook."""
    content = io.BytesIO(paper_register.register_workbook(_rows()))
    return send_file(content, XLSX, as_attachment=True, download_name="papers.xlsx")


@room.get("/<int:key>")
def show(key: int) -> str:
    """A paper as it reads, with its service."""
    found = paper_register.get_paper(installation(), person.scope, key_of(key))
    require_role(person, PAPERS[found.paper.kind].readers)
    may_work = person.role in _WORKERS and found.paper.voided_at is None
    return render_template(
        "regulator/paper.html", found=found, ways=WAYS, may_work=may_work, today=today(),
        kind=PAPERS[found.paper.kind],
    )  # fmt: skip


@room.get("/<int:key>/document.docx")
def document(key: int) -> Response:
    """A paper as DOCX."""
    paper = paper_register.get_paper(installation(), person.scope, key_of(key)).paper
    require_role(person, PAPERS[paper.kind].readers)
    return send_document(key)


@room.post("/cases/<number>")
@only(_WORKERS)
@form_on("cases.show")
def make(number: str) -> Redirect:
    """Make a paper of a case."""
    order = papers.Order(
        read_field("kind", 24), request.form.get("reason", "").strip()[:2000],
        request.form.get("unit", ""), _day("deadline"),
    )  # fmt: skip
    made = papers.make(installation(), number, order, actor=person.name)
    flash(f"{say(_MADE)}{made.number}")
    return redirect(url_for("papers.show", key=made.key))


@room.post("/<int:key>/service")
@only(_WORKERS)
@form_on("papers.show")
def serve(key: int) -> Redirect:
    """Put the service of a paper on record."""
    on = _day("on")
    if on is None:
        raise InvalidInputError("DAY", "请填写送达日期", "give the day of service")
    service = serving.Service(
        read_field("way", 16), on, request.form.get("recipient", ""),
        request.form.get("note", "")[:2000],
    )  # fmt: skip
    serving.serve(installation(), _number(key), service, actor=person.name)
    flash(say(_SERVED))
    return redirect(url_for("papers.show", key=key))


@room.post("/<int:key>/void")
@only(_WORKERS)
@form_on("papers.show")
def void(key: int) -> Redirect:
    """Make a paper void."""
    papers.void(installation(), _number(key), actor=person.name, reason=read_reason())
    flash(say(_VOID))
    return redirect(url_for("papers.show", key=key))


@room.post("/many")
@only(_WORKERS)
@form_on("desk.inbox")
def begin_many() -> Redirect:
    """Begin one act for the matters and cases chosen; its page goes on with it."""
    order = serving_many.ManyOrder(
        read_reason(), request.form.get("way", "") or "electronic", _day("deadline")
    )
    key = serving_many.begin(
        installation(), order, actor=person.name, matters=read_matters(),
        case_numbers=set(request.form.getlist("case")),
    )  # fmt: skip
    return redirect(url_for("papers.many", key=key))


@room.get("/many/<int:key>")
@only(_WORKERS)
def many(key: int) -> str:
    """How far an act for many came."""
    found = serving_many.get_run(installation(), person, key_of(key))
    return render_template("regulator/serving.html", found=found)


@room.post("/many/<int:key>")
@only(_WORKERS)
def work_on(key: int) -> Redirect:
    """Go on with an act for a moment; whoever asks again, goes on."""
    app = installation()
    serving_many.get_run(app, person, key_of(key))
    until = time.monotonic() + _WORK_SECONDS
    for _ in serving_many.work(app, key):
        if time.monotonic() > until:
            break
    return redirect(url_for("papers.many", key=key))


def send_document(key: int) -> Response:
    """The DOCX of a paper within the person's scope.

    Raises: NotFoundError, UnavailableError where it is gone or changed.
    """
    app = installation()
    row = paper_register.get_paper(app, person.scope, key_of(key)).paper
    content = io.BytesIO(papers.get_document(app, row))
    return send_file(content, DOCX, as_attachment=True, download_name=f"{row.number}.docx")


def key_of(key: int) -> int:
    """A key of the address that the databases can compare with.

    Raises: NotFoundError.
    """
    if key > MAX_KEY:
        raise NotFoundError("PAPER-UNKNOWN", "没有这份文书", "there is no such paper")
    return key


def _number(key: int) -> str:
    number: str = paper_register.get_paper(installation(), person.scope, key_of(key)).paper.number
    return number


def _rows() -> PageRows:
    return paper_register.list_papers(installation(), person.scope, _wanted())


def _wanted() -> WantedPapers:
    text = request.args.get("year", "")
    year = read_whole(text, 9999) if text else 0
    if year is None or (text and year < 1000):
        raise InvalidInputError("YEAR", "年份应为四位数字", "a year has four digits", field="year")
    return WantedPapers(
        read_choice("kind", PAPERS),
        year,
        read_text("series", 40),
        read_choice("state", STATES),
        read_text("institution"),
    )


def _day(name: str) -> Day | None:
    text = request.form.get(name, "").strip()
    day = parse_day(text) if text else None
    if text and day is None:
        raise InvalidInputError("DAY", f"{name} 须为日期", f"{name} must be a day", field=name)
    return day
