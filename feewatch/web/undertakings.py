"""An undertaking as a form states it; the same form at the office and at an institution."""

from flask import request

from feewatch.casework.undertakings import Promise, read_contract_lines
from feewatch.kernel.errors import InvalidInputError
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.forms import REASON_MAX, read_field, read_form_day


def read_promise() -> Promise:
    """The undertaking of the posted form: kind, due_on, promise, contracts, covers_to, matter.

    Raises: InvalidInputError.
    """
    due_on = read_form_day("due_on")
    if due_on is None:
        raise InvalidInputError("FIELD", "必须填写", "this must be filled in", field="due_on")
    matter = request.form.get("matter", "")
    is_key = matter.isascii() and matter.isdecimal() and int(matter) <= MAX_KEY
    return Promise(
        read_field("kind", 12),
        due_on,
        text=request.form.get("promise", "")[:REASON_MAX],
        matter_id=int(matter) if is_key else None,
        contracts=read_contract_lines(request.form.get("contracts", "")),
        covers_to=read_form_day("covers_to"),
    )
