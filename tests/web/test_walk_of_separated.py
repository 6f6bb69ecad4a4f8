"""The pages of an office whose three administrators are apart (三员分立), and of what waits there.

Roles, a log-in and an approval (双人复核) wait for a second person meanwhile.
"""

import pytest

from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.people import roles, separation, users
from feewatch.services.people.acting import find_person
from tests.web.conftest import LUZHI, PASSWORD
from tests.web.test_today import checked
from tests.web.test_walk import unopened
from tests.web.walking import Walk

__all__ = ["checked"]  # a fixture of a module of its own
DOCUMENT = "潍教准〔2026〕1号"
THREE = {"system": "system_admin", "security": "security_admin", "auditor": "audit_admin"}


@pytest.fixture
def separated(app):
    """The three are apart; a role, a reset log-in and an approval wait for a second person."""
    separation.ask(app, actor="security", reason="等级保护")
    assert separation.confirm(app, actor="system").has_begun
    roles.change_role(app, "viewer", "officer", actor="security", reason="补充人手")
    users.reset_password(app, "nanjing", "another horse 7", actor="security", reason="忘记密码")
    row = f"{LUZHI},closure,{DOCUMENT},,2026-07-01,2026-07-31"
    data = f"uscc,kind,document,amount,from,until\n{row}".encode()
    report = hand_in(app, find_person(app, "officer"), "approvals", "批准.csv", data)
    assert report.proposed == 1
    return app


def walk(site, client, role, language, rooms=None):
    """A tally of the pages that links lead to, and the pages; ``rooms``: of these alone."""
    pages = {}

    def most(kind):
        return int(rooms is None or kind.partition(".")[0] in rooms)

    class Reader(Walk):
        def read(self, answer, address, kind):
            pages[address] = answer.text if answer.mimetype == "text/html" else ""
            yield from super().read(answer, address, kind)

    return Reader(site, client, role, language, most).go(["/", "/desk/today"]), pages


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", THREE)
def test_no_page_of_the_three_administrators_fails(separated, site, as_user, name, language):
    wrong = {"name": "viewer", "password": f"not {PASSWORD}"}
    site.test_client().post("/account/login", data=wrong)  # for the audit administrator's lists
    tally, pages = walk(site, as_user(name), THREE[name], language)
    assert tally.faults == []
    mine = {kind for kind in unopened(site, THREE[name], tally) if not kind.startswith("public.")}
    assert mine == set()
    assert not any(DOCUMENT in page for page in pages.values())  # no business of theirs


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize("name", ["officer", "reviewer"])
def test_who_asked_and_who_may_answer_meet_what_waits(separated, site, as_user, name):
    tally, pages = walk(site, as_user(name), name, "zh", ("today", "countersigns"))
    assert tally.faults == []
    assert any(DOCUMENT in page for page in pages.values())
