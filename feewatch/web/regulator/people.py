"""人员: who is on file with log-ins, sessions and tokens; roles by two persons; 三员分立."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.kernel.clock import timestamp
from feewatch.kernel.departments import DEPARTMENTS
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import ADMINISTRATORS, DEPARTMENTAL, ROLES, SECURITY, SYSTEM
from feewatch.services.people import (
    api_tokens,
    holding,
    listing,
    passwords,
    roles,
    second_factors,
    separation,
    sessions,
    users,
)
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_choice, read_field, read_place, read_reason
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("people", __name__, may_enter=SECURITY | SYSTEM, url_prefix="/desk/people")


@room.get("/")
def listed() -> str:
    """The people of a role or place, what waits, and how far 三员分立 is."""
    role, district = read_choice("role", ROLES), read_place("district")
    app = installation()
    return render_template(
        "regulator/people.html",
        people=listing.read_people(app, role=role, district=district),
        role=role,
        district=district,
        kinds=roles.KINDS,
        now=timestamp(),
    )


@room.get("/separation")
@only(ADMINISTRATORS)
def separate() -> str:
    """How far 三员分立 is, and what is lacking."""
    state = separation.read(installation())
    return render_template("regulator/separation.html", state=state, states=separation.STATES)


@room.post("/separation")
@only(ADMINISTRATORS)
@form_on("people.separate")
def decide_separation() -> Response:
    """Ask for it, confirm it as another person, or refuse."""
    app, act = installation(), read_field("act", 10)
    if act == "confirm":
        separation.confirm(app, actor=person.name)
    else:
        acts = {"ask": separation.ask, "refuse": separation.refuse}
        _one(acts, act)(app, actor=person.name, reason=read_reason())
    flash(t("已记录", "put on record"))
    return redirect(url_for("people.separate"))


@room.get("/new")
@only(SECURITY)
def new() -> str:
    """The form for a new person."""
    return render_template(
        "regulator/person_new.html", made=None, departments=DEPARTMENTS, departmental=DEPARTMENTAL
    )


@room.post("/new")
@only(SECURITY)
def add() -> str:
    """A new person, whose first password is shown this once and changed at the first log-in."""
    name, password = read_field("name", 60), passwords.random_password()
    waits = users.add_user(
        installation(),
        name,
        read_field("role", 16),
        password=password,
        district=request.form.get("district", "").strip() or None,
        uscc=request.form.get("uscc", "").strip() or None,
        department=request.form.get("department") or None,
        actor=person.name,
        reason=read_reason(),
        must_change=True,
    )
    made = {"name": name, "password": password, "waits": waits}
    return render_template(
        "regulator/person_new.html", made=made, departments=DEPARTMENTS, departmental=DEPARTMENTAL
    )


@room.get("/of/<name>")
def show(name: str) -> str:
    """One person with sessions and tokens."""
    return _page(name)


@room.post("/of/<name>")
@only(SECURITY)
def act_on(name: str) -> str:
    """Change the role, end sessions or a token, reset, bar a person."""
    app, act, reason = installation(), read_field("act", 16), read_reason()
    password = None
    if act == "role":
        place = request.form.get("district", "").strip() or None
        roles.change_role(
            app, name, read_field("role", 16), district=place, actor=person.name, reason=reason
        )
    elif act == "department":
        users.set_department(
            app, name, request.form.get("department") or None, actor=person.name, reason=reason
        )
    elif act == "reset":
        password = passwords.random_password()
        users.reset_password(app, name, password, actor=person.name, reason=reason)
    elif act == "factor":
        second_factors.reset(app, name, actor=person.name)
    elif act == "disable":
        users.disable_user(app, name, actor=person.name, reason=reason)
    elif act == "sessions":
        sessions.end_all_of(app, name, actor=person.name, reason=reason)
    elif act == "tokens":
        api_tokens.revoke_tokens(app, name, actor=person.name)
    else:
        raise _no_act()
    return _page(name, password)


@room.post("/requests/<name>")
@form_on("people.listed")
def decide(name: str) -> Response:
    """Confirm or refuse as a second person what waits about somebody, or that a log-in is free."""
    app, act = installation(), read_field("act", 10)
    if act == "refuse":
        roles.refuse(app, name, actor=person.name, reason=read_reason())
    elif act == "confirm" and roles.find_waiting(app, name) is not None:
        roles.confirm(app, name, actor=person.name)
    elif act == "confirm":
        holding.confirm(app, name, actor=person.name)
    else:
        raise _no_act()
    flash(t("已记录", "put on record"))
    return redirect(url_for("people.listed"))


def _page(name: str, password: str | None = None) -> str:
    return render_template(
        "regulator/person.html",
        file=listing.read_person(installation(), name),
        password=password,
        kinds=roles.KINDS,
        office_kinds=[role for role in ROLES if role not in ("institution", "api")],
        is_over=api_tokens.is_over,
        departments=DEPARTMENTS,
        departmental=DEPARTMENTAL,
        now=timestamp(),
    )


def _one(acts: dict[str, Callable[..., None]], act: str) -> Callable[..., None]:
    if act not in acts:
        raise _no_act()
    return acts[act]


def _no_act() -> InvalidInputError:
    return InvalidInputError("ACT", "没有这个操作", "there is no such act", field="act")
