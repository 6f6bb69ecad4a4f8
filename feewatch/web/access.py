"""Who may enter: declared where the blueprint is, asked before every request, default deny."""

from collections.abc import Callable, Collection
from typing import TypeVar

from flask import Blueprint, Flask, current_app, g, request, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy

from feewatch.bootstrap import App
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import ADMINISTRATORS, OFFICE, ROLES, User
from feewatch.kernel.text import Text
from feewatch.services.people import acting, api_tokens, sessions
from feewatch.store.people.sessions import LastLogIn

View = TypeVar("View", bound=Callable[..., object])
Roles = frozenset[str]

ANYONE: Roles = frozenset({"anyone"})
EVERYBODY: Roles = frozenset(ROLES)
READERS: Roles = OFFICE | {"api"}
INSTITUTION: Roles = frozenset({"institution"})
PROGRAMS: Roles = frozenset({"api"})
#: Methods that change nothing. A program's other requests carry their own word: a cookie, which a
#: browser sends along unasked, is none.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Style sheets and pictures; everything else belongs to a blueprint that declares who may enter.
_OPEN_ENDPOINTS = frozenset({"static"})
#: Under which name the cookie holds the word of the session.
_WORD = "word"
#: By what a browser tells its family: most name others before themselves.
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Edg", "Edge"), ("QQBrowser", "QQ"),
    ("QIHU", "360"), ("Firefox", "Firefox"), ("OPR", "Opera"), ("Chrome", "Chrome"),
    ("Safari", "Safari"), ("Trident", "Internet Explorer"),
)  # fmt: skip


class LoginRequiredError(ForbiddenError):
    """Nobody is logged in and the page is not public."""


class PasswordChangeError(ForbiddenError):
    """The person is logged in with a password that somebody else set."""


class SecondStepError(ForbiddenError):
    """The session wants something else of the person first; ``stage`` says what."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        super().__init__(
            "SECOND-FACTOR",
            "请先完成登录的第二步",
            "finish the second step of the log-in first",
        )


class TokenScopeError(ForbiddenError):
    """The token was made for something else; ``scopes`` are those of which one would do."""

    def __init__(self, scopes: Collection[str]) -> None:
        self.scopes = tuple(scopes)
        words = [api_tokens.SCOPES[scope] for scope in scopes]
        super().__init__(
            "TOKEN-SCOPE",
            f"此令牌不用于{'或'.join(word.zh for word in words)}",
            f"this token is not for {' or '.join(word.en for word in words)}",
        )


class Room(Blueprint):
    """A blueprint that says who may enter; a view may say so for itself with ``only``."""

    def __init__(self, name: str, import_name: str, *, may_enter: Roles, url_prefix: str) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.may_enter = may_enter


def only(roles: Roles) -> Callable[[View], View]:
    """The view with its own declaration of who may enter."""

    def declare(view: View) -> View:
        view.may_enter = roles  # type: ignore[attr-defined]
        return view

    return declare


def only_at(*stages: str) -> Callable[[View], View]:
    """The view, for sessions at these stages of the log-in; others are for open ones."""

    def declare(view: View) -> View:
        view.stages = stages  # type: ignore[attr-defined]
        return view

    return declare


def needs(*scopes: str) -> Callable[[View], View]:
    """The view of the API, for tokens that were made for one of these."""

    def declare(view: View) -> View:
        view.scopes = scopes  # type: ignore[attr-defined]
        return view

    return declare


def scopes_of(site: Flask, endpoint: str) -> tuple[str, ...]:
    """For what a token has to be made to enter an endpoint: for reading where nothing is said."""
    scopes: tuple[str, ...] = getattr(site.view_functions[endpoint], "scopes", ("read",))
    return scopes


def entry_of(site: Flask, endpoint: str) -> Roles:
    """Who may enter an endpoint; nobody where nothing is declared."""
    if endpoint in _OPEN_ENDPOINTS:
        return ANYONE
    room = site.blueprints.get(endpoint.rpartition(".")[0])
    declared: Roles = getattr(room, "may_enter", frozenset())
    return getattr(site.view_functions[endpoint], "may_enter", declared)


def guard() -> None:
    """Let the request pass, or refuse it; afterwards ``g.user`` is who asks, if anybody.

    Raises: LoginRequiredError, ForbiddenError.
    """
    g.user = g.session = g.scopes = None
    if request.endpoint in _OPEN_ENDPOINTS:
        return
    if request.endpoint is None:
        _know_who_strays()
        return
    g.user = _from_header() if request.blueprint == "api" else None
    if request.blueprint != "api" or request.method in _SAFE:
        g.user = g.user or _from_session()
    roles = entry_of(current_app, request.endpoint)
    if g.session is not None and g.session.stage not in _stages_of(request.endpoint):
        if roles != ANYONE:
            raise SecondStepError(g.session.stage)
        g.user = g.session = None  # half a log-in is none
    if roles == ANYONE:
        return
    if g.user is None:
        raise LoginRequiredError("LOGIN-REQUIRED", "请先登录", "please log in")
    acting.require_role(g.user, roles)
    wanted = scopes_of(current_app, request.endpoint)
    if g.scopes is not None and not g.scopes & set(wanted):
        raise TokenScopeError(wanted)
    is_by_password = g.session is None or g.session.factor != "provider"
    if g.user.must_change and is_by_password and request.blueprint != "account":
        raise PasswordChangeError(
            "PASSWORD-CHANGE",
            "密码由他人重置，请先更改密码",
            "somebody else set this password: change it first",
        )


def _know_who_strays() -> None:
    """Who asks for what there is not: their menu stands on the page, their name on record.

    Nobody is refused for it: there is nothing to enter.
    """
    try:
        g.user = _from_header() if request.path.startswith("/api/") else _from_session()
    except LoginRequiredError:
        return
    if whole_user() is None:
        g.user = g.session = None


def _stages_of(endpoint: str) -> tuple[str, ...]:
    stages: tuple[str, ...] = getattr(current_app.view_functions[endpoint], "stages", ("open",))
    return stages


def enter(person: User, *, factor: str = "password", stage: str = "open") -> None:
    """Begin a session for a person; what an earlier session held is gone, the language stays."""
    word = sessions.begin(
        installation(), person, caller(), factor=factor, stage=stage, replaces=session.get(_WORD)
    )
    leave()
    session.permanent = True
    session[_WORD] = word


def leave() -> None:
    """Let the browser keep nothing of its session; the language stays."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def caller() -> sessions.Caller:
    """From where this request comes."""
    agent = request.headers.get("User-Agent", "")
    family = next((family for mark, family in _BROWSERS if mark in agent), agent.partition("/")[0])
    return sessions.Caller((request.remote_addr or "")[:64], family[:40])


def last_log_in() -> LastLogIn | None:
    """The person's log-in before this one."""
    return sessions.find_last(installation(), session.get(_WORD, ""))


def _from_session() -> User | None:
    if _WORD not in session:
        return None
    standing = sessions.find(installation(), session[_WORD])
    if standing is None:
        return None
    g.session = standing.session
    return standing.user


def _from_header() -> User | None:
    given = request.authorization
    if given is not None and given.type == "basic":
        raise LoginRequiredError(
            "BASIC-ENDED",
            "接口不再接受用户名和密码，请改用令牌（feewatch user token 用户名，或“接口令牌”页）",
            "the API takes no names and passwords any more: use a token (feewatch user token NAME,"
            " or the page of API tokens after a log-in)",
        )
    if given is None or given.type != "bearer":
        return None
    bearer = api_tokens.find_bearer(installation(), given.token or "", caller().address)
    if bearer is None:
        raise LoginRequiredError(
            "TOKEN-UNKNOWN", "令牌无效或已结束", "the token is unknown or was ended"
        )
    if bearer.is_expired:
        raise LoginRequiredError(
            "TOKEN-EXPIRED", "令牌已到期，请更换", "the token is past its day: make a new one"
        )
    g.scopes = bearer.scopes
    return bearer.user


def whole_user() -> User | None:
    """Who is logged in; nobody while a second step is wanted."""
    user: User | None = g.get("user")
    return user if g.get("session") is None or g.session.stage == "open" else None


#: Where a person begins who does not begin at the desk, and what that page is called.
_HOMES = {
    "inspector": ("rounds.home", Text("走访", "Rounds")),
    "institution": ("institution.status", Text("本机构", "My institution")),
}
#: Those for whom something waits on the page Today.
_DESKS = OFFICE | ADMINISTRATORS | {"rule_editor"}
_DESK = ("today.home", Text("今天", "Today"))
_PUBLIC = ("public.lists", Text("公示名单", "Public lists"))


def home_of(role: str) -> str:
    """Where a person of this role begins."""
    return url_for(_home_of(role)[0])


def title_of_home(role: str) -> Text:
    """What the page is called on which a person of this role begins."""
    return _home_of(role)[1]


def _home_of(role: str) -> tuple[str, Text]:
    return _DESK if role in _DESKS else _HOMES.get(role, _PUBLIC)


def may_open(path: str) -> bool:
    """Whether a page stands under a path that the person may open."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    roles = entry_of(current_app, endpoint)
    person = g.get("user")
    return roles == ANYONE or (person is not None and person.role in roles)


def installation() -> App:
    """The installation that the site serves."""
    app: App = current_app.extensions["feewatch"]
    return app


def _person() -> User:
    assert isinstance(g.user, User)
    return g.user


#: Who asks, in views that are not open to anyone.
person: User = LocalProxy(_person)  # type: ignore[assignment]
