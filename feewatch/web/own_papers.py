"""The papers that an institution was served with, on its own pages."""

from flask import Response, render_template

from feewatch.casework.papers import PAPERS, WAYS
from feewatch.services.cases import paper_register
from feewatch.web.access import INSTITUTION, Room, installation, person
from feewatch.web.regulator.papers import key_of, send_document

room = Room("own_papers", __name__, may_enter=INSTITUTION, url_prefix="/own/papers")


@room.get("/<int:key>")
def show(key: int) -> str:
    """A paper as it reads, with its service."""
    found = paper_register.get_paper(installation(), person.scope, key_of(key))
    return render_template(
        "institution/paper.html", found=found, ways=WAYS, kind=PAPERS[found.paper.kind]
    )


@room.get("/<int:key>/document.docx")
def document(key: int) -> Response:
    """A paper as DOCX."""
    return send_document(key)
