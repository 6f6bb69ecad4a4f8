"""您要做的事: what an institution has to do and by when, without what only the office can do."""

import pytest
from sqlalchemy import insert, update

from feewatch.kernel.days import parse_day
from feewatch.kernel.text import Text
from feewatch.services.cases.todo import last_day_wanted
from feewatch.services.check.results import Reason, RuleResult, Target, of_institution
from feewatch.store.tables import casework, ledger, proposals, registers

WORD = Text("字", "word")


def day(text):
    return parse_day(text)


@pytest.fixture
def tasks(as_user):
    """The part of the institution's page that says what to do."""

    def read(name="luzhi"):
        page = as_user(name).get("/own/").text
        return page.partition('id="todo"')[2].partition("公示状态")[0]

    return read


@pytest.mark.parametrize(
    ("cycle", "on", "wanted"),
    [
        ("daily", "2026-07-15", "2026-07-14"),
        ("weekly", "2026-07-15", "2026-07-12"),  # a Wednesday: the Sunday before
        ("weekly", "2026-07-13", "2026-07-12"),
        ("weekly", "2026-07-12", "2026-07-05"),  # the Sunday itself is not over
        ("monthly", "2026-07-31", "2026-06-30"),
        ("monthly", "2026-08-01", "2026-07-31"),
        ("", "2026-07-15", "2026-06-30"),
    ],
)
def test_a_statement_is_asked_for_up_to_the_end_of_the_last_whole_cycle(cycle, on, wanted):
    assert last_day_wanted(cycle, day(on)) == day(wanted)


def test_an_answer_is_due_by_the_deadline_until_it_is_given(as_user, open_case, tasks):
    assert "答复案件" not in tasks()
    number = open_case(1)
    assert f"答复案件 {number}" in tasks()
    assert f'href="/own/cases/{number}#answer"' in tasks()
    assert "答复案件" not in tasks("weicheng")
    data = {"stance_1": "rectified", "text_1": "已整改"}
    as_user("luzhi").post(f"/own/cases/{number}/answer", data=data)
    assert "答复案件" not in tasks()


def test_statements_and_registers_are_asked_for_up_to_a_day(app, tasks):
    assert "的对账单：" in tasks()
    assert "至 2026-06-30" in tasks()
    assert "提交“消课”登记册" in tasks()
    with app.database.transaction() as tx:
        tx.execute(update(ledger.account_coverage).values(to_day=day("2026-06-30")))
        for register in ("contracts", "lessons"):
            row = {"institution_id": 1, "register": register, "from_day": day("2025-11-01")}
            told = {"to_day": day("2026-06-30"), "declared": True, "told_by": "institution"}
            tx.execute(insert(registers.coverage).values(row | told))
    assert "提交“消课”登记册" not in tasks()
    assert "的对账单：" not in tasks()


def test_an_undertaking_stays_until_it_is_done(app, open_case, tasks):
    number = open_case(1)
    promise = {
        "case_file_id": 1, "kind": "other", "text": "更换账户", "due_on": day("2026-07-10"),
        "made_by": "luzhi", "made_at": "2026-07-01T09:00:00+08:00",
    }  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(insert(casework.undertaking).values(promise))
    assert f"履行案件 {number} 中的承诺（其他）：更换账户" in tasks()
    assert "2026-07-10 已逾期" in tasks()
    with app.database.transaction() as tx:
        tx.execute(update(casework.undertaking).values(done_on=day("2026-07-11")))
    assert "履行案件" not in tasks()


def test_a_proposal_is_to_be_completed_while_the_office_waits(app, tasks):
    row = {
        "institution_id": 1, "kind": "contracts", "record_id": 1, "key": "HT1", "cancels": False,
        "before": {}, "after": {}, "reason": "", "file_sha256": "0" * 64, "file_name": "合同.csv",
        "proposed_by": "luzhi", "proposed_at": "2026-07-01T09:00:00+08:00", "state": "open",
    }  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(insert(proposals.proposal).values(row))
        for change in ("proposed", "asked"):
            event = {"proposal_id": 1, "at": "2026-07-01", "actor": "li", "change": change}
            tx.execute(insert(proposals.proposal_event).values(event | {"reason": ""}))
    assert "补充提请 1 的说明或凭证" in tasks()
    with app.database.transaction() as tx:
        tx.execute(update(proposals.proposal).values(state="withdrawn"))
    assert "补充提请" not in tasks()


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-07-14", "已于 2026-07-14 到期"),
        ("2026-07-15", "2026-07-15 到期，请申请"),
        ("2026-10-13", "2026-10-13 到期，请申请"),
        ("2026-10-14", ""),
    ],
)
def test_a_licence_is_to_be_renewed_in_time(app, tasks, until, words):
    with app.database.transaction() as tx:
        tx.execute(update(registers.institution_fact).values(licence_until=day(until)))
    assert ("许可证" in tasks()) == bool(words)
    assert words in tasks()


def test_what_only_the_office_can_enter_is_not_put_to_an_institution():
    def target(where, *, is_of_office):
        return Target(where, WORD, is_of_office, "rules/x.toml" if is_of_office else "")

    office = target("parameters", is_of_office=True)
    own = target("contracts", is_of_office=False)
    result = RuleResult(
        "PRICE", WORD, 9, 0, 6,
        (Reason(WORD, 3, (office,)), Reason(WORD, 2, (office, own)), Reason(WORD, 1, ())),
    )  # fmt: skip
    (read,) = of_institution([result])
    assert [(reason.subjects, reason.enter) for reason in read.reasons] == [(2, (own,)), (1, ())]
    assert (read.undetermined, read.evaluated) == (3, 9)


def test_no_codes_files_or_columns_stand_in_the_check_results(as_user):
    page = as_user("luzhi").get("/own/").text
    results = page.partition('id="results"')[2]
    for jargon in ("parameters", "rules/", ".toml", "OUT-PERSON", "主管部门录入"):
        assert jargon not in results
