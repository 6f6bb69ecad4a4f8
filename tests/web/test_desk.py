"""The regulator's desk: inbox, matter, alert, institution, statements, editions."""

import pytest

from feewatch.kernel.days import parse_day
from feewatch.store.registers import openings

LUZHI = "52370702651728628K"


def test_the_inbox_shows_matters_most_severe_first_and_counts_them(as_user):
    page = as_user("viewer").get("/desk/").text
    assert page.index(">资金未入专户<") < page.index(">大额流出<") < page.index(">未入专户<")
    assert "共 3 项" in page
    assert "2 家机构" in page


@pytest.mark.parametrize(
    ("asked", "shown", "hidden"),
    [
        ("severity=red", "资金未入专户", "大额流出"),
        ("severity=orange", "大额流出", "资金未入专户"),
        ("rule=OUT-LARGE", "大额流出", "资金未入专户"),
        ("authority=preset", "大额流出", "资金未入专户"),
        ("institution=鲁智", "资金未入专户", "潍城"),
        ("institution=" + LUZHI[:10].lower(), "资金未入专户", "潍城"),
        ("text=鲁智", "资金未入专户", "潍城"),
        ("text=" + LUZHI, "资金未入专户", "潍城"),
        ("text=M2", "大额流出", "资金未入专户"),
        ("text=M3", "潍城", "大额流出"),
        ("text=HT1", "资金未入专户", "大额流出"),
        ("text=HT", "没有符合条件的事项", "资金未入专户"),
        ("owner=-", "资金未入专户", "没有符合"),
        ("owner=officer", "没有符合条件的事项", "资金未入专户"),
        ("correcting=yes", "没有符合条件的事项", "资金未入专户"),
        ("by=rule&rule=OUT-LARGE", "大额流出", "潍城"),
        ("by=none&sort=sum", "资金未入专户", "没有符合"),
        ("district=370703", "潍城", "资金未入专户"),
        ("status=closed", "没有符合条件的事项", "资金未入专户"),
        ("status=", "资金未入专户", "没有符合"),
        ("historic=yes", "没有符合条件的事项", "资金未入专户"),
    ],
)
def test_the_inbox_is_filtered_by(as_user, asked, shown, hidden):
    page = as_user("viewer").get("/desk/?" + asked).text
    assert shown in page
    assert hidden not in page


def test_a_page_past_the_last_is_empty(as_user):
    assert "没有符合条件的事项" in as_user("viewer").get("/desk/?page=2").text


def test_an_alert_shows_law_arithmetic_cure_and_the_rows_it_rests_on(as_user):
    page = as_user("officer").get("/desk/alerts/A0red").text
    for words in (
        "关于加强校外培训机构预收费监管工作的通知",
        "教监管函〔2021〕2号",
        "2021-10-29",
        "已读官方文本或逐字转载",
        "余额 300000 分 ÷ 负债 800000 分",
        "补足专户余额",
        "1月对账单.csv",
        "第 7 行",
        "HT1",
        "课时数 40",
        "已消课时 20",
    ):
        assert words in page
    assert "监测提示：" not in page


def test_an_alert_of_an_office_indicator_is_titled_a_hint_and_claims_no_violation(as_user):
    page = as_user("officer").get("/desk/alerts/A1hint").text
    assert "<h1>监测提示：大额流出</h1>" in page
    assert "不构成违法认定" in page


def test_an_officer_is_offered_the_steps_of_an_open_matter_and_a_viewer_is_not(as_user):
    offered = 'name="step" value="triage"'
    assert offered in as_user("officer").get("/desk/alerts/A0red").text
    assert offered not in as_user("viewer").get("/desk/alerts/A0red").text


def test_an_institution_s_page_shows_facts_accounts_undetermined_counts_and_the_chart(as_user):
    page = as_user("officer").get(f"/desk/institutions/{LUZHI}").text
    for words in ("银行托管", "2337", "3,000.00 元", "2026-05-31", "OUT-PERSON"):
        assert words in page
    assert "26601891581262337" not in page  # whole only as it is asked for
    assert '<svg class="chart"' in page
    assert "8,000.00" in page  # the liability, in the table beside the chart
    assert "收款进入个人账户的" in page


def test_an_institution_without_money_has_no_chart_and_says_so(as_user):
    page = as_user("viewer").get("/desk/institutions/52370703123456789F").text
    assert "尚无足够数据绘图" in page


def test_statements_are_listed_with_the_reason_of_those_set_aside(as_user):
    page = as_user("officer").get("/desk/statements").text
    assert "账户未备案" in page
    assert "不认识的格式" in page
    page = as_user("nanjing").get("/desk/statements?status=quarantined").text
    assert "金额勾稽不平" in page
    assert "-1.25 元" in page


def test_editions_are_listed_with_a_preview_of_the_next(as_user):
    officer = as_user("officer")
    assert "第 2 期" in officer.get("/desk/editions/").text
    assert officer.get("/desk/editions/preview").location == "/desk/publication/"
    assert "下一期" in officer.get("/desk/publication/").text


def test_an_institution_shows_its_opening_statement_and_that_it_is_unsigned(app, as_user):
    with app.database.transaction() as tx:
        openings.add(
            tx, 1, parse_day("2025-11-01"), [(1, None, 30000), (None, 1, 50000)],
            file_sha256="ab" * 32, actor="wang",
        )  # fmt: skip
    page = as_user("officer").get(f"/desk/institutions/{LUZHI}").text
    block = page.split("第 1 号</strong>")[1].split("</dl>")[0]
    assert "300.00" in block
    assert "500.00" in block
    assert "未签认" in block
    assert "签认第" not in page


def test_a_reviewer_signs_the_statement_that_the_page_shows(app, as_user):
    with app.database.transaction() as tx:
        for fen in (50000, 60000):
            openings.add(
                tx, 1, parse_day("2025-11-01"), [(1, None, 30000), (None, 1, fen)],
                file_sha256="ab" * 32, actor="wang",
            )  # fmt: skip
    reviewer, address = as_user("reviewer"), f"/desk/institutions/{LUZHI}"
    page = reviewer.get(address).text
    assert page.index("签认第 2 号") < page.index("签认第 1 号")
    assert as_user("officer").post(f"{address}/opening/1", data={"reason": "x"}).status_code == 403
    assert reviewer.post(f"{address}/opening/9", data={"reason": "x"}).status_code == 404
    assert reviewer.post(f"{address}/opening/1", data={"reason": "核对"}).status_code == 302
    page = reviewer.get(address).text
    second, first = page.split("第 1 号</strong>")
    assert "现行有效" in first
    assert "未签认，不作数" in second
    assert "签认第 2 号" in page
    reviewer.post(f"{address}/opening/2", data={"reason": "核对"})
    page = reviewer.get(address).text
    second, first = page.split("第 1 号</strong>")
    assert "现行有效" in second
    assert "已签认，不再有效" in first
