"""The wheel is the whole product: installed alone, it runs from any folder without the clone."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = (
    "feewatch", "rules", "pyproject.toml", "README.md", "LICENSE", "wheel_rules.py", "wsgi.py",
)  # fmt: skip


def run(*command, cwd, **environment):
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy of the tree, so that nothing is left in the clone."""
    tree = tmp_path_factory.mktemp("tree")
    for part in PARTS:
        if (ROOT / part).is_dir():
            leave_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, tree / part, ignore=leave_out)
        else:
            shutil.copy(ROOT / part, tree)
    pip = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", "out")
    built = run(*pip, ".", cwd=tree)
    assert built.returncode == 0, built.stderr
    (path,) = (tree / "out").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def feewatch(wheel, tmp_path_factory):
    """The command of an environment that has this wheel, and of the tests' own only packages."""
    home = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", "env", cwd=home)
    python = home / "env/bin/python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps")
    installed = run(*pip, "--no-index", str(wheel), cwd=home)
    assert installed.returncode == 0, installed.stderr
    (packages,) = (home / "env/lib").glob("*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    def command(*arguments, cwd, **environment):
        return run(str(home / "env/bin/feewatch"), *arguments, cwd=cwd, **environment)

    command.python = python
    return command


def test_the_wheel_holds_every_file_of_the_rule_book_and_of_the_package(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    kept = [path for path in (ROOT / "rules").rglob("*") if path.is_file()]
    kept = [path.relative_to(ROOT) for path in kept if not path.name.startswith(".")]
    assert len(kept) > 100
    assert {f"feewatch/{path.as_posix()}" for path in kept} <= inside
    tracked = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "feewatch").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert set(tracked) <= inside


def test_it_is_the_wheel_that_runs_and_not_the_clone(feewatch, tmp_path):
    asked = run(
        str(feewatch.python), "-c",
        "import feewatch, feewatch.engine.loader as l; print(feewatch.__file__, l.SHIPPED)",
        cwd=tmp_path,
    )  # fmt: skip
    module, rules = asked.stdout.split()
    assert not Path(module).is_relative_to(ROOT)
    assert Path(rules) == Path(module).parent / "rules"


def test_an_office_is_set_up_and_checked_from_the_wheel_alone(feewatch, tmp_path):
    for command in (
        ("init",),
        ("rules", "list"),
        ("rules", "lint"),
        ("check",),
        ("templates", "t"),
    ):
        done = feewatch(*command, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
    assert (tmp_path / "var/feewatch.db").is_file()
    assert len(list((tmp_path / "t").glob("*.xlsx"))) >= 7


def test_the_site_answers_from_the_wheel_alone(feewatch, tmp_path):
    assert feewatch("init", cwd=tmp_path).returncode == 0
    program = (
        "from feewatch.wsgi import application as site; visitor = site.test_client();"
        "print([visitor.get(at).status_code for at in ('/', '/account/login', '/static/site.css')])"
    )
    answered = run(str(feewatch.python), "-c", program, cwd=tmp_path)
    assert answered.stdout.strip() == "[200, 200, 200]", answered.stderr


@pytest.mark.long  # CI runs the demonstration from a package of the lowest versions
def test_the_demo_runs_from_the_wheel_alone(feewatch, tmp_path):
    done = feewatch("demo", "--no-serve", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "var/demo").is_dir()
