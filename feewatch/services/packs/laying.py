"""Lays packs under the var folder, and lets them be in force: one file is replaced, last of all.

A process that is killed leaves the packs in force that were, with at most a folder beside them that
nothing reads.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from feewatch.config import Config
from feewatch.engine.folders import PACKS, STATE, InstalledPack, Packs, pack_folder
from feewatch.engine.loader import list_rule_files
from feewatch.kernel.errors import ConflictError, UnavailableError
from feewatch.kernel.problems import Problem
from feewatch.publication.folder import alone, sync_folder, write_through
from feewatch.publication.rule_pack import MANIFEST, REVOKED, RULES, RulePack
from feewatch.publication.signing import sha256


@contextmanager
def packs_alone(config: Config) -> Iterator[None]:
    """Let one process at a time lay packs and let them be in force."""
    with alone(config.var, PACKS):
        yield


def lay(config: Config, pack: RulePack, revoked: Sequence[bytes]) -> None:
    """Let the files of a pack lie under its name and version; nothing reads them yet.

    ``revoked``: the lists of revoked keys that are to be remembered with it.

    Raises: ConflictError where another pack of the same version was laid before.
    """
    target = pack_folder(config, pack.head.name, pack.head.version)
    if target.exists() and (target / MANIFEST).read_bytes() != pack.manifest:
        raise ConflictError(
            "PACK-TAKEN",
            f"{pack.head.name} {pack.head.version} 已有另一内容：签发机关须另编版本",
            f"another content was laid as {pack.head.name} {pack.head.version}: its issuer has to "
            "give it a version of its own",
        )
    building = config.var / PACKS / f".{pack.head.name}.new"
    shutil.rmtree(building, ignore_errors=True)
    write_files(building / RULES, pack)
    write_through(building / MANIFEST, pack.manifest)
    for number, content in enumerate(revoked, 1):
        write_through(building / f"{number}.{REVOKED}", content)
    sync_folder(building)
    target.parent.mkdir(exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)  # the same pack, which is not in force
    building.rename(target)
    sync_folder(target.parent)


def list_laid_revocations(config: Config, entry: InstalledPack) -> list[bytes]:
    """The lists of revoked keys that were laid with a version."""
    folder = pack_folder(config, entry.name, entry.version)
    return [path.read_bytes() for path in sorted(folder.glob(f"*{REVOKED}"))]


def write_files(folder: Path, pack: RulePack) -> None:
    """Write the rule data of a pack into a folder of its own."""
    for path, content in pack.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_through(folder / path, content)
    for place in {(folder / path).parent for path in pack.files}:
        sync_folder(place)


def take_away(config: Config, name: str, version: str) -> None:
    """Let a version lie there no more that never was in force."""
    shutil.rmtree(pack_folder(config, name, version), ignore_errors=True)


def require_whole(config: Config, name: str, version: str, manifest_hash: str) -> None:
    """Nothing where a version lies there as it was signed.

    Raises: UnavailableError.
    """
    if not is_whole(config, name, version, manifest_hash):
        raise UnavailableError(
            "PACK-DAMAGED",
            f"{name} {version} 在磁盘上缺失或被改动：请重新安装或从备份放回",
            f"{name} {version} is missing on disk or was changed there: install it again, or put "
            "it back from a safety copy",
        )


def is_whole(config: Config, name: str, version: str, manifest_hash: str) -> bool:
    """Whether every file of a version is as it was signed, with no file beside them."""
    folder = pack_folder(config, name, version)
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except OSError:
        return False
    if sha256(manifest) != manifest_hash:
        return False
    told = {
        path.removeprefix(RULES): value
        for path, value in json.loads(manifest)["files"].items()
        if path.startswith(RULES)
    }
    strays: list[Problem] = []
    files = list_rule_files(folder / RULES, strays)
    return not strays and told == {path: sha256(content) for path, content in files}


def switch(config: Config, packs: Packs) -> None:
    """Let these packs be in force: one file is replaced in one step."""
    folder = config.var / PACKS
    building = folder / f".{STATE}.new"
    content = json.dumps(packs.as_json(), ensure_ascii=False, indent=1)
    write_through(building, content.encode())
    building.replace(folder / STATE)
    sync_folder(folder)
