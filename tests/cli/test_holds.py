"""Holds of white places, as a shell lists and decides them."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise
from sqlalchemy import insert

from feewatch.cli import main
from feewatch.config import load_config
from feewatch.kernel.days import parse_day
from feewatch.store.tables.publication import white_hold

LUZHI = "52370702651728628K"


@pytest.fixture
def run(tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text("", encoding="utf-8")

    def run(*words, user="li"):
        return CliRunner().invoke(main, ["--config", str(config), "--as", user, *words])

    app = initialise(load_config(config))
    row = {
        "uscc": LUZHI, "name": "机构", "district": "370702", "since": parse_day("2026-07-31"),
        "due": parse_day("2026-08-14"), "lines": [{"zh": "未足额", "en": "short"}],
    }  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(insert(white_hold).values(row))
    app.database.dispose()
    operator = ["--config", str(config), "user", "add", "li", "--role", "officer"]
    assert CliRunner().invoke(main, operator).exit_code == 0
    return run


def test_a_hold_is_listed_and_decided_once(run):
    (shown,) = map(json.loads, run("holds", "list", "--json").stdout.splitlines())
    assert (shown["uscc"], shown["due"], shown["outcome"]) == (LUZHI, "2026-08-14", None)
    assert "未足额" in run("holds", "list").stdout
    assert run("holds", "decide", LUZHI, "keep", "--reason", "已补足").exit_code == 0
    again = run("holds", "decide", LUZHI, "remove", "--reason", "x")
    assert (again.exit_code, "HOLD-DECIDED" in again.stderr) == (1, True)
    assert "HOLD-UNKNOWN" in run("holds", "decide", "x", "keep", "--reason", "x").stderr
