"""Early warning, noise and backtest as pages: labelled for what they are, scoped, downloadable."""

import csv

from lxml import html

from feewatch.services.people.api_tokens import issue_token
from feewatch.web.sorting import sort_rows

TRY = "parameter=prepaid_lessons_max&value=39&from=2026-01-01&to=2026-06-30"


def test_the_early_warning_says_that_it_is_no_law(as_user):
    text = as_user("officer").get("/desk/early-warning").text
    assert "监测指标，非法律规定" in text
    assert "鲁智01号" in text
    assert "未更新到截止日前" in text


def test_a_backtest_is_tried_and_says_that_it_is_a_simulation(as_user):
    text = as_user("rule_editor").get(f"/desk/backtest?run=1&{TRY}").text
    assert "模拟" in text
    assert "合规 → 违反" in text
    assert "HT2" in text
    assert "HT1" not in text  # paid in 2025


def test_the_institutions_that_flip_come_as_csv(as_user):
    answer = as_user("officer").get(f"/desk/backtest.csv?{TRY}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=backtest.csv"
    note, change, head, row = csv.reader(answer.data.decode("utf-8-sig").splitlines())
    assert note == ["模拟，非检查结果 / a simulation, no result of a check"]
    assert change == ["prepaid_lessons_max=39", "370702", "2026-01-01..2026-06-30"]
    assert dict(zip(head, row, strict=True))["合同 / contracts"] == "2"


def test_an_unreadable_form_is_answered_with_what_is_wrong(as_user):
    client = as_user("officer")
    for asked in ("run=1", "run=1&parameter=gold&value=1&from=2026-01-01&to=2026-06-30",
                  f"run=1&{TRY}&place=320100", "from=yesterday"):  # fmt: skip
        assert client.get(f"/desk/backtest?{asked}").status_code == 400, asked


def test_early_warning_is_sorted_by_the_heads_of_its_columns(as_user):
    officer = as_user("officer")
    page = html.document_fromstring(officer.get("/desk/early-warning?sort=name").text)
    heads = page.xpath("//th[@aria-sort]")
    assert [(head.get("aria-sort"), head.text_content().split()[0]) for head in heads] == [
        ("ascending", "机构")
    ]
    assert officer.get("/desk/early-warning?sort=sum").status_code == 400


def test_rows_are_sorted_up_and_down_with_the_unknown_last(site):
    rows = [{"sum": 2}, {"sum": None}, {"sum": 3}, {"sum": 1}]
    for asked, expected in (
        ("sum", [1, 2, 3, None]),
        ("-sum", [3, 2, 1, None]),
        ("", [2, None, 3, 1]),
    ):
        with site.test_request_context(f"/?sort={asked}"):
            found = sort_rows(rows, {"sum": lambda row: row["sum"]})
        assert [row["sum"] for row in found] == expected


def test_noise_is_one_table_sorted_by_its_heads(as_user):
    officer = as_user("officer")
    page = html.document_fromstring(officer.get("/desk/noise?sort=-matters").text)
    [table] = page.xpath("//main//table")
    counts = [int(cell.text) for cell in table.xpath(".//td[@data-label='事项']")]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) > 1
    assert "没有预警" in officer.get("/desk/noise?district=320000").text


def test_noise_leads_from_a_preset_to_its_backtest(as_user):
    text = as_user("officer").get("/desk/noise").text
    assert "OUT-LARGE" in text
    assert "/desk/backtest?parameter=out_large_share&amp;value=0.4" in text


def test_an_institution_sees_its_own_figures_alone(as_user):
    text = as_user("luzhi").get("/own/").text
    assert "能否全部退费" in text
    assert "宁知" not in text


def test_the_api_gives_the_scope_s_institutions_with_verdicts(app, visitor):
    token = issue_token(app, "program", actor="cli", scopes=["read"])
    head = {"Authorization": f"Bearer {token}"}
    told = visitor.get("/api/v1/early-warning", headers=head).json
    assert told["indicator"]["en"] == "an office indicator, not law"
    assert [each["verdict"] for each in told["items"]] == ["undetermined"]


def test_a_change_of_several_rules_that_flips_nobody_is_shown_as_such(as_user):
    asked = "run=1&parameter=float_up&value=0&from=2026-01-01&to=2026-06-30"
    answer = as_user("officer").get(f"/desk/backtest?{asked}")
    assert answer.status_code == 200
    assert "没有机构的结果会变" in answer.text
    assert "PRICE-GUIDE" in answer.text
