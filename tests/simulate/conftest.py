"""A simulated office that several tests look at, and hold against other plans and spoilt files."""

import pytest

from feewatch.simulate.plan import draw
from feewatch.simulate.run import run


def live(folder, seed, years, institutions):
    """What was done in an office, and its plan."""
    plan = draw(seed, years, institutions)
    return run(folder, plan), plan


@pytest.fixture(scope="session")
def lived(tmp_path_factory):
    """Some months of a small office, over the day on which Order 36 comes in force."""
    ran, plan = live(tmp_path_factory.mktemp("office"), 1, 0.5, 80)
    yield ran, plan
    ran.app.database.dispose()
