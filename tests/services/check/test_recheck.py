"""An export judged elsewhere finds what the office's own database finds, row for row."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from contextlib import redirect_stdout

import pyarrow
import pytest
from click.testing import CliRunner
from offices import initialise
from pyarrow import parquet
from sqlalchemy import func, select, update
from worlds.test_example_world import AS_OF, WORLD, import_all

from feewatch.cli import main
from feewatch.config import Config, Office
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import Refusal
from feewatch.services.check import exporting
from feewatch.services.check.checking import run_check
from feewatch.services.check.recheck import compare, open_export, recheck, start
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.recording import ingest
from feewatch.store.check import parquet as parts
from feewatch.store.check.on_spark import OnSpark
from feewatch.store.state import mark_changed
from feewatch.store.tables.ledger import entry

#: Facts of which Spark tries each row with each, and why that is no matter.
TRIED_ALL = {
    "fact_reach": "with the successions, of which there are few",
    "fact_unknown_statement": "with the office alone, to which statements of nobody belong",
    "fact_running_case": "cases under way, with one day",
    "fact_seven_day_outflow": "with the seven days of a window",
}


def fill(app):
    import_all(app)
    list(ingest(app, [WORLD / "statements"], actor="test"))
    run_check(app, AS_OF)
    return app


@pytest.fixture
def world(any_app):
    return fill(any_app)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The example world on SQLite, and an export of it that a test copies before it spoils it."""
    folder = tmp_path_factory.mktemp("exported")
    app = fill(initialise(Config(folder / "home", Office(district="370702"))))
    exporting.export_tables(app, folder / "x", AS_OF, actor="test")
    yield app, folder / "x"
    app.database.dispose()


@pytest.fixture
def spoilt(exported, tmp_path):
    return shutil.copytree(exported[1], tmp_path / "spoilt")


def judge(folder, out, name="duckdb", **started):
    export = open_export(folder)
    engine = start(name, out.with_name(".scratch"), **started)
    try:
        return recheck(export, engine, out, export.as_of)
    finally:
        engine.close()


def test_duckdb_finds_what_the_database_finds(world, tmp_path):
    exporting.export_tables(world, tmp_path / "x", AS_OF, actor="test")
    here = exporting.export_findings(world, tmp_path / "here", AS_OF, actor="test")
    assert judge(tmp_path / "x", tmp_path / "there") == here
    assert sum(here.values()) > 1000
    assert compare(tmp_path / "here", tmp_path / "there") == []


def test_in_parts_as_much_is_found_as_in_one_piece(exported, tmp_path):
    """Successions tie some institutions of the world: these are judged together."""
    app, folder = exported
    exporting.export_findings(app, tmp_path / "here", AS_OF, actor="test")
    engine = start("duckdb", tmp_path / ".scratch")
    engine.part_load = 300
    try:
        recheck(open_export(folder), engine, tmp_path / "there", AS_OF)
    finally:
        engine.close()
    assert len(list((tmp_path / "there" / "rule=ACC-OFF").iterdir())) > 2
    assert compare(tmp_path / "here", tmp_path / "there") == []


@pytest.mark.long
@pytest.mark.parametrize("master", ["local[2]", "local-cluster[2,1,2048]"])
def test_spark_finds_what_the_database_finds(exported, tmp_path, master):
    pytest.importorskip("pyspark", reason="pip install 'feewatch[spark]', and Java 17")
    app, folder = exported
    here = exporting.export_findings(app, tmp_path / "here", AS_OF, actor="test")
    assert judge(folder, tmp_path / "there", "spark", master=master) == here
    assert compare(tmp_path / "here", tmp_path / "there") == []
    assert not (tmp_path / ".scratch").exists()


@pytest.mark.long
def test_spark_tries_no_rows_of_many_with_each_other(exported, tmp_path, monkeypatch):
    """As look-ups by a key and a day once were: time grew with the square of the data."""
    pytest.importorskip("pyspark", reason="pip install 'feewatch[spark]', and Java 17")
    tried_all = set()
    keep = OnSpark.keep

    def explaining(self, name, select, indexes=()):
        told = io.StringIO()
        with redirect_stdout(told):
            self._session.sql(select).explain()
        if re.search("NestedLoopJoin|CartesianProduct", told.getvalue()):
            tried_all.add(name)
        keep(self, name, select, indexes)

    monkeypatch.setattr(OnSpark, "keep", explaining)
    judge(exported[1], tmp_path / "there", "spark", master="local[2]")
    assert tried_all == TRIED_ALL.keys()


@pytest.mark.long
def test_spark_finds_the_same_though_a_worker_is_killed(exported, tmp_path):
    pytest.importorskip("pyspark", reason="pip install 'feewatch[spark]', and Java 17")
    app, folder = exported
    here = exporting.export_findings(app, tmp_path / "here", AS_OF, actor="test")
    killed = []

    def kill():
        while not killed and not is_over.wait(0.5):
            if len(list((tmp_path / "there").glob("rule=*"))) >= len(here) // 3:
                found = subprocess.run(
                    ["pgrep", "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True
                )
                killed.extend(int(each) for each in found.stdout.split()[:1])
                os.kill(killed[0], signal.SIGKILL)

    is_over = threading.Event()
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        found = judge(folder, tmp_path / "there", "spark", master="local-cluster[2,1,2048]")
    finally:
        is_over.set()
        killer.join()
    assert killed
    assert found == here
    assert compare(tmp_path / "here", tmp_path / "there") == []


def test_with_little_memory_as_much_is_found(exported, tmp_path):
    app, folder = exported
    exporting.export_findings(app, tmp_path / "here", AS_OF, actor="test")
    words = ["recheck", str(folder), "--engine", "duckdb", "--out", str(tmp_path / "there")]
    done = CliRunner().invoke(
        main, [*words, "--memory", "120", "--compare", str(tmp_path / "here")]
    )
    assert done.exit_code == 0, done.output
    assert "equal, row for row" in done.output


def test_facts_are_let_go_of_with_the_last_rule_that_reads_them(exported, tmp_path):
    _, folder = exported
    export = open_export(folder)
    engine = start("duckdb", tmp_path / ".scratch")
    try:
        recheck(export, engine, tmp_path / "there", export.as_of)
        kept = engine.rows("SELECT table_name AS name FROM duckdb_tables()")
    finally:
        engine.close()
    names = {row["name"] for row in kept}
    assert "calendar_day" in names
    assert [name for name in names if name.startswith("fact_")] == []


def parts_of(folder):
    """Parts by their place, each with what changes where it is written again."""
    paths = (folder / "tables").rglob("*.parquet")
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def test_rows_lie_in_the_same_groups_however_they_come(monkeypatch):
    """So equal rows have equal bytes, whatever comes before them in the table."""
    monkeypatch.setattr(parts, "_GROUP", 3)
    rows = pyarrow.RecordBatch.from_pydict({"n": range(8)})
    for cut in range(8):
        slices = iter([rows.slice(0, cut), rows.slice(cut)])
        groups = [
            each["n"].to_pylist() for each in parts._in_groups(exporting.load_arrow(), slices)
        ]
        assert groups == [[0, 1, 2], [3, 4, 5], [6, 7]]


def test_a_second_export_writes_what_differs_alone(exported):
    app, folder = exported
    before = parts_of(folder)
    assert exporting.export_tables(app, folder, AS_OF, actor="test").written == 0
    assert parts_of(folder) == before
    assert not list(folder.rglob("building"))
    with app.database.transaction() as tx:
        one = tx.scalar(select(func.max(entry.c.id)))
        day = tx.scalar(select(entry.c.booked_on).where(entry.c.id == one))
        tx.execute(update(entry).where(entry.c.id == one).values(memo="another"))
    assert exporting.export_tables(app, folder, AS_OF, actor="test").written == 1
    after = parts_of(folder)
    changed = {path.parent for path, _ in after.items() ^ before.items()}
    assert [path.name for path in changed] == [f"month={format_day(day)[:7]}"]
    assert len(after) == len(before), "what no longer holds is gone"


def test_a_part_that_was_spoilt_is_written_again(exported):
    app, folder = exported
    path = next((folder / "tables" / "contract").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    exporting.export_tables(app, folder, AS_OF, actor="test")
    assert open_export(folder).as_of == AS_OF


def test_an_export_removes_no_file_that_no_manifest_names(exported):
    app, folder = exported
    own = folder / "tables" / "entry" / "of_a_person.parquet"
    own.write_bytes(b"not ours")
    exporting.export_tables(app, folder, AS_OF, actor="test")
    assert own.read_bytes() == b"not ours"
    own.unlink()


def test_two_exports_do_not_write_into_one_folder(exported, tmp_path):
    app, folder = exported
    for export, place in (
        (exporting.export_tables, folder),
        (exporting.export_findings, tmp_path / "here"),
    ):
        with exporting._alone(place), pytest.raises(Refusal) as refused:
            export(app, place, AS_OF, actor="test")
        assert refused.value.code == "EXPORT-AT-WORK"
    assert exporting.export_tables(app, folder, AS_OF, actor="test").written == 0


def book_in_between(monkeypatch, times):
    """Have a file of the first institution come as often, each time as soon as all is matched."""
    match, left = exporting.match_changed, iter(range(times))

    def match_and_book(app):
        match(app)
        if next(left, None) is not None:
            with app.database.transaction() as tx:
                mark_changed(tx, [1])
                tx.execute(update(entry).where(entry.c.institution_id == 1).values(kind=None))

    monkeypatch.setattr(exporting, "match_changed", match_and_book)


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_booked_before_the_moment_of_an_export_is_matched_first(
    world, tmp_path, monkeypatch, times
):
    exporting.export_tables(world, tmp_path / "x", AS_OF, actor="test")
    exporting.export_findings(world, tmp_path / "here", AS_OF, actor="test")
    book_in_between(monkeypatch, times)
    assert exporting.export_tables(world, tmp_path / "x", AS_OF, actor="test").written == 0
    book_in_between(monkeypatch, times)
    exporting.export_findings(world, tmp_path / "there", AS_OF, actor="test")
    assert compare(tmp_path / "here", tmp_path / "there") == []


def test_where_files_come_faster_than_they_are_matched_nothing_is_exported(
    world, tmp_path, monkeypatch
):
    for export in (exporting.export_tables, exporting.export_findings):
        book_in_between(monkeypatch, 3)
        with pytest.raises(Refusal) as refused:
            export(world, tmp_path / export.__name__, AS_OF, actor="test")
        assert refused.value.code == "EXPORT-UNMATCHED"
        assert list((tmp_path / export.__name__).iterdir()) == []


def test_a_later_export_holds_no_file_of_an_earlier_book_and_leaves_what_it_did_not_write(exported):
    app, folder = exported
    facts, manifest = folder / "book" / "0" / "facts", folder / "manifest.json"
    shutil.copy(next(facts.glob("*.sql")), facts / "of_before.sql")
    told = json.loads(manifest.read_bytes())
    told["book"].append({"folder": 0, "path": "facts/of_before.sql"})
    manifest.write_text(json.dumps(told), "utf-8")
    own = folder / "book" / "of_a_person.txt"
    own.write_text("not ours", "utf-8")
    exporting.export_tables(app, folder, AS_OF, actor="test")
    assert open_export(folder).book.version == rule_book(app).version
    assert own.read_text("utf-8") == "not ours"
    own.unlink()


def test_a_part_that_was_altered_is_refused(spoilt):
    path = next((spoilt / "tables" / "entry").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    with pytest.raises(Refusal) as refused:
        open_export(spoilt)
    assert refused.value.code == "RECHECK-PART"


def test_a_rule_that_was_altered_is_refused(spoilt):
    path = next((spoilt / "book").rglob("rulebook/FEE-CAP-5000.toml"))
    path.write_bytes(path.read_bytes() + b"\n# another\n")
    with pytest.raises(Refusal) as refused:
        open_export(spoilt)
    assert refused.value.code == "RECHECK-BOOK"


def listed(content, path):
    content["tables"]["entry"][0]["path"] = path


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda content: content.update(format=2), "RECHECK-MANIFEST"),
        (lambda content: content.pop("tables"), "RECHECK-MANIFEST"),
        (lambda content: content.update(tables=[1]), "RECHECK-MANIFEST"),
        (lambda content: content.update(as_of="gestern"), "RECHECK-MANIFEST"),
        (lambda content: content.update(office="x' OR 1"), "RECHECK-MANIFEST"),
        (lambda content: content.update(office=None), "RECHECK-MANIFEST"),
        (lambda content: content["book"].append({"folder": "../..", "path": "x"}),
         "RECHECK-MANIFEST"),
        (lambda content: content["book"].append({"folder": float("inf"), "path": "x"}),
         "RECHECK-MANIFEST"),
        (lambda content: listed(content, "/etc/passwd"), "RECHECK-PART"),
        (lambda content: listed(content, "../manifest.json"), "RECHECK-PART"),
        (lambda content: listed(content, "tables"), "RECHECK-PART"),
        (lambda content: listed(content, "x\0y"), "RECHECK-PART"),
        (lambda content: listed(content, 7), "RECHECK-MANIFEST"),
    ],
)  # fmt: skip
def test_a_manifest_of_another_hand_is_refused_in_words(spoilt, change, code):
    path = spoilt / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    done = CliRunner().invoke(main, ["recheck", str(spoilt), "--engine", "duckdb"])
    assert done.exit_code == 1
    assert code in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"format": 1}'])
def test_what_is_no_manifest_is_refused(spoilt, content):
    (spoilt / "manifest.json").write_bytes(content)
    with pytest.raises(Refusal) as refused:
        open_export(spoilt)
    assert refused.value.code == "RECHECK-MANIFEST"


def test_a_manifest_that_never_ends_is_not_read(spoilt):
    (spoilt / "manifest.json").unlink()
    (spoilt / "manifest.json").symlink_to("/dev/zero")
    with pytest.raises(Refusal) as refused:
        open_export(spoilt)
    assert refused.value.code == "RECHECK-MANIFEST"


def test_a_rule_file_that_never_ends_is_not_read(spoilt):
    next((spoilt / "book").rglob("rulebook")).joinpath("ENDLESS.toml").symlink_to("/dev/zero")
    with pytest.raises(Refusal) as refused:
        open_export(spoilt)
    assert refused.value.code == "RULE-BOOK"


def test_one_finding_more_is_told_with_its_row(exported, tmp_path):
    app, _ = exported
    for side in ("one", "two"):
        exporting.export_findings(app, tmp_path / side, AS_OF, actor="test")
    path = next((tmp_path / "two").rglob("rule=FEE-CAP-5000/*.parquet"))
    rows = parquet.read_table(path)
    parquet.write_table(rows.slice(0, rows.num_rows - 1), path)
    (difference,) = compare(tmp_path / "one", tmp_path / "two")
    assert (difference.rule, difference.here, difference.there) == ("FEE-CAP-5000", 1, 0)
    assert difference.shown[0]["side"] == "here"


def test_findings_of_two_days_or_in_a_folder_in_use_are_not_compared(exported, tmp_path):
    app, _ = exported
    exporting.export_findings(app, tmp_path / "one", AS_OF, actor="test")
    exporting.export_findings(app, tmp_path / "two", AS_OF - 1, actor="test")
    with pytest.raises(Refusal) as refused:
        compare(tmp_path / "one", tmp_path / "two")
    assert refused.value.code == "RECHECK-OTHER"
    with pytest.raises(Refusal) as refused:
        exporting.export_findings(app, tmp_path / "one", AS_OF, actor="test")
    assert refused.value.code == "EXPORT-FOLDER"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda other: (other / "findings.json").unlink(), "RECHECK-MANIFEST"),
        (lambda other: retell(other, rules=7), "RECHECK-MANIFEST"),
        (lambda other: shutil.rmtree(other / "rule=FEE-CAP-5000"), "RECHECK-MANIFEST"),
        (lambda other: retell(other, rule_book="another"), "RECHECK-OTHER"),
        (lambda other: retell(other, as_of=format_day(AS_OF - 1)), "RECHECK-OTHER"),
    ],
)
def test_findings_that_cannot_be_compared_are_refused_before_anything_is_judged(
    exported, tmp_path, spoil, code
):
    app, folder = exported
    exporting.export_findings(app, tmp_path / "other", AS_OF, actor="test")
    spoil(tmp_path / "other")
    out = tmp_path / "out"
    words = ["recheck", str(folder), "--engine", "duckdb", "--out", str(out)]
    done = CliRunner().invoke(main, [*words, "--compare", str(tmp_path / "other")])
    assert done.exit_code == 1
    assert code in done.output
    assert not out.exists()


def retell(folder, **changes):
    path = folder / "findings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
