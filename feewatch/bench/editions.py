"""Speed and memory of editions: all districts composed, signed, written and verified.

Held against the least that any list costs: its rows serialised in the forms in which they are
published (JSON, CSV, workbook) and hashed, by the bare libraries.
"""

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from feewatch.bench.apart import run_apart
from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import COLUMNS
from feewatch.bootstrap import App, initialise, open_app
from feewatch.config import Config
from feewatch.credit.eligibility import Cover
from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, parse_day
from feewatch.kernel.text import Text
from feewatch.publication.rendering import EDITION_FILE
from feewatch.services.lists.covers import CoverFinding
from feewatch.services.lists.gathering import gather_districts
from feewatch.services.lists.keys import ensure_signing_key
from feewatch.services.lists.publication import publish
from feewatch.services.lists.standings import gather_outcomes, terms_of
from feewatch.services.lists.verification import verify
from feewatch.store import bulk
from feewatch.store.check import checks

TITLE = Text("公示版次的速度和内存", "Speed and memory of editions")
_INSTITUTIONS, _DISTRICTS = 100_000, 150
_DAY: Day = parse_day("2026-07-31") or 0
_MOST = 3.0
_TOLD = {"told_days": ("account_id", "institution_id", "word", "from_day", "to_day")}


def run(scale: float) -> Iterator[Figure]:
    """Time and memory of the first editions of an office, in which every name is new."""
    institutions = max(int(_INSTITUTIONS * scale), 1)
    districts = min(max(int(_DISTRICTS * scale), 1), institutions)
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), institutions, districts)
        gathered = run_apart(_gather, folder)
        ours = run_apart(_publish_and_verify, folder)
        bare = run_apart(_serialise_and_hash, folder)
        json_alone = run_apart(_serialise_and_hash_json, folder)
        nothing = run_apart(_rows_of, folder)
    size = {"institutions": float(institutions), "districts": float(districts)}
    made = ours.cpu_seconds - gathered.cpu_seconds
    forms = bare.cpu_seconds - nothing.cpu_seconds  # reading the rows first is no part of either
    text = json_alone.cpu_seconds - nothing.cpu_seconds
    yield Figure(
        Text("编制、签名、写盘、核验，比同样各行的序列化和哈希（JSON、CSV、工作簿）",
             "Compose, sign, write, verify against the same rows serialised and hashed "
             "(JSON, CSV, workbook)"),
        made / forms, "×", Target("≤", _MOST),
        size | {"our_cpu_seconds": made, "bare_cpu_seconds": forms},
    )  # fmt: skip
    yield Figure(
        Text("同上，比仅作 JSON 序列化和哈希", "The same against JSON and its hash alone"),
        made / text, "×", None,
        size | {"bare_cpu_seconds": text},
    )  # fmt: skip
    yield Figure(
        Text("此前读取登记册并逐条判断条件", "Before: registers read, each condition judged"),
        gathered.cpu_seconds, "CPU s", None, size,
    )  # fmt: skip
    yield Figure(
        Text("内存峰值，比同样各行的序列化和哈希", "Peak memory against the same rows"),
        ours.peak_mb / bare.peak_mb, "×", Target("≤", _MOST),
        size | {"ours_mb": ours.peak_mb, "bare_mb": bare.peak_mb},
    )  # fmt: skip


def _fill(folder: Path, institutions: int, districts: int) -> None:
    """An office whose institutions have what the white list asks for, one in fifty no lessons."""
    app = initialise(Config(folder))
    ensure_signing_key(app)
    columns = {name: COLUMNS[name] for name in ("institution", "institution_fact", "account")}
    columns |= {"coverage": COLUMNS["coverage"]} | _TOLD
    parts = (_institution(number, districts) for number in range(1, institutions + 1))
    with app.database.transaction() as tx:
        bulk.fill(tx, columns, parts)
    app.database.dispose()


def _institution(number: int, districts: int) -> dict[str, list[tuple[Any, ...]]]:
    district = f"{370101 + number % districts}"
    body = f"52{district}{number:09d}"
    first, last = _DAY - 400, _DAY + 400
    registers = ("contracts", "lessons") if number % 50 else ("contracts",)
    return {
        "institution": [(number, body + check_character(body))],
        "institution_fact": [
            (number, FIRST_DAY, LAST_DAY, f"第{number}培训学校有限公司", district, "arts",
             "for_profit", "bank_custody", f"教民{number:06d}", LAST_DAY, f"校长{number}"),
        ],
        "account": [
            (number, f"6222{number:013d}", number, "银行", "fee", first, "monthly", first)
        ],
        "coverage": [(number, name, first, last, True, "office") for name in registers],
        "told_days": [(number, number, "bank", first, last)],
    }  # fmt: skip


def _publish_and_verify(folder: str) -> None:
    app = open_app(Config(Path(folder)))
    published = publish(app, _DAY, actor="bench", findings=_covers, rule_book=lambda _: "bench")
    for edition in published:
        place = str(app.editions / edition.district)
        report = verify(app.config, place, key_file=None, as_of=_DAY)
        assert report.is_good, report.faults
    app.database.dispose()


def _gather(folder: str) -> None:
    app = open_app(Config(Path(folder)))
    outcomes = gather_outcomes(app, _DAY, findings=_covers)
    with app.database.reading() as tx:
        for record in gather_districts(tx, _DAY, outcomes, terms_of(app), default="370101"):
            assert record.assessments
    app.database.dispose()


def _covers(app: App, as_of: Day) -> list[CoverFinding]:
    """That all fee accounts cover what they must: what rules cost has a benchmark of its own."""
    del as_of
    enough = Cover("compliant")
    with app.database.reading() as tx:
        return [CoverFinding(key, "BAL-COVER", enough) for key in checks.list_institutions(tx)]


def _rows_of(folder: str) -> list[dict[str, Any]]:
    """The content of every edition, as it was published."""
    places = sorted((Path(folder) / "var" / "editions").glob("*/latest"))
    return [json.loads((place / EDITION_FILE).read_bytes()) for place in places]


def _serialise_and_hash_json(folder: str) -> None:
    for document in _rows_of(folder):
        _json(document)


def _json(document: dict[str, Any]) -> None:
    sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).digest()


def _serialise_and_hash(folder: str) -> None:
    for document in _rows_of(folder):
        _json(document)
        tables = [*document["lists"].values(), document["unrated"], document["delta"]]
        for rows in tables:
            out = io.StringIO()
            csv.writer(out).writerows([str(cell) for cell in row.values()] for row in rows)
            sha256(out.getvalue().encode()).digest()
        sha256(_workbook(tables)).digest()


def _workbook(tables: list[list[dict[str, Any]]]) -> bytes:
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    for rows in tables:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for place, cell in enumerate(row.values()):
                sheet.write_string(line, place, str(cell))
    book.close()
    return out.getvalue()
