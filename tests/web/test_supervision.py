"""Supervision by command and through the API: the same facts either way, for the office alone."""

import json

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from sqlalchemy import insert, select

from feewatch.cli import main
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.store.tables.places import premises
from feewatch.store.tables.rounds import pressure
from feewatch.web.api import description
from tests.web.conftest import LUZHI, NANJING


@pytest.fixture
def run(app, tmp_path):
    """A command as a person: what it prints, line by line."""
    (tmp_path / "feewatch.toml").write_text("", encoding="utf-8")

    def call(*words, person="officer", code=0):
        named = ["--as", person] if person else []
        config = ["--config", str(tmp_path / "feewatch.toml")]
        done = CliRunner().invoke(main, [*config, *named, *words])
        assert done.exit_code == code, done.output
        return (done.stdout if code == 0 else done.stderr).splitlines()

    return call


def json_of(lines):
    return [json.loads(line) for line in lines]


def add_premises(app, *numbers):
    with app.database.transaction() as tx:
        for number in numbers:
            tx.execute(
                insert(premises).values(
                    premises_no=number, district="370702", address=number, state="unlicensed",
                    disposal="open", found_on=today() - 30,
                )
            )  # fmt: skip


def read(client, path, pattern=""):
    """An answer of the API, which has the described form."""
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    told = description()["paths"][pattern or path]["get"]["responses"]["200"]["content"]
    schema = told["application/json"]["schema"] | {"components": description()["components"]}
    Draft202012Validator(schema).validate(answer.json)
    return answer.json


def test_groups_are_moved_by_command_and_read_alike(run, as_user):
    until = format_day(today() + 10)
    run("groups", "move", LUZHI, "focus", "--until", until, "--reason", "群体投诉")
    (moved,) = json_of(run("groups", "list", "--group", "focus", "--json"))
    assert (moved["uscc"], moved["move"]["until"], moved["move"]["actor"]) == (
        LUZHI, until, "officer",
    )  # fmt: skip
    assert read(as_user("officer"), "/groups?group=focus", "/groups")["items"] == [moved]
    assert "重点难点" in run("groups", "list")[0]
    run("groups", "move", LUZHI, "computed", "--reason", "投诉已了结")
    (again,) = json_of(run("groups", "list", "--json"))
    assert (again["move"], again["group"]) == (None, again["computed"])
    far = run("groups", "move", NANJING, "focus", "--until", until, "--reason", "x", code=1)
    assert far[-1].startswith("INSTITUTION-UNKNOWN")


def test_a_draw_by_command_is_drawn_again_on_either_way(run, as_user):
    (number,) = run("draws", "make", "--size", "1", "--seed", "s", "--reason", "四不两直")
    (shown,) = json_of(run("draws", "show", number, "--json"))
    assert (shown["replayed"], shown["drawn"], shown["seed"]) == (True, [LUZHI], "s")
    assert read(as_user("officer"), f"/draws/{number}", "/draws/{number}") == shown
    (row,) = json_of(run("draws", "list", "--json"))
    assert read(as_user("officer"), "/draws")["items"] == [row]
    assert "一致 same" in run("draws", "show", number)[0]
    assert run("draws", "show", number, person="nanjing", code=1)[-1].startswith("DRAW-UNKNOWN")


def test_a_campaign_by_command_ends_with_its_totals(app, run, as_user):
    add_premises(app, "P1", "P2")
    days = f"{format_day(today() - 5)}..{format_day(today() + 5)}"
    (number,) = run(
        "campaigns", "open", "无证场所", "premises", "premises", "--days", days, "--reason", "专项",
    )  # fmt: skip
    run("campaigns", "dispose", "P1", "closed", "--reason", "联合执法取缔")
    (shown,) = json_of(run("campaigns", "show", number, "--json"))
    totals = shown["totals"]
    assert (totals["members"], totals["disposal_closed"], totals["disposal_open"]) == (2, 1, 1)
    assert read(as_user("officer"), f"/campaigns/{number}", "/campaigns/{number}") == shown
    (row,) = json_of(run("campaigns", "list", "--json"))
    assert read(as_user("officer"), "/campaigns")["items"] == [row]
    assert any("已取缔" in line for line in run("campaigns", "show", number))


def test_a_meeting_by_command_is_closed_item_by_item(run, as_user):
    on = format_day(today())
    (number,) = run(
        "meetings", "hold", "协调会议", "--on", on, "--chair", "教育局", "--department", "体育局",
        "--item", f"{on} 体育局 审批 移交", "--item", f"{on} 教育局 巡查",
    )  # fmt: skip
    run("meetings", "close", number, "1", "--result", "已办结")
    assert run("meetings", "close", number, "1", "--result", "x", code=1)[-1].startswith(
        "MEETING-ITEM-CLOSED"
    )
    (shown,) = json_of(run("meetings", "show", number, "--json"))
    assert [(item["text"], item["closed_by"]) for item in shown["items"]] == [
        ("审批 移交", "officer"), ("巡查", None),
    ]  # fmt: skip
    assert read(as_user("officer"), f"/meetings/{number}", "/meetings/{number}") == shown
    (row,) = json_of(run("meetings", "list", "--json"))
    assert (row["items"], row["closed"]) == (2, 1)
    assert read(as_user("officer"), "/meetings")["items"] == [row]
    wrong = ("meetings", "hold", "会", "--on", on, "--chair", "x", "--department", "x")
    assert "期限 部门 内容" in "".join(run(*wrong, "--item", "明天", code=2))


def test_a_listing_by_command_is_lifted_by_command(app, run, as_user):
    (key,) = run("pressing", "press", LUZHI, "listed", "--document", "潍1号", "--reason", "缓慢")
    (shown,) = json_of(run("pressing", "list", "--json"))
    assert (shown["id"], shown["kind"], shown["lifted_on"]) == (int(key), "listed", None)
    told = read(as_user("officer"), "/pressures")
    assert (told["items"], told["repeated"]) == ([shown], [])
    run("pressing", "lift", key, "--document", "潍2号", "--reason", "到位")
    with app.database.reading() as tx:
        (row,) = tx.execute(select(pressure)).all()
    assert (row.lifted_by, row.lift_document) == ("officer", "潍2号")
    assert "解除" in run("pressing", "list")[0]


def test_nobody_outside_the_office_reads_any_of_it(as_user, site):
    paths = ("groups", "draws", "campaigns", "meetings", "pressures")
    for name in ("luzhi", "program", "inspector"):
        client = as_user(name)
        assert {client.get(f"/api/v1/{path}").status_code for path in paths} == {403}, name
    assert {site.test_client().get(f"/api/v1/{path}").status_code for path in paths} == {401}
    far = as_user("nanjing")
    assert [item["uscc"] for item in far.get("/api/v1/groups").json["items"]] == [NANJING]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_pages_give_their_rows_as_a_file(run, as_user, form):
    run("pressing", "press", LUZHI, "circular", "--document", "潍3号", "--reason", "通报")
    page = as_user("officer").get("/desk/supervision/pressure").text
    assert f"format={form}" in page
    answer = as_user("officer").get(f"/desk/supervision/pressure?format={form}")
    assert answer.status_code == 200
    assert form == "xlsx" or "潍3号" in answer.data.decode("utf-8-sig")
