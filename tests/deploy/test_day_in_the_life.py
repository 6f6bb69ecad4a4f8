"""The day in the life of the README, command by command, in an office of the example world.

What the README leaves to the reader (credit codes, numbers of alerts and papers) is filled in; of
what the world has none, the command says so by its code.
"""

import csv
import datetime as dt
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from feewatch.bootstrap import open_app
from feewatch.cli import main
from feewatch.config import load_config
from feewatch.kernel import clock
from feewatch.kernel.clock import SHANGHAI
from feewatch.store.tables.casework import alert, matter
from feewatch.store.tables.papers import paper

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "tests" / "data" / "example-world"
USCC = "52370702651728628K"
#: When each block of commands is given: checked at the end of a month, served on the day it says.
DAYS = ((7, 31), (8, 3), (8, 4), *[(8, 11)] * 9)
#: What goes on until it is told to end, what takes a minute, and what wants files or people of
#: others (a province, an institution): their own tests run them.
ELSEWHERE = ("feewatch scheduler", "feewatch serve", "feewatch simulate", "feewatch recheck",
             "--data", "平台消课导出.csv", "feewatch --as fa rules",
             "feewatch --as school selfreport")  # fmt: skip
#: What this office has none of, or is told of it: the beginning of a command and what it answers.
ANSWERS = {
    "feewatch ingest": "已隔离 quarantined",
    "feewatch doctor": "定时任务从未运行",
    "feewatch --as anna report push": "RESULTS-NOBODY",
    "feewatch --as wei key revoke": "KEY-UNKNOWN",
    "feewatch --as anna decision propose": "DECISION-FILE",
    "feewatch rules backtest --draft": "BACKTEST-NOTHING",
    "feewatch verify var/gathered": "VERIFY-PATH",
    "feewatch --as anna sent-back ask": "ENTRY-UNKNOWN",
    "feewatch --as anna proposals accept": "PROPOSAL-UNKNOWN",
    "feewatch --as anna confirmations draw": "CONFIRMATION-NONE",
    "feewatch --as anna confirmations letter": "CONFIRMATION-UNKNOWN",
    "feewatch --as anna confirmations answer": "CONFIRMATION-UNKNOWN",
    "feewatch --as boris confirmations confirm": "CONFIRMATION-UNKNOWN",
    "feewatch --as anna confirmations ask": "CONFIRMATION-STATEMENT",
}
FILES = {
    "opening.csv": f"uscc,account_no,contract_no,amount\n{USCC},,HT25000012,1.00\n",
    "decision.toml": 'document = "潍教罚〔2026〕1号"\n',
    "reply.pdf": "%PDF-1.7",
    "visit.toml": f'uscc = "{USCC}"\non = 2026-08-11\nkind = "monthly"\nnote = "走访"\n',
}


def commands():
    """The commands of the README, block by block, without comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    day = text.partition("## A day in the life")[2].partition("## What it cannot see")[0]
    blocks = re.findall(r"```sh\n(.*?)```", day, re.DOTALL)
    assert len(blocks) == len(DAYS)
    for block in blocks:
        lines = [
            re.split(r"\s+#\s", line)[0].strip().removesuffix(" &") for line in block.splitlines()
        ]
        yield [part for line in lines for part in re.split(r"\s*(?:;|&&)\s*", line) if part]


class Shell:
    """The few words of a shell that the README has, in a folder of its own."""

    def __init__(self, folder, monkeypatch):
        self.folder, self._patch = folder, monkeypatch
        monkeypatch.chdir(folder)
        for name in ("FEEWATCH_CONFIG", "FEEWATCH_USER"):
            monkeypatch.delenv(name, raising=False)

    def run(self, command):
        match shlex.split(command.replace("$PWD", str(self.folder))):
            case ["export", setting]:
                self._patch.setenv(*setting.split("=", 1))
            case ["unset", name]:
                self._patch.delenv(name)
            case ["cp", source, target]:
                shutil.copy(self.folder / source, self.folder / target)
            case ["feewatch", *words, ">", target]:
                done = CliRunner().invoke(main, words)
                (self.folder / target).write_text(done.output, encoding="utf-8")
                return done
            case ["feewatch", *words]:
                return CliRunner().invoke(main, words)
        return None


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(WORLD / "registers", tmp_path, dirs_exist_ok=True)
    shutil.copytree(WORLD / "statements" / "1", tmp_path / "statements")
    shutil.copy(ROOT / "config.example.toml", tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "draft").mkdir()
    with (tmp_path / "institutions.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in rows:  # all in the office's own district, and of the department of education
        row["行政区划代码"], row["培训类别"] = "370702", "学科类"
        row["起算日"] = "2026-01-01" if row["统一社会信用代码"] == USCC else ""
    with (tmp_path / "institutions.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return tmp_path


def filled_in(command, folder):
    """A command with what the README leaves to the reader."""
    told = command.replace("USCC…", USCC).replace("USCC", USCC)
    told = told.replace("/backup/", f"{folder}/")
    if "M12 M13" in told or "A1b2c3d4e5f60718" in told or "NUMBER" in told:
        app = open_app(load_config(folder / "feewatch.toml"))
        with app.database.reading() as tx:
            own = matter.c.department == "education", matter.c.status == "open"
            query = select(matter.c.id, matter.c.institution_id).where(*own)
            by_law = query.where(matter.c.authority != "preset").order_by(matter.c.id)
            _, institution = tx.execute(by_law).first()
            of_one = query.where(matter.c.institution_id == institution)
            rows = tx.execute(of_one.order_by(matter.c.authority, matter.c.id)).all()
            both = [f"M{row.id}" for row in rows][:2]
            number = tx.scalar(select(paper.c.number).order_by(paper.c.id.desc())) or "NUMBER"
            first = tx.scalar(select(alert.c.id))
        app.database.dispose()
        told = told.replace("M12 M13", " ".join(both)).replace("A1b2c3d4e5f60718", first)
        told = told.replace("papers void NUMBER", f"papers void {number}")
    return told


def test_it_works_to_the_letter(folder, monkeypatch):
    shell, wrong = Shell(folder, monkeypatch), []
    for block, (month, day) in zip(commands(), DAYS, strict=True):
        with clock.fixed(dt.datetime(2026, month, day, 18, tzinfo=SHANGHAI)):
            for command in block:
                if any(command.startswith(word) or word in command.split() for word in ELSEWHERE):
                    continue
                told = filled_in(command, folder)
                done = shell.run(told)
                if done is not None and not is_well(told, done):
                    wrong.append((told, done.exit_code, done.output[-600:], repr(done.exception)))
                if "import institutions" in command:
                    for kind in ("accounts", "courses", "contracts", "refunds"):
                        done = shell.run(f"feewatch import {kind} {kind}.csv")
                        assert done.exit_code == 0, done.output
    assert wrong == []


def is_well(command, done):
    answer = next((word for begin, word in ANSWERS.items() if command.startswith(begin)), None)
    if answer is None:
        return done.exit_code == 0
    return answer in done.output
