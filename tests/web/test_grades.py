"""信用评价 on the site: the office's overview, the sheets, the institution's page and objection."""

import datetime as dt
import io

import pytest
from sqlalchemy import insert

from feewatch.kernel import clock
from feewatch.kernel.days import parse_day
from feewatch.services.desk.today import read_today
from feewatch.services.people.acting import find_person
from feewatch.store.tables import ledger
from tests.web.conftest import LUZHI, WEICHENG

DESK, OWN = "/desk/grades/", "/own/grades/"
SHEET = f"{DESK}{LUZHI}/2025"
LATER = dt.datetime(2026, 9, 30, 10, tzinfo=clock.SHANGHAI)


@pytest.fixture
def covered(app):
    """What banks told of the first institution, so that it can be graded."""
    with app.database.transaction() as tx:
        tx.execute(
            insert(ledger.told_days).values(
                account_id=1, institution_id=1, word="bank",
                from_day=parse_day("2025-11-01"), to_day=parse_day("2025-12-31"),
            )
        )  # fmt: skip


@pytest.fixture
def drafted(covered, as_user):
    client = as_user("officer")
    assert client.post(f"{DESK}compute", data={"period": "2025"}).status_code == 302
    return client


@pytest.fixture
def told(drafted):
    assert drafted.post(f"{DESK}tell", data={"period": "2025"}).status_code == 302
    return drafted


def waits(app, name):
    person = find_person(app, name)
    assert person is not None
    return read_today(app, person, mine=False).counts


def test_drafts_are_counted_by_grade_and_shown_line_by_line(drafted):
    page = drafted.get(DESK).text
    assert "鲁智01号培训中心" in page
    assert "示例，不是法律" in page
    assert "资料不全，未评定" in page
    sheet = drafted.get(SHEET).text
    assert "基准分" in sheet
    assert "信用评价方案（示例）" in sheet
    assert "鲁智" in drafted.get(f"{DESK}?period=2025&grade=A").text
    assert "鲁智" not in drafted.get(f"{DESK}?period=2025&grade=none").text
    assert drafted.get(f"{DESK}?waiting=never").status_code == 400


def test_an_institution_sees_what_it_was_told_and_objects(app, told, as_user):
    school = as_user("luzhi")
    page = school.get(OWN).text
    assert "拟评等级 A" in page
    data = {"reason": "分值有误", "proofs": (io.BytesIO(b"%PDF-1.7 x"), "说明.pdf")}
    answer = school.post(f"{OWN}2025", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302
    assert "待主管机关答复" in school.get(OWN).text
    assert school.post(f"{OWN}2025", data={"reason": "再次"}).status_code == 409
    assert waits(app, "officer")["grades_objected"] == 1
    assert "objection" in told.get(DESK).text
    sheet = told.get(SHEET).text
    assert "分值有误" in sheet
    assert "说明.pdf" in sheet
    paper = told.get(f"{SHEET}/files/1")
    assert (paper.data, paper.headers["Content-Disposition"][:10]) == (b"%PDF-1.7 x", "attachment")
    assert school.get(f"{OWN}2025/files/1").data == b"%PDF-1.7 x"
    assert as_user("weicheng").get(f"{OWN}2025/files/1").status_code == 404
    assert as_user("nanjing").get(f"{SHEET}/files/1").status_code == 404
    form = {"outcome": "upheld", "reason": "已核减"}
    assert told.post(f"{SHEET}/objections/1", data=form).status_code == 302
    assert told.post(f"{SHEET}/objections/1", data=form).status_code == 409
    assert "已核减" in school.get(OWN).text


def test_before_it_is_told_an_institution_sees_nothing(drafted, as_user):
    assert "尚无评价" in as_user("luzhi").get(OWN).text
    assert as_user("luzhi").post(f"{OWN}2025", data={"reason": "x"}).status_code == 404


def test_two_people_set_a_grade_that_leads_to_a_list(app, told, as_user):
    form = {"step": "set", "grade": "A"}
    assert told.post(SHEET, data=form).status_code == 409  # the institution may still object
    with clock.fixed(LATER):
        officer, reviewer = as_user("officer"), as_user("reviewer")
        assert officer.post(SHEET, data=form).status_code == 302
        assert 'value="confirm"' not in officer.get(SHEET).text
        confirm = {"step": "confirm", "reason": "属实"}
        assert officer.post(SHEET, data=confirm).status_code == 403
        assert waits(app, "reviewer")["grades_second"] == 1
        assert waits(app, "officer")["grades_second"] == 0  # it is their own
        assert reviewer.post(SHEET, data=confirm).status_code == 302
        page = officer.get(SHEET).text
        assert "2027-03-29" in page  # 180 days on
        assert "信用红名单条件" in page
        red = officer.get(f"{DESK}red").text
        assert "鲁智01号培训中心" in red
        assert "全部符合" in red  # it is on the white list as published
        assert "鲁智" not in as_user("nanjing").get(f"{DESK}red").text
        assert "评定等级 A" in as_user("luzhi").get(OWN).text
        correct = {"step": "correct", "grade": "B"}
        assert officer.post(SHEET, data=correct).status_code == 400  # without a reason
        assert officer.post(SHEET, data=correct | {"reason": "录入有误"}).status_code == 302
        assert reviewer.post(SHEET, data={"step": "decline", "reason": "无误"}).status_code == 302
        assert "更正" in officer.get(SHEET).text


def test_nobody_else_decides_or_looks(told, as_user):
    for name in ("viewer", "publisher", "administrator"):
        client = as_user(name)
        assert "鲁智" in client.get(DESK).text
        assert 'name="step"' not in client.get(SHEET).text
        assert client.post(SHEET, data={"step": "redraw", "reason": "x"}).status_code == 403
    assert "鲁智" not in as_user("nanjing").get(DESK).text
    assert as_user("nanjing").get(SHEET).status_code == 404
    assert as_user("nanjing").post(SHEET, data={"step": "tell"}).status_code == 404
    assert as_user("luzhi").get(SHEET).status_code == 403


def test_a_refused_form_comes_back_with_what_is_wrong(told):
    for form in ({"step": "fly"}, {"step": "redraw"}, {"step": "set"}, {}):
        assert told.post(SHEET, data=form).status_code == 400
    assert told.post(f"{DESK}compute", data={"period": "2099"}).status_code == 409
    assert told.post(f"{DESK}compute", data={"period": "soon"}).status_code == 400
    assert told.get(f"{DESK}{LUZHI}/2024").status_code == 404
    assert told.get(f"{DESK}{WEICHENG}x/2025").status_code == 404
    assert told.post(SHEET, data={"step": "redraw", "reason": "有新决定"}).status_code == 302
    assert 'value="tell"' in told.get(SHEET).text


def test_an_objection_on_paper_goes_on_record_at_any_time(told, as_user):
    with clock.fixed(LATER):
        officer = as_user("officer")
        assert officer.post(f"{SHEET}/objections", data={"reason": "书面"}).status_code == 302
        assert "书面" in officer.get(SHEET).text


def test_a_program_reads_grades_and_the_public_reads_none(told, as_user, visitor):
    shown = as_user("program").get("/api/v1/grades?period=2025").json
    assert shown["total"] == 1
    (grade,) = shown["items"]
    assert (grade["uscc"], grade["points"], grade["computed"], grade["grade"]) == (
        LUZHI, "100", "A", None
    )  # fmt: skip
    assert as_user("program").get("/api/v1/grades?period=%00").status_code == 400
    assert visitor.get("/api/v1/grades").status_code == 401
    assert "信用评价" not in visitor.get("/").text
