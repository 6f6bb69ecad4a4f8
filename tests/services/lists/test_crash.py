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


def test_a_run_killed_before_its_commit_leaves_nothing(town, monkeypatch):
    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("feewatch.store.audit.record", die)
        with pytest.raises(Killed):
            town.publish()
    assert not town.app.editions.exists()
    assert town.publish()[0].is_new
