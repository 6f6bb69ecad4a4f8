"""Whatever moment a run is killed at, nothing half done is left that the next does not complete."""

import pytest

from feewatch.kernel.days import parse_day
from feewatch.publication import folder
from feewatch.services.lists.verification import verify

DISTRICT = "370702"
JULY, AUGUST = parse_day("2026-07-31"), parse_day("2026-08-31")


class Killed(BaseException):
    """Stands for kill -9: nothing in the product may catch it."""


@pytest.mark.parametrize("step", ["write_edition", "write_timestamp", "switch_latest"])
def test_a_run_killed_before_any_step_is_completed_by_the_next(town, monkeypatch, step):
    town.publish()

    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(folder, step, die)
        with pytest.raises(Killed):
            town.publish(AUGUST)
    latest = town.app.editions / DISTRICT / "latest"
    # switched before its timestamp: an edition newer than the one vouched for is none out of date
    assert latest.resolve().name == ("2" if step == "write_timestamp" else "1")
    assert verify(town.app.config, str(latest), key_file=None, as_of=JULY + 1).is_good
    (found,) = town.publish(AUGUST)
    assert (found.is_new, found.document["number"]) == (False, 2)
    assert latest.resolve().name == "2"
    assert verify(town.app.config, str(latest), key_file=None, as_of=AUGUST).is_good


#: At which call of the second, third … publication each run is killed, one after the other.
IN_A_ROW = [
    ["write_timestamp"] * 3,
    ["switch_latest", "switch_latest", "write_timestamp"],
    ["write_timestamp", "switch_latest", "write_edition", "write_timestamp"],
    ["write_edition", "write_edition", "switch_latest", "write_timestamp"],
]


@pytest.mark.parametrize("steps", IN_A_ROW, ids="-".join)
def test_latest_verifies_whatever_runs_were_killed_in_a_row(town, monkeypatch, steps):
    """Two runs killed before their timestamps left an edition two ahead of the one vouched for."""
    town.publish()
    for number, step in enumerate(steps, 2):
        with monkeypatch.context() as patch:
            patch.setattr(folder, step, dying_at(step, number))
            with pytest.raises(Killed):
                town.publish(JULY + number)
        assert town.verify(as_of=JULY + number).faults == []
    town.publish(JULY + number)
    assert (town.app.editions / DISTRICT / "latest").resolve().name == str(number)
    assert town.verify(as_of=JULY + number).faults == []


def dying_at(step, number):
    """The step as it is, but that the process dies where it comes to an edition."""
    as_it_is = getattr(folder, step)

    def work(root, what, *rest):
        made = what["number"] if step == "write_edition" else rest[0]
        if made == number:
            raise Killed
        as_it_is(root, what, *rest)

    return work


def test_a_run_killed_before_its_commit_leaves_nothing(town, monkeypatch):
    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("feewatch.store.audit.record", die)
        with pytest.raises(Killed):
            town.publish()
    assert not town.app.editions.exists()
    assert town.publish()[0].is_new
