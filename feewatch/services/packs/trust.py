"""By whose key the packs of a name are believed: given by hand once, kept, never changed unsaid."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from feewatch.config import Config
from feewatch.engine.folders import KEYS, PACKS, read_packs
from feewatch.kernel.errors import ConflictError, InvalidInputError
from feewatch.publication.folder import write_through
from feewatch.publication.keylist import read_key_file, revocations_of, with_revocations
from feewatch.publication.rule_pack import RulePack, claimed_name, claimed_revocations, read_pack
from feewatch.publication.signing import PublicKeys, read_signed

#: Lists of revoked keys beside the versions of a pack: the first that was remembered, and further.
_REVOKED = "revoked"


class GivenKeys(NamedTuple):
    """What a person gave by hand beside a pack."""

    keys: bytes | None = None  # PEM, or a signed list of keys
    revoked: bytes | None = None  # the issuer's list of revoked keys
    replaces: bool = False  # the keys take the place of those that were kept


class Believed(NamedTuple):
    """A pack that was believed, and what is to be kept for the next one."""

    pack: RulePack
    keys: str  # the file of keys to keep; empty: the one kept already


def believe(config: Config, content: bytes, given: GivenKeys) -> Believed:
    """A pack that a trusted key of its issuer signed.

    The keys are those that were kept for its name, else those given by hand; a revocation counts
    whether it was kept, was given, or lies in the pack: it is believed by its own signature.

    Raises: InvalidInputError; ConflictError where other keys are given than those kept.
    """
    name = claimed_name(content)
    kept = kept_keys(config, name)
    in_pack = claimed_revocations(content)
    ring = _with_all(
        _choose(name, kept or None, given),
        [*_kept_revocations(config, name), *([] if in_pack is None else [in_pack])],
    )
    if given.revoked is not None:
        ring = _heed(ring, given.revoked)
    pack = read_pack(content, ring)
    is_new = given.keys is not None and given.keys != kept
    return Believed(pack, given.keys.decode() if is_new and given.keys is not None else "")


def kept_keys(config: Config, name: str) -> bytes:
    """The file of keys that is kept for a name; empty where none is."""
    packs = read_packs(config)
    if name in packs.keys:
        return packs.keys[name].encode()
    # what lies there of a pack that never came into force was given for that pack alone
    return (_read(_place(config, name) / KEYS) or b"") if name in packs.installed else b""


def mark_kept(config: Config, name: str, keys: str) -> None:
    """Let keys lie there before the first pack is in force: they tell if its record is lost."""
    if not (_place(config, name) / KEYS).is_file():
        copy_keys(config, name, keys)


def copy_keys(config: Config, name: str, keys: str) -> None:
    """Let a copy of the keys by which packs of a name are believed lie beside them."""
    _keep(_place(config, name), KEYS, keys.encode())


def keep_revocations(config: Config, name: str, keys: str, lists: Sequence[bytes]) -> None:
    """Remember each list of revoked keys that revokes more of these keys than those before it."""
    ring = read_key_file(keys.encode())
    known = _kept_revocations(config, name)
    for revoked in lists:
        before, after = (_with_all(ring, each) for each in (known, [*known, revoked]))
        if revocations_of(after.values()).keys() > revocations_of(before.values()).keys():
            known = [*known, revoked]
            _keep(_place(config, name), f"{_REVOKED}{len(known):04d}.json", revoked)


def require_believed(config: Config, name: str, manifest: bytes, keys: str) -> None:
    """Nothing where a laid pack is still believed, by the kept keys or those to be kept.

    Raises: InvalidInputError.
    """
    ring = _with_all(
        read_key_file(keys.encode() or kept_keys(config, name)), _kept_revocations(config, name)
    )
    _, fault = read_signed(manifest, ring)
    if fault is not None:
        raise InvalidInputError(
            "PACK-SIGNATURE", f"规则包清单：{fault.zh}", f"the manifest of the pack: {fault.en}"
        )


def is_revoked(config: Config, name: str, key_id: str) -> bool:
    """Whether the key of an installed pack is known to be revoked since."""
    return key_id in revocations_of(known_ring(config, name).values())


def known_ring(config: Config, name: str) -> PublicKeys:
    """The keys that are kept for a name, with what is known to be revoked of them; none without."""
    kept = kept_keys(config, name)
    return _with_all(read_key_file(kept), _kept_revocations(config, name)) if kept else {}


def _kept_revocations(config: Config, name: str) -> list[bytes]:
    """The lists of revoked keys that were remembered, in the order in which they came."""
    paths = sorted(_place(config, name).glob(f"{_REVOKED}*.json"))
    return [path.read_bytes() for path in paths]


def _with_all(ring: PublicKeys, lists: Sequence[bytes]) -> PublicKeys:
    """The keys with what lists revoke of them; what is not believed changes nothing."""
    for revoked in lists:
        ring, _ = with_revocations(ring, revoked)
    return ring


def _choose(name: str, kept: bytes | None, given: GivenKeys) -> PublicKeys:
    if given.keys is None and kept is None:
        raise InvalidInputError(
            "KEY-REQUIRED",
            f"首次安装规则包 {name}，须以 --key 指明从签发机关另行取得的公钥文件；包内的密钥不作数",
            f"the first pack of the name {name}: give the file of its issuer's public keys, which "
            "came another way, with --key; a key in the pack does not count",
            field="key",
        )
    if given.keys is None:
        return read_key_file(kept or b"")
    ring = read_key_file(given.keys)
    if kept is not None and not given.replaces and not read_key_file(kept).keys() <= ring.keys():
        known = "、".join(read_key_file(kept))
        raise ConflictError(
            "PACK-KEY-OTHER",
            f"规则包 {name} 以已记住的公钥 {known} 为准，给出的不同：确已更换的，加 --replace-key",
            f"packs of the name {name} are believed by the keys {known}, which are not among those "
            "given: where the issuer changed its keys, add --replace-key",
        )
    return ring


def _heed(ring: PublicKeys, revoked: bytes) -> PublicKeys:
    """The keys with a list of revoked ones that a person gave: it has to be believed.

    Raises: InvalidInputError.
    """
    heeded, fault = with_revocations(ring, revoked)
    if fault is not None:
        raise InvalidInputError(
            "PACK-REVOKED", f"吊销名单：{fault.zh}", f"the list of revoked keys: {fault.en}"
        )
    return heeded


def _place(config: Config, name: str) -> Path:
    assert re.fullmatch(r"[a-z0-9-]+", name)
    return config.var / PACKS / name


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _keep(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    building = folder / f".{name}.new"
    building.unlink(missing_ok=True)
    write_through(building, content)
    building.replace(folder / name)
