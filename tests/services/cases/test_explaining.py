"""An alert keeps whose law it is, the figures used, the reading; older ones what they had."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from worlds import builder
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.kernel.days import parse_day
from feewatch.kernel.people import Scope
from feewatch.services.cases.alerts import explain, list_alerts
from feewatch.services.cases.desk import get_alert
from feewatch.services.check.checking import run_check
from feewatch.store.tables.casework import alert

AS_OF = parse_day(builder.AS_OF)


@pytest.fixture
def identifier(any_app, tmp_path):
    school = School(1)
    number = school.contract(paid_on="2026-07-01", lessons="61")
    school.lessons += [(number, "2026-07-10", 2), (number, "2026-07-20", 1)]
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, AS_OF)
    (found,) = list_alerts(any_app, status=None, rule="FEE-HOURS-60", uscc=None)
    return found["id"]


def test_an_alert_names_jurisdiction_figures_and_reading(any_app, identifier):
    told = explain(any_app, identifier)
    assert told["jurisdiction"] == "000000"
    used = {each["parameter"]: each for each in told["values"]}
    assert used["prepaid_lessons_max"] == {
        "parameter": "prepaid_lessons_max",
        "title": {"zh": "一次收费课时上限", "en": "Most lessons charged at once"},
        "value": {"zh": "60 课时", "en": "60 lessons"},
        "jurisdiction": "000000",
        "from": "2021-10-29",
        "document": "教育部等六部门关于加强校外培训机构预收费监管工作的通知 教监管函〔2021〕2号",
        "article": "一次收费的时长和课时上限（条次未录）",
        "certainty": "V2",
    }
    assert used["is_either_limit_strict"]["document"] is None  # an office preset
    (basis,) = told["basis"]
    assert (basis["issued"], basis["certainty"]) == ("2021-10-29", "V2")
    assert "60 课时" in basis["says"]["zh"]
    assert told["would_apply"] == []
    assert "课时" in told["reading"]["zh"]


def test_the_command_tells_the_same(any_app, identifier, monkeypatch):
    monkeypatch.setattr("feewatch.cli.session.Session.app", any_app)
    shown = CliRunner().invoke(main, ["explain", identifier]).output
    assert "发布 / issued 2021-10-29" in shown
    assert "一次收费课时上限 / Most lessons charged at once: 60 课时 / 60 lessons" in shown
    assert "适用地区 / jurisdiction: 全国 / nationwide" in shown
    assert "实测 / measured: 61  限值 / limit: 60 (lessons)" in shown


def test_the_register_row_is_told_with_its_content_and_lessons_held(
    any_app, identifier, monkeypatch
):
    (source,) = explain(any_app, identifier)["evidence_rows"]
    assert source["record"] == "contract"
    row = source["row"]
    assert (row["lessons"], row["fee_fen"], row["paid_on"]) == (61, 100_000, "2026-07-01")
    assert (row["held_lessons"], row["last_held_on"]) == (3, "2026-07-20")
    monkeypatch.setattr("feewatch.cli.session.Session.app", any_app)
    shown = CliRunner().invoke(main, ["explain", identifier]).output
    assert "课时数 / lessons: 61" in shown
    assert "金额 / fee: 1,000.00" in shown
    assert "已消课时 / lessons held: 3" in shown


def test_the_page_is_given_the_same_rows(any_app, identifier):
    told = explain(any_app, identifier)["evidence_rows"]
    assert get_alert(any_app, Scope("370702"), identifier).evidence == told


@pytest.mark.parametrize(
    ("rule", "school", "record", "says"),
    [
        ("PRICE-POSTED", {"course": {"stage": "primary", "price_per_lesson": "900.00"}},
         "course", {"stage": "primary", "class_size": 12, "price_per_lesson_fen": 90_000}),
        ("ACC-NONE", {"account": {"kind": "deposit"}},
         "account", {"kind": "deposit", "bank": "示例银行"}),
        ("REF-LATE", {"refunds": [{"refund_no": "TF1", "contract_no": "HT0001000",
                                   "requested_on": "2026-07-02", "amount": "100.00"}]},
         "refund", {"contract_no": "HT0001000", "requested_on": "2026-07-02"}),
    ],
)  # fmt: skip
def test_courses_accounts_and_refunds_are_told_too(any_app, tmp_path, rule, school, record, says):
    school = School(1, **school)
    school.contract(paid_on="2026-06-01", starts_on="2026-07-30")
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, AS_OF)
    (found,) = list_alerts(any_app, status=None, rule=rule, uscc=None)
    rows = [each for each in explain(any_app, found["id"])["evidence_rows"] if "row" in each]
    (row,) = [each["row"] for each in rows if each["record"] == record]
    assert says.items() <= row.items()
    assert school.account_no not in str(rows)


def test_an_alert_of_before_is_given_nothing_of_today(any_app, identifier):
    with any_app.database.transaction() as tx:
        kept = dict(tx.scalar(select(alert.c.frozen).where(alert.c.id == identifier)))
        for name in ("jurisdiction", "values", "reading"):
            del kept[name]
        tx.execute(update(alert).where(alert.c.id == identifier).values(frozen=kept))
    before = explain(any_app, identifier)
    run_check(any_app, AS_OF, full=True)
    after = explain(any_app, identifier)
    assert after == before
    assert after["values"] is None
