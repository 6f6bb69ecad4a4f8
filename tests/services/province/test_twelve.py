"""Districts and one province as processes on one machine: real servers, the real command."""

import contextlib
import json
import os
import shutil
import subprocess
import sys

import pytest

from feewatch.kernel.clock import today
from feewatch.kernel.people import Scope
from feewatch.services.province.overview import list_states
from tests.services.province.conftest import (
    DISTRICTS,
    PROVINCE,
    SmallOffice,
    make_district,
    source_toml,
    uscc_of,
)


def gather(province):
    """What the command prints of each district, and whether it says that all was in order."""
    done = subprocess.run(
        [sys.executable, "-m", "feewatch", "--config", str(province.file), "gather", "--json"],
        capture_output=True, text=True, check=False, env={**os.environ, "NO_PROXY": "*"},
    )  # fmt: skip
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == (1 if any(run["refused"] for run in runs) else 0), done.stderr
    return {
        run["district"]: (run["new"], run["refused"] and run["refused"]["code"]) for run in runs
    }


def verify(province, district):
    """The exit code of the command for what was gathered of a district."""
    place = province.app.config.var / "gathered" / district / district
    command = [sys.executable, "-m", "feewatch", "--config", str(province.file), "verify"]
    return subprocess.run([*command, str(place)], capture_output=True, check=False).returncode


def impostor(folder, real, keys=None):
    """Another office that says to be a district, with other editions; with its key where it has it.

    A host that was taken over, or an office that signs two editions under one number.
    """
    office = SmallOffice(folder, real.district)
    if keys is not None:
        for path in keys.iterdir():
            shutil.copyfile(path, office.app.keys / path.name)
    for number in (5, 6, 7):
        office.add(uscc_of(real.district, number), f"另一所{number}")
        office.publish(today() - 8 + number)
    return office


@pytest.mark.parametrize("number", [3, pytest.param(12, marks=pytest.mark.long)])
def test_districts_and_a_province_as_processes(tmp_path, number, close_later):
    districts = [make_district(tmp_path, district) for district in DISTRICTS[:number]]
    close_later += districts
    with contextlib.ExitStack() as servers:
        addresses = [servers.enter_context(district.serving()) for district in districts]
        toml = "".join(
            source_toml(district, address, tmp_path / "keys")
            for district, address in zip(districts, addresses, strict=True)
        )
        province = SmallOffice(tmp_path / "province", PROVINCE, toml)
        close_later.append(province)
        assert gather(province) == {each.district: ([1, 2], None) for each in districts}
        for district in districts:
            district.add(uscc_of(district.district, 3), "丙培训学校")
            district.publish(today())
        forged, forked, *others = districts
        for victim, keys in ((forged, None), (forked, forked.app.keys)):
            other = impostor(tmp_path / f"not-{victim.district}", victim, keys)
            close_later.append(other)
            address = servers.enter_context(other.serving())
            province.reconfigure(addresses[districts.index(victim)], address)
        told = gather(province)
        assert told.pop(forged.district) == ([], "VERIFY-FAILED")  # signed by somebody else
        assert told.pop(forked.district) == ([], "VERIFY-FORK")  # signed by its key, another one
        assert told == {each.district: ([3], None) for each in others}
        # what stood before stands
        asked = districts if number > 3 else [forked]  # each of them a process
        assert [verify(province, each.district) for each in asked] == [0] * len(asked)
        states = {each.district: each for each in list_states(province.app, Scope(PROVINCE))}
        for victim in (forged, forked):
            assert (states[victim.district].standing, states[victim.district].newest.number) == (
                "failing", 2,
            )  # fmt: skip
        assert {states[each.district].standing for each in others} == {"valid"}
