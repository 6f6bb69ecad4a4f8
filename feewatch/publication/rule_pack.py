"""A pack of rules (规则包): rule data of an office as one signed file, which others install.

Its manifest names every file with its hash and bears the signature of the office that made it.
Writes nothing and reads no clock: the same content and key give the same bytes.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from feewatch.engine.loader import is_rule_file
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.publication.archive import pack_files, unpack_files
from feewatch.publication.signing import PublicKeys, SigningKey, read_signed, sha256

_FORMATS = "feewatch-rule-pack/"
FORMAT = f"{_FORMATS}1"
MANIFEST, REVOKED, RULES = "manifest.json", "revoked.json", "rules/"
#: The shipped book has some 200 files in 1 MB.
MOST_BYTES, MOST_FILES = 64 * 1024 * 1024, 2_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,3}")


class PackHead(NamedTuple):
    """What a pack says of itself."""

    name: str
    version: str
    office: str
    district: str
    issued_on: str
    book: str  # the version of the shipped book that it was made over


class RulePack(NamedTuple):
    """A pack whose signature, hashes and names were held against a key."""

    head: PackHead
    key_id: str
    manifest: bytes
    revoked: bytes | None  # the office's list of revoked keys of that day
    files: Mapping[str, bytes]  # rule data by path


def require_names(name: str, version: str) -> None:
    """Nothing where both are such as a folder may bear on any machine.

    Raises: InvalidInputError.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            "PACK-NAME",
            f"规则包名称 {name!r} 只能用小写字母、数字和连字符，至多 40 个字符",
            f"the name of a pack has small letters, digits and hyphens, 40 at most, not {name!r}",
            field="name",
        )
    if not _VERSION.fullmatch(version):
        raise InvalidInputError(
            "PACK-VERSION",
            f"版本 {version!r} 应为一至四个以点分开的数字，如 2026.12.1",
            f"a version is one to four numbers with points between, as 2026.12.1, not {version!r}",
            field="version",
        )


def is_newer(version: str, than: str) -> bool:
    """Whether a version comes after another one; 1.0 is 1."""
    return _numbers(version) > _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(each) for each in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def build_pack(
    head: PackHead, files: Mapping[str, bytes], key: SigningKey, revoked: bytes | None = None
) -> bytes:
    """The bytes of a pack of rule data by path, signed by the office.

    Raises: InvalidInputError for names that a pack may not have, or too much in it.
    """
    require_names(head.name, head.version)
    laid = {RULES + path: content for path, content in files.items()}
    laid |= {} if revoked is None else {REVOKED: revoked}
    if len(laid) >= MOST_FILES or sum(map(len, laid.values())) > MOST_BYTES // 2:
        raise too_large()
    _require_places(laid)
    hashes = {path: sha256(content) for path, content in laid.items()}
    manifest = key.sign({"format": FORMAT, **head._asdict(), "files": hashes})
    return pack_files({MANIFEST: manifest, **laid})


def is_pack(content: bytes) -> bool:
    """Whether a file says that it is a pack of rules."""
    try:
        return str(json.loads(_unpack(content)[MANIFEST])["format"]).startswith(_FORMATS)
    except (InvalidInputError, ValueError, KeyError, TypeError, RecursionError):
        return False


def claimed_name(content: bytes) -> str:
    """The name that a pack gives itself; it only chooses the key that must fit.

    Raises: InvalidInputError where the file is no pack.
    """
    try:
        manifest = json.loads(_unpack(content)[MANIFEST])
        name, version = str(manifest["name"]), str(manifest["version"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _no_pack("manifest.json") from None
    require_names(name, version)
    return name


def claimed_revocations(content: bytes) -> bytes | None:
    """The list of revoked keys in a pack, which is believed by its own signature alone."""
    return _unpack(content).get(REVOKED)


def read_pack(content: bytes, keys: PublicKeys) -> RulePack:
    """A pack that one of these keys signed, every byte of it held against its manifest.

    Raises: InvalidInputError with what is wrong.
    """
    files = _unpack(content)
    if pack_files(files) != content:
        raise InvalidInputError(
            "PACK-PACKED",
            "规则包被改动、增补或重新打包",
            "the pack was changed, added to or packed anew",
        )
    manifest = files.pop(MANIFEST, b"")
    document = _read_manifest(manifest, keys)
    _require_places(files)
    _require_hashes(document, files)
    head = _head(document)
    require_names(head.name, head.version)
    # of those beside the one that counts nobody says more than that they are there
    signers = [str(each.get("key_id")) for each in document["signatures"]]
    trusted = [each for each in signers if each in keys]
    standing = [each for each in trusted if keys[each].revocation is None]
    return RulePack(
        head,
        (standing or trusted)[0],
        manifest,
        files.get(REVOKED),
        {
            path.removeprefix(RULES): content
            for path, content in files.items()
            if path.startswith(RULES)
        },
    )


def too_large() -> InvalidInputError:
    """That a pack is larger than any may be."""
    return InvalidInputError(
        "PACK-SIZE",
        f"规则包过大：至多 {MOST_FILES} 个文件、{MOST_BYTES // 2**20} MB",
        f"too large: a pack has {MOST_FILES} files and {MOST_BYTES // 2**20} MB at most",
    )


def _unpack(content: bytes) -> dict[str, bytes]:
    if len(content) > MOST_BYTES:
        raise too_large()
    try:
        return unpack_files(content, MOST_BYTES, MOST_FILES)
    except ValueError as fault:
        raise _no_pack(str(fault)) from None


def _no_pack(what: str) -> InvalidInputError:
    return InvalidInputError(
        "PACK-FILE", f"不是完整的规则包：{what}", f"this is no whole pack of rules: {what}"
    )


def _read_manifest(manifest: bytes, keys: PublicKeys) -> dict[str, Any]:
    document, fault = read_signed(manifest, keys)
    if document is None or fault is not None:
        assert fault is not None
        raise InvalidInputError(
            "PACK-SIGNATURE", f"规则包清单：{fault.zh}", f"the manifest of the pack: {fault.en}"
        )
    if document.get("format") != FORMAT:
        raise InvalidInputError(
            "PACK-FORMAT",
            f"清单格式不是 {FORMAT}",
            f"the manifest is not of the format {FORMAT}",
        )
    return document


def _require_places(files: Mapping[str, bytes]) -> None:
    """Nothing where each file is one that rule data may have: no path leads anywhere else."""
    for path in files:
        if path != REVOKED and not (
            path.startswith(RULES) and is_rule_file(path.removeprefix(RULES))
        ):
            raise InvalidInputError(
                "PACK-PATH",
                f"规则包中不能有 {path!r}：文件名只用字母、数字、点、横线和下划线，文件夹同规则库",
                f"a pack may not hold {path!r}: names have letters, digits, points, hyphens and "
                "underscores, in the folders of the rule book",
            )


def _require_hashes(document: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    told = document.get("files")
    held = {path: sha256(content) for path, content in files.items()}
    if not isinstance(told, dict) or told != held:
        listed = told if isinstance(told, dict) else {}
        wrong = sorted(str(path) for path in {*listed, *held} if listed.get(path) != held.get(path))
        raise InvalidInputError(
            "PACK-HASH",
            f"与签名清单不符：{'、'.join(wrong[:5])}",
            f"not what the signed manifest says: {', '.join(wrong[:5])}",
        )


def _head(document: Mapping[str, Any]) -> PackHead:
    values = [document.get(name) for name in PackHead._fields]
    if not all(isinstance(each, str) for each in values):
        raise InvalidInputError(
            "PACK-FORMAT",
            "清单缺少名称、版本或签发机关",
            "the manifest lacks name, version or office",
        )
    head = PackHead(*map(str, values))
    is_place = re.fullmatch(r"[0-9]{6}", head.district)
    if not is_place or parse_day(head.issued_on) is None:
        raise InvalidInputError(
            "PACK-FORMAT", "清单的区划或日期有误", "the district or day of the manifest is wrong"
        )
    return head
