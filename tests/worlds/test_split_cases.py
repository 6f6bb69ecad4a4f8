"""Fees taken in pieces: the days on which they are over, and which of course and discipline.

The limits themselves stand in the scenarios of FEE-SPLIT.
"""

from worlds.builder import AS_OF, School, build

from feewatch.kernel.days import parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.registers.importing import import_registers


def paying(*parts):
    """A school of arts with contracts of one student: day, yuan, and the course if not its own."""
    school = School(1)
    school.facts["subject"] = "arts"
    for day, yuan, *course in parts:
        given = {"student": "S1", "fee": yuan, "lessons": "9", "starts_on": day}
        school.contract(paid_on=day, **given | ({"course_id": course[0]} if course else {}))
    return school


def alerts_of(app, folder, school, courses=""):
    """The alerts of one school, by day; further courses as rows of id and discipline."""
    build(app, [school], folder)
    if courses:
        path = folder / "more.csv"
        path.write_text(courses, encoding="utf-8")
        assert import_registers(app, "courses", path, actor="test").as_json()["bad"] == 0
    run_check(app, parse_day(AS_OF))
    return list_alerts(app, status=None, rule="FEE-SPLIT", uscc=None)


def test_each_day_that_takes_the_sum_over_is_an_alert_of_its_own(any_app, tmp_path):
    """3,000 each: over on the second day, still over on the third, over anew a month later."""
    days = ("2026-05-01", "2026-05-10", "2026-05-20", "2026-06-15")
    school = paying(*((day, "3000.00") for day in days))
    found = alerts_of(any_app, tmp_path / "world", school)
    assert [each["on"] for each in found] == ["2026-05-10", "2026-06-15"]
    first = found[0]
    assert first["subject"] == {
        "kind": "student", "id": f"{school.uscc}/S1/{school.course_id}/2026-05-10",
    }  # fmt: skip
    assert (first["measured"], first["limit"], first["unit"]) == (600_000, 500_000, "fen")
    assert (first["severity"], first["authority"]) == ("orange", "law")
    assert [each["number"] for each in first["basis"]] == [
        "教监管函〔2021〕2号", "教监管〔2022〕4号", "11370000004502323D/2025-01379",
    ]  # fmt: skip
    numbers = [each["contract_no"] for each in school.contracts[:2]]
    assert first["evidence"] == [{"record": "contract", "id": each} for each in numbers]


def test_courses_of_one_discipline_add_up_to_a_notice_and_one_course_comes_first(any_app, tmp_path):
    school = paying(
        ("2026-06-01", "3000.00", "D1"),
        ("2026-06-10", "3000.00", "D2"),  # the discipline alone is over
        ("2026-07-20", "3000.00", "D1"),
        ("2026-07-25", "100.00", "D2"),
        ("2026-07-28", "2900.00", "D1"),  # both are: the course alone stands
    )
    dances = (
        "course_id,uscc,title,discipline,stage,mode,class_size,lesson_minutes,price_per_lesson\n"
        f"D1,{school.uscc},少儿班,舞蹈,primary,offline,9,45,400\n"
        f"D2,{school.uscc},考级班,舞蹈,primary,offline,9,45,400\n"
    )
    found = alerts_of(any_app, tmp_path / "world", school, dances)
    assert [(each["subject"]["id"].split("/", 1)[1], each["severity"]) for each in found] == [
        ("S1/舞蹈/2026-06-10", "notice"),
        ("S1/D1/2026-07-28", "orange"),
    ]
