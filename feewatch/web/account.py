"""Log-in, log-out, language, password."""

from flask import flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import VISITORS, User
from feewatch.services.people import identities, passwords, second_factors, sessions, users
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import (
    ANYONE,
    EVERYBODY,
    Room,
    enter,
    home_of,
    installation,
    last_log_in,
    leave,
    only,
    only_at,
    person,
)
from feewatch.web.formats import moment
from feewatch.web.forms import read_field, safe_next
from feewatch.web.language import LANGUAGES, t
from feewatch.web.refused import form_on

room = Room("account", __name__, may_enter=EVERYBODY, url_prefix="/account")


@room.get("/login")
@only(ANYONE)
def login() -> str:
    """The log-in form."""
    has_provider = identities.is_offered(installation())
    goal = safe_next(request.args.get("next"))
    return render_template("account/login.html", next=goal, has_provider=has_provider)


@room.post("/login")
@only(ANYONE)
def log_in() -> Response:
    """Begin a session and go on to the page that was asked for."""
    name, password = read_field("name", 60), read_field("password", passwords.PASSWORD_MAX)
    user = users.log_in(installation(), name, password, request.remote_addr or "")
    stage = second_factors.read_stage(installation(), user)
    enter(user, stage=stage)
    return go_on(user, stage, request.form.get("next"))


@room.post("/logout")
@only_at(second_factors.OPEN, second_factors.CODE, second_factors.ENROL)
def log_out() -> Response:
    """End the session; a copy of its cookie is worth nothing from now on."""
    sessions.end(installation(), person, g.session.id)
    is_visitor = person.role in VISITORS
    leave()
    answer = redirect(url_for("public.lists"))
    # visits that a phone has not handed in yet lie in its store, and are lost with it
    answer.headers["Clear-Site-Data"] = '"cache"' if is_visitor else '"cache", "storage"'
    return answer


@room.get("/language/<choice>")
@only(ANYONE)
def language(choice: str) -> Response:
    """Read on in the other language."""
    if choice not in LANGUAGES:
        raise NotFoundError("LANGUAGE", "没有这种语言", "there is no such language")
    session["language"] = choice
    return redirect(safe_next(request.args.get("next")) or url_for("public.lists"))


@room.get("/sessions")
def own_sessions() -> str:
    """Where the person is logged in, and what was before."""
    shown = sessions.list_own(installation(), person)
    return render_template("account/sessions.html", sessions=shown, last=last_log_in())


@room.post(f"/sessions/<int(max={MAX_KEY}):key>/end")
@form_on("account.own_sessions")
def end_session(key: int) -> Response:
    """End one of the person's sessions."""
    sessions.end(installation(), person, key)
    if key == g.session.id:
        leave()
        return redirect(url_for("public.lists"))
    flash(t("已结束该登录", "the session is ended"))
    return redirect(url_for("account.own_sessions"))


@room.post("/sessions/end-others")
@form_on("account.own_sessions")
def end_other_sessions() -> Response:
    """End all of the person's sessions but this one."""
    ended = sessions.end_others(installation(), person, g.session.id)
    flash(t(f"已结束其他登录 {ended} 个", f"{ended} other sessions are ended"))
    return redirect(url_for("account.own_sessions"))


@room.get("/password")
def password() -> str:
    """The form to change one's password."""
    return _own_page(done=False)


@room.post("/password")
def change_password() -> str:
    """Change one's password; other sessions of the person end."""
    old, new = read_field("old", passwords.PASSWORD_MAX), read_field("new", passwords.PASSWORD_MAX)
    if new != request.form.get("again"):
        raise InvalidInputError(
            "PASSWORD-AGAIN",
            "两次输入的新密码不一致",
            "the new password was typed differently",
            field="again",
        )
    address = request.remote_addr or ""
    changed = users.change_password(installation(), person, old, new, address=address)
    enter(changed, factor=g.session.factor)
    return _own_page(done=True)


@room.post("/mail")
@form_on("account.password")
def set_mail() -> Response:
    """Say where one's messages go as mail too."""
    password = read_field("password", passwords.PASSWORD_MAX)
    users.require_password(installation(), person, password, request.remote_addr or "")
    address = request.form.get("mail", "")
    users.set_mail(installation(), person.name, address, actor=person.name)
    flash(t("邮箱已更新", "the address is changed"))
    return redirect(url_for("account.password"))


def go_on(user: User, stage: str, goal: str | None, *, by: str = "password") -> Response:
    """To what the session wants first, to the page that was asked for, or where they begin.

    ``by``: what opened it. Who came in from a provider need not know the password here.
    """
    if stage == second_factors.CODE:
        return redirect(url_for("account.second_step", next=safe_next(goal)))
    if stage == second_factors.ENROL:
        return redirect(url_for("account.second_factor", next=safe_next(goal)))
    tell_last_log_in()
    if user.must_change and by != "provider":
        return redirect(url_for("account.password"))
    return redirect(safe_next(goal) or home_of(user.role))


def tell_last_log_in() -> None:
    """Say on the next page when the person logged in before, and what failed since."""
    last = last_log_in()
    if last is None:
        return
    at, where = moment(last.made_at), last.address
    failed = last.failures and t(
        f"；此后登录失败 {last.failures} 次", f"; {last.failures} log-ins failed since"
    )
    flash(t(f"上次登录：{at}，来自 {where}", f"Last log-in: {at}, from {where}") + (failed or ""))


def _own_page(*, done: bool) -> str:
    app = installation()
    return render_template(
        "account/password.html",
        done=done,
        mail=users.find_mail(app, person) or "",
        is_mailed=bool(app.config.mail.host),
    )
