"""Drafts beside the live rules, and backtested: shown as drafts, scoped, without effect."""

import csv
from dataclasses import replace

import pytest
from services.packs.conftest import Province
from sqlalchemy import func, select

from feewatch.config import RuleFolders
from feewatch.engine.loader import SHIPPED
from feewatch.services.packs import installing
from feewatch.store.tables.casework import alert
from feewatch.web.site import create_app

PERIOD = "from=2026-01-01&to=2026-06-30"


@pytest.fixture
def app(app, tmp_path):
    """The installation with a draft: 39 lessons at once instead of 60, for new contracts."""
    folder = tmp_path / "draft" / "rulebook"
    folder.mkdir(parents=True)
    text = (SHIPPED / "rulebook" / "FEE-HOURS-60.toml").read_text(encoding="utf-8")
    changed = text.replace("prepaid_lessons_max", "own_lessons_max")
    (folder / "FEE-HOURS-60.toml").write_text(changed, encoding="utf-8")
    (folder.parent / "parameters").mkdir()
    (folder.parent / "parameters" / "own.toml").write_text(
        """
[own_lessons_max]
title = { zh = "草案课时上限", en = "Most lessons in the draft" }
unit = "lessons"
[[own_lessons_max.values]]
jurisdiction = "000000"
from = 2021-10-29
value = 39
preset = true
checked = 2026-06-30
""",
        encoding="utf-8",
    )
    return type(app)(replace(app.config, rules=RuleFolders([], ["draft"])), app.database)


@pytest.fixture
def site(app):
    site = create_app(app)
    site.testing = False
    site.config["WTF_CSRF_ENABLED"] = False
    return site


def alerts(app):
    with app.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(alert))


@pytest.mark.parametrize("role", ["officer", "rule_editor", "viewer"])
def test_the_drafts_are_listed_and_judged_on_demand(app, as_user, role):
    client, before = as_user(role), alerts(app)
    text = client.get("/desk/drafts/").text
    assert "草案，不生效" in text
    assert "FEE-HOURS-60" in text
    assert "尚未并行判定" in text
    text = client.get("/desk/drafts/?run=1&as_of=2026-07-15").text
    assert "合规 → 违反" in text
    assert "HT2" in text
    assert alerts(app) == before


def test_subjects_of_another_district_are_not_shown(as_user):
    text = as_user("nanjing").get("/desk/drafts/?run=1&as_of=2026-07-15").text
    assert "HT2" not in text
    assert "没有判定对象" in text


def test_packs_in_force_stand_on_the_page_with_their_files(app, as_user):
    assert "现行规则包" not in as_user("officer").get("/desk/drafts/").text
    province = Province()
    installing.install(app, province.pack("2026.12"), province.given, actor="rule_editor")
    text = as_user("officer").get("/desk/drafts/").text
    for told in ("shandong 2026.12", "省教育厅", province.key.id, "parameters/early.toml"):
        assert told in text
    assert "与签发的不同" not in text


def test_institutions_and_strangers_may_not_look(as_user, visitor):
    assert as_user("luzhi").get("/desk/drafts/").status_code == 403
    assert visitor.get("/desk/drafts/").status_code == 302


def test_a_draft_is_backtested_on_the_page_and_as_csv(as_user):
    client = as_user("rule_editor")
    text = client.get(f"/desk/backtest?run=1&draft=draft&{PERIOD}").text
    assert "草案，不生效" in text
    assert "合规 → 违反" in text
    answer = client.get(f"/desk/backtest.csv?draft=draft&{PERIOD}")
    rows = list(csv.reader(answer.data.decode("utf-8-sig").splitlines()))
    assert rows[1] == ["draft", "370702", "2026-01-01..2026-06-30"]
    assert len(rows) == 4


@pytest.mark.parametrize("asked", ["draft=/etc", "draft=../draft", "draft=other", "parameter=x"])
def test_only_configured_drafts_can_be_tried(as_user, asked):
    assert as_user("officer").get(f"/desk/backtest?run=1&{asked}&{PERIOD}").status_code == 400


def test_a_faulty_draft_is_answered_with_its_fault(app, as_user):
    path = app.config.folder / "draft" / "rulebook" / "FEE-HOURS-60.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\nodd = 1\n", encoding="utf-8")
    answer = as_user("officer").get("/desk/drafts/")
    assert answer.status_code == 400
    assert "FEE-HOURS-60.toml" in answer.text
