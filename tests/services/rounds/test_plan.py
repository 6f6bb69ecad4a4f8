"""The plan of a month, and visits that are handed in as files."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select

from feewatch.cli import main
from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.people import NATIONWIDE, Scope
from feewatch.services.rounds.handed_files import record_visit_file
from feewatch.services.rounds.plan import list_plan, plan_json
from feewatch.store.tables.grades import grade
from feewatch.store.tables.rounds import visit, visit_photo
from tests.rounds.test_photos import jpeg
from tests.services.rounds.conftest import NOW, U1, U2, U3

FIRST, LAST = parse_day("2026-10-01"), parse_day("2026-10-31")
FILE = """
uscc = "52370702651728628K"
on = 2026-09-20
kind = "monthly"
checklist = "wall-chart"
note = "整体有序"
photos = ["hall.jpg"]

[[items]]
id = "2.1.1"
result = "fail"
note = "通道堆物"
photos = ["door.jpg"]
"""


def set_grade(app, key, uscc, letter, on):
    with app.database.transaction() as tx:
        tx.execute(
            insert(grade).values(
                institution_id=key, uscc=uscc, name=f"机构{key}", district="370702",
                period="2026", scheme="neutral", scheme_hash="h", from_day=parse_day("2026-01-01"),
                to_day=parse_day("2026-12-31"), points=10000, computed=letter, lines=[],
                missing=[], computed_by="li",
                status="set", set_grade=letter, set_by="li", set_on=parse_day(on),
                computed_at="2026-09-01T09:00:00+08:00",
            )
        )  # fmt: skip


def by_uscc(app, scope=NATIONWIDE, first=FIRST, last=LAST):
    return {each.standing.uscc: plan_json(each) for each in list_plan(app, scope, first, last)}


def test_a_plan_tells_whose_what_is_owed_and_what_a_grade_asks(any_rounds):
    app = any_rounds.app
    any_rounds.assign("anna", U1, first=parse_day("2026-09-01"))
    any_rounds.assign("boris", U2, first=parse_day("2026-10-05"))
    any_rounds.assign(
        "boris", U1, first=parse_day("2026-10-10"), last=parse_day("2026-10-20"),
        is_substitute=True,
    )  # fmt: skip
    set_grade(app, 1, U1, "C", "2026-08-30")  # to be looked at every 60 days
    set_grade(app, 2, U2, "B", "2026-08-30")  # every 90 days
    with clock.fixed(NOW.replace(month=10, day=21)):
        plan = by_uscc(app)
        assert [plan[each]["missing"] for each in (U1, U2, U3)] == [1, 0, 0]
        assert (plan[U1]["inspectors"], plan[U1]["substitutes"]) == (["anna"], ["boris"])
        # who came in the middle of the month owes none of it
        assert (plan[U2]["inspectors"], plan[U3]["inspectors"]) == (["boris"], [])
        checks = [(each["grade"], each["check_due"], each["is_check_due"]) for each in
                  (plan[U1], plan[U2], plan[U3])]  # fmt: skip
        assert checks == [
            ("C", "2026-10-29", True), ("B", "2026-11-28", False), (None, None, False)
        ]  # fmt: skip
        any_rounds.visit(on="2026-10-21")
        plan = by_uscc(app)
        assert (plan[U1]["made"], plan[U1]["missing"]) == (1, 0)
        assert {*by_uscc(app, Scope("370702"))} == {U1, U2}
        # what is owed stands first
        ordered = [each.standing.uscc for each in list_plan(app, NATIONWIDE, *NEXT)]
        assert ordered[:2] == [U1, U2]


NEXT = (parse_day("2026-11-01"), parse_day("2026-11-30"))


@pytest.fixture
def written(tmp_path):
    for name in ("hall.jpg", "door.jpg"):
        (tmp_path / name).write_bytes(jpeg())
    path = tmp_path / "visit.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_is_one_visit_however_often_it_is_handed_in(any_rounds, written):
    any_rounds.assign("anna", U1, first=parse_day("2026-09-01"))
    kept = record_visit_file(any_rounds.app, written, actor="anna")
    again = record_visit_file(any_rounds.app, written, actor="anna")
    assert (kept.is_new, again.is_new) == (True, False)
    assert (again.number, again.alerts) == (kept.number, kept.alerts)
    assert len(kept.alerts) == 1
    with any_rounds.app.database.reading() as tx:
        assert tx.execute(select(visit.c.visited_on, visit.c.note)).all() == [
            (parse_day("2026-09-20"), "整体有序")
        ]
        assert sorted(tx.scalars(select(visit_photo.c.item))) == ["", "2.1.1"]


@pytest.mark.parametrize(
    ("was", "became", "word"),
    [
        ("2026-09-20", "2026-10-20", "VISIT-DAY"),
        ('kind = "monthly"', 'kind = "yearly"', "VISIT-FILE"),
        ('uscc = "52370702651728628K"', 'title = "x"', "VISIT-FILE"),
        ("[[items]]", "[[items", "VISIT-FILE"),
        ('"hall.jpg"', '"../hall.jpg"', "VISIT-FILE"),
        ('"hall.jpg"', '"none.jpg"', "PHOTO"),
        ('"hall.jpg"', '"visit.toml"', "PHOTO"),
        ('checklist = "wall-chart"', 'checklist = "other"', "CHECKLIST-UNKNOWN"),
        ("整体有序", "联系 13800138000", "VISIT-PERSONAL"),
        ('id = "2.1.1"', 'id = "9.9.9"', "ITEM-UNKNOWN"),
        ("52370702651728628K", "523201041982410526", "INSTITUTION-UNKNOWN"),
    ],
)
def test_what_a_file_may_not_say_is_told_and_nothing_is_kept(
    any_rounds, written, was, became, word
):
    any_rounds.assign("anna", U1, first=parse_day("2026-09-01"))
    assert was in FILE
    written.write_text(FILE.replace(was, became), encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        record_visit_file(any_rounds.app, written, actor="anna")
    assert refused.value.code.startswith(word), refused.value.code
    with any_rounds.app.database.reading() as tx:
        assert tx.execute(select(visit)).all() == []


def test_the_commands_say_the_same(rounds, written, monkeypatch):
    monkeypatch.chdir(rounds.app.config.folder)
    (rounds.app.config.folder / "feewatch.toml").write_text(
        '[office]\ndistrict = "370702"\n', encoding="utf-8"
    )
    rounds.assign("anna", U1, first=parse_day("2026-09-01"))

    def run(*words):
        answer = CliRunner().invoke(main, [*words])
        assert answer.exit_code == 0, answer.output
        return [json.loads(line) for line in answer.output.splitlines()]

    (kept,) = run("--as", "anna", "visit", "add", str(written), "--json")
    assert (kept["new"], len(kept["alerts"])) == (True, 1)
    plan = {each["uscc"]: each for each in run("plan", "--month", "2026-09", "--json")}
    assert (plan[U1]["made"], plan[U1]["missing"], plan[U1]["inspectors"]) == (1, 0, ["anna"])
