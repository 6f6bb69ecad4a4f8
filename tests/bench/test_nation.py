"""The pieces of ``feewatch bench nation``: what is measured, what is judged, what is left out."""

import subprocess
import sys
import time

import pytest
from pyarrow import parquet

from feewatch.bench import nation
from feewatch.bench.tree import run_watched
from feewatch.kernel.credit_code import is_credit_code
from feewatch.services.check.recheck import open_export

BURN = "import time\nwhile time.process_time() < 0.8: pass\n"


def test_time_and_memory_are_those_of_all_processes_that_work_begins():
    """A program that holds memory begins another one that works."""
    program = (
        "import subprocess, sys, time; held = bytearray(64 << 20); "
        f"subprocess.run([sys.executable, '-c', {BURN!r}], check=True); time.sleep(0.8)"
    )
    spent = run_watched(subprocess.run, [sys.executable, "-c", program])
    assert spent.cpu_seconds > 0.5  # what was burnt since the last look is not seen
    assert spent.peak_mb > 64
    assert spent.seconds > 1


def test_work_that_fails_is_not_measured():
    with pytest.raises(RuntimeError, match="ended with 3"):
        run_watched(sys.exit, 3)


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    return nation._make_export(tmp_path_factory.mktemp("nation"), 0.001)


def values(paths, column):
    return [each for path in paths for each in parquet.read_table(path)[column].to_pylist()]


def test_an_export_taken_often_is_of_other_offices(export):
    once = open_export(export)
    often = nation._take_often(once, 3)
    for table in ("entry", "contract", "account", "institution"):
        ids = values(often.tables[table], "id")
        assert len(ids) == len(set(ids)) == 3 * len(values(once.tables[table], "id"))
    codes = values(often.tables["institution"], "uscc")
    assert len(codes) == len(set(codes))
    assert all(map(is_credit_code, codes))
    numbers = values(often.tables["contract"], "contract_no")
    assert len(numbers) == len(set(numbers))
    assert set(values(often.tables["entry"], "account_id")) <= set(
        values(often.tables["account"], "id")
    )


def test_of_an_export_taken_often_as_much_is_found_as_often(export, tmp_path):
    for offices in (1, 3):
        nation.judge_export(tmp_path / str(offices), "duckdb", export, offices, "", 500)
    one, three = (nation.sums_of(tmp_path / str(offices)) for offices in (1, 3))
    assert [3 * count for count, _ in one.values()] == [count for count, _ in three.values()]
    assert sum(count for count, _ in one.values()) > 1000
    assert not any(path.name.startswith(".") for path in tmp_path.iterdir())
    nation.judge_export(tmp_path / "again", "duckdb", export, 1, "", 500)
    assert nation.sums_of(tmp_path / "again") == one


def test_a_worker_is_killed_once_as_many_rules_are_done(tmp_path):
    killer = nation._Killer(tmp_path, 2)
    with (
        subprocess.Popen(["sleep", "60"]) as bystander,
        subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)", nation._EXECUTOR]
        ) as worker,
    ):
        try:
            for rule in ("rule=A", "rule=B"):
                killer.look([bystander.pid, worker.pid])
                assert killer.killed == []
                (tmp_path / rule).mkdir()
            deadline = time.monotonic() + 10  # its words are there a moment after it is
            while not killer.killed and time.monotonic() < deadline:
                killer.look([bystander.pid, worker.pid])
            assert killer.killed == [worker.pid]
            assert worker.wait(10) == -9
            assert bystander.poll() is None
        finally:
            bystander.kill()
            worker.kill()


def test_what_cannot_be_tried_is_named_with_what_is_missing(monkeypatch, tmp_path):
    pytest.importorskip("pyspark", reason="pip install 'feewatch[spark]'")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert nation._left_out() == {"Spark": "Java"}


def test_growth_is_the_power_of_the_data_from_the_least_to_the_most():
    figure = nation._growth_figure("X", [(100, 1.0), (500, 10.0), (2000, 20.0)])
    assert figure.value == pytest.approx(1.0)
    assert "from 100 to 2,000 entries" in figure.name.en
    assert figure.is_reached
