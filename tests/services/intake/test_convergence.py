"""Files of an account, cut, formed and ordered any way, end in the ledger of one whole file.

``pytest -m long`` runs many more of the same.
"""

from collections.abc import Iterable
from pathlib import Path
from random import Random

import bankfiles
import pytest
from services.ledgers import details, office, picture

from feewatch.bootstrap import App
from feewatch.services.intake import recording


def take(app: App, files: Iterable[tuple[str, bytes]], *, singly: bool) -> None:
    """Ingest files in this order: as one folder, or each by itself and matched at once."""
    box = app.config.folder / "box"
    box.mkdir()
    for n, (name, content) in enumerate(files):
        (box / f"{n:03d} {name}").write_bytes(content)
    for paths in [[path] for path in sorted(box.iterdir())] if singly else [[box]]:
        for outcome in recording.ingest(app, paths, actor="cli"):
            assert outcome.is_taken, (outcome.file, outcome.problems, outcome.statements)


def converge(seed: int, tmp_path: Path) -> None:
    """Compare the ledger of one file with that of many, in three orders of arrival.

    Every third time the payers of some days stand in no file, and kinds and matches may differ.
    """
    dice = Random(seed)
    payments = bankfiles.random_payments(dice)
    tell_all = seed % 3 > 0
    files = bankfiles.random_files(dice, payments, tell_all=tell_all)
    whole = bankfiles.piece(payments, bankfiles.FIRST, bankfiles.FIRST + bankfiles.DAYS - 1)
    orders = [
        {"whole.csv": bankfiles.generic(whole)},
        files,
        dict(reversed(files.items())),
        dict(dice.sample(list(files.items()), len(files))),
    ]
    pictures, told = [], []
    for n, order in enumerate(orders):
        app = office(tmp_path / str(n))
        take(app, order.items(), singly=n == len(orders) - 1)
        pictures.append(picture(app))
        told.append(details(app))
        app.database.dispose()
    assert told[2] == told[1]
    assert told[3] == told[1]
    alone, *others = pictures
    closings = {each.day: each.balance for each in payments}
    assert alone["days"].items() >= closings.items()
    for each in others:
        same = ["numbers", "coverage", *(["entries", "matches"] if tell_all else [])]
        assert {name: each[name] for name in same} == {name: alone[name] for name in same}
        assert each["joints"] <= {(0, 0)}
        assert {d: fen for d, fen in each["days"].items() if d in closings}.items() <= (
            closings.items()
        )


@pytest.mark.parametrize("seed", range(6))
def test_any_files_in_any_order_end_in_the_ledger_of_one_file(seed: int, tmp_path: Path) -> None:
    converge(seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 400))
def test_many_more_files_end_in_the_ledger_of_one_file(seed: int, tmp_path: Path) -> None:
    converge(seed, tmp_path)
