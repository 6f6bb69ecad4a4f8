"""Signing keys under var/keys: made once, changed by rotation, revoked when stolen, given out.

``signing.pem`` signs; ``signing-sm2.pem``, where an office has one, signs beside it. Public halves
of earlier keys stay, with their days, in the signed list ``keys.json``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from feewatch.bootstrap import App, write_secret
from feewatch.config import Config
from feewatch.kernel.clock import today
from feewatch.kernel.days import iso_or_none
from feewatch.kernel.errors import ConflictError, InvalidInputError, UnavailableError
from feewatch.kernel.people import SECURITY
from feewatch.publication.keylist import (
    FOLDER,
    KEYS_FILE,
    REVOKED_FILE,
    build_key_list,
    read_key_file,
    with_revocations,
)
from feewatch.publication.signing import (
    PublicKey,
    PublicKeys,
    SigningKey,
    new_private_pem,
    read_public_keys,
)
from feewatch.publication.suites import ED25519_SUITE, SM2_SUITE
from feewatch.services.people.acting import get_acting
from feewatch.store import audit
from feewatch.store.lists import editions
from feewatch.store.people import users

_CURRENT = "signing.pem"
#: The file of the key that signs, by suite; the first signs always, the others where they are.
_FILES = {ED25519_SUITE: _CURRENT, SM2_SUITE: "signing-sm2.pem"}
_RETIRED = "signing-*.pub"
#: Keys that verification pinned at first use lie in this folder, by district.
PINNED = "pinned"
#: For how many days after its rotation documents may still bear a key's signature.
OVERLAP_DAYS = 30
#: Who may have to do with keys, once there is an administrator.
KEEPERS = frozenset({"publisher"}) | SECURITY


def ensure_signing_key(app: App) -> bool:
    """Whether a signing key was made; one that exists stays.

    Where editions exist none is made: one that nobody knows would sign their successors.
    """
    app.keys.mkdir(parents=True, exist_ok=True)
    if (app.keys / _CURRENT).exists() or has_editions(app):
        return False
    if not write_secret(app.keys / _CURRENT, new_private_pem()):
        return False
    _begin_list(app)
    return True


def has_signing_key(app: App) -> bool:
    """Whether there is a key to sign with."""
    return (app.keys / _CURRENT).exists()


def lacks_key(app: App) -> bool:
    """Whether there are editions and no key to sign the next."""
    return not has_signing_key(app) and has_editions(app)


def has_editions(app: App) -> bool:
    """Whether the office has published anything."""
    with app.database.reading() as tx:
        return bool(editions.list_districts(tx))


def require_keeper(app: App, name: str | None) -> None:
    """Nothing where the person may have to do with keys, or no administrator is on file yet.

    Raises: ForbiddenError.
    """
    with app.database.reading() as tx:
        if users.has_administrator(tx):
            get_acting(tx, name or "", KEEPERS)


def init_key(app: App, *, actor: str, lost: bool = False) -> str:
    """The id of a new signing key; ``lost``: in place of one that no safety copy has.

    Raises: ConflictError where there is one, or editions that another one signed.
    """
    if (app.keys / _CURRENT).exists():
        raise ConflictError(
            "KEY-EXISTS",
            "签名密钥已存在，更换请用 feewatch key rotate",
            "there is a signing key: replace it with feewatch key rotate",
        )
    if not lost and has_editions(app):
        raise ConflictError(
            "KEY-EDITIONS",
            "已有公示版次，其签名密钥应从备份恢复；确已丢失的，加 --lost 另建",
            "editions exist: bring their key back from a safety copy; where it is lost, add --lost",
        )
    app.keys.mkdir(parents=True, exist_ok=True)
    write_secret(app.keys / _CURRENT, new_private_pem())
    _begin_list(app)
    return _on_record(app, "key.init", actor, get_signing_key(app).id)


def rotate_key(app: App, *, actor: str, suite: str = ED25519_SUITE) -> str:
    """The id of a new signing key; the old one keeps its public half and signs no more.

    The first of a further suite is made and signs beside the others from then on.

    Raises: UnavailableError without a key, or where the suite is not installed.
    """
    known = {key.id: key for key in list_keys(app)}
    path = app.keys / _FILES[suite]
    get_signing_key(app)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    write_secret(fresh, new_private_pem(suite))
    if path.exists():
        old = SigningKey(path.read_bytes())
        write_secret(app.keys / f"signing-{old.id}.pub", old.public_pem)
        known[old.id] = replace(known[old.id], valid_until=today() + OVERLAP_DAYS)
    fresh.replace(path)
    new = SigningKey(path.read_bytes())
    _write_list(app, known | {new.id: replace(new.public, valid_from=today())})
    return _on_record(app, "key.rotate", actor, new.id)


def get_signing_key(app: App) -> SigningKey:
    """The key that signs, with those of further suites beside it.

    Raises: UnavailableError where there is none.
    """
    paths = [app.keys / name for name in _FILES.values()]
    try:
        beside = [_read_key(path) for path in paths[1:] if path.exists()]
        return _read_key(paths[0], beside)
    except FileNotFoundError:
        raise UnavailableError(
            "KEY-MISSING",
            f"缺少签名密钥 {paths[0]}：已发布过的机构请从 var/keys 的备份放回；"
            "新装的机构先运行 feewatch init",
            f"there is no signing key {paths[0]}: an office that has published puts it back from "
            "the copy of var/keys; a new one runs feewatch init first",
        ) from None


def _read_key(path: Path, beside: Sequence[SigningKey] = ()) -> SigningKey:
    """The key in a file.

    Raises: FileNotFoundError; UnavailableError where the file holds none.
    """
    try:
        return SigningKey(path.read_bytes(), beside)
    except (ValueError, InvalidInputError):
        raise UnavailableError(
            "KEY-EMPTY",
            f"密钥 {path} 为空或已损坏，请从 var/keys 的备份放回",
            f"the key {path} is empty or damaged: put it back from the copy of var/keys",
        ) from None


def export_keys(app: App, suite: str | None = None) -> bytes:
    """The public keys as PEM, the present ones first, then those of earlier rotations.

    Revoked ones are left out; ``suite``: of this one alone.
    """
    keys = [key for key in list_keys(app) if suite in (None, key.suite)]
    return b"".join(key.pem for key in keys if key.revocation is None)


def export_list(app: App) -> bytes:
    """The same as a signed list with the days of each key."""
    return build_key_list(app.config.office.name, list_keys(app), get_signing_key(app))


def list_keys(app: App) -> list[PublicKey]:
    """All keys with their days and revocations, those that sign first, then the last retired.

    Raises: UnavailableError without a key.
    """
    get_signing_key(app)
    keys = find_own_keys(app.config)
    assert keys is not None
    return list(keys.values())


def find_own_keys(config: Config) -> PublicKeys | None:
    """The public keys of this installation, the newest first, or None where it has none."""
    folder = config.var / "keys"
    if not (folder / _CURRENT).exists():
        return None
    names = (*_FILES.values(), KEYS_FILE, REVOKED_FILE)
    paths = [*(folder / name for name in names), *sorted(folder.glob(_RETIRED))]
    stats = [(path.name, path.stat()) for path in paths if path.exists()]
    return _read_ring(folder, tuple((name, each.st_mtime_ns, each.st_ino) for name, each in stats))


@lru_cache(maxsize=8)
def _read_ring(folder: Path, files: tuple[tuple[str, int, int], ...]) -> PublicKeys:
    """The keys of a folder as its files are; every page of the public asks for them."""
    del files
    dated = _read_list(folder / KEYS_FILE)
    present = [folder / name for name in _FILES.values() if (folder / name).exists()]
    ids = [_read_key(path).public for path in present]
    retired = [read_public_keys(path.read_bytes()) for path in folder.glob(_RETIRED)]
    old = {key.id: dated.get(key.id, key) for keys in retired for key in keys.values()}
    # the last retired first; of keys that an earlier version rotated the days are not known
    order = sorted(old.values(), key=lambda key: (-(key.valid_until or 0), key.id))
    ring = [*(dated.get(key.id, key) for key in ids), *order]
    keys = {key.id: replace(key, rank=rank) for rank, key in enumerate(ring)}
    revoked = folder / REVOKED_FILE
    return with_revocations(keys, revoked.read_bytes())[0] if revoked.exists() else keys


def current_ids(app: App) -> list[str]:
    """The ids of the keys that sign."""
    return [key.id for key in get_signing_key(app).all]


def give_out(app: App, name: str, content: bytes) -> None:
    """Let a list lie with the keys and, for readers, beside the editions."""
    for folder in (app.keys, app.editions / FOLDER):
        folder.mkdir(parents=True, exist_ok=True)
        building = folder / f".{name}.new"
        building.unlink(missing_ok=True)
        write_secret(building, content)
        building.replace(folder / name)


def find_given_out(app: App, name: str) -> Path | None:
    """A list as it lies with the keys."""
    path = app.keys / name
    return path if name in (KEYS_FILE, REVOKED_FILE) and path.is_file() else None


def key_json(key: PublicKey, signing: Collection[str]) -> dict[str, Any]:
    """A key under stable keys."""
    revocation = key.revocation
    return {
        "key_id": key.id,
        "suite": key.suite,
        "signs": key.id in signing,
        "valid_from": iso_or_none(key.valid_from),
        "valid_until": iso_or_none(key.valid_until),
        "revoked_on": iso_or_none(revocation.on) if revocation else None,
        "reason": revocation.reason if revocation else None,
        "stands_by": len(revocation.stands_by) if revocation else None,
    }


def _begin_list(app: App) -> None:
    """Keep the first day of a key that was made just now."""
    key = get_signing_key(app)
    content = build_key_list(app.config.office.name, [replace(key.public, valid_from=today())], key)
    (app.keys / KEYS_FILE).unlink(missing_ok=True)
    write_secret(app.keys / KEYS_FILE, content)


def _read_list(path: Path) -> Mapping[str, PublicKey]:
    return read_key_file(path.read_bytes()) if path.exists() else {}


def _write_list(app: App, known: Mapping[str, PublicKey]) -> None:
    """Keep the days of all keys, signed by the present ones."""
    dated = [known.get(key.id, key) for key in list_keys(app)]
    give_out(app, KEYS_FILE, build_key_list(app.config.office.name, dated, get_signing_key(app)))


def _on_record(app: App, action: str, actor: str, key_id: str) -> str:
    with app.database.transaction() as tx:
        audit.record(tx, actor=actor, action=action, object=key_id)
    return key_id
