"""Vouchers of proposals: files that show why a row is wrong, told by their bytes, kept for ever."""

import hashlib
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import InvalidInputError
from feewatch.services.intake import rawfiles

MOST_BYTES = 10 * 1024 * 1024
#: How the files begin that every office can open, and what a browser may be told they are.
_TYPES = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


class Voucher(NamedTuple):
    """A file of a proposal, looked at and not yet kept."""

    name: str
    sha256: str
    content: bytes


def read_voucher(name: str, content: bytes) -> Voucher:
    """A file as a voucher.

    Raises: InvalidInputError where it is empty, too large, or neither PDF nor a picture.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInputError("VOUCHER-SIZE", "凭证至多 10 MB", "a voucher has at most 10 MB")
    if type_of(content) is None:
        raise InvalidInputError(
            "VOUCHER-TYPE",
            "凭证须为 PDF、JPEG 或 PNG 文件",
            "a voucher is a PDF, JPEG or PNG file",
        )
    plain = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in plain if letter.isprintable())[-200:] or "voucher"
    return Voucher(shown, hashlib.sha256(content).hexdigest(), content)


def keep_voucher(app: App, voucher: Voucher) -> None:
    """Keep a voucher with the raw files, before the record that names it is committed."""
    rawfiles.keep(app, voucher.sha256, voucher.content)


def load_voucher(app: App, sha256: str) -> tuple[bytes, str]:
    """The bytes of a voucher, which still have their hash, and their media type.

    Raises: UnavailableError where they are gone or changed.
    """
    kept = rawfiles.load(app, sha256)
    content = kept if isinstance(kept, bytes) else kept.read_bytes()
    return content, type_of(content) or "application/octet-stream"


def type_of(content: bytes) -> str | None:
    """The media type of a file's bytes; None where it is none of those taken."""
    return next((media for begin, media in _TYPES.items() if content.startswith(begin)), None)
