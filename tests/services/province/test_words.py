"""What an office above districts is told where nothing, or something wrong, was written down."""

import pytest
from click.testing import CliRunner
from offices import initialise

from feewatch.cli import main
from feewatch.config import Config, Office
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import list_faults


def test_gathering_from_no_source_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    initialise(Config(tmp_path, Office(district="370000"))).database.dispose()
    (tmp_path / "feewatch.toml").write_text('[office]\ndistrict = "370000"\n', encoding="utf-8")
    done = CliRunner().invoke(main, ["--config", "feewatch.toml", "gather"])
    assert (done.exit_code, "未配置来源" in done.output) == (0, True)


@pytest.mark.parametrize(
    ("file", "zh", "en"),
    [
        (None, "第 6 行: 有误", "line 6: is wrong"),
        ("a.toml", "a.toml: 6: 有误", "a.toml: 6: is wrong"),
    ],
)
def test_a_line_without_a_file_is_told_in_words(file, zh, en):
    faults = [Problem("X", Text("有误", "is wrong"), file, line=6)]
    assert list_faults(faults) == Text(zh, en)
