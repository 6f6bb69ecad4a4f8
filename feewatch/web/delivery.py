"""How answers travel: headers that keep strangers out, what may be kept, what goes packed.

Only answers that no log-in shaped are packed: the length of a packed page that holds both a secret
and what a stranger made somebody send gives the secret away.
"""

import gzip

from flask import g, request
from flask.wrappers import Response

from feewatch.web.access import installation
from feewatch.web.assets import PACKED_FROM

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HSTS, _BELOW = "max-age=31536000", "; includeSubDomains"
#: Beside ``text/…``; everything else is packed already.
_PACKABLE = frozenset({"application/json", "application/javascript", "image/svg+xml"})

#: Rooms whose pages are the same for everybody who asks in one language.
_PUBLIC = ("public", "costs", "asking")


def secure(response: Response) -> Response:
    """The answer with the headers of all answers; a person's pages are kept nowhere."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)  # a page that stands alone has a policy of its own
    if request.is_secure:
        below = installation().config.web.hsts_subdomains
        response.headers["Strict-Transport-Security"] = _HSTS + _BELOW * below
    if getattr(g, "user", None) is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def lighten(response: Response) -> Response:
    """A public page with its ETag, asked for again only where it changed, and packed."""
    if getattr(g, "user", None) is not None or response.direct_passthrough:
        return response
    if request.method in ("GET", "HEAD") and request.blueprint in _PUBLIC:
        # the latest edition is decisive: a browser asks each time, and is told that nothing changed
        response.headers["Cache-Control"] = "no-cache"
        if response.status_code == 200:
            response.add_etag(weak=True)
            response.make_conditional(request)
    return _pack(response)


def _pack(response: Response) -> Response:
    media = response.mimetype or ""
    is_text = media.startswith("text/") or media in _PACKABLE
    if not is_text or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    content = response.get_data()
    if request.accept_encodings.quality("gzip") > 0 and len(content) > PACKED_FROM:
        response.set_data(gzip.compress(content, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
