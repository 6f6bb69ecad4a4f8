"""Files that people hand in as proof: told by their bytes, named harmlessly, kept for ever.

They are never opened or changed: what lies behind a type is for the reader's own programs.
"""

import hashlib
import io
import zipfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text, printable
from feewatch.services.intake import rawfiles

#: How the files begin that every office can open, and what a browser may be told they are.
PICTURES_AND_PDF: Mapping[str, bytes] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: The part of a package of Office Open XML that makes it a text or a workbook.
OFFICE_FILES: Mapping[str, str] = {_WORD: "word/document.xml", _SHEET: "xl/workbook.xml"}
_NAME_LENGTH = 200
#: A text or workbook has some dozens of parts; a list of thousands is made to be slow.
_MOST_PARTS = 2000


@dataclass(frozen=True, slots=True)
class KindTaken:
    """Which files are taken in one place, and what a refusal calls them."""

    code: str  # of the refusals, before -SIZE and -TYPE
    title: Text
    types: Collection[str]
    kinds: str  # as a person names them
    most_mb: int


@dataclass(frozen=True, slots=True)
class Proof:
    """A file looked at and not yet kept."""

    name: str
    sha256: str
    media_type: str
    content: bytes


def read_proof(taken: KindTaken, name: str, content: bytes) -> Proof:
    """A file as proof.

    Raises: InvalidInputError where it is empty, too large, or of no type that is taken.
    """
    zh, en, most = taken.title.zh, taken.title.en, taken.most_mb
    if len(content) > most * 1024 * 1024:
        raise InvalidInputError(
            f"{taken.code}-SIZE",
            f"{zh}至多 {most} MB",
            f"{en} has at most {most} MB",
            field=taken.code.lower(),
        )
    media_type = type_of(content)
    if media_type not in taken.types:
        raise InvalidInputError(
            f"{taken.code}-TYPE",
            f"{zh}须为 {taken.kinds.replace(' or ', ' 或 ').replace(', ', '、')} 文件",
            f"{en} is a {taken.kinds} file",
            field=taken.code.lower(),
        )
    assert media_type is not None  # None is in no list of types
    sha256 = hashlib.sha256(content).hexdigest()
    return Proof(harmless_name(name, taken.code.lower()), sha256, media_type, content)


def harmless_name(name: str, otherwise: str) -> str:
    """A file's name without folders and letters that no reader sees; short enough to keep."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    return printable(plain)[-_NAME_LENGTH:] or otherwise


def keep_proof(app: App, proof: Proof) -> None:
    """Keep a file with the raw files, before the record that names it is committed."""
    rawfiles.keep(app, proof.sha256, proof.content)


def keep_proofs(app: App, proofs: Iterable[Proof]) -> list[dict[str, Any]]:
    """What goes on record of files, once they are kept."""
    rows = []
    for proof in proofs:
        keep_proof(app, proof)
        row = {"name": proof.name, "media_type": proof.media_type, "sha256": proof.sha256}
        rows.append({**row, "size": len(proof.content)})
    return rows


def load_proof(app: App, sha256: str) -> tuple[bytes, str]:
    """The bytes of a kept file, which still have their hash, and their media type.

    Raises: UnavailableError where they are gone or changed.
    """
    content = rawfiles.load_bytes(app, sha256)
    return content, type_of(content) or "application/octet-stream"


def type_of(content: bytes) -> str | None:
    """The media type of a file's bytes; None where it is none of those known here."""
    for media_type, begin in PICTURES_AND_PDF.items():
        if content.startswith(begin):
            return media_type
    return _type_of_package(content) if content.startswith(b"PK\x03\x04") else None


def _type_of_package(content: bytes) -> str | None:
    """A text or workbook by the parts it lists; one with macros is neither."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        return None
    if len(parts) > _MOST_PARTS or "[Content_Types].xml" not in parts:
        return None
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        return None
    return next((media for media, part in OFFICE_FILES.items() if part in parts), None)
