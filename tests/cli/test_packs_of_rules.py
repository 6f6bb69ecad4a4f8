"""``feewatch rules install|packs|rollback`` as people at a terminal meet them."""

import json

import pytest
from click.testing import CliRunner
from offices import initialise
from services.packs.conftest import EARLY, Province, staff

from feewatch.cli import main
from feewatch.config import load_config


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A folder with an office that has a value of its own, and a pack of the province."""
    folder = tmp_path_factory.mktemp("county")
    (folder / "feewatch.toml").write_text(
        '[office]\nname = "县教育局"\ndistrict = "370702"\n[rules]\nfolders = ["own"]\n', "utf-8"
    )
    (folder / "own/parameters").mkdir(parents=True)
    (folder / "own/parameters/mine.toml").write_text(EARLY.format(months=6), "utf-8")
    app = initialise(load_config(folder / "feewatch.toml"))
    staff(app)
    app.database.dispose()
    province = Province()
    files = {
        "parameters/early.toml": EARLY.format(months=2).encode(),
        "parameters/burst.toml": EARLY.replace("early_months_max", "own_figure")
        .format(months=4)
        .encode(),
    }
    (folder / "one.zip").write_bytes(province.pack("2026.12", files=files))
    (folder / "province.pem").write_bytes(province.key.public_pem)
    return folder


def run(folder, *words, person="fa"):
    start = ["--config", str(folder / "feewatch.toml"), "--as", person]
    return CliRunner().invoke(main, [*start, "rules", *words])


def test_a_pack_is_looked_at_installed_listed_and_taken_back(county):
    pack, key = str(county / "one.zip"), str(county / "province.pem")
    assert run(county, "packs").stdout == "没有安装规则包 / no packs are installed\n"
    looked = run(county, "install", pack, "--key", key, "--dry-run")
    assert looked.exit_code == 0, looked.output
    changes, kept = looked.stdout.split("本机关（或其后的规则包）另有规定")
    assert "+ 参数 / parameter own_figure" in changes
    assert "early_months_max" not in changes
    assert "~ 参数 / parameter early_months_max" in kept
    assert "2 months (preset) → 6 months (preset)" in kept
    assert "own_figure" not in kept
    assert "仅预览，未安装 / only looked at, not installed" in kept
    done = json.loads(run(county, "install", pack, "--key", key, "--json").stdout)
    assert (done["state"], done["replaced"], done["version"]) == ("installed", None, "2026.12")
    assert [each["id"] for each in done["overridden"]] == ["early_months_max"]
    assert "shandong 2026.12  省教育厅 370000  2026-11-01" in run(county, "packs").stdout
    again = run(county, "install", pack)
    assert (again.exit_code, again.stderr.partition(":")[0]) == (1, "PACK-OLDER")
    back = run(county, "rollback", "shandong", "--reason", "有误", person="gu")
    assert back.stdout == "shandong：已退回至 / back at （不再安装 / none）\n"
    assert json.loads(run(county, "packs", "--json").stdout or "[]") == []


def test_an_officer_and_a_stranger_install_nothing(county):
    pack, key = str(county / "one.zip"), str(county / "province.pem")
    for person, code in (("li", "ROLE"), ("nobody", "USER-UNKNOWN")):
        refused = run(county, "install", pack, "--key", key, person=person)
        assert (refused.exit_code, refused.stderr.partition(":")[0]) == (1, code)
    assert run(county, "install", pack, "--replace-key").exit_code == 2
