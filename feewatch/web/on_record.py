"""What a person or program was shown, given or refused goes on record with its way and address.

Whatever shows accounts, payers or memos whole, as the person asked (``services.audit.unmasking``)
or as a page is made for, counts as reading personal data. A list given out as a file is on record
by itself (``services.desk.exports``).
"""

from collections.abc import Iterator

from flask import Response, current_app, g, request

from feewatch.services.audit.reads import ReadAct, note
from feewatch.services.audit.refusals import RefusalCounter, Refused, shown_page
from feewatch.store.audit import come_from
from feewatch.web.access import installation
from feewatch.web.words import EXPORTED

#: Pages of the office that show account numbers whole by what they are made for: a bank is asked
#: about an account, an institution wants a row of a register changed, a case is handed over.
PERSONAL = frozenset(
    {
        "confirmations.document", "confirmations.letter", "corrections.show", "papers.document",
        "papers.show", "transfers.bundle",
    }
)  # fmt: skip
#: A log-in that failed is on record by itself.
_ON_RECORD = "LOGIN-FAILED"
#: Of the API what anybody may read.
_OPEN = frozenset({"api.editions", "api.lists", "api.one_list", "api.openapi"})


def begin() -> None:
    """Let all that this request puts on record carry the way it came."""
    come_from(_way(), request.remote_addr or "")


def put_on_record(response: Response) -> Response:
    """The answer as it is, once the act is on record or laid aside."""
    counter: RefusalCounter = current_app.extensions["refusals"]
    refused = _refused(response)
    if refused is not None:
        counter.take(installation(), refused, _way())
    else:
        counter.turn(installation())
    for act in _acts_of(response):
        note(installation(), act, _way(), request.remote_addr or "")
    return response


def _refused(response: Response) -> Refused | None:
    """The refusal of what is guarded, of an expired form, of a log-in that was slowed."""
    code, person = g.get("refused"), g.get("user")
    if code in (None, _ON_RECORD) or response.status_code >= 500:
        return None
    status = 401 if response.status_code < 400 else response.status_code  # sent on to log in
    is_guard = status in (401, 403, 404, 429) or code == "CSRF"
    if not is_guard or (request.blueprint == "public" and status == 404):
        return None
    rule = request.url_rule
    page = shown_page(rule.rule if rule is not None else None, request.view_args or {})
    name = person.name if person is not None else ""
    return Refused(name, request.remote_addr or "", page, code, status, request.method)


def _acts_of(response: Response) -> Iterator[ReadAct]:
    act = _act_of(response)
    told = g.sights.told() if "sights" in g and response.status_code == 200 else {}
    if told:
        yield ReadAct(g.user.name, "personal.read", request.path, told)
    if act is not None and not (told and act.action == "personal.read"):
        yield act


def _act_of(response: Response) -> ReadAct | None:
    person = g.get("user")
    if person is None or request.endpoint is None:
        return None
    if request.method != "GET" or response.status_code != 200:
        return None
    action = _reading(response)
    return ReadAct(person.name, action, request.path, {}) if action else None


def _reading(response: Response) -> str:
    """What kind of reading a page that was given is; empty where it is none to be kept."""
    endpoint = request.endpoint or ""
    if endpoint in PERSONAL and g.user.is_decider:
        return "personal.read"
    if request.args.get("format") and endpoint in EXPORTED:
        return ""
    if request.blueprint == "api":
        return "" if endpoint in _OPEN else "api.read"
    if request.blueprint != "public" and "attachment" in response.headers.get(
        "Content-Disposition", ""
    ):
        return "file.given"
    return ""


def _way() -> str:
    return "api" if request.blueprint == "api" else "site"
