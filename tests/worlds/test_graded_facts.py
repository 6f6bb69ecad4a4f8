"""Grades from the ground up, on either database: a breach, its case, and what a scheme counts."""

from copy import copy
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from worlds.test_closed_cases import Town, at

from feewatch.config import Credit, RuleFolders
from feewatch.engine.loader import SHIPPED
from feewatch.kernel.people import Scope
from feewatch.services.intake.provenance import rebook
from feewatch.services.lists import grade_objections, grade_pages, grade_steps, grading
from feewatch.store.cases import answers
from feewatch.store.intake import bankfiles
from feewatch.store.people import users
from feewatch.store.tables.ledger import source_file, statement

PERIOD = "2026Q3"


def make_town(app, folder):
    """A contract whose money never came; its case is closed after an order; graded by quarter."""
    scheme = folder / "rules" / "credit" / "ours.toml"
    scheme.parent.mkdir(parents=True)
    text = (SHIPPED / "credit" / "tianjin-shape.toml").read_text("utf-8")
    for old, new in (
        ('id = "tianjin-shape"', 'id = "ours"'),
        ('period = "year"', 'period = "quarter"'),
        ("least_covered = 80", "least_covered = 0"),
        ('rules = ["FEE-SPAN-3M", "FEE-HOURS-60"]', 'rules = ["ACC-OFF"]'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    scheme.write_text(text, "utf-8")
    rules, credit = RuleFolders([str(scheme.parents[1])]), Credit("ours")
    made = Town(with_scheme(app, rules, credit), folder / "world")
    with app.database.transaction() as tx:
        users.add(tx, "chen", "reviewer", "370702", None, "-")
        users.add(tx, "school", "institution", None, 1, "-")
    return made, rules, credit


def with_scheme(app, rules, credit):
    return replace(app, config=replace(app.config, rules=rules, credit=credit))


@pytest.fixture
def town(prepared):
    app, (made, rules, credit) = prepared(make_town)
    town = copy(made)
    town.app = with_scheme(app, rules, credit)
    return town


def close(town):
    with at("2026-08-11"):
        town.step("close", actor="wang", against_data="机构书面说明")


def counted(town):
    """Points taken off, by indicator."""
    with at("2026-10-08"):
        grading.compute(town.app, PERIOD, actor="li")
        (row,) = grade_pages.list_grades(town.app, Scope(), period=PERIOD)
    return {line["indicator"]: line["counted"] for line in row.grade["lines"]}


def told_by_the_institution(town):
    """As if the institution had handed in all statements itself."""
    with town.app.database.transaction() as tx:
        tx.execute(update(source_file).values(provenance="institution"))
        files = list(tx.scalars(select(statement.c.file_sha256).distinct()))
        rows = bankfiles.list_statements_of(tx, files)
        rebook(tx, [row for of_file in rows.values() for row in of_file])


def test_a_suspicion_gives_no_points_and_a_closed_order_does(town):
    # the case waits for its answer to be looked at: the order confirmed the breach
    assert counted(town) == {"over-limits": "-1"}
    close(town)
    assert counted(town) == {"case-red": "-22", "over-limits": "-1"}


def test_what_the_institution_alone_tells_proves_no_breach_against_it(town):
    close(town)
    told_by_the_institution(town)
    assert counted(town) == {"case-red": "-22"}  # officers decided the case


def test_an_objection_that_was_upheld_takes_the_points_away(town):
    with town.app.database.transaction() as tx:
        case_id = town.case()["id"]
        key = answers.add_objection(tx, case_id, town.matter, "已补缴", "school")
        answers.settle_objection(tx, case_id, key, "upheld", "采纳", "li")
    close(town)
    assert counted(town) == {}


def test_the_way_of_a_grade_from_draft_to_set(town):
    close(town)
    counted(town)
    app = town.app
    (uscc,) = {row.grade["uscc"] for row in grade_pages.list_grades(app, Scope())}
    with at("2026-10-09"):
        assert grade_steps.tell_drafts(app, PERIOD, actor="li") == [uscc]
        key = grade_objections.object_to_grade(app, PERIOD, "案件已整改", actor="school")
    with at("2026-10-12"):
        grade_objections.answer_grade_objection(
            app, uscc, PERIOD, key, "rejected", "依方案计分", actor="wang"
        )
    with at("2026-11-02"):
        assert grade_steps.set_grade(app, uscc, PERIOD, "A", "从轻", actor="li") == "proposed"
        grade_steps.confirm_grade(app, uscc, PERIOD, "同意", accept=True, actor="chen")
        file = grade_pages.file_json(grade_pages.get_grade_file(app, Scope(), uscc, PERIOD))
    assert (file["points"], file["computed"], file["grade"]) == ("977", "B", "A")
    assert file["next_check"] == "2027-05-01"
    assert [each["change"] for each in file["history"]] == [
        "computed", "told", "objected", "answered", "proposed", "set",
    ]  # fmt: skip
    # two periods on end are asked for: one A puts nobody on the list
    assert {each["code"] for each in file["credit_red"]["conditions"] if not each["met"]} == {
        "GRADE", "WHITE",
    }  # fmt: skip
