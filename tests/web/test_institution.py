"""An institution's own counter."""

import hashlib
import io

import pytest

ACCOUNT = "26601891581262337"
HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"


def statement(account: str, closing: str = "3600.00") -> bytes:
    lines = [
        "起止日期,2026-06-01,2026-06-30\n",
        "期初余额,3000.00\n",
        HEAD,
        f"{account},鲁智,CNY,2026-06-10,09:00:00,,600.00,3600.00,家长,62170001,HT3,1\n",
        f"期末余额,{closing}\n",
    ]
    return "".join(lines).encode()


def hand_in(client, *files: tuple[str, bytes]):
    data = {"files": [(io.BytesIO(content), name) for name, content in files]}
    return client.post("/own/upload", data=data, content_type="multipart/form-data")


@pytest.fixture
def own(as_user):
    return as_user("luzhi")


def test_its_page_tells_public_status_alerts_with_cures_and_what_could_not_be_judged(own):
    page = own.get("/own/").text
    for words in ("白名单", "资金未入专户", "补足专户余额", "不能判定 3", ACCOUNT):
        assert words in page


def test_an_institution_that_is_not_rated_reads_so(as_user):
    assert "资料不全，未评定" in as_user("weicheng").get("/own/").text


def test_a_statement_is_taken_and_its_fate_told_at_once(own):
    page = hand_in(own, ("六月.csv", statement(ACCOUNT))).text
    assert "已接收" in page
    assert "2026-06-01 … 2026-06-30" in page


def test_each_of_several_files_has_its_own_fate(own):
    page = hand_in(
        own,
        ("六月.csv", statement(ACCOUNT)),
        ("六月.csv", statement(ACCOUNT)),
        ("错账.csv", statement(ACCOUNT, closing="9999.00")),
        ("照片.jpg", b"\xff\xd8\xff\xe0not a statement"),
        ("空.csv", b""),
    ).text
    for fate in ("已接收", "重复文件", "已隔离", "金额勾稽不平", "已拒收"):
        assert fate in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (statement(ACCOUNT, closing="9999.00"), ["期初 3000.00", "≠ 期末 9999.00", "书面说明"]),
        (statement("6222000099990000"), ["不在登记册中", "登记后本对账单自动生效，不必重传"]),
        (statement(ACCOUNT).replace(b"CNY", b"USD"), ["币种 USD", "请上传人民币账户的对账单"]),
        (
            statement(ACCOUNT).replace(b"2026-06-10", b"2026-06-31"),
            ["第 4 行", "交易日期", "2026-06-31", "整份文件未被采用"],
        ),
    ],
    ids=["arithmetic", "unregistered", "currency", "unreadable cell"],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_do(own, content, words):
    page = hand_in(own, ("六月.csv", content)).text
    assert [each for each in words if each not in page] == []


def test_sending_a_file_again_is_told_kindly_with_its_present_status(own):
    broken = statement(ACCOUNT, closing="9999.00")
    for content, present in ((statement(ACCOUNT), "已接收"), (broken, "已隔离"), (b"", "已拒收")):
        hand_in(own, ("六月.csv", content))
        page = hand_in(own, ("六月.csv", content)).text
        assert f"不会重复计算；目前状态：{present}" in page


def test_files_received_lately_are_listed_and_no_one_else_s(own, as_user):
    hand_in(own, ("六月.csv", statement(ACCOUNT)), ("照片.jpg", b"\xff\xd8\xff\xe0"))
    page = own.get("/own/upload").text
    assert "六月.csv" in page
    assert "照片.jpg" in page
    other = as_user("weicheng").get("/own/upload").text
    assert "六月.csv" not in other
    assert "照片.jpg" not in other


def test_a_statement_of_another_institution_s_account_is_refused_and_not_kept(app, own):
    foreign = statement("36949345226647832")
    page = hand_in(own, ("六月.csv", statement(ACCOUNT)), ("别家.csv", foreign)).text
    assert "含有其他机构或其他辖区账户" in page
    assert "已接收" in page
    files = [path for path in app.files.rglob("*") if path.is_file()]
    kept = {path.name.removesuffix(".sealed") for path in files}
    assert kept == {hashlib.sha256(statement(ACCOUNT)).hexdigest()}


def test_no_file_is_told_in_words(own):
    assert own.post("/own/upload", data={}).status_code == 400
    assert hand_in(own, ("", b"")).status_code == 400


@pytest.mark.parametrize("name", ["../../etc/passwd", "<script>.csv", "a\x00b.csv", "长" * 600])
def test_a_hostile_file_name_is_only_a_name(own, name):
    answer = hand_in(own, (name, statement(ACCOUNT)))
    assert answer.status_code in (200, 400)
    assert "<script>" not in answer.text


def test_a_case_is_shown_from_the_day_it_is_served_without_the_office_s_deliberations(as_user, own):
    officer = as_user("officer")
    officer.post("/desk/matters/1/case", data={"step": "triage", "reason": "内部研判意见"})
    number = "370702-2026-0001"
    assert number not in own.get("/own/").text
    assert own.get(f"/own/cases/{number}").status_code == 404
    assert number not in own.get("/own/alerts/A0red").text
    officer.post(f"/desk/cases/{number}/steps", data={"step": "notify", "reason": "限期整改"})
    assert number in own.get("/own/").text
    page = own.get(f"/own/cases/{number}").text
    assert "限期整改" in page
    assert "内部研判意见" not in page


def test_a_case_or_alert_that_does_not_exist_is_not_found(own):
    assert own.get("/own/cases/370702-2026-0009").status_code == 404
    assert own.get("/own/alerts/A9").status_code == 404
