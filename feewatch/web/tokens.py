"""One's own API tokens: listed, made for something and until a day, ended."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.errors import InvalidInputError
from feewatch.services.people import api_tokens, passwords, users
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import second_factor
from feewatch.web.access import installation, only, person
from feewatch.web.forms import read_field
from feewatch.web.language import t
from feewatch.web.refused import form_on

#: The room of the account.
room = second_factor.room


@room.get("/tokens")
@only(api_tokens.TOKEN_ROLES)
def own_tokens() -> str:
    """The tokens of the person."""
    return _page()


@room.post("/tokens")
@only(api_tokens.TOKEN_ROLES)
def make_token() -> str:
    """A new token, shown this once."""
    password = read_field("password", passwords.PASSWORD_MAX)
    users.require_password(installation(), person, password, request.remote_addr or "")
    token = api_tokens.issue_token(
        installation(),
        person.name,
        actor=person.name,
        scopes=_scopes(),
        days=_days(),
        note=request.form.get("note", ""),
    )
    return _page(token)


@room.post(f"/tokens/<int(max={MAX_KEY}):key>/end")
@only(api_tokens.TOKEN_ROLES)
@form_on("account.own_tokens")
def end_token(key: int) -> Response:
    """End one of them."""
    api_tokens.revoke_token(installation(), person.name, key, actor=person.name)
    flash(t("已结束该令牌", "the token is ended"))
    return redirect(url_for("account.own_tokens"))


def _scopes() -> list[str]:
    scopes = request.form.getlist("scope")
    if not scopes:
        raise InvalidInputError("FIELD", "必须填写", "this must be filled in", field="scope")
    return scopes


def _days() -> int:
    typed = request.form.get("days", "").strip()
    # what is no number of days is no length that a token may have
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else 0


def _page(token: str | None = None) -> str:
    return render_template(
        "account/tokens.html",
        tokens=api_tokens.list_tokens(installation(), person),
        token=token,
        scopes=api_tokens.SCOPES_OF[person.role],
        is_over=api_tokens.is_over,
        people=installation().config.people,
    )
