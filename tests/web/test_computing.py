"""What takes long on the site: a page that tells how far it has come, stopped, asked for again."""

import re

import pytest

from feewatch.services.trials import computing
from feewatch.store.alone import alone
from feewatch.store.people.users import find_by_name
from tests.web.test_registers import GOOD, send

TRY = "/desk/backtest?run=1&parameter=prepaid_lessons_max&value=40&from=2025-01-01&to=2026-07-15"


@pytest.fixture
def editor(as_user, monkeypatch):
    monkeypatch.setattr(computing, "PATIENCE_SECONDS", 0.2)
    return as_user("rule_editor")


def act(page, what):
    return re.search(rf'action="(/computed/[^"]+/{what})"', page.text)[1]


def test_a_backtest_waits_its_turn_is_stopped_and_asked_for_again(app, as_user, editor):
    with alone(app.database, "computing"):
        page = editor.get(TRY)
        assert (page.status_code, page.headers["Refresh"]) == (202, "2")
        assert "正在排队" in page.text
        other = editor.get(TRY.replace("=40", "=50"))
        assert other.status_code == 202
        assert "您有另一项计算尚未结束" in other.text
        listed = editor.get("/desk/backtest").text
        assert "我最近的计算" in listed
        assert "排队中" in listed
        assert as_user("officer").post(act(page, "stop")).status_code == 404
        stopped = editor.post(act(page, "stop"), follow_redirects=True)
        assert stopped.status_code == 202
        assert "Refresh" not in stopped.headers
        assert "没有结果" in stopped.text
    again = editor.post(act(stopped, "again"))
    assert again.status_code == 303
    page = finished(editor, again.headers["Location"])
    assert "结果有变的机构" in page.text
    assert editor.get("/desk/backtest").text.count("已完成") == 1


@pytest.mark.parametrize("name", ["x" * 300, "a" * 5000, "..", "%00", "0" * 32])
def test_a_name_that_no_piece_can_have_is_not_found_on_any_disk(app, editor, name):
    with app.database.reading() as tx:
        key = find_by_name(tx, "rule_editor").id
    assert editor.get(f"/computed/{key}-{name}").status_code in (400, 404)


def finished(client, address):
    for _ in range(300):
        page = client.get(address)
        if page.status_code != 202:
            return page
    raise AssertionError(page.text)


def test_a_file_that_takes_long_to_look_at_is_shown_when_it_is_done(app, as_user, monkeypatch):
    monkeypatch.setattr(computing, "PATIENCE_SECONDS", 0.2)
    own = as_user("luzhi")
    with alone(app.database, "computing"):
        sent = send(own, GOOD)
        assert sent.status_code == 303
        assert "正在排队" in own.get(sent.headers["Location"]).text
    assert "确认导入" in finished(own, sent.headers["Location"]).text


def test_another_persons_piece_and_a_made_up_one_are_not_found(as_user):
    client = as_user("officer")
    for name in ("1-" + "0" * 32, "..", "2-x"):
        assert client.get(f"/computed/{name}").status_code == 404
        assert client.post(f"/computed/{name}/stop").status_code == 404
