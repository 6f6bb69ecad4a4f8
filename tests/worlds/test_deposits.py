"""Deposits after a change of custody mode, and the fee account that every mode needs."""

import pytest
from worlds.builder import AS_OF, School, build

from feewatch.kernel.days import parse_day
from feewatch.services.cases.alerts import list_alerts
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.intake.recording import ingest
from feewatch.services.lists.gathering import gather_districts
from feewatch.services.lists.standings import gather_outcomes, terms_of
from feewatch.services.registers.importing import import_registers

HEAD = "账号,户名,币种,交易日期,交易时间,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,流水号"
FEE_ACCOUNT = "6228000000000001"
DAY = parse_day(AS_OF)


def changed(app, folder, entry, *, arrives=False, approval=None):
    """A deposit institution of 60,000.00 that changes to bank custody on 2026-06-01.

    It opens a fee account then, into which 60,000.00 come on 2026-06-02 where they arrive.
    """
    school = School(1, opening="60000.00", account={"kind": "deposit"})
    school.facts["custody"] = "risk_deposit"
    school.entries = [entry] if entry else []
    school.approvals = [approval] if approval else []
    build(app, [school], folder / "world")
    row = f"{school.uscc},测试1号,370702,academic,non_profit,bank_custody,赵校长,2026-06-01"
    take(app, folder, "institutions", "uscc,name,district,subject,nature,custody,"
         f"legal_representative,valid_from\n{row}\n")  # fmt: skip
    open_fee_account(app, folder, school, arrives=arrives)
    run_check(app, DAY)


def open_fee_account(app, folder, school, *, arrives):
    take(app, folder, "accounts", "account_no,uscc,bank,kind,opened_on\n"
         f"{FEE_ACCOUNT},{school.uscc},示例银行,fee,2026-06-01\n")  # fmt: skip
    moved = f"{FEE_ACCOUNT},测试1号,CNY,2026-06-02,10:00:00,,60000.00,60000.00,测试1号,"
    lines = [f"起止日期,2026-06-01,{AS_OF}", "期初余额,0.00", HEAD]
    lines += [f"{moved}{school.account_no},转入,R1"] if arrives else []
    if not arrives:
        lines.append(f"{FEE_ACCOUNT},测试1号,CNY,2026-06-02,10:00:00,,1.00,1.00,银行,,结息,R1")
    path = folder / "fee.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    [outcome] = ingest(app, [path], actor="test")
    assert outcome.status == "accepted", outcome.as_json()


def take(app, folder, kind, text):
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    assert import_registers(app, kind, path, actor="test").as_json()["bad"] == 0


def rules_alerted(app):
    wanted = ("DEP-PLEDGE", "OUT-PERSON", "ACC-SELF", "OUT-LARGE", "ACC-NONE")
    alerts = list_alerts(app, status=None, rule=None, uscc=None)
    return sorted(alert["rule"] for alert in alerts if alert["rule"] in wanted)


def unmet(app):
    """The white-list conditions that the one institution does not meet."""
    outcomes = gather_outcomes(app, DAY)
    with app.database.reading() as tx:
        [record] = gather_districts(tx, DAY, outcomes, terms_of(app), default="370702")
        [assessment] = record.assessments
    return [(line.code, line.text.en) for line in assessment.lines if line.verdict != "met"]


def test_a_deposit_paid_to_the_representative_after_the_change_is_seen(any_app, tmp_path):
    changed(any_app, tmp_path, ("2026-06-02", "-50000.00", "赵校长", "往来"))
    assert rules_alerted(any_app) == ["DEP-PLEDGE", "OUT-PERSON"]


def test_a_deposit_that_moves_into_the_fee_account_is_no_breach(any_app, tmp_path):
    """Neither a use of the deposit, nor a mirrored payment, nor a large outflow."""
    entry = ("2026-06-02", "-60000.00", "测试1号", "转出", FEE_ACCOUNT)
    changed(any_app, tmp_path, entry, arrives=True)
    assert rules_alerted(any_app) == []
    judged = {
        (finding.identity.rule, finding.outcome)
        for finding in list_findings(any_app, DAY, rules=["DEP-PLEDGE", "ACC-SELF", "OUT-LARGE"])
    }
    assert judged == {("DEP-PLEDGE", "compliant")}


@pytest.mark.parametrize(
    ("amount", "until", "alerted"),
    [
        ("50000.00", "2026-06-02", []),
        ("49999.99", "2026-06-02", ["DEP-PLEDGE"]),
        ("50000.00", "2026-06-01", ["DEP-PLEDGE"]),
    ],
)
def test_a_deposit_that_leaves_with_an_approval(any_app, tmp_path, amount, until, alerted):
    approval = {"kind": "deposit_cut", "document": "示教备〔2026〕1号", "amount": amount}
    approval |= {"from": "2026-06-01", "until": until}
    changed(any_app, tmp_path, ("2026-06-02", "-50000.00", "某公司", "调减"), approval=approval)
    assert rules_alerted(any_app) == alerted


@pytest.mark.parametrize("custody", ["risk_deposit", "both", "bank_custody"])
def test_every_mode_needs_a_fee_account(any_app, tmp_path, custody):
    """A deposit above all fees, and no fee account: a breach, and no place on the white list."""
    school = School(1, opening="50000.00", account={"kind": "deposit"})
    school.facts["custody"] = custody
    school.contract("2026-07-01", arrives="")
    build(any_app, [school], tmp_path / "world")
    run_check(any_app, DAY)
    [alert] = list_alerts(any_app, status=None, rule="ACC-NONE", uscc=None)
    assert (alert["measured"], alert["severity"], alert["authority"]) == (100_000, "red", "law")
    assert ("ACCOUNT", "no open fee account on file") in unmet(any_app)


@pytest.mark.parametrize("has_account", [False, True])
def test_a_deposit_institution_is_white_with_a_fee_account_alone(any_app, tmp_path, has_account):
    school = School(1, opening="50000.00", account={"kind": "deposit"})
    school.facts["custody"] = "risk_deposit"
    school.lessons = [(school.contract("2026-07-01", arrives=""), "2026-07-05", 1)]
    build(any_app, [school], tmp_path / "world")
    if has_account:
        open_fee_account(any_app, tmp_path, school, arrives=False)
    run_check(any_app, DAY)
    missing = [] if has_account else [("ACCOUNT", "no open fee account on file")]
    assert unmet(any_app) == missing
