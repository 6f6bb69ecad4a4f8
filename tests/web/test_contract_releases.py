"""The page of e-CNY releases: what differs, masked, within the scope; empty where none are."""

from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers
from tests.web.conftest import LUZHI, NANJING

WALLET = "0052370702651728628"
LIST = (
    "合约账户,机构名称,交易时间,业务类型,收支方向,金额,合约账户余额,合同编号,上课日期,课时数,"
    "对方名称,对方账号\n"
    f"{WALLET},甲,2026-07-01 09:00,合约锁定,转入,1000.00,1000.00,HT9,,,王女士,6217000012345678\n"
    f"{WALLET},甲,2026-07-06,课时释放,转出,50.00,950.00,HT9,2026-07-06,2,甲,6222000099998888\n"
)


def test_what_differs_is_shown_with_masked_accounts_and_its_file(app, as_user, tmp_path):
    path = tmp_path / "accounts.csv"
    path.write_text(f"uscc,account_no,bank,kind\n{LUZHI},{WALLET},运营机构,fee\n", "utf-8")
    assert import_registers(app, "accounts", path, actor="officer").new == 1
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    (done,) = ingest(app, [tmp_path / "list.csv"], actor="officer")
    assert done.status == "accepted"
    page = as_user("officer").get(f"/desk/institutions/{LUZHI}/contract-releases").text
    assert "无法核对" in page  # the account that received is not on the register
    assert "未指明合同或上课日期" in page  # nor is the contract
    assert "没有可与消课核对的释放" in page
    assert "没有不符" not in page
    assert "版式未经验证" in page
    assert "list.csv</a> 第 3 行" in page
    assert "6222000099998888" not in page
    assert "王女士" not in page
    english = as_user("officer").get(f"/desk/institutions/{LUZHI}/contract-releases?language=en")
    assert english.status_code == 200


def test_without_a_list_it_says_so_and_other_districts_are_not_found(as_user):
    officer = as_user("officer")
    assert (
        f"/desk/institutions/{LUZHI}/contract-releases"
        in officer.get(f"/desk/institutions/{LUZHI}").text
    )
    assert (
        "没有数币合约的释放清单"
        in officer.get(f"/desk/institutions/{LUZHI}/contract-releases").text
    )
    for code in (NANJING, "52370702651728628X"):
        assert officer.get(f"/desk/institutions/{code}/contract-releases").status_code == 404
