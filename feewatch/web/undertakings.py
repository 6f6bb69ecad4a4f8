"""An undertaking as a form states it; the same form at the office and at an institution."""

from flask import request

from feewatch.casework.undertakings import Promise, read_contract_lines
from feewatch.kernel.errors import InvalidInputError
from feewatch.web.forms import REASON_MAX, read_field, read_form_day, read_form_key


def read_promise() -> Promise:
    """The undertaking of the posted form: kind, due_on, promise, contracts, covers_to, matter.

    Raises: InvalidInputError.
    """
    due_on = read_form_day("due_on")
    if due_on is None:
        raise InvalidInputError("FIELD", "必须填写", "this must be filled in", field="due_on")
    return Promise(
        read_field("kind", 12),
        due_on,
        text=request.form.get("promise", "")[:REASON_MAX],
        matter_id=read_form_key("matter"),
        contracts=read_contract_lines(request.form.get("contracts", "")),
        covers_to=read_form_day("covers_to"),
    )
