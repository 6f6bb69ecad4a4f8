"""A stolen key: what it signed counts no more, but for the documents the office stands by."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App, write_secret
from feewatch.config import Config
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.text import Text
from feewatch.publication.anchors import RECORD_FILE
from feewatch.publication.chain import CHAIN_FILE
from feewatch.publication.folder import MANIFEST_FILE
from feewatch.publication.keylist import (
    REVOKED_FILE,
    build_revocations,
    revocations_of,
    with_revocations,
)
from feewatch.publication.rendering import EDITION_FILE
from feewatch.publication.signing import PublicKeys, Revocation, sha256
from feewatch.services.lists.anchors import anchor_path
from feewatch.services.lists.keys import (
    KEEPERS,
    PINNED,
    current_ids,
    get_signing_key,
    give_out,
    list_keys,
)
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit, trail
from feewatch.store.lists import editions


class Revoked(NamedTuple):
    """What came of a revocation."""

    key_id: str
    on: Day
    stands_by: int  # documents
    left_out: list[str]  # editions signed by the key that it does not stand by, DISTRICT/NUMBER


def revoke_key(
    app: App,
    key_id: str,
    *,
    reason: str,
    actor: str,
    on: Day | None = None,
    confirmed: Collection[str] = (),
) -> Revoked:
    """Trust a key no more. Said again, it takes in further editions to stand by.

    ``on``: the day from which nothing that it signed is stood by, but editions that are confirmed
    (``DISTRICT/NUMBER``); without it the office stands by all that is on its own record.

    Raises: NotFoundError, ConflictError (a key that signs), InvalidInputError, ForbiddenError.
    """
    require_reason(reason)
    keys = {key.id: key for key in list_keys(app)}
    _must_be_revocable(app, keys, key_id, on)
    standing, left_out = _sort_out(app, key_id, on, confirmed)
    known = keys[key_id].revocation
    before = known.stands_by if known is not None else frozenset()
    day = on if on is not None else known.on if known is not None else today()
    revocation = Revocation(day, reason, before | frozenset(standing))
    revoked = revocations_of(keys.values()) | {key_id: revocation}
    signer = get_signing_key(app)
    with app.database.transaction() as tx:
        get_acting(tx, actor, KEEPERS)
        detail = {"reason": reason, "on": format_day(day), "confirmed": sorted(confirmed)}
        audit.record(tx, actor=actor, action="key.revoke", object=key_id, detail=detail)
        give_out(app, REVOKED_FILE, build_revocations(app.config.office.name, revoked, signer))
    return Revoked(key_id, day, len(revocation.stands_by), left_out)


def heed_revocations(
    config: Config, keys: PublicKeys, district: str, beside: bytes | None
) -> PublicKeys:
    """The keys with what is revoked of them, by every list that is believed.

    The installation's own list, the one remembered of the district, and the one beside the data. A
    list that no newer trusted key signed is passed over: it can make no key trusted. One that is
    believed is remembered, so that who hides it later hides nothing.
    """
    remembered = config.var / "keys" / PINNED / f"{district}.{REVOKED_FILE}"
    for path in (config.var / "keys" / REVOKED_FILE, remembered):
        if path.is_file():
            keys, _ = with_revocations(keys, path.read_bytes())
    if beside is not None:
        known = revocations_of(keys.values())
        keys, fault = with_revocations(keys, beside)
        if fault is None and revocations_of(keys.values()) != known and district:
            remembered.parent.mkdir(parents=True, exist_ok=True)
            remembered.unlink(missing_ok=True)
            write_secret(remembered, beside)
    return keys


def remark(keys: PublicKeys) -> list[Text]:
    """What a reader is told of keys that are revoked."""
    notes = []
    for key in keys.values():
        if key.revocation is not None:
            on, reason = format_day(key.revocation.on), key.revocation.reason
            count = len(key.revocation.stands_by)
            zh = (
                f"密钥 {key.id} 自 {on} 起已吊销（{reason}），其签署的文件中仍予确认的有 {count} 份"
            )
            en = f"key {key.id} is revoked from {on} ({reason}); {count} documents are stood by"
            notes.append(Text(zh, en))
    return notes


def _must_be_revocable(app: App, keys: PublicKeys, key_id: str, on: Day | None) -> None:
    if key_id not in keys:
        raise NotFoundError("KEY-UNKNOWN", f"没有密钥 {key_id}", f"there is no key {key_id}")
    if key_id in current_ids(app):
        raise ConflictError(
            "KEY-SIGNS",
            "该密钥仍在签名，请先 feewatch key rotate",
            "this key signs: run feewatch key rotate first",
        )
    if on is not None and on > today():
        raise InvalidInputError("DAY-AHEAD", "日期在今天之后", "the day lies ahead", field="on")


def _sort_out(
    app: App, key_id: str, on: Day | None, confirmed: Collection[str]
) -> tuple[set[str], list[str]]:
    """The hashes of the documents of a key that are stood by, and the editions that are not."""
    standing: set[str] = set()
    stood_by: dict[str, str] = {}  # hash by name
    left_out: list[str] = []
    with app.database.reading() as tx:
        for district in editions.list_districts(tx):
            for edition in editions.list_editions(tx, district):
                if not _is_signed_by(edition.read(), key_id):
                    continue
                name = f"{district}/{edition.number}"
                if on is None or edition.cut_off < on or name in confirmed:
                    stood_by[name] = edition.sha256
                    standing.add(edition.sha256)
                    standing |= _manifest(app, name, edition.sha256)
                else:
                    left_out.append(name)
    unknown = {*confirmed} - stood_by.keys()
    if unknown:
        names = ", ".join(sorted(unknown))
        raise NotFoundError(
            "EDITION-UNKNOWN",
            f"没有该密钥签署的版次 {names}",
            f"the key signed no edition {names}",
        )
    return standing | _lines(app, key_id, stood_by) | _anchors(app, key_id), left_out


def _manifest(app: App, name: str, edition_sha256: str) -> set[str]:
    """The hash of the manifest on disk, where it names the edition on record."""
    path = app.editions / name / MANIFEST_FILE
    content = path.read_bytes() if path.is_file() else b"{}"
    files = json.loads(content).get("files", {})
    return {sha256(content)} if files.get(EDITION_FILE) == edition_sha256 else set()


def _lines(app: App, key_id: str, stood_by: Mapping[str, str]) -> set[str]:
    """The hashes of the lines of transparency files about these editions."""
    return {
        sha256(line)
        for line, content in _read_lines(sorted(app.editions.glob(f"**/{CHAIN_FILE}")))
        if _is_signed_by(content, key_id)
        and stood_by.get(f"{content['district']}/{content['number']}") == content["edition_sha256"]
    }


def _anchors(app: App, key_id: str) -> set[str]:
    """The hashes of the anchors that name a link of the record as it stands."""
    paths = [anchor_path(app.config), *sorted(app.editions.glob(f"*/{RECORD_FILE}"))]
    with app.database.reading() as tx:
        return {
            sha256(line)
            for line, content in _read_lines(path for path in paths if path.is_file())
            if _is_signed_by(content, key_id)
            and (row := trail.find_row(tx, content["number"])) is not None
            and row["hash"] == content["hash"]
        }


def _read_lines(paths: Iterable[Path]) -> Iterator[tuple[bytes, dict[str, Any]]]:
    for path in paths:
        for line in path.read_bytes().splitlines():
            yield line, json.loads(line)


def _is_signed_by(document: dict[str, Any], key_id: str) -> bool:
    return any(each.get("key_id") == key_id for each in document.get("signatures", ()))
