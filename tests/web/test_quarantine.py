"""The quarantine desk on the site: what lies there, where the chain breaks, two officers' word."""

import hashlib
import io
import re

import pytest
from sqlalchemy import insert, select

from feewatch.store.people import users
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.operations import audit

ACCOUNT, STRANGER, NANJING = "26601891581262337", "6222000099990000", "91673975968758554"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"


def export(account=ACCOUNT, second="3500.00", closing="3500.00", currency="CNY", end="期末余额"):
    lines = [
        "期初余额,3000.00\n",
        HEAD,
        f"{account},鲁智,{currency},2026-06-10,09:00:00,,600.00,3600.00,王小明,62170001,学费,1\n",
        f"{account},鲁智,{currency},2026-06-11,09:00:00,100.00,,{second},行政,62170002,办公,2\n",
        f"{end},{closing}\n",
    ]
    return "".join(lines).encode()


BROKEN = export(second="3550.00", closing="3550.00")


def send(client, content, name="六月.csv", address="/desk/upload/"):
    form = {"files": [(io.BytesIO(content), name)]}
    answer = client.post(address, data=form, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    return address_of(content)


def address_of(content):
    return f"/desk/quarantine/{hashlib.sha256(content).hexdigest()}/1"


def decide(client, address, step="release", reason="银行已书面说明"):
    return client.post(address, data={"step": step, "reason": reason})


def stored(app, content):
    with app.database.reading() as tx:
        sha256 = hashlib.sha256(content).hexdigest()
        query = select(statement.c.status).where(statement.c.file_sha256 == sha256)
        return tx.scalar(query)


def test_the_list_says_reason_period_closings_and_who_sent_it(as_user):
    send(as_user("luzhi"), BROKEN, address="/own/upload")
    page = as_user("officer").get("/desk/quarantine/").text
    for words in (
        "金额勾稽不平",
        "2026-06-10",
        "3,550.00",
        "3,500.00",
        "六月.csv",
        "luzhi",
        "•••• 2337",
    ):
        assert words in page
    assert "共 2 份" in page  # and one of nobody's account, which is the office's


def test_a_viewer_sees_no_account_no_payer_and_no_form(as_user):
    address = send(as_user("officer"), BROKEN)
    viewer = as_user("viewer")
    for page in (viewer.get("/desk/quarantine/").text, viewer.get(address).text):
        for secret in (ACCOUNT, "王小明", "<textarea"):
            assert secret not in page
    assert decide(viewer, address).status_code == 403


def test_the_row_that_breaks_the_chain_is_marked_with_what_it_should_be(as_user):
    page = as_user("officer").get(send(as_user("officer"), BROKEN)).text
    marked = re.findall(r'<tr class="red">.*?</tr>', page, re.S)
    assert len(marked) == 1
    for words in ("2026-06-11", "3,550.00", "应为 3,500.00", "余额 3550.00 与上一行推算相差 50.00"):
        assert words in marked[0]
    assert "王**" in page


def test_who_asks_with_the_statement_sees_it_whole(as_user):
    officer = as_user("officer")
    address = send(officer, BROKEN)
    sha256, n = address.split("/")[-2:]
    asked = {"kind": "statement", "ground": f"{sha256}#{n}", "reason": "核对断点"}
    assert ACCOUNT not in officer.get(address).text
    asked |= {"fields": ["accounts", "payers"]}
    assert officer.post("/desk/unmasking/", data=asked).status_code == 302
    page = officer.get(address).text
    assert ACCOUNT in page
    assert "王小明" in page
    assert "王小明" not in as_user("reviewer").get(address).text


def test_the_page_opens_where_the_break_is(as_user):
    rows = [f"{ACCOUNT},甲,CNY,2026-06-10,,,1.00,{n}.00,,,,\n" for n in range(1, 121)]
    rows[110] = rows[110].replace("111.00", "911.00")
    content = "".join(["期初余额,0.00\n", HEAD, *rows, "期末余额,120.00\n"]).encode()
    officer = as_user("officer")
    address = send(officer, content)
    page = officer.get(address).text
    assert "第 3 页，共 3 页" in page
    assert "应为 111.00" in page
    first = officer.get(address + "?page=1").text
    assert "应为 111.00" not in first
    assert "到断点" in first


def test_a_second_officer_releases_and_all_is_on_record(app, as_user):
    officer, reviewer = as_user("officer"), as_user("reviewer")
    address = send(officer, BROKEN)
    assert decide(officer, address).location == address
    assert "待另一名经办人确认" in officer.get(address).text
    assert decide(officer, address).status_code == 409
    assert stored(app, BROKEN) == "quarantined"
    assert "提议放行" in reviewer.get("/desk/quarantine/").text
    decide(reviewer, address, reason="核实无误")
    assert stored(app, BROKEN) == "accepted"
    page = reviewer.get(address).text
    assert page.index("银行已书面说明") < page.index("核实无误")
    assert "<textarea" not in page
    with app.database.reading() as tx:
        acts = tx.execute(
            select(audit.c.actor, audit.c.action)
            .where(audit.c.action.startswith("quarantine."))
            .order_by(audit.c.id)
        ).all()
        assert len(tx.execute(select(entry).where(entry.c.amount_fen == 60_000)).all()) == 1
    assert [tuple(each) for each in acts] == [
        ("officer", "quarantine.release.proposed"),
        ("reviewer", "quarantine.release"),
    ]


def test_a_second_officer_rejects(app, as_user):
    address = send(as_user("officer"), BROKEN)
    decide(as_user("officer"), address, "reject", "伪造")
    decide(as_user("reviewer"), address, "reject", "同意")
    assert stored(app, BROKEN) == "rejected"
    assert "银行书面说明" not in as_user("officer").get("/desk/quarantine/").text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (export(account=STRANGER), "不能放行：不知道这笔钱属于哪家机构"),
        (export(currency="USD"), "不能放行：本系统只核算人民币"),
    ],
    ids=["unregistered", "currency"],
)
def test_what_can_never_be_released_says_so_and_what_to_do(app, as_user, content, words):
    officer = as_user("officer")
    address = send(officer, content)
    page = officer.get(address).text
    assert words in page
    assert "提议放行" not in page
    assert "提议拒收" in page
    assert decide(officer, address).status_code == 409
    assert stored(app, content) == "quarantined"


@pytest.mark.parametrize(
    ("given", "status"),
    [({"reason": " "}, 400), ({"step": "burn"}, 400), ({"reason": "长" * 2001}, 400)],
)
def test_a_decision_is_refused(app, as_user, given, status):
    officer = as_user("officer")
    address = send(officer, BROKEN)
    assert decide(officer, address, **given).status_code == status
    with app.database.reading() as tx:
        assert tx.execute(select(audit).where(audit.c.action.startswith("quarantine."))).all() == []


def test_what_lies_outside_the_scope_is_not_there(app, as_user):
    content = export(account=NANJING, second="3550.00", closing="3550.00")
    address = send(as_user("nanjing"), content)
    assert "宁知" in as_user("nanjing").get("/desk/quarantine/").text
    officer = as_user("officer")
    assert "宁知" not in officer.get("/desk/quarantine/").text
    assert officer.get(address).status_code == 404
    assert decide(officer, address).status_code == 404
    stranger = send(officer, export(account=STRANGER))
    assert as_user("nanjing").get(stranger).status_code == 404


def test_an_officer_hands_in_accounts_of_the_district_alone(app, as_user):
    form = {"files": [(io.BytesIO(export(account=NANJING)), "南京.csv")]}
    page = as_user("officer").post("/desk/upload/", data=form).text
    assert "含有其他机构或其他辖区账户" in page
    form = {"files": [(io.BytesIO(export(account=STRANGER)), "无主.csv")]}
    assert "含有其他" in as_user("nanjing").post("/desk/upload/", data=form).text
    with app.database.reading() as tx:
        assert len(tx.execute(select(source_file)).all()) == 2  # those of the world itself


def test_a_statement_that_came_before_its_account_counts_once_the_account_is_registered(
    app, as_user
):
    officer = as_user("officer")
    content = export(account=STRANGER)
    address = send(officer, content)
    row = f"52370702651728628K,{STRANGER},农商行,fee"
    file = io.BytesIO(f"uscc,account_no,bank,kind\n{row}\n".encode())
    form = {"kind": "accounts", "file": (file, "账户.csv")}
    page = officer.post("/registers/", data=form, content_type="multipart/form-data").text
    assert stored(app, content) == "quarantined"  # a look changes nothing
    officer.post(re.search(r'action="(/registers/[^"]{10,})"', page)[1], data={})
    assert stored(app, content) == "accepted"
    page = officer.get(address).text
    assert "重新检查" in page
    assert "鲁智01号" in page
    assert STRANGER not in officer.get("/desk/quarantine/").text


def test_files_are_listed_with_status_way_in_problems_and_what_to_do(as_user):
    officer = as_user("officer")
    send(officer, BROKEN, "错账.csv")
    send(officer, b"\xff\xd8\xff\xe0", "照片.jpg")
    page = officer.get("/desk/files").text
    for words in ("错账.csv", "照片.jpg", "网页上传", "请与银行原件核对标出的行", "看不懂.bin"):
        assert words in page
    assert "照片.jpg" not in officer.get("/desk/files?status=quarantined").text
    assert "错账.csv" not in officer.get("/desk/files?channel=feed").text
    assert "错账.csv" not in as_user("nanjing").get("/desk/files").text
    assert ACCOUNT not in as_user("viewer").get("/desk/files").text


def test_a_person_s_name_shows_nobody_the_files_of_a_way_in(app, as_user):
    with app.database.transaction() as tx:
        tx.execute(
            insert(source_file).values(
                sha256="ef" * 32, name="秘密.csv", size=1, channel="cli", actor="nanjing",
                provenance="office",
                status="rejected", dialect=None, problems=[],
                received_at="2026-02-01T09:00:00+08:00",
            )
        )  # fmt: skip
        assert users.find_by_name(tx, "nanjing")
    assert "秘密.csv" not in as_user("nanjing").get("/desk/files").text


def test_a_line_of_a_file_leads_to_its_statement_and_to_no_stranger_s(as_user):
    address = send(as_user("officer"), export())
    file = address.removesuffix("/1")
    answer = as_user("officer").get(f"{file}/lines/4")
    assert answer.location == f"{address}?page=1#line-4"
    assert 'id="line-4"' in as_user("officer").get(answer.location).text
    assert as_user("officer").get(f"{file}/lines/999").status_code == 404
    assert as_user("nanjing").get(f"{file}/lines/4").status_code == 404
