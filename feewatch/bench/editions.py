"""Speed and memory of editions: all districts composed, signed, written and verified.

Held against the least that any list costs: its rows serialised in the forms in which they are
published and hashed, by bare libraries. Ours includes what the bare way knows nothing of: rows in
the database, seals of the public's pages, messages to those listed, manifests, the verification.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feewatch.bench.apart import run_apart
from feewatch.bench.edition_forms import (
    FORMS,
    Turns,
    documents_of,
    read_turns,
    serialise_and_hash,
    take_turns,
)
from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import COLUMNS
from feewatch.bootstrap import App, open_app
from feewatch.config import Config
from feewatch.credit.eligibility import Cover
from feewatch.founding import initialise
from feewatch.kernel.credit_code import check_character
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, Day, parse_day
from feewatch.kernel.text import Text
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
        fill_office(Path(folder), institutions, districts)
        gathered = run_apart(_gather, folder)
        ours = run_apart(_publish_and_verify, folder)
        bare = run_apart(serialise_and_hash, folder)
        nothing = run_apart(_read_alone, folder)
        run_apart(take_turns, folder)
        turns = read_turns(folder)
    size = {"institutions": float(institutions), "districts": float(districts)}
    made = ours.cpu_seconds - gathered.cpu_seconds
    forms = bare.cpu_seconds - nothing.cpu_seconds  # reading the rows first is no part of either
    yield Figure(
        Text("编制、签名、写盘、入库、核验，比同样各行以同样各种格式的序列化和哈希",
             "Composed, signed, put on record and on disk, verified, against the same rows "
             "serialised and hashed in the same forms"),
        made / forms, "×", Target("≤", _MOST),
        size | {"our_cpu_seconds": made, "bare_cpu_seconds": forms},
    )  # fmt: skip
    document = turns["document"]
    yield Figure(
        Text("签名文件本身：签名、写盘、读回、核验，比同样各行作 JSON 和哈希",
             "The signed document alone: signed, written, read back, verified, against the same "
             "rows as JSON and its hash"),
        document.ratio, "×", Target("≤", _MOST), size | _seconds_of(document),
    )  # fmt: skip
    for name, form in FORMS.items():
        title = Text(
            f"{form.title.zh}，比同样各行由通用库写出",
            f"{form.title.en} against the same rows by a bare library",
        )
        yield Figure(title, turns[name].ratio, "×", None, _seconds_of(turns[name]))
    yield Figure(
        Text("全部比仅作 JSON 和哈希", "All of it against JSON and its hash alone"),
        made / document.bare, "×", None,
        size | {"bare_cpu_seconds_of_json": document.bare},
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


def _seconds_of(turns: Turns) -> dict[str, float]:
    return {"our_cpu_seconds": turns.ours, "bare_cpu_seconds": turns.bare}


def fill_office(folder: Path, institutions: int, districts: int) -> None:
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
            (number, f"6222{number:013d}", number, "银行", "fee", first, "monthly", first, None)
        ],
        "coverage": [(number, name, first, last, True, "office") for name in registers],
        "told_days": [(number, number, "bank", first, last)],
    }  # fmt: skip


def _publish_and_verify(folder: str) -> None:
    app = open_app(Config(Path(folder)))
    publish(app, _DAY, actor="bench", findings=all_covered, rule_book=lambda _: "bench")
    app.database.dispose()
    _verify(folder)


def _verify(folder: str) -> None:
    config = Config(Path(folder))
    for place in _places(folder):
        report = verify(config, str(place), key_file=None, as_of=_DAY)
        assert report.is_good, report.faults


def _gather(folder: str) -> None:
    app = open_app(Config(Path(folder)))
    outcomes = gather_outcomes(app, _DAY, findings=all_covered)
    with app.database.reading() as tx:
        for record in gather_districts(tx, _DAY, outcomes, terms_of(app), default="370101"):
            assert record.assessments
    app.database.dispose()


def all_covered(app: App, as_of: Day) -> list[CoverFinding]:
    """That all fee accounts cover what they must: what rules cost has a benchmark of its own."""
    del as_of
    enough = Cover("compliant")
    with app.database.reading() as tx:
        return [CoverFinding(key, "BAL-COVER", enough) for key in checks.list_institutions(tx)]


def _places(folder: str) -> list[Path]:
    return sorted((Path(folder) / "var" / "editions").glob("*/latest"))


def _read_alone(folder: str) -> None:
    for _ in documents_of(folder):
        pass
