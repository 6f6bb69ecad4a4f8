"""The site: puts blueprints, guards, headers and words together. Nothing happens at import."""

import datetime as dt
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import get_content_length

from feewatch.bootstrap import App
from feewatch.services.audit.refusals import RefusalCounter
from feewatch.services.lists import posting
from feewatch.web import (
    access,
    api,
    asking,
    assets,
    computing,
    costs,
    delivery,
    faults,
    formats,
    handing,
    health,
    institution,
    messages,
    on_record,
    own_cases,
    own_confirmation,
    own_decisions,
    own_grades,
    own_papers,
    own_white,
    provider,
    public,
    registers,
    request_log,
    rounds,
    self_check,
    sent_back_api,
)
from feewatch.web.forms import refuse_address, refuse_form, refuse_host
from feewatch.web.language import half, say
from feewatch.web.processes import count_processes
from feewatch.web.regulator import (
    advance_notices,
    audit,
    cases,
    conditions,
    confirmations,
    corrections,
    countersigns,
    decision_reports,
    decisions,
    defences,
    desk,
    district,
    drafts,
    editions,
    gathered,
    grades,
    holds,
    keys,
    matching,
    monitoring,
    objections,
    papers,
    people,
    places,
    publication,
    push,
    quarantine,
    records,
    reports,
    round_desk,
    scheduling,
    self_reports,
    sent_back,
    supervision,
    today,
    transfers,
    unmasking,
    white,
)
from feewatch.web.words import words

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

#: Bytes of a request that take long to read.
_LONG_BODY = 1 << 20
#: As Flask gives it, or three times nothing.
ExceptionInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class _Site(Flask):
    """A site that reads for a request in one view, and logs a fault by the rule of its page."""

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:
        """Answer a request; what is sent in parts is read by itself."""
        if (get_content_length(environ) or 0) > _LONG_BODY:
            # it takes time in which no view is to be kept
            return super().wsgi_app(environ, start_response)
        app: App = self.extensions["feewatch"]
        with app.database.one_view():
            return super().wsgi_app(environ, start_response)

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        """Log what a view did not expect; an address as typed may hold a name."""
        rule = request.url_rule
        self.logger.error("exception at %s", rule.rule if rule else "-", exc_info=exc_info)


def create_app(app: App) -> Flask:
    """The site of an installation.

    Raises: UnavailableError where the session key is missing.
    """
    web = app.config.web
    site = _Site(__name__, static_folder=None)
    site.config.update(
        SECRET_KEY=app.secret("session"),
        # the prefix lets browsers take the cookie from this very host alone, over TLS
        SESSION_COOKIE_NAME="__Host-feewatch" if web.secure_cookies else "feewatch",
        SESSION_COOKIE_SECURE=web.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(minutes=web.session_minutes),
        MAX_CONTENT_LENGTH=web.max_upload_mb * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=web.secure_cookies,
    )
    site.extensions["feewatch"] = _with_room_for_readers(app)
    posting.fill(app)
    site.json.ensure_ascii = False  # type: ignore[attr-defined]
    if web.trusted_proxies:
        hops = web.trusted_proxies
        site.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            site.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    request_log.register(site, is_behind_proxy=bool(web.trusted_proxies))
    site.extensions["refusals"] = RefusalCounter()
    site.before_request(on_record.begin)
    site.before_request(refuse_host)
    site.before_request(refuse_address)
    site.before_request(access.guard)  # before the CSRF check: a stranger learns nothing more
    site.before_request(refuse_form)
    assets.register(site)
    protection = CSRFProtect(site)
    for open_room in (api.room, asking.room):  # change nothing by a cookie's word
        protection.exempt(open_room)
    faults.register(site)
    computing.register(site)
    for room in (
        public, costs, asking, provider, today, desk, district, cases, corrections, decisions,
        records, quarantine, confirmations, handing, matching, monitoring, drafts, places, reports,
        editions, holds, publication, push, institution, registers, sent_back_api, messages,
        self_check, people, transfers,
        own_cases, objections, papers, own_papers, white, own_white, grades, own_grades,
        advance_notices, defences, own_decisions, decision_reports, scheduling, keys, audit,
        health, conditions, rounds, round_desk, supervision, unmasking, computing,
        countersigns, self_reports, own_confirmation, gathered,
        sent_back,
    ):  # fmt: skip
        site.register_blueprint(room.room)
    site.after_request(delivery.lighten)  # after the headers: the last named comes first
    site.after_request(delivery.secure)
    site.after_request(on_record.put_on_record)
    site.context_processor(words)
    site.jinja_env.filters.update(formats.FILTERS, say=say, half=half)
    site.jinja_env.filters["place"] = formats.places(app.config.places)
    site.jinja_env.filters["below"] = formats.below(app.config.folder)
    site.jinja_env.undefined = StrictUndefined
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    return site


def _with_room_for_readers(app: App) -> App:
    """The installation, of whose writers at most half of the threads wait for others."""
    limits, processes = app.config.limits, count_processes(app.config.web.processes)
    app.database.share_pages(processes * app.database.connections)
    most = max(1, min(limits.waiting_writers, app.config.web.threads // 2))
    return replace(app, database=app.database.limited(most, limits.wait_seconds))
