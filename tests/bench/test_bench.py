"""feewatch bench: lists, runs at a small scale, and records beside what stands there already."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from feewatch.bench import check, growth
from feewatch.bench.catalogue import BENCHES
from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import Size
from feewatch.bench.record import with_section
from feewatch.bench.timing import pair_of
from feewatch.cli import main
from feewatch.kernel.days import parse_day
from feewatch.kernel.text import Text
from feewatch.services.check.judging import Evaluation
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.matching import match_changed
from feewatch.store.check import checks

ROOT = Path(__file__).parents[2]
#: Run at a small scale, too, these take half a minute.
LONG = {"check", "memory", "nation", "waiting"}


def run(*arguments: str):
    return CliRunner().invoke(main, ["bench", *arguments])


@pytest.fixture
def clone(tmp_path, monkeypatch):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "benchmarks.md").write_text("# Benchmarks\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_name_the_benchmarks_are_listed():
    listed = run()
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(BENCHES)


def test_an_unknown_name_is_refused():
    refused = run("nothing")
    assert refused.exit_code == 1
    assert "BENCH-UNKNOWN" in refused.stderr


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in BENCHES],
)
def test_every_benchmark_runs_at_a_small_scale_and_tells_the_machine(name):
    ran = run(name, "--scale", "0.001", "--json")
    assert ran.exit_code == 0, ran.output
    result = json.loads(ran.stdout)
    assert result["figures"]
    assert {"cpu", "cores", "memory_mb", "python", "sqlite"} <= result["machine"].keys()


def test_of_a_run_that_is_broken_off_what_was_measured_is_recorded_and_says_so(clone, monkeypatch):
    def run_some(_):
        yield Figure(Text("甲", "first"), 1.0, "s")
        raise KeyboardInterrupt

    some = BENCHES["public"]._replace(run=run_some)
    monkeypatch.setitem(BENCHES, "public", some)
    ran = run("public", "--write")
    assert ran.exit_code == 0
    assert "broken off" in ran.stderr
    record = json.loads((clone / "benchmarks" / "public.json").read_text(encoding="utf-8"))
    assert record["broken_off"] is True
    assert [each["name"]["en"] for each in record["figures"]] == ["first"]
    assert "**Broken off**" in (clone / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_waiting_runs_on_sqlite_and_says_where_there_is_no_postgresql(monkeypatch):
    monkeypatch.setattr("feewatch.bench.postgres.find_binaries", lambda: None)
    ran = run("waiting", "--scale", "0.001", "--json")
    assert ran.exit_code == 0, ran.output
    *measured, left_out = json.loads(ran.stdout)["figures"]
    assert [each["value"] is None for each in measured] == [False] * 3
    assert left_out["name"]["en"] == "PostgreSQL: none here, left out"
    assert (left_out["value"], left_out["reached"]) == (None, None)


@pytest.mark.long
def test_memory_and_statements_are_told_and_a_night_without_news_adds_nearly_nothing():
    ran = run("memory", "--scale", "0.001", "--json")
    assert ran.exit_code == 0, ran.output
    memory, errors, statements, times, growth = json.loads(ran.stdout)["figures"]
    assert memory["of"]["kinds_of_pages"] > 100
    assert errors["value"] == 0
    assert statements["value"] >= 1
    assert times["value"] > 0
    assert (growth["of"]["nights"], growth["reached"]) == (4, True), growth


def test_a_recorded_run_replaces_its_own_section_alone(clone):
    page = clone / "docs" / "benchmarks.md"
    page.write_text(with_section(page.read_text(encoding="utf-8"), "other", "kept\n"))
    for _ in range(2):
        assert run("matching", "--scale", "0.01", "--write").exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks\n")
    assert "<!-- bench other -->\nkept\n<!-- end of other -->\n" in text
    assert text.count("## `feewatch bench matching`") == 1
    recorded = json.loads((clone / "benchmarks" / "matching.json").read_text(encoding="utf-8"))
    assert recorded["scale"] == 0.01


def test_nothing_is_recorded_outside_a_clone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = run("matching", "--write")
    assert refused.exit_code == 1
    assert "BENCH-CLONE" in refused.stderr


@pytest.mark.parametrize(
    ("side", "value", "is_reached"),
    [("≥", 5.0, True), ("≥", 4.99, False), ("≤", 5.0, True), ("≤", 5.01, False)],
)
def test_a_target_is_reached_at_its_bound(side, value, is_reached):
    assert Figure(Text("", ""), value, "×", Target(side, 5.0)).is_reached is is_reached


def test_a_pair_is_the_median_of_the_ratios_of_each_run():
    pair = pair_of([(1.0, 4.0), (2.0, 4.0), (10.0, 10.0)])
    assert (pair.ours_seconds, pair.bare_seconds, pair.times_as_fast) == (2.0, 4.0, 2.0)


def test_the_growth_of_a_rule_is_the_power_of_the_data():
    small = growth.Measured(100_000, {"STEP": 0.2, "SQUARE": 0.2}, {"STEP": 1, "SQUARE": 0})
    large = growth.Measured(1_000_000, {"STEP": 2.0, "SQUARE": 20.0}, {"STEP": 10, "SQUARE": 5})
    overall, idle, step, square = growth.figures([small, large])
    assert (idle.value, dict(idle.of), step.of["outcomes"]) == (1, {"SQUARE": 5}, 10)
    assert (step.value, square.value) == (pytest.approx(1), pytest.approx(2))
    assert (step.is_reached, square.is_reached) == (True, False)
    assert (overall.value, overall.is_reached) == (1, False)
    times = {name: value for name, value in square.of.items() if name.startswith("cpu")}
    assert times == {"cpu_seconds_at_100000_entries": 0.2, "cpu_seconds_at_1000000_entries": 20}


def test_a_rule_that_bends_upwards_in_the_last_step_is_told_by_it():
    sizes = [
        growth.Measured(100_000, {"BENT": 1.0}, {"BENT": 1}),
        growth.Measured(1_000_000, {"BENT": 5.0}, {"BENT": 1}),
        growth.Measured(10_000_000, {"BENT": 100.0}, {"BENT": 1}),
    ]
    overall, _, bent = growth.figures(sizes)
    assert bent.of["over_all_sizes"] == pytest.approx(1)
    assert bent.value == bent.of["over_the_last_step"] == pytest.approx(1.3, abs=0.01)
    assert overall.value == 1


def test_the_pictures_of_growth_are_those_of_the_record():
    record = json.loads((ROOT / "benchmarks/check.json").read_text(encoding="utf-8"))
    pictures = growth.pictures(record)
    folder = ROOT / "docs/images"
    assert pictures == {
        file.name: file.read_text(encoding="utf-8") for file in folder.glob("growth-*.svg")
    }
    drawn = "".join(pictures.values())
    rules = [each["name"]["en"].partition(": exponent") for each in record["figures"]]
    assert all(f">{rule}</text>" in drawn for rule, found, _ in rules if found)
    page = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert all(f"(images/{name})" in page for name in pictures)


def test_every_rule_has_something_to_judge_in_the_office_it_is_timed_in(tmp_path):
    app = check.made_office(tmp_path, Size(40, 20, 50, 90), checked=False)
    match_changed(app)
    book = rule_book(app)
    with app.database.reading() as tx:
        everyone = {*checks.list_institutions(tx), checks.OFFICE}
        office = app.config.office.district
        dialect = app.database.dialect
        evaluation = Evaluation(tx, dialect, book, parse_day("2026-07-31"), office, everyone)
        judged = {
            outcomes.rule.id: sum(row["evaluated"] for row in outcomes.count())
            for outcomes in evaluation.of_each(book.rules.values())
        }
    app.database.dispose()
    assert [rule for rule in book.rules if not judged[rule]] == []
