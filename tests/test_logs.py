"""The log: one JSON object a line, shared and turned, and free of what the rows at hand hold."""

import json
import logging
import os
import stat
from dataclasses import replace

import pytest

from feewatch.config import Config, Log
from feewatch.logs import FACTS, logging_to

_log = logging.getLogger("feewatch.tests")


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path, log=Log(folder="log"))


def lines(config):
    files = sorted(config.resolve("log").glob("web.log*"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def test_a_line_is_one_object_with_its_facts(config):
    with logging_to(config, "web"):
        _log.info("发布\n完成", extra={FACTS: {"request_id": "abc", "ms": 1.5}})
    (line,) = lines(config)
    assert (line["level"], line["logger"]) == ("INFO", "feewatch.tests")
    assert line["message"] == "发布\n完成"
    assert (line["request_id"], line["ms"], line["process"]) == ("abc", 1.5, os.getpid())
    assert line["at"].endswith("+08:00")


def test_a_fault_is_told_by_its_kind_and_places_and_not_by_its_words(config):
    with logging_to(config, "web"):
        try:
            raise ValueError("张三 6222021001")
        except ValueError:
            _log.exception("job failed")
    (line,) = lines(config)
    assert line["fault"] == "builtins.ValueError"
    assert "test_logs.py" in line["trace"][-1]
    assert "张三" not in json.dumps(line, ensure_ascii=False)


def test_a_file_is_its_owners_and_is_turned(config):
    with logging_to(replace(config, log=Log(folder="log", max_mb=1, keep=2)), "web"):
        for _ in range(2500):
            _log.info("x" * 800)
    files = list(config.resolve("log").glob("web.log*"))
    assert len(files) == 3  # the one that is written, and two that were turned
    for file in files:
        assert not stat.S_IMODE(file.stat().st_mode) & 0o077, file


def test_two_processes_share_a_file_and_no_line_is_torn(config):
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            with logging_to(config, "web"):
                for line in range(200):
                    _log.info("%s/%s %s", number, line, "y" * 300)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    told = [line["message"].split()[0] for line in lines(config)]
    assert sorted(told) == sorted(f"{number}/{line}" for number in range(3) for line in range(200))


def test_without_a_folder_the_log_lies_in_var_and_stderr_has_warnings_alone(tmp_path, capfd):
    """A server whose stderr nobody reads stood still after some hundred requests."""
    with logging_to(Config(tmp_path), "web"):
        _log.info("asked")
        _log.warning("late")
        logging.getLogger("waitress.queue").warning("busy")
    told = (tmp_path / "var" / "log" / "web.log").read_text("utf-8").splitlines()
    assert [json.loads(line)["message"] for line in told] == ["asked", "late", "busy"]
    (line,) = capfd.readouterr().err.splitlines()
    assert "late" in line


def test_the_log_goes_to_stderr_where_that_is_wanted(tmp_path, capfd):
    with logging_to(Config(tmp_path, log=Log(folder="-")), "web"):
        _log.info("begun")
    assert json.loads(capfd.readouterr().err)["message"] == "begun"
    assert not (tmp_path / "var").exists()


def test_an_inner_log_takes_the_place_of_the_outer_one(config, capfd):
    with logging_to(replace(config, log=Log("-")), "web"), logging_to(config, "web"):
        _log.info("inner")
    assert capfd.readouterr().err == ""
    assert [line["message"] for line in lines(config)] == ["inner"]
