"""信用评价 as a shell takes it from draft to set."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from offices import initialise
from sqlalchemy import insert

from feewatch.cli import main
from feewatch.config import load_config
from feewatch.engine.loader import SHIPPED
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, parse_day
from feewatch.store.tables import ledger, registers

LUZHI = "52370702651728628K"


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text("", encoding="utf-8")

    def run(*words, user="li", day="2026-01-05"):
        with fixed(dt.datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=SHANGHAI)):
            acting = ["--as", user] if user else []
            return CliRunner().invoke(main, ["--config", str(config), *acting, "grades", *words])

    app = initialise(load_config(config))
    with app.database.transaction() as tx:
        tx.execute(insert(registers.institution).values(id=1, uscc=LUZHI))
        tx.execute(
            insert(registers.institution_fact).values(
                institution_id=1, valid_from=FIRST_DAY, valid_to=LAST_DAY, name="鲁智",
                district="370702", subject="arts", nature="for_profit", custody="bank_custody",
            )
        )  # fmt: skip
        tx.execute(
            insert(registers.account).values(
                id=1, account_no="6222", institution_id=1, bank="b", kind="fee", imported_on=1
            )
        )
        tx.execute(
            insert(ledger.told_days).values(
                account_id=1, institution_id=1, word="bank", from_day=parse_day("2025-01-01"),
                to_day=parse_day("2025-12-31"),
            )
        )  # fmt: skip
    app.database.dispose()
    for name, role in (("li", "officer"), ("zhao", "reviewer")):
        operator = ["--config", str(config), "user", "add", name, "--role", role]
        assert CliRunner().invoke(main, operator).exit_code == 0
    return run


def lines(done):
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_from_draft_to_set(run, tmp_path):
    (draft,) = lines(run("compute", "--json"))
    assert (draft["period"], draft["points"], draft["computed"]) == ("2025", "100", "A")
    assert run("tell").exit_code == 0
    early = run("set", LUZHI, "A")
    assert (early.exit_code, early.stderr.partition(":")[0]) == (1, "GRADE-WINDOW")
    proof = tmp_path / "proof.pdf"
    proof.write_bytes(b"%PDF-1.7 x")
    assert run("object", LUZHI, str(proof), "--text", "书面异议").exit_code == 0
    assert run("answer", LUZHI, "1", "rejected", "--reason", "事实清楚").exit_code == 0
    assert "proposed" not in run("set", LUZHI, "A", day="2026-02-02").stderr
    assert run("confirm", LUZHI, "--reason", "x", day="2026-02-02").exit_code == 1
    done = run("confirm", LUZHI, "--reason", "属实", user="zhao", day="2026-02-03")
    assert done.exit_code == 0
    (shown,) = lines(run("show", "--json", day="2026-02-04"))
    assert (shown["grade"], shown["next_check"]) == ("A", "2026-08-02")
    (file,) = lines(run("show", LUZHI, "--json", day="2026-02-04"))
    assert [event["change"] for event in file["history"]][-2:] == ["proposed", "set"]
    assert "鲁智" in run("show", day="2026-02-04").stdout
    assert "书面异议" in run("show", LUZHI, day="2026-02-04").stdout
    (red,) = lines(run("red", "--json", day="2026-02-04"))
    assert [each["code"] for each in red["conditions"] if not each["met"]] == ["WHITE"]
    for name, begin in (("grades.xlsx", b"PK"), ("grades.csv", b"\xef\xbb\xbf")):
        assert run("show", "--out", str(tmp_path / name), day="2026-02-04").exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(begin)
    correct = run("correct", LUZHI, "B", "--reason", "录入有误", day="2026-02-05")
    assert correct.exit_code == 0
    declined = run("confirm", LUZHI, "--refuse", "--reason", "无误", user="zhao", day="2026-02-05")
    assert declined.exit_code == 0
    assert lines(run("show", "--json", day="2026-02-06"))[0]["grade"] == "A"


def test_a_draft_can_be_drawn_again(run):
    run("compute")
    run("tell")
    assert run("redraw", LUZHI, "--reason", "有新决定").exit_code == 0
    assert "unchanged 1" in run("compute").stdout


def test_a_scheme_is_tried_without_a_trace(run, tmp_path):
    file = SHIPPED / "credit" / "tianjin-shape.toml"
    assert lines(run("compute", "--dry-run", "--scheme", str(file), "--json")) == []  # arts
    (neutral,) = lines(run("compute", "--dry-run", "--json", user=None))
    assert neutral["scheme"] == "neutral"
    (trial,) = lines(run("compare", str(file), "--json"))
    assert (trial["changed"], trial["changes"][0]["grades"]) == (1, ["A", None])
    assert "1 of 1 institutions change" in run("compare", str(file)).stdout
    assert lines(run("show", "--json")) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("compute", "--period", "2026"), "PERIOD-OPEN"),
        (("compute", "--period", "x"), "PERIOD"),
        (("show", LUZHI), "GRADE-UNKNOWN"),
        (("set", LUZHI, "A"), "GRADE-UNKNOWN"),
        (("tell", "x"), "GRADE-UNKNOWN"),
        (("answer", LUZHI, "1", "upheld", "--reason", "x"), "GRADE-UNKNOWN"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(run, words, code):
    done = run(*words)
    assert (done.exit_code, done.stderr.partition(":")[0]) == (1, code)
    assert "Traceback" not in done.output


def test_usage_faults_end_with_two(run):
    assert run("compute", "--scheme", "x.toml").exit_code == 2
    assert run("compute", "--dry-run", "--scheme", "absent.toml").exit_code == 2
    assert run("object", LUZHI, "absent.pdf", "--text", "x").exit_code == 2
    assert run("compute", user=None).exit_code == 1  # who decides must be named
