"""The ledger of rectification: a matter of a case is a row, with what was asked, done and found."""

import csv
import datetime as dt
import io
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from feewatch.cli import main
from feewatch.config import Subscriber
from feewatch.kernel import clock
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.services.cases import steps
from feewatch.services.cases.closing import StepGiven
from feewatch.services.reports import rectification
from feewatch.services.reports.handing_back import push_results
from feewatch.services.reports.rectification import list_rectification
from feewatch.store.pages.rectification import WantedRows
from feewatch.store.tables import casework
from feewatch.store.tables.operations import user
from feewatch.store.tables.publication import result_document, result_parcel
from tests.web.conftest import LUZHI, NOW, day

HEADS = (
    "序号,案号,机构,区划,等级,问题,金额（元）,依据,责任人,责任单位,措施,文书,时限,进度,整改结果,"
    "销号,回头看,是否反复"
)


def later(days):
    return clock.fixed(NOW + dt.timedelta(days=days))


@pytest.fixture
def worked(app):
    """Three cases: one gone all the way and back, one late, one of another province."""
    first = steps.open_case(app, [1], actor="officer", reason="立案")
    for name, after, actor, reason in (
        ("triage", 0, "officer", "属实"),
        ("notify", 1, "officer", "=限期退还"),
        ("submit", 2, "officer", "@已退还"),
        ("close", 3, "reviewer", "核实无误"),
        ("recheck", 40, "reviewer", "仍有未退"),
        ("reopen", 41, "reviewer", "重新整改"),
    ):
        with later(after):
            given = StepGiven(against_data="书面核实", recheck_on=clock.today() + 37)
            given = given if name == "close" else None
            steps.step(app, first, name, actor=actor, reason=reason, given=given)
    late = steps.open_case(app, [2], actor="officer", reason="立案", then="triage")
    steps.step(app, late, "notify", actor="officer", reason="说明", deadline=day("2026-07-16"))
    with app.database.transaction() as tx:
        tx.execute(
            insert(casework.undertaking),
            {"case_file_id": 1, "matter_id": 1, "kind": "refund", "text": "退还两户"}
            | {"due_on": day("2026-07-30"), "made_by": "luzhi", "made_at": clock.timestamp()},
        )
        tx.execute(
            update(casework.case_file)
            .where(casework.case_file.c.id == 1)
            .values(owner="经办甲", recheck_on=day("2026-08-20"), recurred_on=day("2026-08-21"))
        )
        tx.execute(
            insert(casework.case_file),
            {"id": 9, "number": "320104-2026-0001", "institution_id": 3, "uscc": "x"}
            | {"district": "320104", "state": "open", "severity": "red", "escalated": False}
            | {"deadline_provisional": False, "opened_at": clock.timestamp()},
        )
        tx.execute(insert(casework.case_matter), {"case_file_id": 9, "matter_id": 4})
    return first, late


def test_a_row_tells_the_whole_way_of_a_matter(app, worked):
    with later(50):
        rows = list_rectification(app, Scope("370702"), WantedRows())
        row, late = (rectification.row_json(each) for each in rows)
    assert {name: row[name] for name in ("case", "matter", "owner", "state", "reopened")} == {
        "case": worked[0], "matter": "M1", "owner": "经办甲", "state": "reopened", "reopened": 1,
    }  # fmt: skip
    assert row["title"]["zh"] == "资金未入专户"
    assert row["sum_fen"] == 250_000
    assert row["basis"] == ["关于加强校外培训机构预收费监管工作的通知（教监管函〔2021〕2号）二"]
    assert row["cure"]["zh"] == "补足专户余额"
    assert row["asked"] == "=限期退还"
    assert row["undertaken"] == ["退还两户（2026-07-30）"]
    assert row["result"] == "@已退还"
    assert row["closed_on"] is None, "a case that is rectified again is not closed"
    assert (row["rechecked_on"], row["rechecked_by"], row["recheck_result"]) == (
        "2026-08-24", "reviewer", "仍有未退",
    )  # fmt: skip
    assert (row["state_on"], row["recheck_on"], row["recurred_on"], row["repeated"]) == (
        "2026-08-25", "2026-08-20", "2026-08-21", True,
    )  # fmt: skip
    assert (late["case"], late["deadline"], late["overdue"]) == (worked[1], "2026-07-16", True)
    assert late["basis"] == ["本机关预设指标"]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (WantedRows(), [0, 1]),
        (WantedRows(state="notified"), [1]),
        (WantedRows(is_overdue=True), [1]),
        (WantedRows(is_repeated=True), [0]),
        (WantedRows(district="370703"), []),
        (WantedRows(days=(day("2026-07-15"), day("2026-07-15"))), [0, 1]),
        (WantedRows(days=(day("2026-07-16"), day("2026-07-16")), step="notify"), [0]),
        (WantedRows(days=(day("2026-07-17"), day("2026-07-17")), step="notify"), []),
        (WantedRows(days=(day("2026-07-18"), day("2026-07-18")), step="close"), [0]),
        (WantedRows(text="-0002"), [1]),
        (WantedRows(text="%"), []),
    ],
)
def test_rows_are_asked_for_by_day_of_a_step_place_state_and_words(app, worked, wanted, numbers):
    with later(50):
        rows = list_rectification(app, Scope("370702"), wanted)
        totals = rectification.read_rectification(app, Scope("370702"), wanted, 1).totals
    assert [row.number for row in rows] == [worked[number] for number in numbers]
    assert (totals.matters, totals.cases) == (len(numbers), len(numbers))
    assert totals.sum_fen == 250_000 * len(numbers)
    assert totals.overdue == (1 if 1 in numbers else 0)


def test_files_hold_no_formula_and_print_on_a4(app, worked, as_user):
    with later(50):
        officer = as_user("officer")
        book = load_workbook(io.BytesIO(officer.get("/desk/ledger.xlsx").data))
        table = list(csv.reader(io.StringIO(officer.get("/desk/ledger.csv").text.lstrip("\ufeff"))))
    sheet = book.active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert lines[0] == HEADS.split(",") == table[0]
    assert len(lines) == 1 + 2 + 1
    assert lines[-1][6] == 5000
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert lines[1][14] == "@已退还"
    assert table[1][14] == "'@已退还"
    assert "=限期退还" in lines[1][10]
    page = sheet.page_setup
    assert (page.orientation, page.paperSize, sheet.print_title_rows) == ("landscape", 9, "$1:$1")
    assert sheet.freeze_panes == "A2"
    assert "整改台账" in sheet.oddHeader.center.text


def test_the_page_shows_it_within_the_district_and_refuses_what_is_no_day(app, worked, as_user):
    with later(50):
        officer = as_user("officer")
        text = officer.get("/desk/ledger?overdue=yes").text
        assert worked[1] in text
        assert worked[0] not in text
        assert "320104" not in officer.get("/desk/ledger").text
        assert officer.get("/desk/ledger?from=2026-08-02&to=2026-08-01").status_code == 400
        assert officer.get("/desk/ledger?from=x").status_code == 400
        assert officer.get("/desk/ledger?step=x").status_code == 400
        assert as_user("luzhi").get("/desk/ledger").status_code == 403


def test_the_command_prints_and_writes_within_the_scope_of_who_is_named(app, worked, tmp_path):
    def run(*words):
        config = tmp_path / "feewatch.toml"
        config.touch()
        return CliRunner().invoke(main, ["--config", str(config), *words])

    with later(50):
        rows = run("--as", "officer", "report", "ledger", "--json").output.splitlines()
        assert [json.loads(row)["case"] for row in rows] == list(worked)
        everything = run("report", "ledger", "--json").output.splitlines()
        assert len(everything) == 3
        out = tmp_path / "台账.xlsx"
        assert run("report", "ledger", "--overdue", "--out", str(out)).exit_code == 0
        assert load_workbook(out).active.max_row == 3
        refused = run("report", "ledger", "--out", str(tmp_path / "none" / "x.csv"))
        assert (refused.exit_code, refused.output[:18]) == (1, "TARGET-UNWRITABLE:")


def test_what_was_served_goes_back_to_the_platform_and_no_free_word_of_anybody(
    app, worked, as_user, tmp_path
):
    def run(*words):
        config = tmp_path / "feewatch.toml"
        config.touch()
        return CliRunner().invoke(main, ["--config", str(config), *words])

    with later(50):
        officer = as_user("officer")
        text = officer.get("/desk/ledger/results.csv").data.decode("utf-8-sig")
        late = officer.get("/desk/ledger/results.csv?overdue=yes").data.decode("utf-8-sig")
        book = load_workbook(io.BytesIO(officer.get("/desk/ledger/results.xlsx").data))
        page = officer.get("/desk/ledger").text
        out = tmp_path / "回传.csv"
        done = run("report", "results", "--out", str(out))
        unknown = run("report", "results", "--form", "hotline-answers", "--out", str(out))
    table = list(csv.DictReader(io.StringIO(text)))
    assert [(row["案件编号"], row["处置状态"], row["整改期限"]) for row in table] == [
        (worked[0], "重新整改", "2026-09-15"), (worked[1], "已下发督办", "2026-07-16"),
    ]  # fmt: skip
    assert {row["机构统一社会信用代码"] for row in table} == {LUZHI}
    assert [row["是否反复"] for row in table] == ["是", "否"]
    assert [row["涉及金额"] for row in table] == ["2500.00", "2500.00"]
    for said in ("限期退还", "已退还", "经办甲", "退还两户"):  # words of people stay in the office
        assert said not in text
    assert late.count("\n") == 2
    assert book.active.max_row == 3
    assert "格式未经验证" in page
    # the whole office: the case of the other province was opened and never served
    assert (done.exit_code, out.read_text("utf-8-sig").count("\n")) == (0, 3)
    assert "BACK-FORM-UNPROVEN" in done.stderr
    assert (unknown.exit_code, unknown.stderr[:17]) == (1, "BACK-FORM-UNKNOWN")


def test_results_are_owed_to_who_takes_them_once_and_again_when_something_changed(app, worked):
    portal = Subscriber("portal", "https://127.0.0.1/", "secret", takes=["results"])
    publication = replace(app.config.publication, subscribers=[portal])
    office = replace(app, config=replace(app.config, publication=publication))

    def push(actor="officer", district="370702"):
        return push_results(office, district, actor=actor, form="platform-results")

    with later(50):
        with pytest.raises(ConflictError) as nobody:
            push_results(app, "370702", actor="officer", form="platform-results")
        for actor in ("viewer", "nanjing"):
            with pytest.raises(ForbiddenError):
                push(actor)
        with pytest.raises(InvalidInputError):
            push(district="3707")
        assert push() == 1
        with pytest.raises(ConflictError) as same:
            push()
        steps.step(app, worked[1], "submit", actor="officer", reason="来函说明")
        assert push() == 2
    assert (nobody.value.code, same.value.code) == ("RESULTS-NOBODY", "RESULTS-SAME")
    with app.database.reading() as tx:
        documents = [json.loads(each) for each in tx.scalars(select(result_document.c.document))]
        owed = tx.execute(select(result_parcel.c.subscriber, result_parcel.c.status)).all()
    assert [(each["number"], len(each["rows"])) for each in documents] == [(1, 2), (2, 2)]
    assert documents[0]["proven"] is False
    assert documents[1]["rows"][1][documents[1]["columns"].index("处置状态")] == "已反馈"
    assert [tuple(row) for row in owed] == [("portal", "waiting")] * 2
    assert "限期退还" not in str(documents)


@pytest.mark.usefixtures("worked")
def test_the_same_results_are_owed_again_to_who_has_none_of_them(app):
    def push(*names):
        portals = [Subscriber(each, "https://127.0.0.1/", "s", takes=["results"]) for each in names]
        publication = replace(app.config.publication, subscribers=portals)
        office = replace(app, config=replace(app.config, publication=publication))
        return push_results(office, "370702", actor="officer", form="platform-results")

    with later(50):
        assert push("portal") == 1
        assert push("portal", "newcomer") == 2
        with pytest.raises(ConflictError):
            push("portal", "newcomer")
        with app.database.transaction() as tx:  # the first was given up on: the others wait for it
            given_up = result_parcel.c.result_document_id == 1
            tx.execute(update(result_parcel).where(given_up).values(status="failed"))
        assert push("portal", "newcomer") == 3
    with app.database.reading() as tx:
        assert {*tx.scalars(select(result_parcel.c.status))} == {"waiting"}


@pytest.mark.usefixtures("worked")
def test_a_person_of_one_department_gives_out_no_results_in_the_name_of_the_district(app):
    portal = Subscriber("portal", "https://127.0.0.1/", "secret", takes=["results"])
    publication = replace(app.config.publication, subscribers=[portal])
    office = replace(app, config=replace(app.config, publication=publication))
    with app.database.transaction() as tx:
        tx.execute(update(user).where(user.c.name == "officer").values(department="sports"))
    with later(50), pytest.raises(ForbiddenError) as refused:
        push_results(office, "370702", actor="officer", form="platform-results")
    assert refused.value.code == "RESULTS-DEPARTMENT"
    with app.database.reading() as tx:
        assert tx.execute(select(result_document.c.id)).all() == []
