"""A process that takes in a folder is killed at any point; the next one ends as if it were not."""

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import bankfiles
import pytest
from offices import initialise
from services.ledgers import Picture, details, picture, register
from sqlalchemy import func, select

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.services.intake import rawfiles, recording
from feewatch.store.tables.ledger import source_file, statement


@pytest.fixture
def office(any_app: App) -> App:
    with any_app.database.transaction() as tx:
        register(tx)
    url, folder = any_app.config.database.url, any_app.config.folder
    (folder / "feewatch.toml").write_text(f'[database]\nurl = "{url}"\n', encoding="utf-8")
    return any_app


def start(folder: Path, box: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "feewatch", "--config", str(folder / "feewatch.toml")]
    return subprocess.Popen(
        [*command, "ingest", str(box), "--json"], stdout=subprocess.PIPE, text=True
    )


def kill_after(process: "subprocess.Popen[str]", files: int, seconds: float) -> bool:
    """Kill a process a moment after it has told of so many files; whether it was still at work."""
    assert process.stdout is not None
    for _ in range(files):
        if not process.stdout.readline():
            break
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def finish(process: "subprocess.Popen[str]") -> None:
    told, _ = process.communicate()
    assert process.returncode == 0, told


def seen(app: App) -> tuple[Picture, list[tuple[object, ...]], int, int]:
    with app.database.reading() as tx:
        counts = [
            tx.scalar(select(func.count()).select_from(t)) or 0 for t in (source_file, statement)
        ]
    return picture(app), details(app), counts[0], counts[1]


def kill_and_run_again(office: App, tmp_path: Path, seed: int, kills: int) -> None:
    dice = Random(seed)
    payments = bankfiles.random_payments(dice)
    box = tmp_path / "box"
    box.mkdir()
    for name, content in bankfiles.random_files(dice, payments).items():
        (box / name).write_bytes(content)
    calm = initialise(Config(folder=tmp_path / "calm"))
    with calm.database.transaction() as tx:
        register(tx)
    assert all(each.is_taken for each in recording.ingest(calm, [box], actor="cli"))
    at_work = 0
    for _ in range(kills):
        # already taken in files are told at once; the kill falls into or beyond the next one
        with office.database.reading() as tx:
            done = tx.scalar(select(func.count()).select_from(source_file)) or 0
        process = start(office.config.folder, box)
        at_work += kill_after(process, done + dice.randrange(2), dice.random() * 0.03)
    assert at_work > 0
    finish(start(office.config.folder, box))
    assert seen(office) == seen(calm)
    kept = [path for path in office.files.rglob("*") if path.is_file() and path.name[0] != "."]
    names = {path.name.removesuffix(".sealed") for path in kept}
    assert names == {hashlib.sha256(path.read_bytes()).hexdigest() for path in box.iterdir()}
    for name in names:  # opened and hashed again
        assert hashlib.sha256(rawfiles.load_bytes(office, name)).hexdigest() == name
    calm.database.dispose()


def test_kills_change_nothing(office: App, tmp_path: Path) -> None:
    kill_and_run_again(office, tmp_path, seed=1, kills=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 18))
def test_many_kills_change_nothing(office: App, tmp_path: Path, seed: int) -> None:
    kill_and_run_again(office, tmp_path, seed, kills=12)
