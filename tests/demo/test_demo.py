"""The whole way on a small district: files in, the planted breaches out, lists published."""

from pathlib import Path

import pytest

from feewatch.demo.model import Expected
from feewatch.demo.scenarios import PLANTED
from feewatch.demo.tally import Tally, tally
from feewatch.engine.loader import load_rule_book
from feewatch.kernel.clock import fixed
from feewatch.kernel.errors import ConflictError
from feewatch.services.demo import run_demo, shown_at, silent
from feewatch.services.machine import find_clock_complaint
from feewatch.store.cases.matters import list_matters
from feewatch.store.people.users import find_by_name


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_exactly_the_planted_breaches_are_found(tmp_path: Path, seed: int) -> None:
    done = run_demo(tmp_path / "demo", seed, silent, count=len(PLANTED) + 2, contracts_each=6)
    assert done.missed == ()
    assert done.spurious == ()
    assert {line.rule for line in done.tallies[:-1] if line.planted} == set(load_rule_book().rules)
    assert done.open_matters <= 3
    assert done.files["rejected"] == 0
    assert done.files["quarantined"] == 9
    assert list(done.app.editions.glob("*/latest"))
    with done.app.database.reading() as tx:
        school = find_by_name(tx, "school")
        assert school is not None
        own = list_matters(tx, institution_id=school.institution_id)
    assert any(matter["case_number"] in done.cases for matter in own)
    with fixed(shown_at()):  # nothing on record lies after the day that is shown
        assert find_clock_complaint(done.app) is None


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("the only copy")
    with pytest.raises(ConflictError, match="holds something else"):
        run_demo(tmp_path, 1, silent)
    assert (tmp_path / "thesis.txt").read_text() == "the only copy"


def test_a_tally_counts_what_is_missed_and_what_comes_from_nowhere() -> None:
    right, missed, spurious = (Expected("R", "U", "contract", name, "") for name in "abc")
    assert tally({right, missed}, {right, spurious}) == [
        Tally("R", planted=2, found=1, missed=1, spurious=1),
        Tally("", planted=2, found=1, missed=1, spurious=1),
    ]
