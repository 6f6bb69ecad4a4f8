"""An office tries files, and adds the layout of a bank that no layout knows."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feewatch.cli import main

HEADER = "记账时间,收款金额,付款金额,结余,对手名称,用途说明"
SAMPLE = f"""某某村镇银行对账单
账号,6222000011112222
期初余额,1000.00
{HEADER}
2026-03-02 09:30:00,800.00,,1800.00,王芳,学费
2026-03-05 10:00:00,,1.00,1799.00,,手续费
2026-03-09 16:20:00,250.50,,2049.50,李强,学费
"""
MT940 = """:20:A
:25:6222000011112222
:28C:1/1
:60F:C260301EUR1000,00
:61:2603020302C800,00NTRFNONREF
:62F:C260309EUR1800,00
-
"""

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = tmp_path / "feewatch.toml"
    config.write_text('[dialects]\nfolders = ["layouts"]\n', encoding="utf-8")
    (tmp_path / "layouts").mkdir()
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "village.csv").write_text(SAMPLE, encoding="gb18030")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(config), *arguments])

    return run


def test_a_layout_proposed_from_a_sample_reads_it_once_it_lies_in_the_folder(
    run: Run, tmp_path: Path
) -> None:
    sample, layout = tmp_path / "box" / "village.csv", tmp_path / "layouts" / "village.toml"
    before = run("dialects", "test", str(sample))
    assert (before.exit_code, "FILE-LAYOUT" in before.stdout) == (1, True)
    made = run("dialects", "new", str(sample), "--id", "village", "--out", str(layout))
    assert made.exit_code == 0, made.output
    after = json.loads(run("dialects", "test", str(sample), "--json").stdout)
    (statement,) = after["statements"]
    assert (after["dialect"], statement["entries"], statement["faults"]) == ("village", 3, [])
    assert (statement["opening_fen"], statement["closing_fen"]) == (100000, 204950)
    assert "village" in run("dialects", "list").stdout
    assert run("dialects", "new", str(sample), "--out", str(layout)).exit_code == 1


def test_a_folder_is_tried_file_by_file_into_one_table(run: Run, tmp_path: Path) -> None:
    box = tmp_path / "box"
    (box / "euro.sta").write_text(MT940, encoding="utf-8")
    (box / "euro, off.sta").write_text(MT940.replace("1800,00", "1800,01"), encoding="utf-8")
    (box / "note.txt").write_text("no | statement\n", encoding="utf-8")
    told = run("dialects", "test", str(box))
    assert told.exit_code == 1
    lines = [[cell.strip() for cell in row.split(" | ")] for row in told.stdout.splitlines()[3:]]
    assert [line[:7] for line in lines] == [
        ["| euro, off.sta", "mt940", "1", "0", "0", "1", "0"],
        ["| euro.sta", "mt940", "1", "1", "0", "1", "0"],
        ["| note.txt", "-", "0", "0", "0", "0", "1"],
        ["| village.csv", "-", "0", "0", "0", "0", "1"],
        ["| 合计 total: 4", "-", "2", "1", "0", "2", "2"],
    ]
    assert "STATEMENT-CURRENCY" in lines[1][7]
    each = [
        json.loads(row) for row in run("dialects", "test", str(box), "--json").stdout.splitlines()
    ]
    assert [one["file"] for one in each] == ["euro, off.sta", "euro.sta", "note.txt", "village.csv"]
