"""The office after a busy year in a folder of its own: made once, used again by later runs."""

import json
from pathlib import Path

from feewatch.bench.desk_world import OFFICE, PROGRAM, make_world
from feewatch.bench.large_world import Size
from feewatch.bootstrap import App
from feewatch.config import load_config
from feewatch.founding import initialise
from feewatch.kernel.clock import today
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.people import api_tokens

#: Of the full size.
ALERTS, ENTRIES, INSTITUTIONS = 100_000, 1_000_000, 2_000
_MADE = "desk-world.json"
_CONFIG = f"""[office]
name = "基准测试教育局"
district = "{OFFICE}"

[web]
secure_cookies = false
"""


def size_of(scale: float) -> Size:
    """So much of the full size."""
    return Size.of_entries(int(ENTRIES * scale), max(int(INSTITUTIONS * scale), 2))


def prepare(home: Path, size: Size, alerts: int, url: str = "") -> list[str]:
    """The credit codes of the office in a folder, which is made where the folder is empty.

    ``url``: of an empty database elsewhere; without it the office is a file in the folder.

    Raises: InvalidInputError where the folder holds something else.
    """
    made = home / _MADE
    if made.exists():
        known = json.loads(made.read_text(encoding="utf-8"))
        if known["size"] == list(size):
            codes: list[str] = known["codes"]
            return codes
    if home.exists() and any(home.iterdir()):
        raise InvalidInputError(
            "BENCH-FOLDER",
            f"{home} 已有其他内容，请给一个空文件夹",
            f"{home} holds something else: name an empty folder",
        )
    home.mkdir(parents=True, exist_ok=True)
    place = f'\n[database]\nurl = "{url}"\n' if url else ""
    config_of(home).write_text(_CONFIG + place, encoding="utf-8")
    app = initialise(load_config(config_of(home)))
    codes = make_world(app, size, alerts, today())
    app.database.dispose()
    made.write_text(json.dumps({"size": size, "codes": codes}), encoding="utf-8")
    return codes


def config_of(home: Path) -> Path:
    """The configuration of the office in a folder."""
    return home / "feewatch.toml"


def open_office(home: Path) -> App:
    """The office in a folder, brought to the tables of this version."""
    return initialise(load_config(config_of(home)))


def give_token(app: App) -> str:
    """A word by which the bank's program reads and hands in files."""
    return api_tokens.issue_token(app, PROGRAM, actor="admin", scopes=["read", "hand-in"])
