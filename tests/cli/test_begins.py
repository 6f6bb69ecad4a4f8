"""How a command begins: without what it does not use, and with a collector that goes on."""

import gc
import subprocess
import sys

from feewatch.kernel import garbage

#: A command that tells what is loaded once it is at work, and whether objects are collected.
TOLD = """
import gc, sys
import feewatch.__main__ as begun
from feewatch.cli import session
was = gc.isenabled()
session.Session.admit = lambda *_: None
begun.main(["--config", sys.argv[1], "audit", "verify"], standalone_mode=False)
print("told", was, gc.isenabled(), gc.get_freeze_count() > 0, "alembic" in sys.modules)
"""


def test_a_command_loads_no_migrations_and_collects_again_once_all_is_loaded(tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text('[office]\ndistrict = "370702"\n', encoding="utf-8")
    call = [sys.executable, "-m", "feewatch", "--config", config, "init"]
    subprocess.run(call, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", TOLD, config], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "told False True True False"


def test_where_objects_are_collected_none_are_kept_for_good():
    before = gc.get_freeze_count()
    garbage.go_on_collecting()
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, before)
