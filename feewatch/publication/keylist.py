"""The signed list of keys with their days, and the signed list of revoked ones; reads no clock.

A list of keys is believed by whoever was given it. A revocation is believed wherever it lies, if a
trusted key that is newer than the revoked one signed it: a stolen key cannot revoke its successor.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from feewatch.kernel.days import Day, format_day, iso_or_none, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.publication.signing import (
    PublicKey,
    PublicKeys,
    Revocation,
    SigningKey,
    read_public_keys,
    read_signed,
)

KEYS_FILE, REVOKED_FILE = "keys.json", "revoked.json"
#: Beside the folders of the districts.
FOLDER = "keys"
#: Where the list of revoked keys lies, seen from the folder of an edition.
REVOKED_AT = f"../../{FOLDER}/{REVOKED_FILE}"
KEYS_FORMAT, REVOKED_FORMAT = "feewatch-keys/1", "feewatch-revoked/1"


def build_key_list(office: str, keys: Sequence[PublicKey], signer: SigningKey) -> bytes:
    """The list of an office's keys, the newest first, signed by the present one."""
    rows = [
        {
            "key_id": key.id,
            "suite": key.suite,
            "pem": key.pem.decode(),
            "valid_from": iso_or_none(key.valid_from),
            "valid_until": iso_or_none(key.valid_until),
        }
        for key in keys
    ]
    return signer.sign({"format": KEYS_FORMAT, "office": office, "keys": rows})


def build_revocations(office: str, revoked: Mapping[str, Revocation], signer: SigningKey) -> bytes:
    """The list of an office's revoked keys, signed by one that stays."""
    rows = [
        {
            "key_id": key_id,
            "revoked_on": format_day(revocation.on),
            "reason": revocation.reason,
            "stands_by": sorted(revocation.stands_by),
        }
        for key_id, revocation in sorted(revoked.items())
    ]
    return signer.sign({"format": REVOKED_FORMAT, "office": office, "revoked": rows})


def read_key_file(content: bytes) -> dict[str, PublicKey]:
    """The keys of a file that a reader was given: PEM, or a list that one of its keys signed.

    Raises: InvalidInputError for anything else.
    """
    if not content.lstrip().startswith(b"{"):
        return read_public_keys(content)
    try:
        rows = json.loads(content)["keys"]
        keys = [_listed(row, rank) for rank, row in enumerate(rows)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _no_list() from None
    by_id = {key.id: key for key in keys}
    document, _ = read_signed(content, by_id)
    if document is None or document.get("format") != KEYS_FORMAT:
        raise _no_list()
    return by_id


def with_revocations(keys: PublicKeys, content: bytes) -> tuple[PublicKeys, Text | None]:
    """The keys with what a list revokes of them, or as they were and why it is not believed."""
    document, fault = read_signed(content, keys)
    if document is None or document.get("format") != REVOKED_FORMAT:
        return keys, fault or Text(
            f"不是 {REVOKED_FORMAT} 文件", f"is no {REVOKED_FORMAT} document"
        )
    try:
        revoked = {str(row["key_id"]): _revocation(row) for row in document["revoked"]}
    except (KeyError, TypeError, ValueError):
        return keys, Text("吊销名单格式有误", "the list of revoked keys is malformed")
    # what stands beside a good signature was signed by nobody
    signers = [keys.get(str(each.get("key_id"))) for each in document["signatures"]]
    staying = [key.rank for key in signers if key is not None and key.id not in revoked]
    believed = {
        key_id: revocation
        for key_id, revocation in revoked.items()
        if key_id in keys and any(rank < keys[key_id].rank for rank in staying)
    }
    if len(believed) < len(revoked.keys() & keys.keys()):
        return keys, Text(
            "吊销名单不是由更新的可信密钥签署",
            "no newer trusted key signed the list of revoked keys",
        )
    marked = {key_id: replace(keys[key_id], revocation=each) for key_id, each in believed.items()}
    return {**keys, **marked}, None


def revocations_of(keys: Iterable[PublicKey]) -> dict[str, Revocation]:
    """What is revoked, by key id."""
    return {key.id: key.revocation for key in keys if key.revocation is not None}


def _listed(row: Mapping[str, Any], rank: int) -> PublicKey:
    (key,) = read_public_keys(row["pem"].encode()).values()
    return replace(
        key, rank=rank, valid_from=_day(row["valid_from"]), valid_until=_day(row["valid_until"])
    )


def _revocation(row: Mapping[str, Any]) -> Revocation:
    on = parse_day(row["revoked_on"])
    if on is None:
        raise ValueError("revoked_on")
    return Revocation(on, str(row["reason"]), frozenset(map(str, row["stands_by"])))


def _day(text: str | None) -> Day | None:
    return None if text is None else parse_day(text)


def _no_list() -> InvalidInputError:
    return InvalidInputError(
        "KEY-FORMAT",
        "密钥文件须为 PEM 公钥，或由所列密钥签署的密钥清单",
        "the key file must hold public keys in PEM form, or a list that one of its keys signed",
    )
