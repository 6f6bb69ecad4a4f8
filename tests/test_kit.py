"""The offline kit: made where there is a network, installed where none answers."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from feewatch.cli import main
from feewatch.kernel.errors import ConflictError, UnavailableError
from feewatch.services.kit import make_kit

ROOT = Path(__file__).parents[1]
#: No index is named, and whoever asks for one all the same gets no answer.
CUT_OFF = {
    "PIP_NO_INDEX": "1",
    "PIP_CONFIG_FILE": os.devnull,
    **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"),
}


def install(kit, env):
    clean = {name: each for name, each in os.environ.items() if not name.startswith("PYTHON")}
    command = ("sh", str(kit / "install.sh"), str(env))
    told = clean | CUT_OFF | {"PYTHON": sys.executable}
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False)


@pytest.mark.long  # fifty packages from the index, then an environment of them; .ci/run runs it
def test_a_kit_is_installed_without_network_and_refused_where_a_byte_differs(tmp_path):
    kit, env = tmp_path / "kit", tmp_path / "env"
    made = CliRunner().invoke(main, ["bundle", str(kit), "--source", str(ROOT), "--json"])
    assert made.exit_code == 0, made.output
    assert hashlib.sha256((kit / "SHA256SUMS").read_bytes()).hexdigest() in made.stdout
    lines = (kit / "requirements.txt").read_text("utf-8").splitlines()
    assert len(lines) == len(list((kit / "wheels").iterdir()))
    assert all("==" in line and "--hash=sha256:" in line for line in lines)
    assert any(line.startswith("feewatch==") for line in lines)
    done = install(kit, env)
    assert done.returncode == 0, done.stderr
    assert "0 faults" in done.stdout  # rules lint, by the rule book inside the wheel
    book = "import feewatch.engine.loader as l; print(l.SHIPPED)"
    asked = subprocess.run(
        [env / "bin/python", "-c", book], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert Path(asked.stdout.strip()).is_relative_to(env)
    (wheel,) = (kit / "wheels").glob("feewatch-*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    refused = install(kit, tmp_path / "other")
    assert refused.returncode != 0
    assert "feewatch-" in refused.stdout + refused.stderr
    assert not (tmp_path / "other").exists()


def test_a_kit_needs_a_source_tree_and_an_empty_folder(tmp_path):
    with pytest.raises(UnavailableError) as refused:
        make_kit(tmp_path / "kit", tmp_path)
    assert refused.value.code == "KIT-SOURCE"
    assert not (tmp_path / "kit").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/letter.txt").touch()
    with pytest.raises(ConflictError) as taken:
        make_kit(tmp_path / "full", ROOT)
    assert taken.value.code == "KIT-FOLDER"
