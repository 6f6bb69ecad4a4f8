"""What a person or program was shown, given or refused goes on record with its way and address.

Pages with account numbers, payers or memos count as reading personal data for those who see them
whole. A list given out as a file is on record by itself (``services.desk.exports``).
"""

from flask import Response, g, request

from feewatch.services.audit.reads import ReadAct, note
from feewatch.store.audit import come_from
from feewatch.web.access import installation
from feewatch.web.words import EXPORTED, sees_accounts

#: Pages of the office that show account numbers, counterparties or memos whole.
PERSONAL = frozenset(
    {
        "confirmations.letter", "corrections.show", "desk.alert", "quarantine.line",
        "matching.unmatched", "quarantine.show", "records.institution", "records.month_ledger",
        "records.statements",
    }
)  # fmt: skip
#: Of the API what anybody may read.
_OPEN = frozenset({"api.editions", "api.lists", "api.one_list", "api.openapi"})
_OWN = frozenset({"institution"})


def begin() -> None:
    """Let all that this request puts on record carry the way it came."""
    come_from(_way(), request.remote_addr or "")


def put_on_record(response: Response) -> Response:
    """The answer as it is, once the act is on record or laid aside."""
    act = _act_of(response)
    if act is not None:
        note(installation(), act, _way(), request.remote_addr or "")
    return response


def _act_of(response: Response) -> ReadAct | None:
    person = g.get("user")
    if person is None or request.endpoint is None:
        return None
    status, refused = response.status_code, g.get("refused")
    if status in (403, 404) and refused is not None:
        detail = {"method": request.method, "status": status, "code": refused}
        return ReadAct(person.name, "request.refused", request.path, detail)
    if request.method != "GET" or status != 200:
        return None
    action = _reading(response)
    return ReadAct(person.name, action, request.path, {}) if action else None


def _reading(response: Response) -> str:
    """What kind of reading a page that was given is; empty where it is none to be kept."""
    endpoint = request.endpoint or ""
    if request.args.get("format") and endpoint in EXPORTED:
        return ""
    if request.blueprint == "api":
        return "" if endpoint in _OPEN else "api.read"
    if request.blueprint != "public" and "attachment" in response.headers.get(
        "Content-Disposition", ""
    ):
        return "file.given"
    is_shown = endpoint in PERSONAL and sees_accounts() and g.user.role not in _OWN
    return "personal.read" if is_shown else ""


def _way() -> str:
    return "api" if request.blueprint == "api" else "site"
