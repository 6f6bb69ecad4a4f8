"""The inbox: groups, shares, counts, sort, many at once, saved views."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update

from feewatch.services.cases import steps
from feewatch.store.tables.casework import alert, case_file, matter
from feewatch.store.tables.operations import audit
from feewatch.web.formats import percent
from tests.web.conftest import LUZHI, WEICHENG, day

GROUP = re.compile(r'<section class="block sheet">(.*?)</section>', re.DOTALL)
ROW = re.compile(r'<tr class="\w+" data-row>(.*?)</tr>', re.DOTALL)


@pytest.fixture
def many(app):
    """Sixty more matters of Luzhi: sums of 1 to 60 yuan."""
    shared = {"institution_id": 1, "uscc": LUZHI, "district": "370702", "rule": "FEE-SPLIT"}
    shared |= {"cause": "", "status": "open", "severity": "yellow", "authority": "law"}
    shared |= {"alerts": 1, "historic": False, "first_day": day("2026-06-01")}
    shared |= {"last_day": day("2026-06-01"), "opened_at": "2026-06-01T08:00:00+08:00"}
    with app.database.transaction() as tx:
        tx.execute(
            insert(matter), [shared | {"id": 100 + n, "sum_fen": n * 100} for n in range(1, 61)]
        )
    return app


def test_matters_stand_under_their_institution_with_count_and_sum(as_user):
    groups = GROUP.findall(as_user("viewer").get("/desk/").text)
    assert len(groups) == 2
    assert "鲁智01号培训中心" in groups[0]
    assert "2 项" in groups[0]
    assert "5,000.00" in groups[0]
    assert len(ROW.findall(groups[0])) == 2


def test_a_long_group_shows_its_gravest_and_leads_to_the_others(many, as_user):
    viewer = as_user("viewer")
    group = GROUP.findall(viewer.get("/desk/").text)[0]
    assert len(ROW.findall(group)) == 5
    assert "62 项" in group
    assert ">60.00<" in group  # the largest of the yellow ones
    assert ">57.00<" not in group
    way = re.search(r'href="([^"]+)">另有 57 项', group)[1].replace("&amp;", "&")
    page = viewer.get(way).text
    assert "共 62 项" in page
    assert len(ROW.findall(page)) == 50
    assert len(ROW.findall(viewer.get(way + "&page=2").text)) == 12


def test_by_rule_a_group_is_a_rule_with_its_title(many, as_user):
    page = as_user("viewer").get("/desk/?by=rule").text
    groups = GROUP.findall(page)
    titles = [" ".join(re.sub("<[^>]+>", " ", group).split())[:40] for group in groups]
    assert len(groups) == 3
    assert "专用账户" in titles[0]
    assert "FEE-SPLIT" not in re.sub("<[^>]+>", " ", groups[2])
    assert "60 项" in groups[2]
    assert "1 家机构" in groups[2]


def test_a_matter_of_the_office_itself_counts_no_institution(many, as_user):
    with many.database.transaction() as tx:
        nobodys = {"institution_id": None, "uscc": "", "rule": "DATA-BAL"}
        tx.execute(update(matter).where(matter.c.id > 100).values(nobodys))
    groups = GROUP.findall(as_user("viewer").get("/desk/?by=rule").text)
    assert "60 项" in groups[2]
    assert "0 家机构" in groups[2]


@pytest.mark.parametrize(
    ("sort", "first"), [("sum", "M1"), ("age", "M101"), ("count", "M1"), ("severity", "M1")]
)
def test_the_flat_list_is_sorted(many, as_user, sort, first):
    page = as_user("viewer").get(f"/desk/?by=none&sort={sort}").text
    assert f">{first}<" in ROW.findall(page)[0].replace("\n", "")


def test_one_fen_over_does_not_look_like_fourteen_times_the_limit(app, as_user):
    with app.database.transaction() as tx:
        for key, measured in (("A0red", 500_001), ("A1hint", 7_000_000)):
            tx.execute(
                update(alert)
                .where(alert.c.id == key)
                .values(measured=measured, limit_value=500_000, severity="red")
            )
    rows = ROW.findall(as_user("viewer").get("/desk/?by=none&institution=" + LUZHI).text)
    assert "100.0002%" in rows[0]
    assert "1,400.0%" in rows[1]
    assert "占限值" in rows[0]


def test_where_the_limit_is_nothing_the_share_is_of_the_fees(as_user):
    row = ROW.findall(as_user("viewer").get("/desk/?by=none&text=M1").text)[0]
    assert "62.5%" in row  # 2,500 of the 4,000 yuan of HT1
    assert "占费用" in row


@pytest.mark.parametrize(
    ("share", "shown"),
    [("1", "100.0%"), ("0", "0.0%"), ("0.375", "37.5%"), ("1.0000001", "100.00001%"),
     ("0.9999", "99.99%"), ("14.01", "1,401.0%"), (None, "—")],
)  # fmt: skip
def test_a_share_never_looks_like_a_whole_one_that_it_is_not(share, shown):
    assert percent(None if share is None else Decimal(share)) == shown


def test_counts_leave_their_own_filter_aside_and_heed_the_others(many, as_user):
    page = as_user("viewer").get("/desk/?severity=red").text
    counts = dict(re.findall(r'class="count [^>]*>(红色|橙色|黄色|提示)<b>(\d+)</b>', page))
    assert counts == {"红色": "1", "橙色": "1", "黄色": "61", "提示": "0"}
    page = as_user("viewer").get("/desk/?rule=OUT-LARGE").text
    assert "红色<b>0</b>" in page
    assert "橙色<b>1</b>" in page


def test_a_matter_with_one_alert_opens_the_alert(as_user):
    row = ROW.findall(as_user("viewer").get("/desk/?by=none&text=M1").text)[0]
    assert 'href="/desk/alerts/A0red"' in row


def test_many_matters_become_one_case_an_institution_and_a_refusal_stops_no_other(app, as_user):
    reviewer = as_user("reviewer")
    with app.database.transaction() as tx:  # somebody else was quicker with one of Weicheng's
        tx.execute(
            update(matter).where(matter.c.id == 3).values(status="closed", district="370702")
        )
    page = reviewer.post(
        "/desk/bulk",
        data={"matter": ["1", "2", "3", "4", "999"], "act": "triage", "reason": "集中核实"},
    ).text
    assert "已办 1 家" in page
    assert "被拒 3 家" in page  # Weicheng's, Nanjing's out of the scope, one that never was
    assert "没有事项" in page
    assert "宁知" not in page
    with app.database.reading() as tx:
        cases = tx.execute(select(case_file)).all()
        assert [(row.uscc, row.state) for row in cases] == [(LUZHI, "triaged")]
        states = {row.id: row.status for row in tx.execute(select(matter))}
    assert states == {1: "in_case", 2: "in_case", 3: "closed", 4: "open"}


def test_many_are_dismissed_with_one_reason(app, as_user):
    data = {"matter": ["1", "2"], "act": "dismiss", "reason": "已核实无误", "confirm": "yes"}
    refused = as_user("officer").post("/desk/bulk", data=data).text
    assert "被拒 1 家" in refused  # one of them is red: no person dismisses it alone
    assert "已办 1 家" in as_user("officer").post("/desk/bulk", data=data | {"matter": ["2"]}).text
    with app.database.reading() as tx:
        states = list(tx.scalars(select(matter.c.status).where(matter.c.id < 3).order_by("id")))
    assert states == ["open", "dismissed"]


def test_a_red_matter_is_dismissed_by_two_persons(app, as_user):
    data = {"step": "dismiss", "reason": "核实无误", "confirm": "yes"}
    alone = as_user("officer").post("/desk/matters/1/case", data=data)
    assert (alone.status_code, "CASE-OTHER-OFFICER" in alone.text) == (403, True)
    opened = as_user("officer").post("/desk/matters/1/case", data=data | {"step": "triage"})
    step = f"{opened.location}/steps"
    assert as_user("officer").post(step, data=data).status_code == 403
    assert as_user("reviewer").post(step, data=data).status_code == 302
    with app.database.reading() as tx:
        assert tx.scalar(select(matter.c.status).where(matter.c.id == 1)) == "dismissed"


def test_matters_are_given_to_a_colleague_within_whose_place_they_lie(app, as_user):
    officer = as_user("officer")
    data = {"matter": ["1", "2"], "act": "assign", "owner": "reviewer", "reason": "分工"}
    assert "已办 1 家" in officer.post("/desk/bulk", data=data).text
    assert "共 2 项" in officer.get("/desk/?owner=reviewer").text
    assert "共 0 项" in officer.get("/desk/?owner=-").text
    far = officer.post("/desk/bulk", data=data | {"owner": "nanjing"}).text
    assert "辖区不含" in far
    assert officer.post("/desk/bulk", data=data | {"owner": "viewer"}).status_code == 403
    with app.database.reading() as tx:
        acts = tx.execute(select(audit).where(audit.c.action == "matter.assign")).all()
    assert [(row.object, row.detail["owner"]) for row in acts] == [
        ("M1", "reviewer"), ("M2", "reviewer"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"matter": []}, 400),
        ({"matter": ["x"]}, 400),
        ({"reason": " "}, 400),
        ({"act": "eat"}, 400),
    ],
)
def test_many_at_once_is_refused_without(as_user, change, status):
    data = {"matter": ["1"], "act": "triage", "reason": "核实"} | change
    assert as_user("officer").post("/desk/bulk", data=data).status_code == 400


def test_a_viewer_is_offered_no_box_and_no_act(as_user):
    page = as_user("viewer").get("/desk/").text
    assert 'type="checkbox"' not in page
    assert 'name="act"' not in page


def test_a_view_is_saved_shown_and_taken_away_by_its_owner_alone(as_user):
    officer, reviewer = as_user("officer"), as_user("reviewer")
    data = {"title": "我的红色", "address": "/desk/?severity=red"}
    assert officer.post("/desk/views", data=data).status_code == 302
    page = officer.get("/desk/").text
    assert '<a href="/desk/?severity=red">我的红色</a>' in page
    assert "我的红色" not in reviewer.get("/desk/").text
    assert officer.post("/desk/views", data=data).status_code == 409
    assert officer.post("/desk/views", data=data | {"address": "//evil.example"}).status_code == 400
    key = re.search(r"/desk/views/(\d+)/delete", page)[1]
    assert reviewer.post(f"/desk/views/{key}/delete").status_code == 404
    assert officer.post(f"/desk/views/{key}/delete").status_code == 302
    assert "我的红色" not in officer.get("/desk/").text


def test_a_matter_s_page_says_law_cure_and_the_others_of_the_institution(as_user):
    page = as_user("officer").get("/desk/matters/1").text
    assert "教监管函〔2021〕2号" in page
    assert "补足专户余额" in page
    siblings = page.split("该机构的其他未结事项")[1]
    assert "大额流出" in siblings
    assert WEICHENG not in siblings


def test_a_case_number_finds_its_matters(app, as_user):
    number = steps.open_case(app, [2], actor="officer", reason="核实")
    page = as_user("officer").get(f"/desk/?status=&text={number}").text
    assert "大额流出" in page
    assert ">资金未入专户<" not in page


@pytest.mark.parametrize("address", ["/desk/", "/desk/rounds/plan", "/desk/rounds/visits/"])
def test_a_month_beside_which_there_is_none_is_refused(as_user, address):
    for month, status in {"9999-12": 400, "9999-11": 200, "1900-02": 200, "1900-01": 400}.items():
        assert as_user("officer").get(f"{address}?month={month}").status_code == status
