"""docs/scale.md says what the records say, and its pictures show them."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from feewatch.bench import scale
from feewatch.bench.drawing import Chart, draw

ROOT = Path(__file__).parents[2]


def figure(name, entries, cpu_seconds, **of):
    of = {"entries": entries, "findings": 6 * entries, "cpu_seconds": cpu_seconds, "seconds": 9,
          "peak_mb": 800, "findings_bytes": 10 * entries, **of}  # fmt: skip
    return {"name": {"zh": "", "en": f"{name}: the whole book"}, "of": of, "value": cpu_seconds,
            "unit": "CPU s", "target": None, "reached": None}  # fmt: skip


NATION = {
    "on": "2026-12-01",
    "scale": 1.0,
    "machine": {"cpu": "X", "cores": 2, "memory_mb": 24000, "python": "3.11.7"},
    "figures": [
        figure("SQLite", 1_000_000, 100, database_bytes=500_000_000),
        figure("DuckDB, 2 threads", 1_000_000, 20, export_bytes=90_000_000),
        figure("DuckDB, 20 offices, one export", 20_000_000, 210),
        figure("DuckDB, 5 offices, one export", 5_000_000, 60),
        figure("Spark local-cluster[2,1,2048], two workers", 1_000_000, 400),
        figure("Spark local-cluster[2,1,2048], one of two workers killed in mid-run", 1_000_000, 9),
        figure("Spark local-cluster[1,1,2048], one worker", 1_000_000, 9),
    ],
}


def test_the_line_is_that_between_the_two_largest_points():
    points = scale.list_points(NATION)
    duckdb = scale.growing(points, "DuckDB")
    assert [each.entries for each in duckdb] == [1_000_000, 5_000_000, 20_000_000]
    model = scale.fit(duckdb)
    assert model.cpu_seconds_an_entry == pytest.approx(10e-6)
    assert model.fixed_cpu_seconds == pytest.approx(10)
    assert scale.fit(scale.growing(points, "SQLite")).cpu_seconds(5_000_000) == pytest.approx(500)


def test_a_killed_worker_and_a_single_one_say_nothing_of_growth():
    points = scale.growing(scale.list_points(NATION), "Spark")
    assert [each.of["cpu_seconds"] for each in points] == [400]


def test_what_the_nation_needs_is_worked_out_from_the_line():
    """120,000 institutions × 500 entries × 5 years, in 2,800 districts judged one by one."""
    rows = scale.sections({"nation": NATION})["needed"]
    (duckdb,) = (row for row in rows if "the nation" in row and "DuckDB" in row)
    cells = [cell.strip() for cell in duckdb.strip("|").split("|")]
    # 300 million entries at 10 s a million, and 10 s a district: 8.61 hours; 600 bytes each on disk
    assert cells[1:] == ["300,000,000", "DuckDB", "8.61", "1", "180.0"]


def test_the_page_says_what_the_records_say():
    records = scale.read_records(ROOT)
    page = (ROOT / scale.PAGE).read_text(encoding="utf-8")
    for name, lines in scale.sections(records).items():
        part = page.partition(f"<!-- bench {name} -->\n")[2].partition(f"<!-- end of {name} -->")[0]
        assert part.splitlines() == lines, f"{name}: any `feewatch bench … --write` mends it"
    for name, picture in scale.pictures(records).items():
        assert (ROOT / scale.IMAGES / name).read_text(encoding="utf-8") == picture


def test_a_picture_is_drawn_by_powers_of_ten_and_is_always_the_same():
    lines = {"one & two": [(1e6, 20.0), (2e7, 400.0)], "three": [(1e6, 100.0)]}
    chart = Chart("growth < 1", "entries", "seconds", lines)
    picture = draw(chart)
    assert picture == draw(chart)
    root = ElementTree.fromstring(picture)
    words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"growth < 1", "one & two", "three", "1,000,000", "10", "1,000"} <= set(words)
    circles = [each.attrib for each in root.iter("{http://www.w3.org/2000/svg}circle")]
    first, second, _ = circles
    assert float(first["cx"]) < float(second["cx"])
    assert float(first["cy"]) > float(second["cy"])


def test_one_value_alone_has_an_axis_too():
    assert "<circle" in draw(Chart("t", "x", "y", {"a": [(1.0, 1.0)]}))


def test_the_page_is_made_anew_and_keeps_what_people_wrote(tmp_path):
    for name in ("benchmarks", "docs", "docs/images"):
        (tmp_path / name).mkdir()
    page = tmp_path / "docs" / "scale.md"
    page.write_text("kept\n<!-- bench needed -->\nold\n<!-- end of needed -->\nkept too\n")
    (tmp_path / "benchmarks" / "nation.json").write_text(json.dumps(NATION))
    scale.write(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("kept\n<!-- bench needed -->\n| who |")
    assert "old" not in text
    assert "kept too" in text
    assert {path.name for path in (tmp_path / "docs" / "images").iterdir()} == {
        "scale-memory.svg",
        "scale-time.svg",
    }
