"""三员分立: wanted by a new office, begun once all three are on file, by two persons elsewhere."""

import pytest
from offices import initialise
from sqlalchemy import select

from feewatch.cli.permissions import PERMISSIONS
from feewatch.config import Config, Office, People
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.kernel.people import DECIDERS, OFFICE, THREE
from feewatch.services.people import roles, second_factors, separation, users
from feewatch.services.people.acting import get_acting
from feewatch.store.people import users as stored
from feewatch.store.tables.operations import audit

PASSWORD = "a long and unusual word 77"
#: What a command of each of the three may change: nothing of the office's business.
CHANGES = {
    "system_admin": {
        "backup", "check --force", "check --take-back", "export findings", "export parquet",
        "feed pull", "files seal", "gather",
        "rules confirm", "rules install", "rules refuse", "rules rollback",
        "scheduler", "scheduler pause", "scheduler resume", "separation ask",
        "separation confirm", "separation refuse", "serve", "subscribers pause",
        "subscribers replay", "subscribers resume", "user confirm", "user refuse",
    },
    "security_admin": {
        "backup --with-keys", "key init", "key revoke", "key rotate", "separation ask",
        "retention drop", "retention erase", "retention propose", "retention run",
        "separation confirm", "separation refuse", "subscribers secret", "user add",
        "user confirm", "user department", "user disable", "user link", "user mail", "user refuse",
        "user reset", "user reset-factor", "user revoke", "user role", "user token", "user tokens",
        "user unlink",
    },
    "audit_admin": {
        "audit anchor", "audit prune", "retention drop", "retention erase", "retention propose",
        "retention run", "separation ask", "separation confirm", "separation refuse",
    },
}  # fmt: skip


def add(app, name, role, actor="gu"):
    users.add_user(app, name, role, password=PASSWORD, actor=actor)


def add_confirmed(app, name, role, *, asked_by="gu", by="an"):
    add(app, name, role, asked_by)
    roles.confirm(app, name, actor=by)


def role_of(app, name):
    with app.database.reading() as tx:
        return stored.find_by_name(tx, name).role


def acts(app):
    with app.database.reading() as tx:
        query = select(audit.c.actor, audit.c.action, audit.c.object).order_by(audit.c.id)
        return [tuple(row) for row in tx.execute(query)]


@pytest.fixture
def office(tmp_path):
    """An office of before, with one administrator of everything."""
    app = initialise(Config(tmp_path, Office(district="370702")))
    add(app, "gu", "administrator", actor="cli")
    yield app
    app.database.dispose()


@pytest.fixture
def new_office(office):
    separation.want(office, actor="cli")
    return office


@pytest.mark.parametrize("role", CHANGES)
def test_what_each_of_the_three_may_change_by_command(role):
    changes = {act for act, needed in PERMISSIONS.items() if needed.acts and role in needed.roles}
    assert changes == CHANGES[role]


def test_the_three_are_exclusive_and_none_has_business_of_the_office():
    for role, kinds in THREE.items():
        assert role not in OFFICE | DECIDERS
        assert {other for other in THREE if other != role}.isdisjoint(kinds)


def test_in_a_new_office_it_begins_with_the_third_kind_and_not_before(new_office):
    add(new_office, "li", "officer")
    add(new_office, "an", "security_admin")
    now = separation.read(new_office)
    assert (now.state, now.lacking) == ("wanted", ("audit_admin",))
    assert role_of(new_office, "gu") == "administrator"
    with new_office.database.reading() as tx:
        get_acting(tx, "gu", DECIDERS)
    add_confirmed(new_office, "shen", "audit_admin")
    now = separation.read(new_office)
    assert (now.state, now.lacking, now.row.begun_by) == ("begun", (), "an")
    assert role_of(new_office, "gu") == "system_admin"
    assert ("an", "separation.begin", "office") in acts(new_office)
    with new_office.database.reading() as tx, pytest.raises(ForbiddenError) as refused:
        get_acting(tx, "gu", DECIDERS)
    assert refused.value.code == "ROLE"


def test_administrator_is_the_name_of_the_system_administrator_once_it_began(new_office):
    add(new_office, "an", "security_admin")
    add_confirmed(new_office, "shen", "audit_admin")
    add_confirmed(new_office, "xi", "administrator", asked_by="an", by="gu")
    assert role_of(new_office, "xi") == "system_admin"


def test_an_office_of_before_is_as_it_was_until_two_persons_want_it(office):
    add(office, "an", "security_admin")
    add_confirmed(office, "shen", "audit_admin")
    assert separation.read(office).state == "off"
    assert role_of(office, "gu") == "administrator"
    with pytest.raises(InvalidInputError):
        separation.ask(office, actor="gu", reason=" ")
    separation.ask(office, actor="gu", reason="等保三级")
    assert separation.read(office).state == "asked"
    with pytest.raises(ForbiddenError) as refused:
        separation.confirm(office, actor="gu")
    assert refused.value.code == "SECOND-OFFICER"
    assert role_of(office, "gu") == "administrator"
    assert separation.confirm(office, actor="an").state == "begun"
    assert role_of(office, "gu") == "system_admin"
    assert separation.read(office).row.asked_by == "gu"


def test_it_is_refused_or_taken_back_and_may_be_asked_for_again(office):
    add(office, "an", "security_admin")
    add(office, "li", "officer")
    with pytest.raises(ForbiddenError):
        separation.ask(office, actor="li", reason="想试试")
    with pytest.raises(ConflictError):
        separation.refuse(office, actor="an", reason="没有人提请")
    separation.ask(office, actor="gu", reason="等保三级")
    with pytest.raises(ConflictError):
        separation.ask(office, actor="an", reason="等保三级")
    separation.refuse(office, actor="an", reason="人手不足")
    assert separation.read(office).state == "off"
    separation.ask(office, actor="an", reason="等保三级")
    assert separation.confirm(office, actor="gu").state == "wanted", "nobody audits yet"


def test_the_last_of_a_kind_stays_until_there_is_another(new_office):
    add(new_office, "an", "security_admin")
    add_confirmed(new_office, "shen", "audit_admin")
    for name in ("gu", "an", "shen"):
        with pytest.raises(ConflictError) as refused:
            users.disable_user(new_office, name, actor="an")
        assert refused.value.code == "LAST-ADMINISTRATOR"
    add_confirmed(new_office, "ming", "security_admin", asked_by="an", by="gu")
    users.disable_user(new_office, "an", actor="ming")


def test_a_second_factor_asked_of_administrators_is_asked_of_each_kind(tmp_path):
    people = People(second_factor=["administrator"], password_off=["administrator"])
    app = initialise(Config(tmp_path, Office(district="370702"), people=people))
    for name, role in (("an", "security_admin"), ("shen", "audit_admin"), ("xi", "system_admin")):
        add(app, name, role, actor="cli")
        assert second_factors.is_required(app, users.get_user(app, name))
        with pytest.raises(ForbiddenError) as refused:
            users.log_in(app, name, PASSWORD, "198.51.100.7")
        assert refused.value.code == "PASSWORD-OFF"
    add(app, "li", "officer", actor="cli")
    assert not second_factors.is_required(app, users.get_user(app, "li"))
    app.database.dispose()
