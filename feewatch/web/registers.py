"""Register files: templates to fill in, and handing in with a look at what would come of it."""

import io

from flask import Response, flash, render_template, request, send_file, url_for

from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import OFFICE
from feewatch.kernel.text import printable
from feewatch.registry import templates
from feewatch.registry.kinds import KINDS
from feewatch.services.cases import own_history
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.intake.proofs import Proof
from feewatch.services.people.quotas import take_look
from feewatch.services.registers.desk import REGISTRARS, kinds_of
from feewatch.services.registers.importing import ImportReport, list_profiles
from feewatch.services.ways_in import previews
from feewatch.services.ways_in.previews import Preview
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import INSTITUTION, Room, installation, only, person
from feewatch.web.computing import result_of
from feewatch.web.formats import XLSX
from feewatch.web.forms import REASON_MAX
from feewatch.web.handing import read_form_voucher
from feewatch.web.language import t

room = Room("registers", __name__, may_enter=OFFICE | INSTITUTION, url_prefix="/registers")
_KEEPERS = REGISTRARS | INSTITUTION
#: So many problems stand on the page; the file of bad rows has all.
PROBLEMS_SHOWN = 200


@room.get("/")
def page() -> str:
    """The templates of all kinds, and the form for those that the person may hand in."""
    own = kinds_of(person)
    return render_template(
        "registers/page.html",
        kinds=KINDS,
        own=own,
        profiles=[each for each in list_profiles(installation().config) if each.kind in own],
        imports=own_history.list_last_imports(installation(), person),
    )


@room.get(f"/imports/<int(max={MAX_KEY}):key>/rejects")
@only(_KEEPERS)
def old_rejects(key: int) -> Response:
    """The bad rows that an import left out, once more."""
    kept = own_history.load_rejects(installation(), person, key)
    return send_file(io.BytesIO(kept.content), as_attachment=True, download_name=kept.name)


@room.get("/templates/<kind>.xlsx")
def template(kind: str) -> Response:
    """The template of a kind."""
    if kind not in KINDS:
        raise NotFoundError("REGISTER-KIND", "没有这种登记册", "there is no such register")
    content = templates.template(KINDS[kind])
    name = f"{KINDS[kind].zh}-{templates.file_name(KINDS[kind])}"
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)


@room.post("/")
@only(_KEEPERS)
def preview() -> str:
    """What would come of a file; nothing is imported."""
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        raise InvalidInputError("REGISTER-KIND", "请选择登记册", "choose a register", field="kind")
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInputError("FILES", "请选择文件", "choose a file", field="file")
    name, covers = plain_name(file.filename), _read_covers()
    data = file.read()
    take_look(installation(), person, len(data))
    preview = Preview(kind, name, covers, data)
    word = previews.hold(installation(), person.id, preview)
    report = _try(word)
    return _outcome(report, word, is_done=False)


@room.post("/<upload>")
@only(_KEEPERS)
def take(upload: str) -> str:
    """Import a file that was looked at."""
    held = previews.get(installation(), person.id, upload)
    report = _hand_in(
        held,
        skip_bad="skip_bad" in request.form,
        reason=request.form.get("reason", "")[:REASON_MAX],
        voucher=read_form_voucher(),
    )
    if report.refused:
        again = _try(upload)
        return _outcome(again, upload, is_done=False)
    flash(t("已导入：", "imported: ") + held.name)
    return _outcome(report, upload, is_done=True)


@room.get("/<upload>")
@only(_KEEPERS)
def look(upload: str) -> str:
    """What would come of a file that was sent, once more."""
    return _outcome(_try(upload), upload, is_done=False)


@room.get("/<upload>/rejects")
@only(_KEEPERS)
def rejects(upload: str) -> Response:
    """The bad rows of a file that was looked at or imported."""
    report = _try(upload)
    if report.rejects is None:
        raise NotFoundError("NO-REJECTS", "没有错误行", "there are no bad rows")
    content = io.BytesIO(report.rejects.content)
    return send_file(content, as_attachment=True, download_name=report.rejects.name)


def _try(upload: str) -> ImportReport:
    """What would come of a file, for as long as it is held."""
    previews.get(installation(), person.id, upload)
    address = url_for("registers.look", upload=upload)
    report: ImportReport = result_of("preview", {"upload": upload, "on": str(today())}, address)
    return report


def _hand_in(
    held: Preview,
    *,
    skip_bad: bool,
    reason: str = "",
    voucher: Proof | None = None,
) -> ImportReport:
    return hand_in(
        installation(),
        person,
        held.kind,
        held.name,
        held.data,
        covers=held.covers,
        skip_bad=skip_bad,
        reason=reason,
        voucher=voucher,
    )


def _outcome(report: ImportReport, word: str, *, is_done: bool) -> str:
    return render_template(
        "registers/outcome.html",
        report=report,
        kind=KINDS[report.kind],
        titles={each.name: t(each.zh, each.name) for each in KINDS[report.kind].columns},
        problems=report.problems[:PROBLEMS_SHOWN],
        upload=word,
        is_done=is_done,
    )


def _read_covers() -> tuple[Day, Day] | None:
    first, last = (request.form.get(name, "").strip() for name in ("covers_from", "covers_to"))
    if not first and not last:
        return None
    days = parse_day(first), parse_day(last)
    if days[0] is None or days[1] is None or days[1] < days[0]:
        raise InvalidInputError(
            "COVERS",
            "覆盖期须有起止两个日期，起在前",
            "a cover needs two days, the first one first",
            field="covers_from",
        )
    return days[0], days[1]


def plain_name(name: str) -> str:
    """A file's name as it may be recorded: no folders, nothing that cannot be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return printable(last)[-120:] or "register"
