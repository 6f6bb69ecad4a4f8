"""Premises and clues: lists by facet, one page each, followed to disposal, on record, in scope."""

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from feewatch.kernel.people import Scope
from feewatch.services.registers.importing import import_registers
from feewatch.store.pages import places
from feewatch.store.tables.operations import audit
from tests.web.conftest import LUZHI, NANJING, WEICHENG

PREMISES = (
    "premises_no,district,address,found_on,found_by,name,state,disposal,disposed_on\n"
    "CS1,370702,示例路1号,2026-04-03,联合检查组,阳光<b>托管,unlicensed,open,\n"
    "CS2,370702,示例路2号,2026-04-20,,,no_licence,closed,2026-05-08\n"
    "CS/3,370703,示例路3号,2026-05-02,,,unlicensed,transferred,2026-05-20\n"
    "CS4,320104,秦淮路4号,2026-05-02,,宁场所,unlicensed,open,\n"
)
CLUES = (
    "clue_no,received_on,source,district,text,uscc,address\n"
    f"XS1,2026-06-01,12345,370702,超期收费,{LUZHI},\n"
    f"XS2,2026-06-02,visit,370702,=疑似无证办学,,示例路9号\n"
    f"XS3,2026-06-03,letter,370703,退费难,{WEICHENG},\n"
    f"XS4,2026-06-04,letter,320104,宁线索,{NANJING},\n"
)


@pytest.fixture
def filled(app, tmp_path):
    for kind, text in (("premises", PREMISES), ("clues", CLUES)):
        take(app, tmp_path, kind, text)
    return app


def take(app, folder, kind, text):
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    report = import_registers(app, kind, path, actor="officer").as_json()
    assert report["bad"] == 0, report["problems"]


def test_premises_are_listed_by_facet_within_the_district(filled, as_user):
    officer = as_user("officer")
    text = officer.get("/desk/premises").text
    assert "CS1" in text
    assert "CS2" in text
    assert "CS/3" not in text
    assert "宁场所" not in text
    assert "阳光&lt;b&gt;托管" in text
    for asked, shown in (
        ("state=unlicensed", {"CS1"}),
        ("disposal=closed", {"CS2"}),
        ("month=2026-04", {"CS1", "CS2"}),
        ("month=2026-05", set()),
        ("text=2号", {"CS2"}),
        ("state=unlicensed&disposal=closed", set()),
    ):
        page = officer.get(f"/desk/premises?{asked}").text
        assert {number for number in ("CS1", "CS2") if f'one/{number}"' in page} == shown, asked
    for wrong in ("state=gold", "month=2026-13", "district=1", "page=0"):
        assert officer.get(f"/desk/premises?{wrong}").status_code == 400, wrong
    city = as_user("viewer").get("/desk/premises").text
    assert "one/CS/3" in city
    assert "宁场所" not in city


def test_unlicensed_premises_are_followed_to_their_disposal(filled, as_user, tmp_path):
    head, row = PREMISES.splitlines()[:2]
    closed = row.replace("open,", "closed,2026-07-01")
    take(filled, tmp_path, "premises", f"{head}\n{closed}\n")
    text = as_user("officer").get("/desk/premises/one/CS1").text
    assert "2026-04-03 发现" in text
    assert "联合检查组" in text
    assert "2026-07-01 已取缔" in text
    assert "待处置 → 已取缔" in text
    assert "（空） → 2026-07-01" in text
    assert as_user("viewer").get("/desk/premises/one/CS/3").status_code == 200
    for number in ("CS/3", "CS4", "CS9"):
        assert as_user("officer").get(f"/desk/premises/one/{number}").status_code == 404, number


def test_totals_of_a_campaign_by_month_and_state(filled, as_user):
    viewer = as_user("viewer")  # of the city: CS1, CS2, CS/3
    rows = list(
        csv.reader(io.StringIO(viewer.get("/desk/premises/campaign.csv").data.decode("utf-8-sig")))
    )
    assert rows[0][:3] == ["发现月份 / month found", "合计 / total",
                           "无证无照 / no permit, no business licence"]  # fmt: skip
    assert rows[1:] == [
        ["2026-04", "2", "1", "1", "0", "0", "1", "0", "1", "0"],
        ["2026-05", "1", "1", "0", "0", "0", "0", "0", "0", "1"],
        ["合计 / total", "3", "2", "1", "0", "0", "1", "0", "1", "1"],
    ]
    book = load_workbook(io.BytesIO(viewer.get("/desk/premises/campaign.xlsx").data))
    assert [[cell.value for cell in row] for row in book.worksheets[0].rows] == rows
    text = viewer.get("/desk/premises/campaign").text
    assert "发现 3 处，已处置 2 处" in text
    only = viewer.get("/desk/premises/campaign.csv?state=no_licence").data.decode("utf-8-sig")
    assert only.splitlines()[-1].startswith("合计 / total,1,0,1")


def test_a_clue_opens_a_case_on_record(filled, as_user):
    officer = as_user("officer")
    page = officer.get("/desk/clues/one/XS1").text
    assert "超期收费" in page
    assert "M1 " in page
    assert "M4 " not in page
    form = {"act": "case", "matter": "1", "reason": "来信属实", "answered_on": "2026-06-20"}
    answer = officer.post("/desk/clues/one/XS1", data=form)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/desk/cases/370702-2026-")
    after = officer.get("/desk/clues/one/XS1").text
    assert "已并入" in after
    assert "2026-06-20" in after
    assert "来信属实" in after
    assert "/desk/clues/one/XS1" in officer.get("/desk/matters/1").text
    with filled.database.reading() as tx:
        [event] = places.list_events(tx, places.find_clue(tx, Scope(), "XS1").id)
    assert (event.actor, event.act, event.matter_id) == ("officer", "case", 1)
    assert event.case_number == answer.headers["Location"].rpartition("/")[2]


def act(client, number, act, **form):
    data = {"act": act, "reason": "核实"} | form
    return client.post(f"/desk/clues/one/{number}", data=data).status_code


def test_a_clue_is_linked_to_a_matter_or_settled(filled, as_user):
    officer = as_user("officer")
    assert (
        officer.post(
            "/desk/clues/one/XS1", data={"act": "link", "matter": "2", "reason": "同一事由"}
        ).status_code
        == 302
    )
    assert (
        officer.post("/desk/clues/one/XS1", data={"act": "close", "reason": "已答复"}).status_code
        == 302
    )
    assert (
        officer.post(
            "/desk/clues/one/XS2", data={"act": "unfounded", "reason": "现场核实"}
        ).status_code
        == 302
    )
    assert "已办结" in officer.get("/desk/clues?state=closed").text
    assert (
        officer.post("/desk/clues/one/XS2", data={"act": "close", "reason": "x"}).status_code == 409
    )


@pytest.mark.parametrize(
    ("number", "form", "status"),
    [
        ("XS1", {"act": "link", "matter": "1"}, 400),  # no reason
        ("XS1", {"act": "link", "reason": "x"}, 404),  # no matter
        ("XS1", {"act": "link", "matter": "3", "reason": "x"}, 404),  # of another institution
        ("XS1", {"act": "link", "matter": "99999999999999", "reason": "x"}, 400),
        ("XS1", {"act": "gild", "reason": "x"}, 400),
        (
            "XS1",
            {"act": "close", "reason": "x", "answered_on": "2026-05-31"},
            400,
        ),  # before receipt
        ("XS1", {"act": "close", "reason": "x", "answered_on": "2026-07-16"}, 400),  # not come
        ("XS2", {"act": "case", "matter": "1", "reason": "x"}, 409),  # names no institution
        ("XS3", {"act": "close", "reason": "x"}, 404),  # another district
        ("XS4", {"act": "close", "reason": "x"}, 404),
    ],
)
def test_what_may_not_be_made_of_a_clue_is_refused_and_nothing_kept(
    filled, as_user, number, form, status
):
    assert as_user("officer").post(f"/desk/clues/one/{number}", data=form).status_code == status
    with filled.database.reading() as tx:
        clue = places.find_clue(tx, Scope(), number)
        assert (clue.state, list(places.list_events(tx, clue.id))) == ("open", [])


def test_clues_are_the_office_s_own(filled, as_user):
    assert as_user("luzhi").get("/desk/clues").status_code == 403
    assert as_user("luzhi").get("/desk/premises").status_code == 403
    assert (
        as_user("viewer")
        .post("/desk/clues/one/XS1", data={"act": "close", "reason": "x"})
        .status_code
        == 403
    )
    text = as_user("nanjing").get("/desk/clues").text
    assert "宁线索" in text
    assert "超期收费" not in text


ORDERS = (
    "工单编号,派单时间,来电人,来电号码,区划代码,诉求标题,被反映机构统一社会信用代码,办理期限\n"
    f"RX1,2026-07-01 09:30:00,张三,13812345678,370702,反映停课后不退费,{LUZHI},2026-07-08\n"
    "RX2,2026-07-02 10:00:00,李四,0536-8888888,370702,反映无证办学,,2026-07-20\n"
    "RX3,2026-07-03 10:00:00,王五,,320104,宁工单,,2026-07-04\n"
)


@pytest.fixture
def orders(app, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    report = import_registers(app, "clues", path, actor="officer").as_json()
    assert (report["new"], report["bad"]) == (3, 0), report["problems"]
    assert "PROFILE-UNPROVEN" in {each["code"] for each in report["problems"]}
    return app


def test_work_orders_become_clues_and_who_called_is_nowhere(orders, as_user):
    officer = as_user("officer")
    listed = officer.get("/desk/clues?source=12345").text
    assert "RX1" in listed
    assert "逾期 7 天" in listed  # due on 8 July, and it is the 15th
    late = officer.get("/desk/clues?late=1").text
    assert "one/RX1" in late
    assert "one/RX2" not in late
    with orders.database.reading() as tx:
        everything = [
            str(tuple(row)) for row in places.list_clues(
                tx, Scope(), places.WantedClues(), limit=9, offset=0
            )
        ]  # fmt: skip
    for personal in ("张三", "13812345678", "8888888", "李四"):
        assert personal not in listed + "".join(everything)


def test_answers_go_back_with_number_result_and_day_within_the_district(orders, as_user):
    officer = as_user("officer")
    assert act(officer, "RX1", "close", answer="已督促退费", answered_on="2026-07-10") == 302
    assert act(officer, "RX2", "unfounded", answer="=现场核查，证照齐全") == 302
    assert act(as_user("nanjing"), "RX3", "close", answer="宁答复") == 302
    got = officer.get("/desk/clues/answers.csv")
    rows = list(csv.reader(io.StringIO(got.data.decode("utf-8-sig"))))
    assert rows == [
        ["工单编号", "办理结果", "答复内容", "办结日期", "办理期限", "逾期天数"],
        ["RX1", "已办结", "已督促退费", "2026-07-10", "2026-07-08", "2"],
        ["RX2", "不属实", "'=现场核查，证照齐全", "2026-07-15", "2026-07-20", "0"],
    ]
    book = load_workbook(io.BytesIO(officer.get("/desk/clues/answers.xlsx").data))
    assert [[cell.value or "" for cell in row][:2] for row in book.worksheets[0].rows] == [
        row[:2] for row in rows
    ]
    june = officer.get("/desk/clues/answers.csv?month=2026-06").data.decode("utf-8-sig")
    assert len(june.splitlines()) == 1
    assert "格式未经验证" in officer.get("/desk/clues").text
    assert "已督促退费" in officer.get("/desk/clues/one/RX1").text
    with orders.database.reading() as tx:
        given = tx.execute(select(audit.c.detail).where(audit.c.action == "clues.answers")).all()
    assert [row.detail["rows"] for row in given] == [2, 2, 0]


def test_a_later_answer_takes_the_place_of_the_one_before(orders, as_user):
    officer = as_user("officer")
    assert act(officer, "RX1", "close", answer="第一次答复") == 302
    assert act(officer, "RX1", "reopen") == 302
    assert act(officer, "RX1", "unfounded", answer="第二次答复") == 302
    text = officer.get("/desk/clues/answers.csv").data.decode("utf-8-sig")
    assert "第二次答复" in text
    assert "第一次答复" not in text


def test_an_order_that_is_taken_up_again_waits_for_another_answer(orders, as_user):
    officer = as_user("officer")

    def answers():
        return officer.get("/desk/clues/answers.csv").data.decode("utf-8-sig").splitlines()[1:]

    assert act(officer, "RX1", "close", answer="属实，已退费") == 302
    assert len(answers()) == 1
    assert act(officer, "RX1", "reopen") == 302
    assert answers() == []
    assert "one/RX1" in officer.get("/desk/clues?late=1").text
    assert act(officer, "RX1", "unfounded", answered_on="2026-07-15") == 302
    assert answers() == ["RX1,不属实,,2026-07-15,2026-07-08,7"]  # no word of what was found before


def test_a_clue_that_is_over_without_an_answer_is_late_on_no_list(orders, as_user):
    officer = as_user("officer")
    assert act(officer, "RX1", "close") == 302
    listed = officer.get("/desk/clues?source=12345&format=csv").data.decode("utf-8-sig")
    (row,) = [row for row in csv.DictReader(io.StringIO(listed)) if "RX1" in row.values()]
    assert row["逾期天数"] == ""
    assert "逾期 7 天" not in officer.get("/desk/clues").text


def test_an_answer_that_names_a_phone_is_refused_and_nothing_kept(orders, as_user):
    officer = as_user("officer")
    answer = officer.post(
        "/desk/clues/one/RX1", data={"act": "close", "reason": "x", "answer": "请致电 13812345678"}
    )
    assert answer.status_code == 400
    with orders.database.reading() as tx:
        clue = places.find_clue(tx, Scope(), "RX1")
        assert (clue.state, clue.answered_on) == ("open", None)
