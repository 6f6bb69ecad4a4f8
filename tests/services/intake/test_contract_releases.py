"""A release list of e-CNY contracts as a statement: counted once; beside bank and lessons."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from feewatch.cli import main
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.intake.contract_releases import compare_releases
from feewatch.services.intake.recording import ingest
from feewatch.services.registers.importing import import_registers
from feewatch.store.tables.ledger import entry, match
from feewatch.store.tables.registers import account, contract

USCC = "52370702651728628K"
WALLET, BANK = "0052370702651728628", "6222000011112222"
CONTRACT = (
    "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on,channel\n"
)
HEAD = (
    "合约账户,机构名称,交易时间,业务类型,收支方向,金额,合约账户余额,合同编号,上课日期,课时数,"
    "对方名称,对方账号,交易流水号\n"
)
ROWS = """
W,启明,2026-07-01 09:00,合约锁定,转入,1000.00,1000.00,HT1,,,王女士,6217000012345678,EC1
W,启明,2026-07-02 09:00,合约锁定,转入,400.00,1400.00,HT2,,,李先生,6217000087654321,EC2
W,启明,2026-07-06 20:00,课时释放,转出,50.00,1350.00,HT1,2026-07-06,2,启明,B,EC3
W,启明,2026-07-07 20:00,课时释放,转出,25.00,1325.00,HT1,2026-07-07,1,启明,B,EC4
W,启明,2026-07-07 20:01,课时释放,转出,20.00,1305.00,HT2,2026-07-07,1,启明,B,EC5
W,启明,2026-07-09 20:00,课时释放,转出,60.00,1245.00,HT2,2026-07-09,1,启明,B,EC6
W,启明,2026-07-10 10:00,合约退款,转出,240.00,1005.00,HT2,,,李先生,6217000087654321,EC7
"""
LIST = HEAD + ROWS.lstrip().replace("W,", f"{WALLET},").replace(",B,", f",{BANK},")
#: The bank books the first release alone, those of the 7th as one sum a day later, the last never;
#: and something from the contract account that no list tells.
BANK_HEAD = (
    "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号\n"
)
BANK_ROWS = (
    f"{BANK},启明,CNY,2026-07-06,20:00:05,,50.00,50.00,合约运营方,{WALLET},数币合约释放,\n"
    f"{BANK},启明,CNY,2026-07-08,08:00:00,,45.00,95.00,合约运营方,{WALLET},数币合约释放,\n"
    f"{BANK},启明,CNY,2026-07-08,09:00:00,,7.00,102.00,合约运营方,{WALLET},数币合约释放,\n"
    f"{BANK},启明,CNY,2026-07-12,09:00:00,10.00,,92.00,启明物业,8110,物业费,\n"
)
EVERYWHERE = Scope("000000", None)


@pytest.fixture
def take_in(any_app, tmp_path):
    """An office with a contract account, and the bank account that receives, of a kind."""

    def take(kind="settlement", bank_rows=BANK_ROWS, release_list=LIST):
        def register(name, text, covers=None):
            path = tmp_path / f"{name}.csv"
            path.write_text(text, encoding="utf-8")
            report = import_registers(any_app, name, path, actor="test", covers=covers)
            assert report.as_json()["bad"] == 0, report.problems

        register(
            "institutions",
            "uscc,name,district,subject,nature,custody\n"
            f"{USCC},启明,370702,arts,non_profit,bank_custody\n",
        )
        register(
            "accounts",
            f"uscc,account_no,bank,kind\n{USCC},{WALLET},数字人民币运营机构,fee\n"
            f"{USCC},{BANK},农商行,{kind}\n",
        )
        register(
            "contracts",
            CONTRACT
            + f"HT1,{USCC},K,S1,hours,40,2026-07-05,2026-09-30,1000.00,2026-07-01,数字人民币\n"
            + f"HT2,{USCC},K,S2,hours,20,2026-07-05,2026-09-30,400.00,2026-07-02,ecny\n",
        )
        register(
            "lessons",
            "contract_no,held_on,lessons\nHT1,2026-07-06,2\nHT1,2026-07-07,1\nHT2,2026-07-07,1\n",
            (parse_day("2026-07-01"), parse_day("2026-07-31")),
        )
        files = {"释放清单.csv": release_list, "bank.csv": BANK_HEAD + bank_rows}
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
            (done,) = ingest(any_app, [tmp_path / name], actor="test")
            assert done.status == "accepted", done.problems
            if name != "bank.csv":
                assert [each["code"] for each in done.problems] == ["LAYOUT-UNPROVEN"]
        return any_app

    return take


def kinds(app, number):
    query = (
        select(entry.c.kind, entry.c.amount_fen)
        .join(account, account.c.id == entry.c.account_id)
        .where(account.c.account_no == number, entry.c.merged_into.is_(None))
        .order_by(entry.c.booked_on, entry.c.id)
    )
    with app.database.reading() as tx:
        return [tuple(row) for row in tx.execute(query)]


def test_the_list_is_a_statement_whose_locks_pay_contracts_and_whose_releases_count_once(take_in):
    app = take_in()
    assert kinds(app, WALLET) == [
        ("receipt", 100_000), ("receipt", 40_000), ("release", -5_000), ("release", -2_500),
        ("release", -2_000), ("release", -6_000), ("refund", -24_000),
    ]  # fmt: skip
    assert {kind for kind, _ in kinds(app, BANK)} == {
        "other"
    }  # a settlement account: no money of it
    with app.database.reading() as tx:
        paid = tx.execute(
            select(contract.c.contract_no, match.c.amount_fen)
            .join(contract, contract.c.id == match.c.contract_id)
            .where(match.c.kind == "receipt")
            .order_by(contract.c.contract_no)
        ).all()
    assert [tuple(row) for row in paid] == [("HT1", 100_000), ("HT2", 40_000)]


def test_releases_stand_beside_the_bank_and_the_lessons(take_in):
    found = compare_releases(take_in(), EVERYWHERE, USCC)
    assert [each.fate for each in found.releases] == [
        "single", "together", "together", "not_seen",
    ]  # fmt: skip
    assert [(number, line.fate, line.due_fen) for number, line in found.lessons] == [
        ("HT1", "agrees", 5_000), ("HT1", "agrees", 2_500), ("HT2", "agrees", 2_000),
        ("HT2", "no_lesson", None),
    ]  # fmt: skip
    assert [(each.account_no, each.fen) for each in found.unlisted] == [(BANK, 700)]
    assert (found.untied, found.unjudged) == (0, 0)


def test_what_came_before_or_after_the_days_of_the_list_is_not_said_to_be_missing(take_in):
    row = f"{BANK},启明,CNY,{{}},09:00:00,,7.00,{{}},家长,6217,数字人民币收款,\n"
    later = row.format("2026-07-13", "99.00") + row.format("2026-08-03", "106.00")
    found = compare_releases(take_in(bank_rows=BANK_ROWS + later), EVERYWHERE, USCC)
    assert [each.fen for each in found.unlisted] == [700]  # of 8 July alone
    assert found.unjudged == 2


def test_what_the_bank_has_not_told_yet_cannot_be_compared(take_in):
    found = compare_releases(take_in(bank_rows=BANK_ROWS.splitlines()[0] + "\n"), EVERYWHERE, USCC)
    assert found.bank_counts == Counter(single=1, unknown=3)


@pytest.mark.parametrize("release_list", [LIST, LIST.replace(BANK, "")])
def test_released_into_a_fee_account_the_money_is_no_receipt_there(take_in, release_list):
    app = take_in("fee", release_list=release_list)
    received = kinds(app, BANK)
    assert [kind for kind, fen in received if fen > 0] == ["internal", "own", "own"]
    entries = [*kinds(app, WALLET), *received]
    released = sum(-fen for kind, fen in entries if kind == "release")
    came_back = sum(fen for kind, fen in entries if kind == "own")
    # 155 left the contract account, of which 102 reached the fee account, and 10 left that one
    assert released - came_back == 15_500 - 10_200 + 1_000


def test_the_same_list_again_changes_nothing(take_in, tmp_path):
    app = take_in()
    (tmp_path / "again.csv").write_text("\n" + LIST, encoding="utf-8")
    (done,) = ingest(app, [tmp_path / "again.csv"], actor="test")
    assert done.status == "accepted"
    assert len(kinds(app, WALLET)) == 7


def test_a_direction_that_nobody_knows_refuses_the_list_with_its_line(take_in, tmp_path):
    app = take_in()
    (tmp_path / "bad.csv").write_text(LIST.replace("转出,20.00", "冻结,20.00"), encoding="utf-8")
    (done,) = ingest(app, [tmp_path / "bad.csv"], actor="test")
    assert done.status == "rejected"
    assert {(each["line"], each["code"]) for each in done.problems} >= {(6, "TABLE-CELL")}
    assert len(kinds(app, WALLET)) == 7


def test_another_district_sees_nothing_and_the_command_tells_it(take_in):
    app = take_in()
    with pytest.raises(NotFoundError):
        compare_releases(app, Scope("320104", None), USCC)
    config = app.config.folder / "feewatch.toml"
    config.write_text(f'[database]\nurl = "{app.config.database.url}"\n', encoding="utf-8")
    told = CliRunner().invoke(main, ["--config", str(config), "ecny", USCC, "--json"])
    facts = json.loads(told.stdout)
    assert facts["bank"] == {"single": 1, "together": 2, "not_seen": 1}
    lines = CliRunner().invoke(main, ["--config", str(config), "ecny", USCC]).stdout
    assert "银行流水中没有" in lines
    assert "清单中没有" in lines
