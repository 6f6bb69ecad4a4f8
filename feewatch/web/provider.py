"""Log-in at the office's identity provider: the way there, and the way back."""

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from feewatch.gateways.identity_provider import Pending
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.people import identities
from feewatch.web import account, tokens
from feewatch.web.access import ANYONE, enter, installation, only
from feewatch.web.forms import safe_next

#: The room of the account.
room = tokens.room
_KEPT = "provider"


@room.get("/provider")
@only(ANYONE)
def to_provider() -> Response:
    """Send the browser to the provider."""
    address, pending = identities.begin(installation(), _way_back())
    session[_KEPT] = [*pending, safe_next(request.args.get("next"))]
    return redirect(address)


@room.get("/provider/back")
@only(ANYONE)
def from_provider() -> Response:
    """Begin a session for whom the provider speaks of."""
    kept = session.pop(_KEPT, None)
    if kept is None:
        raise InvalidInputError(
            "OIDC-STATE",
            "这不是本浏览器发起的登录，请重新登录",
            "this browser did not begin this log-in: begin again",
        )
    *words, goal = kept
    address = request.remote_addr or ""
    entered = identities.finish(installation(), _way_back(), Pending(*words), request.url, address)
    enter(entered.person, factor="provider", stage=entered.stage)
    return account.go_on(entered.person, entered.stage, goal, by="provider")


def _way_back() -> str:
    return url_for("account.from_provider", _external=True)
