"""Speed of statement intake against bare readers and a bare insert."""

import csv
import io
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from python_calamine import CalamineWorkbook

from feewatch.bench import made_up
from feewatch.bench.apart import Run, run_apart
from feewatch.bench.figures import Figure, Target
from feewatch.bench.postgres import served_cluster
from feewatch.bench.timing import Pair, compare, pair_of
from feewatch.bootstrap import open_app
from feewatch.config import Config, DatabaseConfig
from feewatch.founding import initialise
from feewatch.kernel.extras import library
from feewatch.kernel.text import Text
from feewatch.services.intake.recording import ingest
from feewatch.statements.dialects import load_dialects
from feewatch.statements.reading import read
from feewatch.store.bulk import insert_each, insert_values
from feewatch.store.connections import PRAGMAS
from feewatch.store.intake.ledger import count_entries
from feewatch.store.tables.registers import contract

TITLE = Text("对账单导入的速度与内存", "Speed and memory of statement intake")
_RUNS = 3
#: Below this scale times mean nothing, and one run shows that the work is done.
_TELLING_SCALE = 0.02
_MT940_ROWS, _XLSX_ROWS, _CSV_ROWS = 20_000, 100_000, 1_000_000
_COPIED_ROWS = 200_000
_FILES, _ROWS_A_FILE, _FILES_AN_ACCOUNT = 2_000, 200, 20
_ACCOUNTS = 100


def run(scale: float) -> Iterator[Figure]:
    """MT940, XLSX, a million rows of CSV by many accounts and by one, two thousand small files.

    Where the machine has PostgreSQL, also rows of a register copied against inserted.
    """
    with tempfile.TemporaryDirectory() as folder:
        runs = _RUNS if scale >= _TELLING_SCALE else 1
        yield _mt940(max(int(_MT940_ROWS * scale), 100), runs)
        yield _xlsx(Path(folder) / "statement.xlsx", max(int(_XLSX_ROWS * scale), 100), runs)
        rows = max(int(_CSV_ROWS * scale), 100)
        yield from _csv(Path(folder), rows, max(int(_ACCOUNTS * scale), 2), runs)
        yield from _csv(Path(folder), rows, 1, runs)
        accounts = max(int(_FILES * scale / _FILES_AN_ACCOUNT), 1)
        yield from _files(Path(folder), accounts, runs)
        yield from _copied(Path(folder), max(int(_COPIED_ROWS * scale), 2_000), runs)


def _mt940(rows: int, runs: int) -> Figure:
    text = made_up.mt940(rows)
    content = text.encode("gb18030")
    mt940 = library("mt940")
    options = library("mt940.models").Options(reversal_sign=True)

    def ours() -> None:
        (statement,) = read(content, "x.sta", []).statements
        _check(len(statement.rows) == rows and not statement.faults)

    def bare() -> None:
        (statement,) = mt940.parse_statements(text, options=options)
        _check(len(statement.transactions) == rows)

    pair = compare(ours, bare, runs)
    name = Text("MT940 读入并证明，对 mt-940", "MT940 read and proven against mt-940 reading it")
    return Figure(name, pair.times_as_fast, "×", Target("≥", 5), _rates(pair, rows))


def _xlsx(path: Path, rows: int, runs: int) -> Figure:
    made_up.write_xlsx(path, rows)
    content = path.read_bytes()
    dialects = load_dialects()

    def ours() -> None:
        (statement,) = read(content, path.name, dialects).statements
        _check(len(statement.rows) == rows and not statement.faults)

    def bare() -> None:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        _check(len(book.get_sheet_by_index(0).to_python()) == rows + 1)

    pair = compare(ours, bare, runs)
    name = Text("XLSX 读入并证明，对 calamine", "XLSX read and proven against calamine reading it")
    return Figure(name, pair.times_as_long, "× as long", Target("≤", 2), _rates(pair, rows))


def _csv(folder: Path, rows: int, accounts: int, runs: int) -> Iterator[Figure]:
    rows -= rows % accounts
    made_up.write_csv(folder / "statement.csv", accounts, rows)
    path = folder / "statement.csv"
    turns = [
        (
            _taken_in(folder, [path], accounts, rows // accounts),
            run_apart(insert_bare, folder, path, rows),
            run_apart(insert_streamed, folder, path, rows),
        )
        for _ in range(runs)
    ]
    told = Text(
        f"GB18030 CSV，{rows:,} 行，{accounts} 个账户",
        f"GB18030 CSV, {rows:,} rows, {accounts} accounts",
    )
    for which, zh, en in (
        (1, "先读完再写", "read, then inserted"),
        (2, "边读边写", "inserted while read"),
    ):
        pair = pair_of([(turn[0].seconds, turn[which].seconds) for turn in turns])
        name = Text(
            f"{told.zh}：入库，对裸写入（{zh}）", f"{told.en}: in the ledger against bare rows {en}"
        )
        yield Figure(name, pair.times_as_fast, "×", Target("≥", 0.333), _rates(pair, rows))
    peak = median(turn[0].peak_mb for turn in turns)
    name = Text(f"{told.zh}：内存峰值", f"{told.en}: peak memory")
    of = {"bare_peak_mb": median(turn[1].peak_mb for turn in turns)}
    # memory is promised for the full size, and a smaller one proves nothing
    target = Target("≤", 300) if rows >= _CSV_ROWS else None
    yield Figure(name, peak, "MB", target, of)


def _files(folder: Path, accounts: int, runs: int) -> Iterator[Figure]:
    files, rows = accounts * _FILES_AN_ACCOUNT, _ROWS_A_FILE
    total = files * rows
    made_up.write_files(folder / "whole", accounts, files, rows)
    made_up.write_files(folder / "cut", accounts, files, rows, of_whole_days=False)
    made_up.write_csv(folder / "one.csv", accounts, total)
    turns = [
        [
            _taken_in(folder, [folder / name], accounts, total // accounts).seconds
            for name in ("one.csv", "whole", "cut")
        ]
        for _ in range(runs)
    ]
    for which, zh, en in ((1, "整日", "of whole days"), (2, "日中断开", "cut within days")):
        pair = pair_of([(turn[which], turn[0]) for turn in turns])
        name = Text(
            f"{files:,} 个文件（{zh}）各 {rows} 行，对同样多的行在一个文件中",
            f"{files:,} files {en} of {rows} rows against as many rows in one file",
        )
        of = {
            "ours_rows_a_second": total / pair.ours_seconds,
            "one_file_rows_a_second": total / pair.bare_seconds,
        }
        yield Figure(name, pair.times_as_fast, "×", Target("≥", 0.5), of)


def _copied(folder: Path, rows: int, runs: int) -> Iterator[Figure]:
    """Rows of a register in an office on PostgreSQL."""
    with served_cluster() as cluster:
        if cluster is None:
            yield Figure(Text("PostgreSQL：本机没有，略去", "PostgreSQL: none here, left out"))
            return
        url = cluster.new_database()
        app = initialise(Config(folder=folder / "served", database=DatabaseConfig(url)))
        made_up.register(app, 1, 1)
        contracts = [
            {
                "institution_id": 1, "contract_no": f"HT{n:09d}", "course_id": "C",
                "student": f"S{n:09d}", "basis": "hours", "fee_fen": 1_000_00 + n,
                "paid_on": n % 365, "payment": "prepaid", "gift_lessons": 0,
            }
            for n in range(rows)
        ]  # fmt: skip

        def ours() -> None:
            with app.database.trying() as tx:
                insert_values(tx, contract, contracts)

        def bare() -> None:
            with app.database.trying() as tx:
                insert_each(tx, contract, contracts)

        pair = compare(ours, bare, runs)
        app.database.dispose()
    name = Text(
        f"PostgreSQL：登记 {rows:,} 行以 COPY 写入，对逐行 INSERT",
        f"PostgreSQL: {rows:,} rows of a register by COPY against INSERT row by row",
    )
    yield Figure(name, pair.times_as_fast, "×", Target("≥", 2), _rates(pair, rows))


def _taken_in(folder: Path, paths: list[Path], accounts: int, rows: int) -> Run:
    """The run that takes these files into a fresh office with so many rows an account."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    make_office(home, accounts, rows)
    return run_apart(take_in, home, paths, accounts * rows)


def make_office(home: Path, accounts: int, rows: int) -> None:
    """An installation with the registers to which the files belong."""
    app = initialise(Config(folder=home))
    made_up.register(app, accounts, rows)
    app.database.dispose()


def take_in(home: Path, paths: list[Path], rows: int) -> None:
    """Read, prove, merge, classify, match and commit."""
    app = open_app(Config(folder=home))
    outcomes = list(ingest(app, paths, actor="bench"))
    _check(all(each.status == "accepted" for each in outcomes))
    with app.database.reading() as tx:
        _check(count_entries(tx) == rows)
    app.database.dispose()


def insert_bare(folder: Path, path: Path, rows: int) -> None:
    """A csv read, then an executemany: a table of texts without index, the same PRAGMAs."""
    _insert(folder, path, rows, list)


def insert_streamed(folder: Path, path: Path, rows: int) -> None:
    """The same with each row inserted as it is read, so that none is held."""
    _insert(folder, path, rows, iter)


def _insert(
    folder: Path, path: Path, rows: int, held: Callable[[Iterator[list[str]]], Iterable[list[str]]]
) -> None:
    database = folder / "bare.db"
    for each in folder.glob("bare.db*"):
        each.unlink()
    names = ", ".join(f"c{n}" for n in range(len(made_up.HEADER)))
    places = ", ".join("?" for _ in made_up.HEADER)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")
        connection.execute(f"CREATE TABLE bare ({names})")
        connection.execute("BEGIN IMMEDIATE")
        with path.open(encoding="gb18030", newline="") as file:
            reader = csv.reader(file)
            next(reader)
            connection.executemany(f"INSERT INTO bare VALUES ({places})", held(reader))
        connection.execute("COMMIT")
        _check(connection.execute("SELECT count(*) FROM bare").fetchone() == (rows,))


def _rates(pair: Pair, rows: int) -> dict[str, float]:
    return {
        "ours_rows_a_second": rows / pair.ours_seconds,
        "bare_rows_a_second": rows / pair.bare_seconds,
    }


def _check(is_so: bool) -> None:
    """Refuse to time work that was not done."""
    if not is_so:
        raise RuntimeError("the benchmark did not do its work")
