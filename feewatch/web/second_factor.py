"""The second step of a log-in, and the pages on which a second factor is set up and taken away."""

import segno
from flask import flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from feewatch.kernel.people import User
from feewatch.services.people import passwords, second_factors, users
from feewatch.web import account
from feewatch.web.access import enter, home_of, installation, only_at, person
from feewatch.web.forms import read_field, safe_next
from feewatch.web.language import t
from feewatch.web.refused import form_on

#: The room of the account.
room = account.room
_CODE_MAX = 40


@room.get("/code")
@only_at("code")
def second_step() -> str:
    """The form for a code."""
    return render_template("account/code.html", next=safe_next(request.args.get("next")))


@room.post("/code")
@only_at("code")
def take_code() -> Response:
    """Open the session where the code is right."""
    code = read_field("code", _CODE_MAX)
    factor = second_factors.require_code(installation(), _self(), code, request.remote_addr or "")
    enter(_self(), factor=factor)
    return account.go_on(_self(), second_factors.OPEN, request.form.get("next"))


@room.get("/second-factor")
@only_at("open", "enrol")
def second_factor() -> str:
    """How the person stands with their second factor, and what they can do about it."""
    return _page()


@room.post("/second-factor/begin")
@only_at("open", "enrol")
@form_on("account.second_factor")
def begin_second_factor() -> Response:
    """A secret waits for the person's app to show a code of it."""
    _require_password()
    second_factors.begin(installation(), _self())
    return redirect(url_for("account.second_factor"))


@room.post("/second-factor/confirm")
@only_at("open", "enrol")
@form_on("account.second_factor")
def confirm_second_factor() -> str:
    """Set up from now on; the recovery codes are shown this once."""
    code = read_field("code", _CODE_MAX)
    address = request.remote_addr or ""
    changed, codes = second_factors.confirm(installation(), _self(), code, address)
    _go_on_as(changed, "code")
    return _page(codes)


@room.post("/second-factor/recovery")
@form_on("account.second_factor")
def renew_recovery() -> str:
    """New recovery codes, shown this once."""
    _require_password()
    return _page(second_factors.renew_recovery(installation(), _self()))


@room.post("/second-factor/remove")
@form_on("account.second_factor")
def remove_second_factor() -> Response:
    """Log in by the password alone from now on."""
    _require_password()
    _go_on_as(second_factors.remove(installation(), _self()), "password")
    flash(
        t("已停用动态码，其他登录已结束", "the second factor is taken away; other sessions ended")
    )
    return redirect(url_for("account.second_factor"))


def _page(codes: list[str] | None = None) -> str:
    state = second_factors.read_state(installation(), _self())
    return render_template(
        "account/second_factor.html",
        state=state,
        codes=codes,
        is_fresh=_is_fresh(),
        picture=_picture(state.enrolment.address) if state.enrolment else None,
        home=home_of(_self().role),
    )


def _picture(address: str) -> Markup:
    """A QR code as inline SVG without any style of its own."""
    drawn = segno.make(address, micro=False).svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, light="#fff"
    )
    return Markup(drawn)  # noqa: S704 - drawn by segno from an address of ours


def _require_password() -> None:
    """Nothing where the person proved a moment ago, or proves now, that they are at the screen."""
    if not _is_fresh():
        password = read_field("password", passwords.PASSWORD_MAX)
        users.require_password(installation(), _self(), password, request.remote_addr or "")


def _is_fresh() -> bool:
    return bool(g.session.stage == "enrol")


def _go_on_as(changed: User, factor: str) -> None:
    enter(changed, factor=factor)
    g.user = changed


def _self() -> User:
    return g.user if isinstance(g.user, User) else person
