"""Vouchers of proposals: files that show why a row is wrong, told by their bytes, kept for ever."""

from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import PICTURES_AND_PDF, KindTaken, Proof, read_proof

_TAKEN = KindTaken("VOUCHER", Text("凭证", "a voucher"), PICTURES_AND_PDF, "PDF, JPEG or PNG", 10)


def read_voucher(name: str, content: bytes) -> Proof:
    """A file as a voucher, looked at and not yet kept.

    Raises: InvalidInputError where it is empty, too large, or neither PDF nor a picture.
    """
<<<<<<< HEAD
    return read_proof(_TAKEN, name, content)
=======
    if len(content) > MOST_BYTES:
        raise InvalidInputError(
            "VOUCHER-SIZE", "凭证至多 10 MB", "a voucher has at most 10 MB", field="voucher"
        )
    if type_of(content) is None:
        raise InvalidInputError(
            "VOUCHER-TYPE",
            "凭证须为 PDF、JPEG 或 PNG 文件",
            "a voucher is a PDF, JPEG or PNG file",
            field="voucher",
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
>>>>>>> dbd0351 (A refused form comes back on its own page: text kept, fault on top and linked, ways back by role)
