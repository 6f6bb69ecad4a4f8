"""Files attached to cases: read from a form, sent to be saved."""

import io

from flask import Response, request, send_file

from feewatch.services.cases.attachments import get_attachment
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.intake.proofs import Proof
from feewatch.web.access import installation, person


def read_form_attachments(field: str = "files") -> list[Proof]:
    """The files of a field of a posted form; none where none are chosen.

    Raises: InvalidInputError.
    """
    files = request.files.getlist(field)
    return read_attachments((file.filename, file.read()) for file in files if file.filename)


def send_attachment(number: str, key: int) -> Response:
    """A file of a case within the person's scope, to be saved and not shown in place.

    Raises: NotFoundError, UnavailableError.
    """
    name, content, media_type = get_attachment(installation(), person.scope, number, key)
    return send_file(io.BytesIO(content), media_type, as_attachment=True, download_name=name)
