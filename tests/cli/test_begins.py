"""How a command begins: without what it does not use, and with a collector that goes on."""

import subprocess
import sys

#: A command that tells what is loaded once it is at work, and whether objects are collected.
TOLD = """
import gc, sys
import feewatch.__main__ as begun
begun.main(["--config", sys.argv[1], "audit", "verify"], standalone_mode=False)
print("told", gc.isenabled(), gc.get_freeze_count() > 0, "alembic" in sys.modules)
"""


def test_a_command_loads_no_migrations_and_collects_what_it_makes_itself(tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text('[office]\ndistrict = "370702"\n', encoding="utf-8")
    call = [sys.executable, "-m", "feewatch", "--config", config, "init"]
    subprocess.run(call, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", TOLD, config], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "told True True False"
