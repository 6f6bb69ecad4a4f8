"""Verification of published files by a trusted key; works without network and without database."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urljoin

from feewatch.bootstrap import write_secret
from feewatch.config import Config
from feewatch.gateways.downloads import download
from feewatch.kernel.days import Day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.publication.folder import LATEST, MANIFEST_FILE
from feewatch.publication.signing import PublicKeys, read_public_keys
from feewatch.publication.verification import (
    EditionSource,
    Report,
    open_folder,
    verify_edition,
    verify_file,
)
from feewatch.services.lists.keys import PINNED, find_own_keys


class EditionSite:
    """Published files on a web site: ``…/NUMBER/`` or, as feewatch serves, ``…/NUMBER/files/``."""

    def __init__(self, url: str) -> None:
        self._base = url.rstrip("/") + "/"

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none."""
        if self._base.endswith("/files/") and path.startswith("../"):
            number, _, name = path.removeprefix("../").rpartition("/")
            path = f"../../{number}/files/{name}" if number else f"../../{name}"
        return download(urljoin(self._base, path))

    def names(self, path: str) -> Iterable[str]:
        """Nothing: a site does not say what else it has."""
        del path
        return ()


def verify(config: Config, target: str, *, key_file: Path | None, as_of: Day | None) -> Report:
    """The report on a folder, a single file or an address.

    The key is the one given, else the one configured, else the one pinned for the district at
    first use, else the installation's own; a key given is pinned where none was.

    Raises: NotFoundError for a path that is not there, InvalidInputError without any key.
    """
    path = Path(target)
    if target.startswith(("http://", "https://")):
        source = _open_site(target)
    elif not path.exists():
        raise NotFoundError("VERIFY-PATH", f"没有 {path}", f"{path} does not exist")
    elif path.is_file():
        beside = path if path.suffix == ".json" else path.with_name(MANIFEST_FILE)
        claimed = _claimed_district(beside.read_bytes() if beside.is_file() else None)
        keys = _choose_keys(config, key_file, claimed)
        return verify_file(path, keys)
    else:
        source = open_folder(path)
    claimed = _claimed_district(source.read(MANIFEST_FILE))
    report = verify_edition(source, _choose_keys(config, key_file, claimed), as_of)
    if key_file is not None and report.is_good:
        _pin(config, claimed, key_file)
    return report


def _open_site(url: str) -> EditionSource:
    site = EditionSite(url)
    if site.read(MANIFEST_FILE) is None and site.read(f"{LATEST}/{MANIFEST_FILE}") is not None:
        return EditionSite(f"{url.rstrip('/')}/{LATEST}")
    return site


def _choose_keys(config: Config, key_file: Path | None, district: str) -> PublicKeys:
    pinned = _pin_path(config, district)
    if key_file is not None:
        return _read_keys(key_file)
    if config.publication.trusted_key:
        return _read_keys(config.resolve(config.publication.trusted_key))
    if pinned.is_file():
        return _read_keys(pinned)
    own = find_own_keys(config)
    if own is None:
        raise InvalidInputError(
            "KEY-REQUIRED",
            "须以 --key 指明可信公钥文件；数据旁边的密钥不作数",
            "name a trusted public key file with --key; a key beside the data does not count",
        )
    return own


def _read_keys(path: Path) -> PublicKeys:
    try:
        return read_public_keys(path.read_bytes())
    except OSError:
        raise NotFoundError(
            "KEY-FILE", f"无法读取密钥文件 {path}", f"cannot read the key file {path}"
        ) from None


def _claimed_district(content: bytes | None) -> str:
    """The district a signed file says it belongs to; it only chooses the key that must fit."""
    try:
        document = json.loads(content or b"{}")
    except ValueError:
        return ""
    district = document.get("district") if isinstance(document, dict) else None
    return district if isinstance(district, str) and re.fullmatch(r"\d{6}", district) else ""


def _pin_path(config: Config, district: str) -> Path:
    return config.var / "keys" / PINNED / f"{district}.pem"


def _pin(config: Config, district: str, key_file: Path) -> None:
    path = _pin_path(config, district)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_secret(path, key_file.read_bytes())
