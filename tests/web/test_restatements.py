"""Days told again with other rows, and breaks of the balance chain by name, before an officer."""

import hashlib
import re

import pytest

from feewatch.services.intake.recording import ingest

ACCOUNT, LUZHI = "26601891581262337", "52370702651728628K"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
ROWS = [
    f"{ACCOUNT},,CNY,2026-06-10,09:00:00,,600.00,3600.00,王小明,,学费,1\n",
    f"{ACCOUNT},,CNY,2026-06-11,09:00:00,100.00,,3500.00,行政,,办公,2\n",
    f"{ACCOUNT},,CNY,2026-06-12,09:00:00,,250.00,3750.00,李小红,,学费,3\n",
    f"{ACCOUNT},,CNY,2026-06-13,09:00:00,,50.00,3800.00,赵小刚,,学费,4\n",
]
PERIOD = "起止日期,2026-06-10,2026-06-30\n"


@pytest.fixture
def take(app, tmp_path):
    """Puts a statement on file and gives the address of its page."""

    def put(name, *rows, opening="3000.00", closing=""):
        ending = f"期末余额,{closing}\n" if closing else ""
        data = f"{PERIOD}期初余额,{opening}\n{HEAD}{''.join(rows)}{ending}".encode()
        (tmp_path / name).write_bytes(data)
        (found,) = ingest(app, [tmp_path / name], actor="officer")
        return found.status, f"/desk/quarantine/{hashlib.sha256(data).hexdigest()}/1"

    return put


def test_a_restated_day_is_shown_on_both_statements_and_the_institution(take, as_user):
    _, first = take("六月.csv", *ROWS[:2])
    again = ROWS[1].replace("100.00,,3500.00", "110.00,,3490.00")
    status, second = take("六月更正.csv", ROWS[0], again)
    assert status == "accepted"
    officer = as_user("officer")
    for address in (first, second, f"/desk/institutions/{LUZHI}"):
        page = officer.get(address).text
        block = page.split('id="restatements"')[1]
        assert "新增 0 行，缺少 0 行，改变 1 行" in block
        assert "六月更正.csv" in block
        assert re.search(r"5 / 5.*-100\.00.*-110\.00.*3,500\.00.*3,490\.00", block, re.S)
    english = as_user("viewer")
    english.get("/account/language/en")
    page = english.get(second).text
    assert "0 added, 0 missing, 1 changed" in page
    assert ACCOUNT not in page
    assert "行政" not in page


def test_without_a_restatement_nothing_is_said(take, as_user):
    _, address = take("六月.csv", *ROWS[:2])
    assert 'id="restatements"' not in as_user("officer").get(address).text


@pytest.mark.parametrize(
    ("rows", "line", "named"),
    [
        ([ROWS[0], ROWS[1], ROWS[3]], 6, "可能缺一行"),
        ([ROWS[0], ROWS[1], ROWS[1], ROWS[2], ROWS[3]], 6, "可能重复一行"),
        ([ROWS[0], ROWS[2], ROWS[1], ROWS[3]], 5, "可能有两行颠倒"),
        ([ROWS[0], ROWS[1].replace("100.00,,", ",100.00,"), *ROWS[2:]], 5, "可能借贷方向相反"),
        ([ROWS[0], ROWS[1].replace("3500.00", "3501.00"), *ROWS[2:]], 5, "可能仅余额一栏有误"),
    ],
    ids=["missing", "duplicate", "swapped", "sign", "balance"],
)
def test_the_break_is_marked_in_its_row_and_named(take, as_user, rows, line, named):
    status, address = take("断.csv", *rows)
    assert status == "quarantined"
    page = as_user("officer").get(address).text
    marked = [row for row in re.findall(r"<tr.*?</tr>", page, re.S) if 'class="red"' in row]
    assert f">{line}</td>" in marked[0]
    assert named in marked[0]
    assert "应为" in marked[0]
