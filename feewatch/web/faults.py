"""Refusals and faults as pages and as JSON: one table from families of errors to HTTP statuses.

A refused form comes back on its own page (``web.refused``); everything else has a page that says
what is wrong and where to go on.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as AnyResponse

from feewatch.bootstrap import database_place
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    MachineError,
    NotFoundError,
    QuotaError,
    Refusal,
    TryLaterError,
    UnavailableError,
)
from feewatch.kernel.text import Text
from feewatch.services.people.brake import TooManyAttemptsError
from feewatch.services.trials.turns import TurnError
from feewatch.store.database import DatabaseFault
from feewatch.store.faults import explain
from feewatch.web.access import (
    LoginRequiredError,
    PasswordChangeError,
    SecondStepError,
    TokenScopeError,
    home_of,
    may_open,
    title_of_home,
    whole_user,
)
from feewatch.web.language import say, t
from feewatch.web.refused import Ways, Wrong, page_of_form, show_again, typed_texts

#: The first family that fits gives the status.
STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (LoginRequiredError, 401),
    (TooManyAttemptsError, 429),
    (QuotaError, 429),
    (InvalidInputError, 400),
    (NotFoundError, 404),
    (ConflictError, 409),
    (ForbiddenError, 403),
    (UnavailableError, 503),
)
_HTTP = {
    400: Text("请求有误", "The request is not valid"),
    404: Text("找不到该页面", "There is no such page"),
    405: Text("此地址不接受这种操作", "This address does not take that action"),
    500: Text("系统出错，已记录", "Something went wrong; it has been recorded"),
}
_EXPIRED = Text(
    "页面已过期，请返回刷新后重试", "The page has expired: go back, reload and try again"
)
#: What people at a page are told of a fault of the machine.
_AWAY = Text(
    "系统暂时不可用，本次操作未保存，请稍后重试；管理员可运行 feewatch doctor 查看原因",
    "The service is not available for the moment and this was not kept: try again shortly; an "
    "administrator finds the reason by feewatch doctor",
)
_MACHINE = {
    "DISK-FULL": Text(
        "系统磁盘已满，本次操作未保存；查询仍可使用，请联系管理员",
        "The disk of the service is full and this was not kept; reading goes on. Tell the "
        "administrator",
    ),
    "READ-ONLY": Text(
        "系统目前只能查询，本次操作未保存，请联系管理员",
        "The service can only be read for the moment and this was not kept. Tell the administrator",
    ),
    "DATABASE-LOCKED": Text(
        "系统正忙，本次操作未保存，请稍后重试",
        "The service is busy and this was not kept: try again shortly",
    ),
}
_log = logging.getLogger(__name__)


def register(site: Flask) -> None:
    """Answer every refusal and every fault in words; never with a stack trace."""
    site.register_error_handler(Refusal, _refusal)
    for family in (DatabaseFault, OSError, MemoryError):
        site.register_error_handler(family, _machine)
    site.register_error_handler(CSRFError, _expired)
    site.register_error_handler(HTTPException, _http)
    site.register_error_handler(500, _broken)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return next(status for family, status in STATUS if isinstance(refusal, family))


def _refusal(refusal: Refusal) -> AnyResponse:
    status = status_of(refusal)
    g.refused = refusal.code
    if status == 401 and not _is_api() and request.method == "GET":
        return redirect(url_for("account.login", next=request.full_path.rstrip("?")))
    if isinstance(refusal, PasswordChangeError) and not _is_api():
        return redirect(url_for("account.password"))
    if isinstance(refusal, SecondStepError) and not _is_api():
        return redirect(_next_step(refusal.stage))
    text = refusal.text
    if isinstance(refusal, MachineError):
        rule = request.url_rule  # an address as it was typed may hold a name or an account
        where = rule.rule if rule else "-"
        _log.warning("%s: %s at %s", refusal.code, _without_file(text.en), where)
        text = _MACHINE.get(refusal.code, _AWAY)  # paths of the machine are for its log alone
    response = _answer(status, refusal.code, text, field=refusal.field)
    if isinstance(refusal, TryLaterError):
        response.headers["Retry-After"] = str(refusal.seconds)
        if request.method == "GET" and isinstance(refusal, TurnError):  # the page asks by itself
            response.headers["Refresh"] = str(refusal.seconds)
    if _is_api() and status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="feewatch"'
    if isinstance(refusal, TokenScopeError):
        scopes = " ".join(refusal.scopes)
        response.headers["WWW-Authenticate"] = (
            f'Bearer realm="feewatch", error="insufficient_scope", scope="{scopes}"'
        )
    return response


def _next_step(stage: str) -> str:
    """Where a log-in goes on that is half done, or a person who is in already."""
    if stage == "open":
        return home_of(g.user.role)
    return url_for("account.second_step" if stage == "code" else "account.second_factor")


def _machine(fault: Exception) -> AnyResponse:
    """A fault of the machine as a refusal that passes; one of the program goes on as it is."""
    g.file = fault.filename if isinstance(fault, OSError) else None
    refusal = explain(fault, database_place(current_app.extensions["feewatch"].config))
    if refusal is None:
        raise fault
    return _refusal(refusal)


def _without_file(text: str) -> str:
    """The words of a fault with the folder alone of its file: some are named after payers."""
    name = g.get("file")
    return text.replace(name, str(Path(name).parent)) if isinstance(name, str) and name else text


def _expired(_: CSRFError) -> AnyResponse:
    g.refused = "CSRF"
    return _answer(400, "CSRF", _EXPIRED)


def _http(fault: HTTPException) -> AnyResponse:
    status = fault.code or 500
    if status < 400:
        return fault.get_response()  # a redirect
    if status == 413:
        most = f"{(request.max_content_length or 0) / 1_048_576:.3g} MB"
        text = Text(f"文件或表单过大，至多 {most}", f"The file or form is larger than {most}")
        return _answer(status, "TOO-LARGE", text)
    if status == 404:
        g.refused = "HTTP-404"
    response = _answer(status, f"HTTP-{status}", _HTTP.get(status, _HTTP[400]))
    if isinstance(fault, MethodNotAllowed) and fault.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(fault.valid_methods))
    return response


def _broken(_: Exception) -> AnyResponse:
    number = g.request_id
    _log.error("fault %s", number)
    text = _HTTP[500]
    told = Text(f"{text.zh}（编号 {number}）", f"{text.en} (no. {number})")
    return _answer(500, "FAULT", told)


def refuse_with(refusal: Refusal, *ways: tuple[str, str]) -> Response:
    """The page of a refusal that says where to go on: addresses with their names."""
    status = status_of(refusal)
    return _answer(status, refusal.code, refusal.text, ways, refusal.field)


def _answer(status: int, code: str, text: Text, ways: Ways = (), field: str = "") -> Response:
    if _is_api():
        response = jsonify(code=code, message=text.both())
        response.status_code = status
        return response
    wrong = Wrong(status, code, text, field, (*ways, *_ways_on(status)))
    is_question = status == 400 and bool(request.args) and request.method in ("GET", "HEAD")
    is_form = (request.method == "POST" and status < 500) or is_question
    return (show_again(wrong) if is_form else None) or _page_of(wrong)


def _page_of(wrong: Wrong) -> Response:
    """The page of a refusal that stands on no form, or on one whose page does not open."""
    if wrong.status >= 500:  # what failed is not asked again
        g.marks = None
    typed = typed_texts() if request.method == "POST" else []
    page = Response(render_template("error.html", wrong=wrong, typed=typed))
    page.status_code = wrong.status
    return page


def _ways_on(status: int) -> Ways:
    """Where the person may go on: to log in, one level up, to where they begin."""
    person = whole_user()
    role = person.role if person is not None else ""
    home = home_of(role)
    ways = [(home, t("返回", "Back to: ") + say(title_of_home(role)))]
    above = next((each for each in _above() if may_open(each) and each != home), None)
    if above is not None and above != "/":
        ways.insert(0, (above, t("返回上一级", "One level up")))
    if status == 401:
        page = page_of_form()
        ways.insert(0, (url_for("account.login", next=page), t("登录", "Log in")))
    return tuple(ways)


def _above() -> Iterator[str]:
    """The addresses above the one asked for, the nearest first."""
    path = request.path.rstrip("/")
    while "/" in path:
        path = path.rpartition("/")[0]
        yield from (path or "/", f"{path}/")


def _is_api() -> bool:
    return request.path.startswith("/api/")
