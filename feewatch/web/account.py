"""Log-in, log-out, language, password."""

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.services.people import passwords, users
from feewatch.web.access import (
    ANYONE,
    EVERYBODY,
    Room,
    enter,
    home_of,
    installation,
    leave,
    only,
    person,
)
from feewatch.web.forms import read_field, safe_next
from feewatch.web.language import LANGUAGES, t
from feewatch.web.refused import form_on

room = Room("account", __name__, may_enter=EVERYBODY, url_prefix="/account")


@room.get("/login")
@only(ANYONE)
def login() -> str:
    """The log-in form."""
    return render_template("account/login.html", next=safe_next(request.args.get("next")))


@room.post("/login")
@only(ANYONE)
def log_in() -> Response:
    """Begin a session and go on to the page that was asked for."""
    name, password = read_field("name", 60), read_field("password", passwords.PASSWORD_MAX)
    user = users.log_in(installation(), name, password, request.remote_addr or "")
    enter(user)
    if user.must_change:
        return redirect(url_for("account.password"))
    return redirect(safe_next(request.form.get("next")) or home_of(user.role))


@room.post("/logout")
def log_out() -> Response:
    """End the session, and the person's sessions elsewhere."""
    users.end_sessions(installation(), person)
    leave()
    return redirect(url_for("public.lists"))


@room.get("/language/<choice>")
@only(ANYONE)
def language(choice: str) -> Response:
    """Read on in the other language."""
    if choice not in LANGUAGES:
        raise NotFoundError("LANGUAGE", "没有这种语言", "there is no such language")
    session["language"] = choice
    return redirect(safe_next(request.args.get("next")) or url_for("public.lists"))


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
    enter(users.change_password(installation(), person, old, new, address=address))
    return _own_page(done=True)


@room.post("/mail")
@form_on("account.password")
def set_mail() -> Response:
    """Say where one's messages go as mail too."""
    address = request.form.get("mail", "")
    users.set_mail(installation(), person.name, address, actor=person.name)
    flash(t("邮箱已更新", "the address is changed"))
    return redirect(url_for("account.password"))


def _own_page(*, done: bool) -> str:
    app = installation()
    return render_template(
        "account/password.html",
        done=done,
        mail=users.find_mail(app, person) or "",
        is_mailed=bool(app.config.mail.host),
    )
