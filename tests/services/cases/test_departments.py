"""Matters and cases are a department's: competent by rule and institution, seen by its people."""

import pytest
from sqlalchemy import insert, update

from feewatch.kernel.days import parse_day
from feewatch.kernel.departments import COMPETENT, DEPARTMENTS, competent_for
from feewatch.kernel.errors import InvalidInputError, NotFoundError, Refusal
from feewatch.kernel.people import Scope
from feewatch.services import messages
from feewatch.services.cases import membership, notes, papers, steps
from feewatch.services.cases.alerts import explain, list_alerts
from feewatch.services.cases.deadlines import watch_deadlines
from feewatch.services.cases.listing import list_cases
from feewatch.services.cases.paper_register import get_paper
from feewatch.services.desk.board import read_board
from feewatch.services.desk.inbox import list_matters
from feewatch.services.people import users as people
from feewatch.services.people.acting import find_person
from feewatch.services.reports.period import list_traced, period_of_month, read_report
from feewatch.services.trials.noise import read_noise
from feewatch.store.cases import cases
from feewatch.store.pages.board import WantedCases
from feewatch.store.pages.inbox import Wanted
from feewatch.store.people import users
from feewatch.store.tables.casework import transfer
from feewatch.store.tables.operations import user
from feewatch.store.tables.registers import institution_fact

FACTS = {
    "valid_from": 0, "valid_to": 99_999, "name": "甲培训", "district": "370702",
    "subject": "arts", "nature": "for_profit", "custody": "bank_custody", "related_parties": "",
}  # fmt: skip


@pytest.fixture
def halls(any_desk):
    """An arts school and one for sports; a person of each department beside the others."""
    with any_desk.app.database.transaction() as tx:
        tx.execute(
            insert(institution_fact),
            [FACTS | {"institution_id": 1}, FACTS | {"institution_id": 2, "subject": "sports"}],
        )
        for name, department in [("wen", "culture"), ("ti", "sports"), ("jia", "market")]:
            users.add(tx, name, "officer", "370702", None, "x")
            tx.execute(update(user).where(user.c.name == name).values(department=department))
    return any_desk


def scope_of(desk, name):
    with desk.app.database.reading() as tx:
        return users.find_by_name(tx, name).scope


def seen_by(desk, name):
    rows = list_matters(desk.app, scope_of(desk, name), Wanted(), 1).page.rows
    return {row.cause for row in rows}


@pytest.mark.parametrize(
    ("competent", "subject", "department"),
    [
        ("subject", "academic", "education"),
        ("subject", "arts", "culture"),
        ("subject", "sports", "sports"),
        ("subject", "science", "science"),
        ("subject", "other", "education"),
        ("subject", None, "education"),
        ("market", "arts", "market"),
        ("education", "arts", "education"),
    ],
)
def test_the_department_follows_from_the_rule_and_what_is_taught(competent, subject, department):
    assert competent in COMPETENT
    assert competent_for(competent, subject) == department
    assert department in DEPARTMENTS


def test_each_sees_the_matters_of_the_own_department_and_who_has_none_sees_all(halls):
    halls.check(
        halls.breach("HT-1"),
        halls.breach("HT-2", institution_id=2),
        halls.breach("HT-3", competent="market"),
    )
    assert seen_by(halls, "wen") == {"HT-1"}
    assert seen_by(halls, "ti") == {"HT-2"}
    assert seen_by(halls, "jia") == {"HT-3"}
    assert seen_by(halls, "li") == {"HT-1", "HT-2", "HT-3"}
    listed = list_alerts(halls.app, status=None, rule=None, uscc=None, scope=scope_of(halls, "jia"))
    assert [(each["subject"]["id"], each["department"]) for each in listed] == [("HT-3", "market")]
    (other,) = list_alerts(
        halls.app, status=None, rule=None, uscc=None, scope=scope_of(halls, "ti")
    )
    with pytest.raises(NotFoundError):
        explain(halls.app, other["id"], scope_of(halls, "wen"))


def test_an_alert_that_joins_a_matter_is_of_its_department(halls):
    halls.check(halls.breach("HT-1", cause="甲"))
    with halls.app.database.transaction() as tx:
        tx.execute(update(institution_fact).values(subject="sports"))
    first = halls.breach("HT-1", cause="甲")
    halls.check(first, halls.breach("HT-2", cause="甲"))
    listed = list_alerts(halls.app, status=None, rule=None, uscc=None)
    assert {each["department"] for each in listed} == {"culture"}


def test_a_case_and_all_that_is_done_on_it_is_for_its_department(halls):
    number = halls.open_one(competent="market")
    assert halls.get_case(number)["department"] == "market"
    letter = papers.Order("transfer_letter", unit="市监局")
    for act in (
        lambda: halls.take(number, "triage", actor="wen"),
        lambda: notes.add_note(halls.app, number, "记录", actor="wen"),
        lambda: papers.make(
            halls.app, number, papers.Order("transfer_letter", unit="市监局"), actor="wen"
        ),
        lambda: membership.hand_over_case(halls.app, number, "li", actor="wen", reason="移"),
    ):
        with pytest.raises(NotFoundError):
            act()
    with pytest.raises(InvalidInputError) as refused:
        membership.hand_over_case(halls.app, number, "wen", actor="li", reason="移")
    assert refused.value.code == "OWNER-SCOPE"
    halls.take(number, "triage", actor="jia")
    assert [row["case"] for row in list_cases(halls.app, person="jia")] == [number]
    assert list_cases(halls.app, person="wen") == []
    made = papers.make(halls.app, number, letter, actor="jia")
    content = get_paper(halls.app, scope_of(halls, "jia"), made.number).paper.content
    assert content["fields"]["department"] == "市场监管部门"
    assert content["lists"]["matters"][0]["department"] == "市场监管部门"
    with pytest.raises(NotFoundError):
        get_paper(halls.app, scope_of(halls, "wen"), made.number)
    with pytest.raises(NotFoundError):
        papers.void(halls.app, made.number, actor="wen", reason="误")


def test_nobody_opens_a_case_over_matters_of_another_department(halls):
    found = halls.check(halls.breach("HT-1", competent="market"))
    with pytest.raises(NotFoundError):
        steps.open_case(halls.app, [found["HT-1"]], actor="wen", reason="立案")


def test_a_case_of_matters_of_two_departments_is_the_institutions_own(halls):
    halls.check(halls.breach("HT-1"), halls.breach("HT-2", competent="market"))
    assert halls.get_case(halls.open_over("HT-1", "HT-2"))["department"] == "culture"


def test_who_had_or_gets_a_case_by_transfer_goes_on_reading_it(halls):
    number = halls.open_one(competent="market")
    with halls.app.database.transaction() as tx:
        tx.execute(
            insert(transfer).values(
                number="移1", case_file_id=cases.get_case(tx, number)["id"],
                from_department="culture", to_department="market", unit="市监局", reason="移",
                from_state="open", bundle_sha256="0" * 64, sent_by="wen", sent_at="2026-09-21",
                state="received",
            )
        )  # fmt: skip
    assert [row["case"] for row in list_cases(halls.app, person="wen")] == [number]
    assert seen_by(halls, "wen") == {"HT-1"}
    assert list_cases(halls.app, person="ti") == []
    with pytest.raises(NotFoundError):
        halls.take(number, "triage", actor="wen")


def test_a_scope_at_another_place_keeps_its_department():
    scope = Scope("370700", None, "culture").at("370702")
    assert scope == Scope("370702", None, "culture")
    assert scope.sees("370702", 1)
    assert scope.sees("370702", 1, "culture")
    assert not scope.sees("370702", 1, "market")


def test_people_of_the_office_are_given_a_department_on_record(halls):
    people.set_department(halls.app, "li", "culture", actor="gu", reason="分工")
    assert scope_of(halls, "li").department == "culture"
    for name, department, code in [
        ("li", "tax", "DEPARTMENT"),
        ("school", "culture", "DEPARTMENT-ROLE"),
        ("li", "culture", "DEPARTMENT-SAME"),
        ("gone", "culture", "USER-UNKNOWN"),
    ]:
        with pytest.raises(Refusal) as refused:
            people.set_department(halls.app, name, department, actor="gu", reason="分工")
        assert refused.value.code == code
    people.set_department(halls.app, "li", None, actor="gu", reason="分工")
    assert scope_of(halls, "li").department is None


def told(desk, name):
    """Kinds of what a person was told, the first first."""
    rows = messages.list_messages(desk.app, find_person(desk.app, name), 1).rows
    return [row.kind for row in reversed(rows)]


def test_nobody_of_another_department_is_told_of_a_case(halls):
    """Its owner left the department: the people of it and those of every one are told instead."""
    number = halls.open_one(competent="market")
    halls.take(number, "triage", actor="jia")
    halls.take(number, "notify", actor="jia", deadline=parse_day("2026-10-16"))
    membership.hand_over_case(halls.app, number, "jia", actor="li", reason="移")
    with halls.app.database.transaction() as tx:
        tx.execute(update(user).where(user.c.name == "jia").values(department="culture"))
        users.add(tx, "shi", "officer", "370702", None, "x")
        users.change(tx, "shi", department="market")
    halls.take(number, "submit", actor="school")
    watch_deadlines(halls.app, parse_day("2026-10-17"))
    assert (told(halls, "jia"), told(halls, "wen"), told(halls, "ti")) == (["handed_over"], [], [])
    assert told(halls, "shi") == told(halls, "li") == ["answer_in"]


def test_reports_board_and_noise_of_a_person_count_the_own_department_alone(halls):
    halls.check(halls.breach("HT-1", competent="market"), halls.breach("HT-2"))
    halls.open_over("HT-1")
    month = "2026-09"
    seen = {}
    for name in ("jia", "wen", "ti", "li"):
        scope = scope_of(halls, name)
        report = read_report(halls.app, period_of_month(scope, month))
        board = read_board(halls.app, find_person(halls.app, name), WantedCases(), 1)
        noise = sum(each.counts["matters"] for each in read_noise(halls.app, scope))
        seen[name] = (
            report["problems.found"].value, report["cases.opened"].value,
            len(list_traced(halls.app, report.period, "problems.found")), board.page.total, noise,
        )  # fmt: skip
    assert seen == {
        "jia": (1, 1, 1, 1, 1), "wen": (1, 0, 1, 0, 1), "ti": (0, 0, 0, 0, 0),
        "li": (2, 1, 2, 1, 2),
    }  # fmt: skip
