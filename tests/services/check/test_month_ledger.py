"""The monthly ledger: figures worked out by hand, to the fen; what is not covered is unknown."""

import io
import json

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.check.month_ledger import read_month_ledger
from feewatch.services.check.month_ledger_json import ledger_json
from feewatch.services.check.month_ledger_workbook import ledger_workbook
from feewatch.services.registers.importing import import_registers

TABLE = ("opening_fen", "received_fen", "recognised_fen", "refunded_fen", "closing_fen")


def month(app, school, name, scope=None):
    return ledger_json(read_month_ledger(app, scope or Scope(), school.uscc, name))


def table(told):
    return tuple(told[name] for name in TABLE)


def taught():
    """1,000.00 for 40 lessons; 4 held in June, 5 in July; 300.00 paid back in July."""
    school = School(1, opening="2000.00")
    number = school.contract(paid_on="2026-06-10")
    school.lessons = [(number, "2026-06-15", 4), (number, "2026-07-05", 5)]
    school.refunds = [
        {"refund_no": "TF1", "contract_no": number, "requested_on": "2026-07-10"}
        | {"amount": "300.00", "cause": "consumer", "uscc": school.uscc}
    ]
    school.entries += [
        ("2026-06-20", "-80.00", "某公司", "划出"), ("2026-07-20", "-300.00", "王女士", "退费 TF1"),
    ]  # fmt: skip
    return school


def test_what_is_owed_rolls_from_month_to_month(any_app, tmp_path):
    school = taught()
    build(any_app, [school], tmp_path / "world")
    june, july = (month(any_app, school, name) for name in ("2026-06", "2026-07"))
    assert table(june["liability"]) == (0, 100_000, 10_000, 0, 90_000)
    assert table(july["liability"]) == (90_000, 0, 12_500, 30_000, 47_500)
    assert [table(each) for each in july["contracts"]] == [table(july["liability"])]
    assert july["contracts"][0]["lessons"] == 5
    assert month(any_app, school, "2026-05")["contracts"] == []


def test_the_bank_s_own_sum_stands_beside_it(any_app, tmp_path):
    school = taught()
    build(any_app, [school], tmp_path / "world")
    [june] = month(any_app, school, "2026-06")["accounts"]
    [july] = month(any_app, school, "2026-07")["accounts"]
    names = ("opening_fen", "in_fen", "out_fen", "closing_fen", "difference_fen")
    assert [june[name] for name in names] == [200_000, 100_000, 8_000, 292_000, 0]
    assert [july[name] for name in names] == [292_000, 0, 30_000, 262_000, 0]
    columns = month(any_app, school, "2026-06")["columns"]
    assert columns["contracts"] == {
        "contracts": 1, "charged_fen": 100_000, "reported_fen": 100_000,
    }  # fmt: skip
    assert columns["bank"]["received_fen"] == columns["bank"]["matched_fen"] == 100_000
    assert columns["bank"]["released_fen"] == 8_000
    assert columns["lessons"] == {
        "lessons": 4, "consumed_fen": 10_000, "reported_fen": 10_000,
    }  # fmt: skip
    assert (columns["outside_fen"], columns["outside_share"]) == (0, "0.0000")


def test_days_that_no_statement_covers_are_unknown_and_not_nothing(any_app, tmp_path):
    school = taught()
    school.period = ("2026-06-05", "2026-07-23")
    build(any_app, [school], tmp_path / "world")
    june, july = (month(any_app, school, name) for name in ("2026-06", "2026-07"))
    [first], [second] = june["accounts"], july["accounts"]
    unknown = {"opening_fen": None, "in_fen": None, "out_fen": None, "difference_fen": None}
    assert {name: first[name] for name in unknown} == unknown
    assert (first["seen_in_fen"], first["seen_out_fen"], first["closing_fen"]) == (
        100_000, 8_000, 292_000,
    )  # fmt: skip
    assert first["missing"] == [["2026-06-01", "2026-06-04"]]
    assert (second["opening_fen"], second["out_fen"], second["closing_fen"]) == (
        292_000, None, None,
    )  # fmt: skip
    assert second["missing"] == [["2026-07-24", "2026-07-31"]]
    assert not july["columns"]["bank"]["is_known"]


@pytest.mark.parametrize(
    ("until", "outside", "share"), [("2026-07-31", 60_000, "0.3750"), ("2026-06-29", None, None)]
)
def test_what_did_not_come_into_the_fee_account(any_app, tmp_path, until, outside, share):
    """1,000.00 arrive in full, of 600.00 nothing does; unknown where statements end before."""
    school = School(1, opening="0.00", period=("2026-05-01", until))
    school.contract(paid_on="2026-06-10")
    school.contract(paid_on="2026-06-20", fee="600.00", arrives="")
    build(any_app, [school], tmp_path / "world")
    columns = month(any_app, school, "2026-06")["columns"]
    assert (columns["outside_fen"], columns["outside_share"]) == (outside, share)


@pytest.mark.parametrize(("arrives", "outside"), [("2026-07-03", 0), ("2026-07-04", 100_000)])
def test_money_on_its_way_over_the_end_of_a_month_is_not_outside(
    any_app, tmp_path, arrives, outside
):
    school = School(1, opening="0.00")
    school.contract(paid_on="2026-06-30", arrives=arrives)
    build(any_app, [school], tmp_path / "world")
    assert month(any_app, school, "2026-06")["columns"]["outside_fen"] == outside


def test_days_for_which_registers_are_not_complete_are_unknown(any_app, tmp_path):
    """Registers are complete to the end of July: of August only what is reported is known."""
    school = taught()
    build(any_app, [school], tmp_path / "world")
    august = month(any_app, school, "2026-08")
    whole = [["2026-08-01", "2026-08-31"]]
    assert august["uncovered"] == {"contracts": whole, "lessons": whole}
    for column, name in (("contracts", "charged_fen"), ("lessons", "consumed_fen")):
        assert (august["columns"][column][name], august["columns"][column]["reported_fen"]) == (
            None, 0,
        )  # fmt: skip


def test_money_that_no_contract_explains_is_carried(any_app, tmp_path):
    school = School(1, opening="0.00")
    school.contract(paid_on="2026-06-10")
    school.entries += [("2026-06-11", "2000.00", "李女士", "培训费")]
    build(any_app, [school], tmp_path / "world")
    assert month(any_app, school, "2026-06")["columns"]["unexplained"] == {
        "opening_fen": 0, "closing_fen": 200_000,
    }  # fmt: skip
    assert month(any_app, school, "2026-07")["columns"]["unexplained"]["opening_fen"] == 200_000


def test_what_is_paid_back_beyond_the_liability_takes_revenue_back(any_app, tmp_path):
    """38 of 40 lessons held by June, then 300.00 refunded: 250.00 had been earned and is not."""
    school = taught()
    number = school.contracts[0]["contract_no"]
    school.lessons = [(number, "2026-06-15", 38)]
    build(any_app, [school], tmp_path / "world")
    july = month(any_app, school, "2026-07")["liability"]
    assert table(july) == (5_000, 0, -25_000, 30_000, 0)
    assert (july["consumed_fen"], july["settled_fen"]) == (0, -25_000)


def test_unknown_consumption_counts_as_not_consumed_and_says_so(any_app, tmp_path):
    school = School(1, opening="0.00")
    number = school.contract(paid_on="2026-06-10", lessons="")
    school.lessons = [(number, "2026-06-15", 4)]
    build(any_app, [school], tmp_path / "world")
    june = month(any_app, school, "2026-06")
    assert table(june["liability"]) == (0, 100_000, 0, 0, 100_000)
    assert june["liability"]["unknown_contracts"] == 1
    assert june["liability"]["consumed_fen"] is None
    [line] = june["contracts"]
    assert (line["is_known"], line["consumed_fen"], line["settled_fen"]) == (False, None, None)


def test_an_account_that_closes_holds_nothing(any_app, tmp_path):
    school = School(1, opening="500.00", account={"closed_on": "2026-06-20"})
    school.period = ("2026-05-01", "2026-06-20")
    school.entries = [("2026-06-19", "-500.00", "某银行", "销户")]
    build(any_app, [school], tmp_path / "world")
    [june] = month(any_app, school, "2026-06")["accounts"]
    assert (june["opening_fen"], june["out_fen"], june["closing_fen"]) == (50_000, 50_000, 0)
    assert (june["difference_fen"], june["missing"]) == (0, [])
    assert month(any_app, school, "2026-07")["accounts"] == []


@pytest.mark.parametrize("name", ["2026-13", "2026-6", "junk", "9999-01", "2018-01", "2026-06-01"])
def test_what_is_no_month_is_refused(any_app, tmp_path, name):
    school = School(1)
    build(any_app, [school], tmp_path / "world")
    with pytest.raises(InvalidInputError) as refusal:
        month(any_app, school, name)
    assert refusal.value.code == "MONTH"


def test_another_district_does_not_see_it(any_app, tmp_path):
    school = taught()
    build(any_app, [school], tmp_path / "world")
    assert month(any_app, school, "2026-06", Scope("370700"))["uscc"] == school.uscc
    with pytest.raises(NotFoundError):
        month(any_app, school, "2026-06", Scope("370800"))


def test_the_workbook_adds_up_and_holds_no_formula(any_app, tmp_path):
    school = taught()
    school.name = "=1+1培训中心"
    build(any_app, [school], tmp_path / "world")
    ledger = read_month_ledger(any_app, Scope(), school.uscc, "2026-07")
    book = load_workbook(io.BytesIO(ledger_workbook(ledger, sees_accounts=False)))
    sheet, accounts, columns = book.worksheets
    cells = {cell.value: cell for page in book for row in page for cell in row}
    assert [cell.data_type for cell in cells.values() if cell.data_type == "f"] == []
    assert cells["=1+1培训中心"].data_type == "s"
    heads = [cell.value for cell in sheet[1]]
    total = dict(zip(heads, (cell.value for cell in sheet[3]), strict=True))
    assert total["期初余额 / opening"] == 900
    assert total["本期确认 / recognised"] == 125
    assert total["期末余额 / closing"] == 475
    assert accounts.cell(2, 2).value == "****0001"
    assert columns.cell(2, 1).value == "合同：本月收取 / contracts: charged"
    assert ledger_workbook(ledger, sees_accounts=True) != ledger_workbook(
        ledger, sees_accounts=False
    )


def test_the_command_prints_writes_and_refuses(any_app, tmp_path):
    school = taught()
    build(any_app, [school], tmp_path / "world")
    config = tmp_path / "feewatch.toml"
    config.write_text(
        f'[office]\ndistrict = "370702"\n[database]\nurl = "{any_app.config.database_url}"\n'
    )
    out = tmp_path / "ledger.xlsx"

    def run(*words):
        return CliRunner().invoke(main, ["--config", str(config), "ledger", *words])

    answer = run(school.uscc, "--month", "2026-07", "--json", "--out", str(out))
    assert answer.exit_code == 0, answer.output
    assert table(json.loads(answer.output)["liability"]) == (90_000, 0, 12_500, 30_000, 47_500)
    assert load_workbook(out).sheetnames[0] == "科目余额表 ledger"
    spoken = run(school.uscc, "--month", "2026-07").output
    assert "900.00 + 0.00 - 125.00 - 300.00 = 475.00" in spoken
    assert "2,920.00 + 0.00 - 300.00 = 2,620.00" in spoken
    assert school.account_no not in spoken
    assert run(school.uscc, "--month", "2026-7").exit_code == 1
    assert run("52370702651728628K", "--month", "2026-07").exit_code == 1
    assert run(school.uscc, "--month", "2026-07", "--out", str(tmp_path)).exit_code == 2


def test_contracts_that_another_institution_takes_over_are_moved(any_app, tmp_path):
    """1,000.00 of 40 lessons: 4 held in June; from 2026-07-10 on another's, 5 held on the 20th."""
    old, new = School(1, opening="0.00"), School(2, opening="0.00")
    number = old.contract(paid_on="2026-06-10")
    old.lessons = [(number, "2026-06-15", 4), (number, "2026-07-20", 5)]
    build(any_app, [old, new], tmp_path / "world")
    path = tmp_path / "successions.csv"
    path.write_text(f"from_uscc,to_uscc,on\n{old.uscc},{new.uscc},2026-07-10\n", encoding="utf-8")
    assert import_registers(any_app, "successions", path, actor="test").as_json()["bad"] == 0
    assert table(month(any_app, old, "2026-06")["liability"]) == (0, 100_000, 10_000, 0, 90_000)
    assert table(month(any_app, old, "2026-07")["liability"]) == (90_000, -90_000, 0, 0, 0)
    taken = month(any_app, new, "2026-07")["liability"]
    assert table(taken) == (0, 90_000, 12_500, 0, 77_500)
    assert (taken["charged_fen"], taken["moved_fen"]) == (0, 90_000)
    assert table(month(any_app, new, "2026-08")["liability"]) == (77_500, 0, 0, 0, 77_500)


def test_a_contract_in_charges_owes_what_is_paid_of_it(any_app, tmp_path):
    """600.00 paid in June, 400.00 in July; all of what the second buys arrives in July."""
    school = School(1, opening="0.00")
    number = school.contract(paid_on="2026-06-10", arrives="")
    school.entries = [
        ("2026-06-10", "600.00", "王女士", f"学费 {number}"),
        ("2026-07-20", "400.00", "王女士", f"学费 {number}"),
    ]
    build(any_app, [school], tmp_path / "world")
    path = tmp_path / "charges.csv"
    path.write_text(
        "contract_no,charge_no,due_on,amount,lessons,paid_on\n"
        f"{number},1,2026-06-10,600.00,24,2026-06-10\n{number},2,2026-07-20,400.00,16,2026-07-20\n",
        encoding="utf-8",
    )
    assert import_registers(any_app, "charges", path, actor="test").as_json()["bad"] == 0
    june, july = (month(any_app, school, name) for name in ("2026-06", "2026-07"))
    assert table(june["liability"]) == (0, 60_000, 0, 0, 60_000)
    assert table(july["liability"]) == (60_000, 40_000, 0, 0, 100_000)
    assert (june["columns"]["outside_fen"], july["columns"]["outside_fen"]) == (0, 0)
