"""Papers of cases: who makes which, its number, its words, its service, what is refused."""

import io
import zipfile

import pytest
from docx import Document

from feewatch.kernel.citation import Citation
from feewatch.kernel.days import day_of, format_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.services.cases import paper_register, papers, serving, steps
from feewatch.services.cases.papers import Order
from feewatch.services.cases.serving import Service
from feewatch.services.intake import rawfiles
from feewatch.services.messages import list_messages
from feewatch.services.people.acting import find_person
from feewatch.store.cases import cases
from feewatch.store.cases import papers as stored
from tests.services.cases.conftest import MORNING

TODAY = day_of(MORNING.date())
LAW = Citation(
    "关于加强校外培训机构预收费监管工作的通知", "教监管函〔2021〕2号", "（二）", None,
    "2021-10-29", "V1",
    says=Text("预收费须全部进入专用账户。", "All prepaid fees go to the account."),
)  # fmt: skip


@pytest.fixture
def number(desk):
    """A case over three matters: two on law, one on a preset."""
    breaches = [
        desk.breach(
            f"HT-{n}", calculation=Text(f"一次收费 {n}000.00 元 > 5,000.00 元", "x"),
            amount_fen=n * 100_000, measured=n * 100_000, limit=500_000, basis=(LAW,),
            cure=Text(f"退还合同 HT-{n} 超出部分", "refund"),
        )
        for n in (7, 8)
    ]  # fmt: skip
    breaches.append(
        desk.breach("YE-1", authority="preset", title=Text("余额偏低", "low"), amount_fen=12_345)
    )
    matters = desk.check(*breaches)
    return steps.open_case(desk.app, matters.values(), actor="li", reason="立案")


def text_of(content: bytes) -> str:
    """All text of a DOCX, cells included."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def get(desk, number):
    with desk.app.database.reading() as tx:
        return stored.get_paper(tx, number)


def row_of(desk, number):
    return paper_register.get_paper(desk.app, Scope(), number).paper


def document_of(desk, number):
    return papers.get_document(desk.app, row_of(desk, number))


def events(desk, number):
    with desk.app.database.reading() as tx:
        rows = cases.list_case_events(tx, cases.get_case(tx, number)["id"])
    return [(row["step"], row["detail"]) for row in rows]


def test_notifying_makes_the_order_in_the_same_transaction_and_the_history_names_it(desk, number):
    desk.walk(number, "triage")
    taken = steps.step(desk.app, number, "notify", actor="li", reason="限期整改")
    row = get(desk, taken.paper)
    assert (row["kind"], row["number"]) == ("rectification_order", "校外培训整改〔2026〕1号")
    assert row["content"]["deadline"] == format_day(taken.deadline)
    assert events(desk, number)[-1] == ("notify", {"paper": taken.paper})


def test_a_case_of_presets_alone_becomes_a_hint_and_never_an_order(desk):
    number = desk.open_one(authority="preset")
    desk.walk(number, "triage")
    with pytest.raises(ConflictError) as refused:
        papers.make(desk.app, number, Order("rectification_order"), actor="li")
    assert refused.value.code == "PAPER-PRESET"
    taken = steps.step(desk.app, number, "notify", actor="li", reason="提示")
    assert get(desk, taken.paper)["kind"] == "hint_letter"
    text = text_of(document_of(desk, taken.paper))
    assert "监测指标由本机关设定，不是法律规定" in text
    assert "责令" not in text


def test_an_order_orders_on_law_alone_and_lists_presets_apart(desk, number):
    desk.walk(number, "triage")
    made = papers.make(desk.app, number, Order("rectification_order"), actor="li")
    content = get(desk, made.number)["content"]
    assert (len(content["matters"]), len(content["hints"])) == (2, 1)
    text = text_of(document_of(desk, made.number))
    assert "另行提示（下列情况只达到本机关预设的监测指标，不作为责令整改的依据）" in text


def test_the_document_holds_every_figure_law_and_cure(desk, number):
    desk.walk(number, "triage")
    made = papers.make(desk.app, number, Order("rectification_order"), actor="li")
    text = text_of(document_of(desk, made.number))
    wanted = [
        made.number, number, "7,000.00", "8,000.00", "15,000.00 元", "123.45",
        "一次收费 7000.00 元 > 5,000.00 元", "一次收费 8000.00 元 > 5,000.00 元", "5,000.00 元",
        "《关于加强校外培训机构预收费监管工作的通知》", "教监管函〔2021〕2号", "（二）",
        "已读官方文本或逐字转载", "预收费须全部进入专用账户。", "退还合同 HT-7 超出部分",
        "退还合同 HT-8 超出部分",
        "HT-7", "HT-8", "2026年9月21日", "本机关预设", "【救济途径由本机关依法填写",
    ]  # fmt: skip
    assert [words for words in wanted if words not in text] == []
    assert "{{" not in text


def test_equal_content_gives_equal_bytes_and_the_kept_file_is_hashed_when_read(desk, number):
    made = papers.make(desk.app, number, Order("supervision_order", "核实", "教育科"), actor="li")
    row = row_of(desk, made.number)
    content = papers.get_document(desk.app, row)
    papers.check_again(desk.app, row)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    rawfiles.path_of(desk.app, made.sha256).write_bytes(content + b" ")
    with pytest.raises(Exception, match="改动") as refused:
        papers.get_document(desk.app, row)
    assert refused.value.code == "RAW-FILE-CHANGED"


def test_a_supervision_order_goes_to_a_unit_and_an_order_to_the_institution(desk, number):
    desk.walk(number, "triage")
    for unit, code in (
        ("", "PAPER-UNIT"),
        ("U1", "PAPER-UNIT-INSTITUTION"),
        ("长" * 121, "PAPER-UNIT"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            papers.make(desk.app, number, Order("supervision_order", "", unit), actor="li")
        assert refused.value.code == code
    with pytest.raises(InvalidInputError) as refused:
        papers.make(desk.app, number, Order("rectification_order", unit="教育科"), actor="li")
    assert refused.value.code == "PAPER-UNIT"
    unit = papers.make(desk.app, number, Order("supervision_order", "", "教育科"), actor="li")
    order = papers.make(desk.app, number, Order("rectification_order"), actor="li")
    assert (unit.recipient, order.recipient) == ("教育科", "U1")
    assert "教育科：" in text_of(document_of(desk, unit.number))


@pytest.mark.parametrize(
    ("way", "kind"),
    [("triage notify", "closing_form"), ("triage notify submit", "recheck_record"),
     ("triage notify submit close", "rectification_order"), ("dismiss", "supervision_order")],
)  # fmt: skip
def test_a_state_allows_only_its_papers(desk, number, way, kind):
    desk.walk(number, way)
    with pytest.raises(ConflictError) as refused:
        papers.make(desk.app, number, Order(kind, unit="教育科"), actor="wang")
    assert refused.value.code == "PAPER-STATE"


@pytest.mark.parametrize("actor", ["viewer", "school", "far", "gone"])
def test_nobody_else_makes_a_paper(desk, number, actor):
    with pytest.raises((ForbiddenError, NotFoundError)):
        papers.make(desk.app, number, Order("supervision_order", unit="教育科"), actor=actor)


def test_serving_tells_the_institution_once(desk, number):
    desk.walk(number, "triage")
    made = papers.make(desk.app, number, Order("rectification_order", "限期整改"), actor="li")
    assert desk.get_case(number)["state"] == "triaged"
    state = serving.serve(desk.app, made.number, Service("direct", TODAY, "张三"), actor="li")
    case = desk.get_case(number)
    assert (state, case["state"], case["deadline"]) == ("notified", "notified", made.deadline)
    assert [step for step, _ in events(desk, number)][-2:] == ["serve", "notify"]
    assert events(desk, number)[-1][1] == {"paper": made.number}
    with desk.app.database.reading() as tx:
        assert len(stored.list_of_case(tx, case["id"])) == 1


def test_a_served_paper_is_told_to_its_institution_alone(desk, number):
    desk.walk(number, "triage")
    made = papers.make(desk.app, number, Order("rectification_order"), actor="li")
    serving.serve(desk.app, made.number, Service("direct", TODAY, "张三"), actor="li")
    school, other = (find_person(desk.app, name) for name in ("school", "other"))
    told = {row.kind: row for row in list_messages(desk.app, school, 1).rows}
    assert set(told) == {"case_notified", "paper_served"}
    assert told["paper_served"].object == made.number
    assert "张三" not in str(told["paper_served"].text)
    assert list_messages(desk.app, other, 1).total == 0


def test_a_service_is_corrected_by_a_further_row_with_a_reason(desk, number):
    desk.walk(number, "triage notify")
    serving.serve_latest(
        desk.app, number, "rectification_order", Service("post", TODAY), actor="li"
    )  # fmt: skip
    again = Service("direct", TODAY, "张三")
    with pytest.raises(ConflictError) as refused:
        serving.serve_latest(desk.app, number, "rectification_order", again, actor="li")
    assert refused.value.code == "PAPER-SERVED"
    again = again._replace(note="方式填错")
    served, _ = serving.serve_latest(desk.app, number, "rectification_order", again, actor="wang")
    with desk.app.database.reading() as tx:
        rows = stored.list_services(tx, stored.get_paper(tx, served)["id"])
    assert [(row["way"], row["recipient"], row["note"]) for row in rows] == [
        ("post", "U1", ""), ("direct", "张三", "方式填错"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "code"),
    [
        (Service("pigeon", TODAY), "PAPER-WAY"),
        (Service("post", TODAY + 1), "PAPER-SERVED-ON"),
        (Service("post", TODAY - 1), "PAPER-SERVED-ON"),
        (Service("post", TODAY, "长" * 121), "PAPER-RECIPIENT"),
    ],
)
def test_an_impossible_service_is_refused(desk, number, service, code):
    desk.walk(number, "triage notify")
    with pytest.raises(InvalidInputError) as refused:
        serving.serve_latest(desk.app, number, "rectification_order", service, actor="li")
    assert refused.value.code == code


def test_papers_for_the_file_and_void_papers_are_not_served(desk, number):
    desk.walk(number, "triage notify submit")
    form = papers.make(desk.app, number, Order("closing_form", "已退费"), actor="li")
    with pytest.raises(ConflictError) as refused:
        serving.serve(desk.app, form.number, Service("direct", TODAY), actor="li")
    assert refused.value.code == "PAPER-FOR-FILE"
    order = papers.make(desk.app, number, Order("supervision_order", "", "教育科"), actor="li")
    papers.void(desk.app, order.number, actor="li", reason="写错单位")
    for act in (
        lambda: serving.serve(desk.app, order.number, Service("direct", TODAY), actor="li"),
        lambda: papers.void(desk.app, order.number, actor="li", reason="又一次"),
    ):
        with pytest.raises(ConflictError) as refused:
            act()
        assert refused.value.code == "PAPER-VOID"
    assert get(desk, order.number)["void_reason"] == "写错单位"
    again = papers.make(desk.app, number, Order("supervision_order", "", "教育科"), actor="li")
    assert (order.number, again.number) == ("校外培训督办〔2026〕1号", "校外培训督办〔2026〕2号")


def test_a_paper_made_before_its_case_changed_is_not_used(desk, number):
    desk.walk(number, "triage")
    made = papers.make(desk.app, number, Order("rectification_order"), actor="li")
    with desk.app.database.transaction() as tx:
        case = cases.get_case(tx, number)
        gone = cases.list_case_matters(tx, case["id"])[0]["id"]
        tx.exec_driver_sql(f"DELETE FROM case_matter WHERE matter_id = {gone}")
    with pytest.raises(ConflictError) as refused:
        serving.serve(desk.app, made.number, Service("direct", TODAY), actor="li")
    assert refused.value.code == "PAPER-STALE"
    papers.void(desk.app, made.number, actor="li", reason="事项已变")
    steps.step(desk.app, number, "notify", actor="li", reason="限期整改")


def test_a_day_that_differs_from_the_papers_is_refused(desk, number):
    desk.walk(number, "triage")
    papers.make(desk.app, number, Order("rectification_order", deadline=TODAY + 30), actor="li")
    with pytest.raises(ConflictError) as refused:
        steps.step(desk.app, number, "notify", actor="li", reason="限期", deadline=TODAY + 31)
    assert refused.value.code == "PAPER-DEADLINE"
    taken = steps.step(desk.app, number, "notify", actor="li", reason="限期")
    assert taken.deadline == TODAY + 30


def test_the_closing_form_and_the_record_tell_the_whole_way(desk, number):
    desk.walk(number, "triage notify submit")
    serving.serve_latest(
        desk.app, number, "rectification_order", Service("left", TODAY), actor="li"
    )  # fmt: skip
    form = papers.make(desk.app, number, Order("closing_form", "已全部退费"), actor="li")
    text = text_of(document_of(desk, form.number))
    wanted = (
        "已全部退费",
        "校外培训整改〔2026〕1号",
        "留置送达",
        "提交整改反馈",
        "仍存在",
        "15,123.45 元",
    )
    assert [words for words in wanted if words not in text] == []
    desk.walk(number, "close")
    record = papers.make(desk.app, number, Order("recheck_record", "现场查看"), actor="li")
    assert "现场查看" in text_of(document_of(desk, record.number))


def test_papers_that_are_gone_or_changed_are_found_by_their_hashes(desk, number):
    made = papers.make(desk.app, number, Order("supervision_order", "核实", "教育科"), actor="li")
    other = papers.make(desk.app, number, Order("transfer_letter", "移送", "公安局"), actor="li")
    assert paper_register.list_spoilt(desk.app) == (2, [])
    kept = rawfiles.path_of(desk.app, made.sha256)
    kept.write_bytes(kept.read_bytes() + b" ")
    rawfiles.path_of(desk.app, row_of(desk, other.number).template_sha256).unlink()
    count, spoilt = paper_register.list_spoilt(desk.app)
    assert (count, [name for name, _ in spoilt]) == (2, [made.number, other.number])
