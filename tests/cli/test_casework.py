"""The commands on alerts and cases, as a shell calls them."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise
from sqlalchemy import insert

from feewatch.cli import main
from feewatch.config import Config
from feewatch.engine.findings import Breach, Identity
from feewatch.kernel.citation import Citation
from feewatch.kernel.clock import today
from feewatch.kernel.days import date_of, format_day
from feewatch.kernel.text import Text
from feewatch.store.cases import alerts
from feewatch.store.people import users
from feewatch.store.tables.ledger import entry, source_file, statement
from feewatch.store.tables.registers import account, institution

SHA = "ab" * 32
ACCOUNT = "6222020200012345678"


def breach(subject="HT-1", rule="ACC-OFF", evidence=()):
    return Breach(
        identity=Identity(rule, "U1", "contract", subject, 20_000),
        institution_id=1,
        institution_name="甲培训",
        district="370702",
        rule_version="1",
        authority="law",
        title=Text("预收费未入监管账户", "fees outside the account"),
        measured=120_000,
        limit=0,
        unit="fen",
        severity="red",
        calculation=Text("1200.00 - 0.00 = 1200.00", "1200.00 - 0.00 = 1200.00"),
        basis=(Citation("通知", "教财〔2021〕1号", "第三条", None, "2021-10-29", "V1"),),
        evidence=evidence,
        cure=Text("存入专用账户", "pay it in"),
        cause="course A",
        spell_days=None,
        amount_fen=120_000,
        historic=False,
        is_state=False,
    )


def _bank_rows(tx):
    tx.execute(insert(institution).values(uscc="U1"))
    tx.execute(
        insert(account).values(
            account_no=ACCOUNT, institution_id=1, bank="行", kind="fee", imported_on=1
        )
    )
    tx.execute(
        insert(source_file).values(
            sha256=SHA,
            name="a.csv",
            size=1,
            received_at="2026-01-01T00:00:00+08:00",
            channel="cli",
            provenance="office",
            actor="cli",
            status="accepted",
            problems=[],
        )
    )
    tx.execute(
        insert(statement).values(
            file_sha256=SHA,
            n=1,
            account_no=ACCOUNT,
            account_id=1,
            institution_id=1,
            currency="CNY",
            from_day=20_000,
            to_day=20_000,
            entries=1,
            status="accepted",
            problems=[],
            recorded_at="2026-01-01T00:00:00+08:00",
        )
    )
    tx.execute(
        insert(entry).values(
            account_id=1,
            institution_id=1,
            statement_id=1,
            line=7,
            seq=0,
            booked_on=20_000,
            amount_fen=-120_000,
            counterparty_account="1234567890",
            memo="还款",
            reversal_mark=False,
            filled=0,
            n=1,
            matched_fen=0,
        )
    )


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text("", encoding="utf-8")
    app = initialise(Config(folder=tmp_path))
    evidence = (
        {"file_sha256": SHA, "line": 7},
        {"file_sha256": SHA, "line": 99},
        {"record": "contract", "id": "HT-1"},
    )
    breaches = [breach(evidence=evidence), breach("HT-2", rule="FEE")]
    with app.database.transaction() as tx:
        _bank_rows(tx)
        users.add(tx, "li", "officer", None, None, "x")
        users.add(tx, "wang", "officer", None, None, "x")
        alerts.reconcile(
            tx, as_of=20_000, breaches=breaches, present={}, scope=None, rules=["ACC-OFF", "FEE"]
        )
    app.database.dispose()

    def invoke(*arguments, user=None):
        named = ["--as", user] if user else []
        return CliRunner().invoke(main, ["--config", str(config), *named, *arguments])

    return invoke


def lines(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_alerts_are_json_lines_in_a_stable_order(run):
    found = lines(run("alerts", "--json"))
    assert [each["rule"] for each in found] == ["ACC-OFF", "FEE"]
    assert found[0]["subject"] == {"kind": "contract", "id": "HT-1"}
    assert run("alerts", "--json").stdout == run("alerts", "--json").stdout


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--rule", "FEE"], 1),
        (["--rule", "NONE"], 0),
        (["--status", "open"], 2),
        (["--status", "closed"], 0),
        (["--institution", "U1"], 2),
        (["--institution", "U2"], 0),
    ],
)
def test_alerts_are_filtered(run, options, count):
    assert len(lines(run("alerts", "--json", *options))) == count
    assert len(run("alerts", *options).stdout.splitlines()) == count


def test_an_unknown_status_is_a_fault_of_usage(run):
    assert run("alerts", "--status", "lost").exit_code == 2


def test_explain_shows_law_arithmetic_and_the_bank_rows_with_masked_accounts(run):
    (alert, _) = lines(run("alerts", "--json"))
    (explained,) = lines(run("explain", alert["id"], "--json"))
    entry_row, statement_row, record = explained["evidence_rows"]
    assert entry_row["rows"][0]["account_no"] == "****5678"
    assert entry_row["rows"][0]["counterparty_account"] == "****7890"
    assert entry_row["rows"][0]["amount_fen"] == -120_000
    assert statement_row["rows"][0]["account_no"] == "****5678"
    assert record == {"record": "contract", "id": "HT-1", "row": None}  # not on the register
    shown = run("explain", alert["id"]).stdout
    for part in (
        "教财〔2021〕1号",
        "第三条",
        "1200.00 - 0.00",
        "-1,200.00",
        "****5678",
        "存入专用",
    ):
        assert part in shown
    assert ACCOUNT not in shown
    assert ACCOUNT not in json.dumps(explained)


def test_an_unknown_alert_is_refused(run):
    result = run("explain", "A000000000000000")
    assert result.exit_code == 1
    assert "ALERT-UNKNOWN" in result.stderr


def test_a_matter_is_triaged_into_a_case_and_the_case_notified(run):
    (opened,) = lines(run("case", "M1", "triage", "--reason", "研判", "--json", user="li"))
    assert opened["state"] == "triaged"
    number = opened["case"]
    (notified,) = lines(
        run(
            *("case", number, "notify", "--reason", "督办", "--deadline", "2099-01-05", "--json"),
            user="li",
        )
    )
    assert notified == {
        "case": number,
        "step": "notify",
        "state": "notified",
        "deadline": "2099-01-05",
        "deadline_provisional": False,
        "document": "order",
        "paper": f"校外培训整改〔{year()}〕1号",
        "recheck_on": None,
        "standing": None,
    }
    result = run("case", number, "triage", "--reason", "再来", user="li")
    assert result.exit_code == 1
    assert "CASE-STATE" in result.stderr


def year():
    return date_of(today()).year


def test_a_paper_is_made_served_shown_and_made_void(run, tmp_path):
    (opened,) = lines(run("case", "M1", "triage", "--reason", "研判", "--json", user="li"))
    number, file = opened["case"], tmp_path / "督办单.docx"
    given = ("--unit", "职成科", "--reason", "核实", "--out", str(file), "--json")
    (made,) = lines(run("case", number, "document", "supervision_order", *given, user="li"))
    paper = f"校外培训督办〔{year()}〕1号"
    assert (made["number"], made["recipient"], made["case"]) == (paper, "职成科", number)
    assert file.read_bytes().startswith(b"PK")
    handed = ("--way", "direct", "--on", format_day(today()), "--recipient", "张科")
    result = run("case", number, "serve", "supervision_order", *handed, user="li")
    assert result.exit_code == 0, result.output
    shown = run("papers", "show", paper, "--again").output
    assert [
        part for part in ("职成科：", "1,200.00", "张科", "直接送达") if part not in shown
    ] == []
    (row,) = lines(run("papers", "list", "--kind", "supervision_order", "--json"))
    assert (row["served_on"], row["way"]) == (format_day(today()), "direct")
    assert run("papers", "void", paper, "--reason", "写错", user="li").exit_code == 0
    result = run("papers", "serve", paper, *handed, "--note", "补", user="li")
    assert result.exit_code == 1
    assert "PAPER-VOID" in result.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("document",), 2),
        (("triage", "closing_form", "--reason", "x"), 2),
        (("triage",), 2),
        (("serve", "hint_letter"), 1),
        (("document", "closing_form"), 1),
        (("document", "no_such_paper"), 2),
    ],
)
def test_a_paper_asked_for_wrongly_is_refused(run, words, code):
    (opened,) = lines(run("case", "M1", "triage", "--reason", "研判", "--json", user="li"))
    result = run("case", opened["case"], *words, user="li")
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_templates_are_written_for_an_office_to_edit_and_never_over_its_own(run, tmp_path):
    folder = tmp_path / "templates"
    assert run("papers", "templates", str(folder)).exit_code == 0
    assert (folder / "hint_letter.docx").read_bytes().startswith(b"PK")
    result = run("papers", "templates", str(folder))
    assert result.exit_code == 1
    assert "PAPER-TEMPLATE-EXISTS" in result.stderr
    assert "{{事项.整改要求}}" in run("papers", "fields").output


def test_a_decision_needs_a_person_and_a_reason(run):
    nobody = run("case", "M1", "open", "--reason", "立案")
    assert nobody.exit_code == 1
    assert "USER-REQUIRED" in nobody.stderr
    assert run("case", "M1", "open", user="li").exit_code == 2


def test_a_matter_takes_opening_steps_only(run):
    result = run("case", "M1", "notify", "--reason", "督办", user="li")
    assert result.exit_code == 1
    assert "STEP-NEEDS-CASE" in result.stderr


def test_the_plain_form_names_the_case_and_its_state(run):
    shown = run("case", "M2", "open", "--reason", "立案", user="li").stdout
    assert "-0001" in shown
    assert "已立案 / open" in shown


def test_a_case_of_many_matters_is_opened_changed_listed_and_shown(run):
    (opened,) = lines(run("case", "open", "M1", "M2", "--reason", "立案", "--json", user="li"))
    number = opened["case"]
    (shown,) = lines(run("case", "show", number, "--json"))
    assert [row["matter"] for row in shown["matters"]] == ["M1", "M2"]
    assert (shown["owner"], shown["standing"]["breach"], shown["standing"]["as_of"]) == (
        "li", 2, None,
    )  # fmt: skip
    result = run("case", number, "drop", "M2", "--reason", "另案", "--json", user="li")
    assert [row["matter"] for row in lines(result)[0]["matters"]] == ["M1"]
    result = run("case", number, "add", "M2", "--reason", "并回", "--json", user="li")
    assert [row["matter"] for row in lines(result)[0]["matters"]] == ["M1", "M2"]
    assert [event["step"] for event in lines(result)[0]["history"]] == ["open", "drop", "add"]
    assert [row["case"] for row in lines(run("case", "list", "--mine", "--json", user="li"))] == [
        number
    ]
    assert lines(run("case", "list", "--state", "closed", "--json")) == []
    assert number in run("case", "list").stdout
    assert "无法判断" not in run("case", "show", number).stdout


def test_closing_against_the_data_needs_its_own_reason(run):
    (opened,) = lines(run("case", "M1", "triage", "--reason", "研判", "--json", user="li"))
    number = opened["case"]
    for step in ("notify", "submit"):
        assert run("case", number, step, "--reason", "理由", user="li").exit_code == 0
    refused = run("case", number, "close", "--reason", "销号", "--json", user="wang")
    assert refused.exit_code == 1
    assert "CASE-AGAINST-DATA" in refused.stderr
    arguments = ("--reason", "销号", "--against-data", "出示收据", "--json")
    (closed,) = lines(run("case", number, "close", *arguments, user="wang"))
    assert (closed["state"], closed["standing"]["breach"]) == ("closed", 1)
    refused = run("case", number, "recheck", "--reason", "看", user="li")
    assert "RECHECK-SAME-DAY" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("open",),
        ("open", "12"),
        ("370702-2026-0001",),
        ("370702-2026-0001", "jump"),
        ("370702-2026-0001", "add"),
        ("370702-2026-0001", "document"),
        ("370702-2026-0001", "document", "poem"),
    ],
)
def test_what_makes_no_sense_is_a_fault_of_usage(run, words):
    assert run("case", *words, "--reason", "x", user="li").exit_code == 2
