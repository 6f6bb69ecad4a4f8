"""Which folders of rule data are in force: shipped, then installed packs, then the office's own.

The one place that knows the order. What is installed stands in one small file, which is replaced
whole: whoever reads it sees the packs of before or those of after. Needs no database.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.config import Config
from feewatch.kernel.errors import UnavailableError

#: In the var folder: packs under their name and version, and the file that says which are in force.
PACKS, STATE = "packs", "packs.json"
#: Beside the versions of a pack: a copy of the keys by which packs of its name are believed. Packs
#: let in by releases that kept them nowhere else are believed by it.
KEYS = "keys.pem"
_FORMAT = "feewatch-packs/1"


class InstalledPack(NamedTuple):
    """A version of a pack that is in force, or was before the one that replaced it."""

    name: str
    version: str
    office: str
    district: str
    issued_on: str
    key_id: str
    sha256: str  # of its signed manifest
    since: str  # the moment it came into force
    by: str


class WaitingSwitch(NamedTuple):
    """A pack that a second person has yet to let into force, or out of it."""

    act: str  # install, rollback
    pack: InstalledPack  # what would be in force; of a rollback what would be no more
    reason: str
    key: str  # the file of keys that would be kept with it; empty: the one kept already


class Packs(NamedTuple):
    """What is installed and what waits, by name; of the versions the last is in force.

    ``keys``: the file of keys by which packs of a name are believed: it changes in the same step as
    what is in force.
    """

    installed: Mapping[str, tuple[InstalledPack, ...]]
    waiting: Mapping[str, WaitingSwitch]
    keys: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The content of the file."""
        return {
            "format": _FORMAT,
            "installed": {
                name: [each._asdict() for each in versions]
                for name, versions in sorted(self.installed.items())
            },
            "waiting": {
                name: each._asdict() | {"pack": each.pack._asdict()}
                for name, each in sorted(self.waiting.items())
            },
            "keys": dict(sorted(self.keys.items())),
        }


def read_packs(config: Config) -> Packs:
    """What is installed.

    Raises: UnavailableError where the file that says so cannot be read, or is gone though packs
    were installed: without it nobody knows by which law to judge.
    """
    path = config.var / PACKS / STATE
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError) as fault:
        if any((config.var / PACKS).glob(f"*/{KEYS}")):  # kept when the first pack is let in
            raise _damaged(path) from fault
        return Packs({}, {}, {})
    return _read(path, (state.st_mtime_ns, state.st_ino, state.st_size))


@lru_cache(maxsize=8)
def _read(path: Path, _state: tuple[int, int, int]) -> Packs:
    try:
        told = json.loads(path.read_bytes())
        if told["format"] != _FORMAT:
            raise ValueError(told["format"])
        installed = {
            name: tuple(InstalledPack(**each) for each in versions)
            for name, versions in told["installed"].items()
        }
        waiting = {
            name: WaitingSwitch(**each | {"pack": InstalledPack(**each["pack"])})
            for name, each in told["waiting"].items()
        }
        keys = {name: str(pem) for name, pem in told.get("keys", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise _damaged(path) from fault
    return Packs(installed, waiting, keys)


def _damaged(path: Path) -> UnavailableError:
    return UnavailableError(
        "PACKS-DAMAGED",
        f"{path} 无法读取，不知道有哪些规则包在用：请从备份放回",
        f"{path} cannot be read, so that nobody knows which packs of rules are in force: put "
        "it back from a safety copy",
    )


def pack_folder(config: Config, name: str, version: str) -> Path:
    """Where a version of a pack lies: its manifest, and its rule data in ``rules``."""
    return config.var / PACKS / name / version


def rule_folders(
    config: Config, tried: Mapping[str, Path | None] | None = None
) -> tuple[Path, ...]:
    """What lies over the shipped book: packs in order of their names, then the office's own.

    ``tried``: folders in the place of packs of these names, None for none.
    """
    own = (config.resolve(each) for each in config.rules.folders)
    return (*pack_folders(config, tried), *own)


def pack_folders(config: Config, tried: Mapping[str, Path | None] | None = None) -> list[Path]:
    """The folders of the packs in force alone."""
    folders: dict[str, Path | None] = {
        name: pack_folder(config, name, versions[-1].version) / "rules"
        for name, versions in read_packs(config).installed.items()
    }
    folders |= tried or {}
    return [folder for _, folder in sorted(folders.items()) if folder is not None]
