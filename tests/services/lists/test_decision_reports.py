"""双公示: which decisions are owed by when, the form as a file, and that it was handed in."""

import csv
import datetime as dt
import io
from dataclasses import replace

import openpyxl
import pytest

from feewatch.credit.publicity import HEADS
from feewatch.kernel import clock
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.lists.decision_objections import object_to
from feewatch.services.lists.decision_reports import (
    WantedReports,
    count_owed,
    list_owed,
    mark_reported,
    take_out,
)
from feewatch.services.lists.overdue import list_overdue
from feewatch.store.lists.objections import About

JUNE = WantedReports(parse_day("2026-06-01"), parse_day("2026-06-30"))
FULL = {"facts": "一次性收取超过3个月的费用", "content": "没收违法所得1.23万元", "fine": "500.00",
        "confiscated": "12345.67"}  # fmt: skip


def at(day):
    return clock.fixed(dt.datetime.fromisoformat(f"{day}T10:00:00+08:00"))


def table(town, form="csv", wanted=JUNE):
    rows, parts = take_out(town.app, Scope("370702"), wanted, form, actor="li")
    return rows, b"".join(parts)


def test_a_decision_is_a_row_of_the_form(town):
    town.decide(1, sanctions=["confiscation", "fine"], **FULL)
    (reportable,), data = table(town)
    head, cells = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    row = dict(zip(head, cells, strict=True))
    assert tuple(head) == HEADS
    assert row["行政相对人名称"] == "机构1"
    assert row["统一社会信用代码"] == town.uscc(1)
    assert row["法定代表人"] == "赵永胜"
    assert row["处罚类别"] == "没收违法所得、没收非法财物；罚款"
    assert row["罚款金额（万元）"] == "0.05"
    assert row["没收违法所得、没收非法财物的金额（万元）"] == "1.234567"
    assert row["处罚决定日期"] == "2026/06/01"
    assert row["公示截止期"] == "2027/06/01"
    assert reportable.row.missing == ("处罚机关统一社会信用代码", "数据来源单位统一社会信用代码")


def test_the_codes_of_authorities_come_from_the_configuration(town):
    code = "11370702004240000X"
    office = replace(town.app.config.office, uscc=code)
    town.app = replace(town.app, config=replace(town.app.config, office=office))
    town.decide(1, sanctions=["confiscation", "fine"], **FULL)
    (reportable,), _ = table(town)
    assert reportable.row.missing == ()
    assert reportable.row.cells.count(code) == 2


def test_the_same_as_a_workbook_that_holds_no_formulas(town):
    town.decide(1, **FULL | {"facts": "=1+1 收取费用"})
    _, data = table(town, "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet[1]] == [*HEADS]
    cell = sheet.cell(2, HEADS.index("违法事实") + 1)
    assert (cell.data_type, cell.value) == ("s", "=1+1 收取费用")


def test_what_must_be_filled_and_is_not_is_told(town):
    town.decide(1, sanctions=["licence_revoked", "large_fine"])
    (reportable,), _ = table(town)
    assert {"违法事实", "处罚内容", "罚款金额（万元）", "暂扣或吊销证照名称及编号"} <= {
        *reportable.row.missing
    }


@pytest.mark.parametrize(("on", "overdue"), [("2026-06-10", False), ("2026-06-11", True)])
def test_seven_working_days_after_the_document_it_is_overdue(town, on, overdue):
    town.decide(1)
    with at(on), town.app.database.reading() as tx:
        (each,) = list_owed(town.app, Scope("370702"))
        assert (format_day(each.due), each.is_overdue) == ("2026-06-10", overdue)
        assert count_owed(town.app, tx, Scope("370702")) == {
            "reports_owed": 1, "reports_overdue": int(overdue)
        }  # fmt: skip


def test_what_is_not_public_or_of_before_is_not_owed(town):
    town.decide(1, sanctions=["warning"])
    town.decide(2, imported=True)
    town.decide(0)
    town.end(0, "revoked")
    assert list_owed(town.app, Scope("370702")) == []
    assert list_owed(town.app, Scope("110108")) == []


def test_it_is_handed_in_once_on_a_day_that_can_be(town):
    document = town.decide(1).document
    for day in ("2026-05-31", "2027-01-01"):
        with pytest.raises(InvalidInputError), at("2026-06-05"):
            mark_reported(town.app, [document], parse_day(day), actor="li")
    with pytest.raises(InvalidInputError):
        mark_reported(town.app, [], parse_day("2026-06-05"), actor="li")
    with pytest.raises(NotFoundError):
        mark_reported(town.app, ["教罚字〔2026〕第9号"], parse_day("2026-06-05"), actor="li")
    for actor in ("reader", "elsewhere"):
        with pytest.raises(ForbiddenError):
            mark_reported(town.app, [document], parse_day("2026-06-05"), actor=actor)
    assert mark_reported(town.app, [document], parse_day("2026-06-05"), actor="li") == 1
    with pytest.raises(ConflictError, match="2026-06-05"):
        mark_reported(town.app, [document], parse_day("2026-06-06"), actor="li")
    assert list_owed(town.app, Scope("370702")) == []
    rows, _ = table(town)
    assert format_day(rows[0].decision["reported_on"]) == "2026-06-05"
    assert table(town, wanted=JUNE._replace(only_open=True))[0] == []


def test_another_format_is_refused(town):
    with pytest.raises(InvalidInputError, match="csv"):
        table(town, "doc")


def test_who_takes_the_form_out_is_one_who_hands_it_in(town):
    with pytest.raises(ForbiddenError):
        take_out(town.app, Scope("370702"), JUNE, "csv", actor="reader")


def test_what_is_late_is_told_to_the_operator(town):
    document = town.decide(1).document
    with at("2026-06-10"):
        assert list_overdue(town.app) == []
    with at("2026-06-11"):
        (late,) = list_overdue(town.app)
        assert (late.name, late.number) == ("decision_reports", 1)
        mark_reported(town.app, [document], parse_day("2026-06-11"), actor="li")
        object_to(town.app, About(decision_id=1), "objection", "书面异议", actor="zhao")
        assert list_overdue(town.app) == []
    with at("2026-06-24"):  # the eighth working day after 06-11, with 端午节 on 06-19
        (late,) = list_overdue(town.app)
        assert late.name == "decision_answers"
