"""Which packs are in force, by whose key, what each replaced, and what waits."""

from typing import Any, NamedTuple

from feewatch.config import Config
from feewatch.engine.folders import InstalledPack, WaitingSwitch, pack_folder, read_packs
from feewatch.engine.loader import list_rule_files
from feewatch.publication.rule_pack import RULES
from feewatch.services.packs.laying import is_whole
from feewatch.services.packs.trust import is_revoked


class PackStanding(NamedTuple):
    """A pack in force, or of which something waits."""

    name: str
    pack: InstalledPack | None  # in force; None: the first of its name waits
    replaced: str | None  # the version of before
    is_whole: bool  # it lies on disk as it was signed
    is_key_revoked: bool  # known since
    waiting: WaitingSwitch | None
    files: tuple[str, ...] = ()  # the rule data in force

    def as_json(self) -> dict[str, Any]:
        """For terminals and programs."""
        waiting = self.waiting
        return {
            "name": self.name,
            "in_force": self.pack._asdict() if self.pack else None,
            "replaced": self.replaced,
            "whole": self.is_whole,
            "key_revoked": self.is_key_revoked,
            "files": list(self.files),
            "waiting": None
            if waiting is None
            else {
                "act": waiting.act,
                "version": waiting.pack.version,
                "asked_by": waiting.pack.by,
                "reason": waiting.reason,
                "key_id": waiting.pack.key_id,
            },
        }


def list_packs(config: Config) -> list[PackStanding]:
    """All packs by name.

    Raises: UnavailableError where nobody can tell.
    """
    packs = read_packs(config)
    return [
        _standing(config, name, packs.installed.get(name, ()), packs.waiting.get(name))
        for name in sorted({*packs.installed, *packs.waiting})
    ]


def _standing(
    config: Config, name: str, versions: tuple[InstalledPack, ...], waiting: WaitingSwitch | None
) -> PackStanding:
    if not versions:
        return PackStanding(name, None, None, is_whole=True, is_key_revoked=False, waiting=waiting)
    pack = versions[-1]
    folder = pack_folder(config, name, pack.version) / RULES
    return PackStanding(
        name,
        pack,
        versions[-2].version if len(versions) > 1 else None,
        is_whole(config, name, pack.version, pack.sha256),
        is_revoked(config, name, pack.key_id),
        waiting,
        tuple(path for path, _ in list_rule_files(folder, [])),
    )
