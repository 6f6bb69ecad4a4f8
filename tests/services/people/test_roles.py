"""Roles of weight take two administrators; what waits cannot log in, and no way leads round it."""

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.config import Config, Office
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import ROLES
from feewatch.services.people import api_tokens, roles, users
from feewatch.store.people import users as stored
from feewatch.store.tables.operations import audit

PASSWORD, OTHER = "a long and unusual word 77", "another unusual word 78"
HERE = "198.51.100.7"


def add(app, name, role, actor="gu"):
    return users.add_user(app, name, role, password=PASSWORD, actor=actor)


def person(app, name):
    with app.database.reading() as tx:
        return stored.find_by_name(tx, name)


def is_in(app, name, password=PASSWORD):
    try:
        return users.log_in(app, name, password, HERE).name == name
    except ForbiddenError as refused:
        return refused.code != "LOGIN-FAILED"


@pytest.fixture
def small(tmp_path):
    """An office of one administrator."""
    app = initialise(Config(tmp_path, Office(district="370702")))
    add(app, "gu", "administrator", actor="cli")
    yield app
    app.database.dispose()


@pytest.fixture
def office(small):
    """The same with a second one."""
    add(small, "he", "administrator")
    return small


@pytest.mark.parametrize("role", [role for role in ROLES if role != "institution"])
def test_of_one_administrator_every_person_stands_at_once_and_is_marked(small, role):
    assert add(small, "li", role) is False
    assert is_in(small, "li")
    with small.database.reading() as tx:
        query = select(audit.c.detail).where(audit.c.action == "user.add", audit.c.object == "li")
        detail = tx.scalars(query).one()
    assert ("alone" in detail) == (role in roles.WEIGHTY)


@pytest.mark.parametrize("role", sorted(roles.WEIGHTY))
def test_of_two_a_role_of_weight_waits_for_the_other(office, role):
    assert add(office, "li", role) is True
    assert not is_in(office, "li")
    for name in ("gu", "li", "nobody"):
        with pytest.raises(ForbiddenError) as refused:
            roles.confirm(office, "li", actor=name)
        assert refused.value.code in ("SECOND-OFFICER", "USER-UNKNOWN")
    roles.confirm(office, "li", actor="he")
    assert is_in(office, "li")
    with pytest.raises(NotFoundError):
        roles.confirm(office, "li", actor="he")


@pytest.mark.parametrize("role", ["viewer", "rule_editor", "api"])
def test_who_decides_nothing_waits_for_nobody(office, role):
    assert add(office, "li", role) is False
    assert is_in(office, "li")


def test_a_reset_does_not_let_in_who_waits_was_refused_or_was_barred(office):
    add(office, "li", "publisher")
    with pytest.raises(ConflictError):
        users.reset_password(office, "li", OTHER, actor="gu")
    roles.refuse(office, "li", actor="he", reason="不认识此人")
    assert users.reset_password(office, "li", OTHER, actor="gu") is True
    assert not is_in(office, "li", OTHER)
    with pytest.raises(ForbiddenError):
        roles.confirm(office, "li", actor="gu")
    roles.confirm(office, "li", actor="he")
    assert is_in(office, "li", OTHER)
    users.disable_user(office, "li", actor="he")
    assert users.reset_password(office, "li", PASSWORD, actor="he") is True
    users.disable_user(office, "li", actor="he")
    assert roles.list_waiting(office) == []


def test_another_role_waits_and_ends_sessions_and_tokens_when_it_comes(office):
    add(office, "li", "viewer")
    assert roles.change_role(office, "li", "officer", actor="gu", reason="调岗") is True
    assert person(office, "li").role == "viewer"
    epoch = person(office, "li").session_epoch
    roles.confirm(office, "li", actor="he")
    assert (person(office, "li").role, person(office, "li").session_epoch > epoch) == (
        "officer", True,
    )  # fmt: skip
    token = api_tokens.issue_token(office, "li", actor="li")
    assert roles.change_role(office, "li", "viewer", actor="gu", reason="调岗") is False
    assert api_tokens.find_bearer(office, token, HERE) is None


def test_nobody_changes_their_own_role_nor_makes_an_institution_an_officer(office):
    with pytest.raises(ForbiddenError) as refused:
        roles.change_role(office, "gu", "publisher", actor="gu", reason="方便")
    assert refused.value.code == "ROLE-OWN"
    add(office, "erp", "api")
    with pytest.raises(InvalidInputError):
        roles.change_role(office, "erp", "officer", actor="gu", reason="方便")
    with pytest.raises(InvalidInputError):
        roles.change_role(office, "he", "administrator", actor="gu", reason="方便")


def test_the_first_password_is_changed_where_that_is_asked_for(small):
    users.add_user(
        small, "li", "officer", password=PASSWORD, actor="gu", must_change=True, reason="入职"
    )
    assert person(small, "li").must_change
    add(small, "wang", "officer")
    assert not person(small, "wang").must_change


def test_no_administrator_makes_a_token_by_which_they_could_act_as_another(office):
    add(office, "li", "officer")
    roles.confirm(office, "li", actor="he")
    with pytest.raises(ForbiddenError) as refused:
        api_tokens.issue_token(office, "li", actor="gu", scopes=["decide"])
    assert refused.value.code == "TOKEN-OWN"
    assert api_tokens.issue_token(office, "li", actor="li", scopes=["decide"])
    add(office, "erp", "api")
    assert api_tokens.issue_token(office, "erp", actor="gu")
