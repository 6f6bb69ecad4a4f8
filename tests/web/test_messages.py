"""The page of messages: everybody's own, with a mark in the head of every page."""

import pytest
from sqlalchemy import select

from feewatch.kernel.text import Text
from feewatch.services.messages import tell
from feewatch.store.tables.papers import message


@pytest.fixture
def told(app):
    with app.database.transaction() as tx:
        tell(
            tx, to_institution=1, kind="case_notified", object="370702-2026-0001",
            text=Text("案件已送达", "a case was served"), address="/own/#content",
        )  # fmt: skip
        return tx.scalar(select(message.c.id))


def test_the_mark_stands_on_every_page_until_the_message_is_opened(as_user, told):
    school = as_user("luzhi")
    assert "条未读" in school.get("/own/").text
    answer = school.post(f"/messages/{told}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/own/#content")
    assert "条未读" not in school.get("/own/").text


def test_all_can_be_marked_as_read_at_once(as_user, told):
    school = as_user("luzhi")
    page = school.get("/messages/").text
    assert "案件已送达" in page
    assert "收到督办" in page
    assert "未读 0 条" in school.post("/messages/read", follow_redirects=True).text


@pytest.mark.parametrize("name", ["officer", "viewer", "administrator"])
def test_others_neither_see_nor_open_it(as_user, told, name):
    browser = as_user(name)
    assert "案件已送达" not in browser.get("/messages/").text
    assert browser.post(f"/messages/{told}").status_code == 404


def test_nobody_has_messages_without_a_log_in(visitor, told):
    assert visitor.get("/messages/").status_code == 302
    assert visitor.post(f"/messages/{told}").status_code == 401
