"""Nobody sees a row of another district or institution, on any page, however they ask."""

import pytest

NANJING, WEICHENG = "523201041982410526", "52370703123456789F"
OFFICE_PAGES = [
    "/desk/",
    "/desk/?status=",
    "/desk/?district=320104",
    "/desk/?district=000000",
    "/desk/?institution=宁知",
    "/desk/?institution=" + NANJING,
    "/desk/cases/",
    "/desk/institutions",
    "/desk/institutions?text=宁知",
    "/desk/statements",
    "/desk/statements?status=quarantined",
    "/desk/files",
    "/desk/quarantine/",
    "/desk/upload/",
    "/desk/editions/",
    "/desk/early-warning",
    "/desk/noise",
    "/desk/backtest?run=1&parameter=prepaid_lessons_max&value=1&from=2025-01-01&to=2026-07-15",
    "/desk/backtest.csv?parameter=prepaid_lessons_max&value=1&from=2025-01-01&to=2026-07-15",
    "/api/v1/early-warning",
    "/api/v1/matters",
    "/api/v1/alerts",
    "/api/v1/alerts?district=320104",
    "/api/v1/institutions",
]
SECRETS = ("宁知", NANJING, "91673975968758554", "A2nanjing", "潍城&lt;", WEICHENG, "A3weicheng")


@pytest.mark.parametrize("page", OFFICE_PAGES)
def test_an_officer_of_a_county_sees_nothing_of_other_counties(as_user, page):
    text = as_user("officer").get(page).text
    # the page shows again what was asked for
    asked = page.partition("?")[2]
    assert [secret for secret in SECRETS if secret in text and secret not in asked] == []


@pytest.mark.parametrize(
    "page",
    [
        "/desk/matters/4",
        "/desk/matters/3",
        "/desk/alerts/A2nanjing",
        "/desk/alerts/A3weicheng",
        "/desk/institutions/" + NANJING,
        "/desk/institutions/" + WEICHENG,
        "/api/v1/alerts/A2nanjing",
        "/own/",
    ],
)
def test_an_officer_cannot_open_what_lies_outside_by_its_address(as_user, page):
    assert as_user("officer").get(page).status_code in (403, 404)


def test_a_city_viewer_sees_its_counties_and_not_another_province(as_user):
    text = as_user("viewer").get("/desk/").text
    assert "鲁智01号" in text
    assert "潍城" in text
    assert "宁知" not in text


def test_the_nation_s_administrator_sees_all(as_user):
    assert "宁知" in as_user("administrator").get("/desk/").text


def test_an_officer_cannot_open_a_case_on_a_matter_outside(as_user):
    data = {"step": "triage", "reason": "越权"}
    assert as_user("officer").post("/desk/matters/4/case", data=data).status_code == 404


def test_findings_are_counted_within_the_scope(as_user):
    rules = {row["rule"] for row in as_user("officer").get("/api/v1/findings").json["items"]}
    assert rules == {"BAL-COVER", "OUT-PERSON"}
    rules = {row["rule"] for row in as_user("nanjing").get("/api/v1/findings").json["items"]}
    assert rules == {"ACC-OFF"}


def test_statements_of_unregistered_accounts_belong_to_the_office_s_district(as_user):
    assert "•••• 2222" in as_user("officer").get("/desk/statements").text
    assert "•••• 2222" not in as_user("nanjing").get("/desk/statements").text
    assert "看不懂.bin" not in as_user("nanjing").get("/desk/statements").text


def test_an_institution_sees_its_own_alerts_and_no_other(as_user):
    own, other = as_user("luzhi"), as_user("weicheng")
    assert "资金未入专户" in own.get("/own/").text
    assert "资金未入专户" not in other.get("/own/").text
    assert own.get("/own/alerts/A0red").status_code == 200
    assert other.get("/own/alerts/A0red").status_code == 404
    assert own.get("/own/alerts/A3weicheng").status_code == 404


def test_an_institution_sees_and_answers_its_own_case_and_no_other(app, as_user, open_case):
    number = open_case(1)
    assert as_user("luzhi").get(f"/own/cases/{number}").status_code == 200
    other = as_user("weicheng")
    assert other.get(f"/own/cases/{number}").status_code == 404
    data = {"step": "submit", "reason": "已整改"}
    assert other.post(f"/own/cases/{number}/steps", data=data).status_code == 404


def test_accounts_and_payers_are_masked(as_user):
    for name in ("officer", "viewer"):  # who asks to see them whole: test_unmasking
        masked = as_user(name).get("/desk/alerts/A1hint").text
        for secret in ("26601891581262337", "6217000099998888", "王小明"):
            assert secret not in masked
        assert "王**" in masked
    statements = as_user("viewer").get("/desk/statements").text
    assert "26601891581262337" not in statements
    assert "26601891581262337" not in as_user("viewer").get("/api/v1/alerts").text
