"""Signed documents of editions, read only where they are what the office signed."""

from functools import lru_cache
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.publication.signing import PublicKey, PublicKeys, read_signed, sha256
from feewatch.services.lists.keys import find_own_keys
from feewatch.store.pages import PageRow


class SpoiltEditionError(UnavailableError):
    """An edition, in the database or on disk, is not what the office signed: it is not shown."""

    def __init__(self, district: str, number: str, zh: str = "", en: str = "") -> None:
        super().__init__(
            "EDITION-SPOILT",
            f"{zh}{district} 第 {number} 期的内容与签名不符，可能被改动，暂不显示",
            f"{en}edition {number} of {district} is not as it was signed: "
            "it may have been altered and is not shown",
        )


def proven_document(app: App, row: PageRow) -> dict[str, Any]:
    """The document of a row, once its bytes have the hash on record and the office's signature.

    Raises: SpoiltEditionError.
    """
    content = row.document.encode()
    keys = find_own_keys(app.config) or {}
    hashed = sha256(content)
    document = _document(hashed, frozenset(keys.values()), _Signed(content, keys))
    if hashed != row.sha256 or document is None or _head(document) != (row.district, row.number):
        raise SpoiltEditionError(row.district, str(row.number))
    return document


def _head(document: dict[str, Any]) -> tuple[str, int]:
    return document["district"], document["number"]


class _Signed:
    """Signed bytes with the keys by which they are read; equal to any other, as the hash counts."""

    def __init__(self, content: bytes, keys: PublicKeys) -> None:
        self.content, self.keys = content, keys

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Signed)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _document(hashed: str, keys: frozenset[PublicKey], signed: _Signed) -> dict[str, Any] | None:
    """The document of bytes by their hash; editions never change, so a proven one stays true."""
    del hashed, keys
    document, _ = read_signed(signed.content, signed.keys)
    return document
