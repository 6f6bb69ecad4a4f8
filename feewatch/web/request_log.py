"""Each request has an id, and one line of the log: what was asked, how it ended, how long it took.

The line names the page by its rule, never by the address as it was typed, in which search words and
numbers of contracts stand; the person by the key on file.
"""

import logging
import re
import secrets
import time

from flask import Flask, current_app, g, request
from flask.wrappers import Response

from feewatch.logs import FACTS
from feewatch.web.tally import Tally, part_of

_log = logging.getLogger("feewatch.access")
_HEADER = "X-Request-ID"
#: An id that a proxy in front has given already, so that both logs tell of one request.
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
#: Asked every few seconds by machines; counted, and told by no line.
_SILENT = frozenset({"health.alive", "health.ready", "health.figures", "static"})


def register(site: Flask, *, is_behind_proxy: bool) -> None:
    """Number, count and log every request of a site."""
    site.extensions["tally"] = Tally()

    def begin() -> None:
        given = request.headers.get(_HEADER, "") if is_behind_proxy else ""
        g.request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        g.begun = time.perf_counter()

    site.before_request(begin)
    site.after_request(_tell)


def _tell(response: Response) -> Response:
    seconds = time.perf_counter() - g.begun
    response.headers[_HEADER] = g.request_id
    tally_of().count(part_of(request.path), response.status_code, seconds)
    if request.endpoint not in _SILENT:
        facts = {FACTS: _facts(response, seconds)}
        _log.info("%s %s", request.method, response.status_code, extra=facts)
    return response


def _facts(response: Response, seconds: float) -> dict[str, object]:
    user = getattr(g, "user", None)
    rule = request.url_rule
    return {
        "request_id": g.request_id,
        "page": rule.rule if rule is not None else "-",
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "bytes": response.calculate_content_length(),
        "person": None if user is None else user.id,
        "role": None if user is None else user.role,
        "from": request.remote_addr,
    }


def tally_of() -> Tally:
    """The counts of the site that answers this request."""
    tally: Tally = current_app.extensions["tally"]
    return tally
