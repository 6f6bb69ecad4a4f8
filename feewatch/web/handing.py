"""Bank statements handed in on the site: by officers here, by institutions at their own counter."""

import io

from flask import Response, render_template, request, send_file

from feewatch.kernel.errors import ForbiddenError, InvalidInputError, QuotaError
from feewatch.kernel.people import DECIDERS
from feewatch.kernel.problems import Problem
from feewatch.services.cases import desk
from feewatch.services.corrections.reading import get_voucher
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.outcomes import FileOutcome
from feewatch.services.intake.proofs import Proof
from feewatch.services.ways_in import counter
from feewatch.web.access import Room, installation, person

room = Room("handing", __name__, may_enter=DECIDERS, url_prefix="/desk/upload")
#: So many files in one request; the page's script sends one a request, however many are chosen.
FILES_MOST = 50


@room.get("/")
def upload() -> str:
    """The form to hand in bank statements."""
    return render_upload([])


@room.post("/")
def take_upload() -> str:
    """Hand in bank statements and read at once what became of each."""
    return render_upload(take_files())


def take_files() -> list[FileOutcome]:
    """What became of each file of the request.

    Raises: InvalidInputError where there is none, or too many.
    """
    files = [each for each in request.files.getlist("files") if each.filename]
    if not 1 <= len(files) <= FILES_MOST:
        raise InvalidInputError(
            "FILES", f"请选择 1–{FILES_MOST} 个文件", f"choose 1–{FILES_MOST} files", field="files"
        )
    return [_take(each.filename or "", each.read()) for each in files]


def _take(name: str, content: bytes) -> FileOutcome:
    try:
        return counter.hand_in(installation(), person, name, content)
    except (ForbiddenError, InvalidInputError, QuotaError) as refusal:
        # one file that is refused must not hide the others' fate
        problem = Problem(refusal.code, refusal.text)
        return FileOutcome(name, None, "rejected", None, (), (problem.as_json(),))


def render_upload(outcomes: list[FileOutcome]) -> str:
    """The page to hand in statements, with what became of those just sent."""
    app = installation()
    return render_template(
        "upload.html",
        outcomes=outcomes,
        files=desk.list_files(app, person, "", "upload", 1),
        most_bytes=app.config.web.max_upload_mb * 1024 * 1024,
    )


def read_form_voucher() -> Proof | None:
    """The voucher of a posted form; None where no file is chosen.

    Raises: InvalidInputError.
    """
    file = request.files.get("voucher")
    return read_voucher(file.filename, file.read()) if file and file.filename else None


def send_voucher(key: int) -> Response:
    """The voucher of a proposal within the person's scope, to be saved and not shown in place.

    Raises: NotFoundError, UnavailableError.
    """
    name, content, media = get_voucher(installation(), person.scope, key)
    return send_file(io.BytesIO(content), media, as_attachment=True, download_name=name)
