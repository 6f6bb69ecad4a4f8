"""Templates, tokens and rejected workbooks on the command line."""

import io
import json
import sqlite3

import openpyxl
import pytest
from click.testing import CliRunner
from offices import initialise

from feewatch.cli import main
from feewatch.config import load_config

USCC = "52370702651728628K"
FACTS = "uscc,name,district,subject,nature,custody"
NAMES = "合同编号,uscc,姓名,手机号\nHT1,52370702651728628K,张三,13812345678\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    config = tmp_path / "feewatch.toml"
    config.write_text('[registers]\nfolders = ["profiles"]\n', encoding="utf-8")
    (tmp_path / "profiles").mkdir()
    initialise(load_config(config)).database.dispose()
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["--config", str(config), *words])


def test_templates_are_twelve_workbooks_and_a_filled_one_imports(run, tmp_path):
    assert run("templates", "t").exit_code == 0
    assert len(list((tmp_path / "t").glob("*.xlsx"))) == 12
    file = tmp_path / "t" / "institutions.xlsx"
    book = openpyxl.load_workbook(file)
    book.worksheets[0].append([USCC, "甲", 370702, "文化艺术类", "非营利性", "两者并行"])
    book.save(file)
    done = run("import", "institutions", "t/institutions.xlsx", "--json")
    assert json.loads(done.stdout)["new"] == 1


def test_templates_need_no_installation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["templates", "t"]).exit_code == 0


def test_a_template_that_was_filled_in_is_not_overwritten(run, tmp_path):
    run("templates", "t")
    assert run("templates", "t").exit_code == 0
    filled = tmp_path / "t" / "contracts.xlsx"
    filled.write_bytes(b"mine")
    refused = run("templates", "t")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("TARGET-EXISTS")
    assert filled.read_bytes() == b"mine"
    assert run("templates", "t", "--force").exit_code == 0
    assert filled.read_bytes() != b"mine"


def test_bad_rows_of_a_workbook_come_back_as_a_workbook(run, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(FACTS.split(","))
    book.active.append([USCC, "甲", "3707", "arts", "non_profit", "both"])
    book.save(tmp_path / "a.xlsx")
    done = run("import", "institutions", "a.xlsx", "--skip-bad", "--rejects", "r", "--json")
    assert json.loads(done.stdout)["reject_file"].endswith("a.rejected.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r" / "a.rejected.xlsx").active
    assert sheet["C2"].value == "3707"
    assert sheet["C2"].comment.text.startswith("行政区划代码")


def test_a_profile_of_the_office_is_recognised_and_named(run, tmp_path):
    (tmp_path / "profiles" / "mine.toml").write_text(
        'id = "mine"\nkind = "institutions"\ntitle = { zh = "甲系统", en = "system A" }\n'
        'recognise = ["单位代码"]\nproven = true\n[columns]\nuscc = ["单位代码"]\n',
        encoding="utf-8",
    )
    (tmp_path / "a.csv").write_text(
        f"单位代码,name,district,subject,nature,custody\n{USCC[:-1]}J,甲,370702,arts,non_profit,both\n",
        encoding="utf-8",
    )
    done = run("import", "institutions", "a.csv")
    assert "a.csv: 甲系统 / system A\n" in done.stdout
    assert "a.csv:2:单位代码 CREDIT-CODE" in done.stdout


def test_samples_are_written_and_an_unproven_profile_is_named_wherever_its_file_is_read(
    run, tmp_path
):
    assert run("profiles", "samples", "s").exit_code == 0
    listed = [json.loads(line) for line in run("profiles", "list", "--json").stdout.splitlines()]
    assert {each["profile"] for each in listed} == {
        path.stem for path in (tmp_path / "s").glob("*.csv")
    }
    assert "platform-orders        charges       未证实 unproven" in run("profiles", "list").stdout
    done = run("import", "institutions", "s/platform-institutions.csv", "--json")
    assert [each["code"] for each in json.loads(done.stdout)["problems"]] == [
        "COLUMN-PERSONAL", "PROFILE-UNPROVEN",
    ]  # fmt: skip
    with sqlite3.connect(tmp_path / "var" / "feewatch.db") as database:
        (counts,) = database.execute("SELECT counts FROM register_import").fetchone()
    assert json.loads(counts)["profile"] == "platform-institutions"
    assert json.loads(counts)["unproven"] is True
    for kind, name, new in (
        ("contracts", "contracts", 2), ("charges", "orders", 2), ("lessons", "lessons", 2),
        ("refunds", "refunds", 1),
    ):  # fmt: skip
        done = run("import", kind, f"s/platform-{name}.csv", "--as-of", "2026-11-01", "--json")
        assert json.loads(done.stdout)["new"] == new, done.output
    with sqlite3.connect(tmp_path / "var" / "feewatch.db") as database:
        everything = "\n".join(database.iterdump())
    assert "样例学员" not in everything
    assert "样例家长" not in everything


def test_a_faulty_profile_stops_the_import_in_words(run, tmp_path):
    (tmp_path / "profiles" / "mine.toml").write_text("id = 1", encoding="utf-8")
    (tmp_path / "a.csv").write_text(FACTS, encoding="utf-8")
    done = run("import", "institutions", "a.csv")
    assert done.exit_code == 1
    assert done.stderr.startswith("PROFILE: ")


def test_tokens_take_the_place_of_names_beside_the_file(run, tmp_path):
    (tmp_path / "a.csv").write_text(NAMES, encoding="utf-8")
    done = run("tokenize", "a.csv")
    assert done.exit_code == 0
    assert "姓名、手机号" in done.stdout
    text = (tmp_path / "a.tokens.csv").read_text(encoding="utf-8-sig")
    assert text.startswith("合同编号,uscc,学员标识\nHT1,52370702651728628K,S")
    assert "张三" not in text
    assert not any(NAMES.encode() in f.read_bytes() for f in (tmp_path / "var").rglob("*.*"))


def test_the_output_is_never_overwritten_without_force(run, tmp_path):
    (tmp_path / "a.csv").write_text(NAMES, encoding="utf-8")
    (tmp_path / "o.csv").write_text("mine")
    assert run("tokenize", "a.csv", "--out", "o.csv").exit_code == 1
    assert (tmp_path / "o.csv").read_text() == "mine"
    assert run("tokenize", "a.csv", "--out", "a.csv", "--force").exit_code == 1
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == NAMES
    assert run("tokenize", "a.csv", "--out", "o.csv", "--force").exit_code == 0
    assert "S" in (tmp_path / "o.csv").read_text(encoding="utf-8-sig")


def test_a_name_that_ends_in_xlsx_gives_a_workbook(run, tmp_path):
    (tmp_path / "a.csv").write_text(NAMES, encoding="utf-8")
    run("tokenize", "a.csv", "--out", "o.xlsx")
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "o.xlsx").read_bytes()))
    assert book.active["C1"].value == "学员标识"


def test_a_file_of_nobody_is_refused_and_nothing_written(run, tmp_path):
    (tmp_path / "a.csv").write_text(NAMES + "HT2,52370702651728628K,李四,\n", encoding="utf-8")
    done = run("tokenize", "a.csv")
    assert done.exit_code == 1
    assert "a.csv:3 PERSON-UNKNOWN" in done.stdout
    assert "李四" not in done.output
    assert not (tmp_path / "a.tokens.csv").exists()
