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
from feewatch.services.people import users
from feewatch.services.people.api_tokens import issue_token
from feewatch.services.province import answering, asking
from feewatch.services.province.overview import list_states
from tests.services.province.conftest import (
    DISTRICTS,
    PROVINCE,
    SmallOffice,
    make_district,
    source_toml,
    superior_toml,
    uscc_of,
)


def gather(province, district=""):
    """What the command prints of each district, and whether it says that all was in order."""
    done = subprocess.run(
        [sys.executable, "-m", "feewatch", "--config", str(province.file), "gather", "--json",
         "--district", district],
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


def token_of(office, folder):
    """A file with a token of the district's API, made for the province."""
    users.add_user(
        office.app,
        "province",
        "api",
        district=office.district,
        password="correct horse",
        actor="test",
    )
    token = issue_token(office.app, "province", actor="test", scopes=["hand-in", "read"])
    file = folder / f"{office.district}.token"
    file.write_text(token, "ascii")
    return file


def send_back(province, district):
    """What the province knows of a request that went to a district's server and was answered."""
    scope = Scope(PROVINCE)
    uscc = uscc_of(district.district, 1)
    entry = asking.find_entry_key(province.app, scope, district.district, "white", uscc)
    key = asking.ask(province.app, entry, actor="li", reason="登记地不在该区")
    gather(province, district.district)
    (row,) = asking.list_requests(district.app, Scope(district.district))
    answering.answer(district.app, row.id, "stands", actor="wang", reason="已核实")
    gather(province, district.district)
    return asking.get_request(province.app, scope, key).outcome


@pytest.mark.parametrize("number", [3, pytest.param(12, marks=pytest.mark.long)])
def test_districts_and_a_province_as_processes(tmp_path, number, close_later):
    districts = [make_district(tmp_path, district) for district in DISTRICTS[:number]]
    close_later += districts
    province = SmallOffice(tmp_path / "province", PROVINCE)
    close_later.append(province)
    asked = districts[-1]
    asked.reconfigure("# below", superior_toml(province, tmp_path / "keys"))
    with contextlib.ExitStack() as servers:
        addresses = [servers.enter_context(district.serving()) for district in districts]
        tokens = {asked: f'token_file = "{token_of(asked, tmp_path)}"\n'}
        toml = "".join(
            source_toml(district, address, tmp_path / "keys", tokens.get(district, ""))
            for district, address in zip(districts, addresses, strict=True)
        )
        province.reconfigure("# below", toml)
        assert gather(province) == {each.district: ([1, 2], None) for each in districts}
        assert send_back(province, asked) == "stands"
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
        looked_at = districts if number > 3 else [forked]  # each of them a process
        assert [verify(province, each.district) for each in looked_at] == [0] * len(looked_at)
        states = {each.district: each for each in list_states(province.app, Scope(PROVINCE))}
        for victim in (forged, forked):
            assert (states[victim.district].standing, states[victim.district].newest.number) == (
                "failing", 2,
            )  # fmt: skip
        assert {states[each.district].standing for each in others} == {"valid"}
