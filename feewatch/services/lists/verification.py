"""Verification of published files by a trusted key; works without network and without database."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from feewatch.bootstrap import write_secret
from feewatch.config import Config
from feewatch.gateways.downloads import download
from feewatch.kernel.days import Day
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.places import covers
from feewatch.publication.bundle import MOST_BYTES, claimed_district, verify_bundle
from feewatch.publication.chain import CHAIN_FILE, first_fork
from feewatch.publication.folder import LATEST, MANIFEST_FILE
from feewatch.publication.keylist import REVOKED_AT, read_key_file
from feewatch.publication.signing import PublicKeys
from feewatch.publication.verification import (
    ReadOnce,
    Report,
    known_editions,
    open_folder,
    read_published,
    verify_edition,
    verify_file,
)
from feewatch.services.lists.keys import PINNED, find_own_keys
from feewatch.services.lists.remembering import remember
from feewatch.services.lists.revocation import heed_revocations, remark
from feewatch.services.lists.sources import find_other_office, handed_keys


class EditionSite:
    """Published files on a web site: ``…/NUMBER/`` or, as feewatch serves, ``…/NUMBER/files/``."""

    def __init__(self, url: str) -> None:
        self._base = url.rstrip("/") + "/"
        parts = ["", *urlsplit(self._base.removesuffix("files/")).path.strip("/").split("/")]
        self.place = (parts[-1], parts[-2])

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none."""
        if self._base.endswith("/files/") and path == REVOKED_AT:
            path = f"../{REVOKED_AT}"
        elif self._base.endswith("/files/") and path.startswith("../"):
            number, _, name = path.removeprefix("../").rpartition("/")
            path = f"../../{number}/files/{name}" if number else f"../../{name}"
        return download(urljoin(self._base, path))

    def names(self, path: str) -> Iterable[str]:
        """Nothing: a site does not say what else it has."""
        del path
        return ()


def verify(
    config: Config,
    target: str,
    *,
    key_file: Path | None,
    as_of: Day | None,
    against: str | None = None,
) -> Report:
    """The report on a folder, a single file or an address; ``against`` is another copy of it.

    The key is the one given, else those of the source or superior that it is of, else the one
    configured, else for districts that the installation itself publishes its own, else the one
    pinned for the district, else the installation's own.
    ``as_of``: the day on which freshness is judged; None judges none.

    Raises: NotFoundError for a path that is not there, InvalidInputError without any key, for what
    is no address or too large, UnavailableError for a site that cannot be read.
    """
    path = Path(target)
    if not _is_address(target) and path.is_file() and path.suffix.lower() == ".zip":
        return _verify_bundle(config, path, key_file)
    if not _is_address(target) and path.is_file():
        beside = path if path.suffix == ".json" else path.with_name(MANIFEST_FILE)
        claimed = _claimed_district(read_published(beside))
        keys = choose_keys(config, key_file, claimed)
        revoked = read_published(path.parent / REVOKED_AT)
        return verify_file(path, heed_revocations(config, keys, claimed, revoked))
    source = _open(target)
    claimed = _claimed_district(source.read(MANIFEST_FILE))
    keys = choose_keys(config, key_file, claimed)
    keys = heed_revocations(config, keys, claimed, source.read(REVOKED_AT))
    report = verify_edition(source, keys, as_of)
    report.notes += remark(keys)
    if report.district:
        if against is not None:
            _compare(report, source, _open(against), keys)
        remember(config, report, keys)
    if key_file is not None and report.is_good:
        _pin(config, report, key_file)
    return report


def _verify_bundle(config: Config, path: Path, key_file: Path | None) -> Report:
    """The report on a bundle of evidence; its key is chosen, and pinned, as that of an edition."""
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInputError("BUNDLE-SIZE", f"{path} 过大", f"{path} is too large")
    content = path.read_bytes()
    claimed = claimed_district(content)
    claimed = claimed if re.fullmatch(r"\d{6}", claimed, re.ASCII) else ""
    keys = heed_revocations(config, choose_keys(config, key_file, claimed), claimed, None)
    report = verify_bundle(content, keys)
    report.notes += remark(keys)
    if key_file is not None and report.is_good:
        _pin(config, report, key_file)
    return report


def _is_address(target: str) -> bool:
    return target.startswith(("http://", "https://"))


def _open(target: str) -> ReadOnce:
    path = Path(target)
    if _is_address(target):
        return _open_site(target)
    if not path.is_dir():
        raise NotFoundError("VERIFY-PATH", f"没有 {path}", f"{path} does not exist")
    return ReadOnce(open_folder(path))


def _compare(report: Report, one: ReadOnce, other: ReadOnce, keys: PublicKeys) -> None:
    """Hold two copies of the editions of a district against each other: where do they part?"""
    copies = [known_editions(source, report.district, keys) for source in (one, other)]
    forks = first_fork(*copies)
    for fork in forks:
        report.fault(
            CHAIN_FILE,
            f"两份副本自第 {fork.number} 期起不同：同一期号签发了两版",
            f"the copies part at edition {fork.number}: two were signed under one number",
            "VERIFY-FORK",
        )
    if not copies[0].keys() & copies[1].keys():
        report.fault(CHAIN_FILE, "两份副本没有共同的版次", "the copies have no edition in common")
    elif not forks:
        last = max(number for _, number in copies[0].keys() & copies[1].keys())
        report.note(
            f"与另一份副本一致，直至第 {last} 期",
            f"agrees with the other copy up to edition {last}",
        )


def _open_site(url: str) -> ReadOnce:
    try:
        site = ReadOnce(EditionSite(url))
    except ValueError:
        raise InvalidInputError(
            "VERIFY-URL", f"{url} 不是有效的网址", f"{url} is no address"
        ) from None
    if site.read(MANIFEST_FILE) is None and site.read(f"{LATEST}/{MANIFEST_FILE}") is not None:
        return ReadOnce(EditionSite(f"{url.rstrip('/')}/{LATEST}"))
    return site


def choose_keys(config: Config, key_file: Path | None, district: str) -> PublicKeys:
    """The keys by which editions that claim a district are verified.

    Raises: InvalidInputError where none is known.
    """
    pinned = _pin_path(config, district)
    if key_file is not None:
        return _read_keys(key_file)
    other = find_other_office(config, district)
    if other is not None:
        return handed_keys(config, other)
    if config.publication.trusted_key:
        return _read_keys(config.resolve(config.publication.trusted_key))
    own = find_own_keys(config)
    if own is not None and _is_published_here(config, district):
        return own
    if pinned.is_file():
        return _read_keys(pinned)
    if own is None:
        raise InvalidInputError(
            "KEY-REQUIRED",
            "须以 --key 指明可信公钥文件；数据旁边的密钥不作数",
            "name a trusted public key file with --key; a key beside the data does not count",
        )
    return own


def _read_keys(path: Path) -> PublicKeys:
    try:
        return read_key_file(path.read_bytes())
    except OSError:
        raise NotFoundError(
            "KEY-FILE", f"无法读取密钥文件 {path}", f"cannot read the key file {path}"
        ) from None


def _claimed_district(content: bytes | None) -> str:
    """The place of the office that a signed file says to be of; it only chooses the key.

    A request for correction is of the office that asks, not of the district that is asked.
    """
    try:
        document = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return ""
    parts = document if isinstance(document, dict) else {}
    district = parts.get("asker", parts.get("district"))
    return district if isinstance(district, str) and re.fullmatch(r"\d{6}", district) else ""


def _pin_path(config: Config, district: str) -> Path:
    return config.var / "keys" / PINNED / f"{district}.pem"


def _is_published_here(config: Config, district: str) -> bool:
    """Whether it is this installation that publishes a district."""
    return bool(district) and (
        covers(config.office.district, district) or (config.var / "editions" / district).is_dir()
    )


def _pin(config: Config, report: Report, key_file: Path) -> None:
    """Trust this key for the district from now on, aloud; never beside the installation's own."""
    path = _pin_path(config, report.district)
    if find_other_office(config, report.district) is not None:
        report.note(
            "该地区已配置为汇集来源，以配置的公钥为准，给出的公钥只用于这一次",
            "the district is a source with its own keys: the key given was used once, not pinned",
        )
        return
    if find_own_keys(config) is not None and _is_published_here(config, report.district):
        report.note(
            "本机发布该地区，给出的公钥只用于这一次，没有记住",
            "this installation publishes the district: the key given was used once, not pinned",
        )
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if write_secret(path, key_file.read_bytes()):
        ids = ", ".join(read_key_file(key_file.read_bytes()))
        report.note(
            f"今后核验 {report.district} 以此公钥为准：{ids}（记于 {path}）",
            f"from now on {report.district} is verified by this key: {ids} (pinned in {path})",
        )
