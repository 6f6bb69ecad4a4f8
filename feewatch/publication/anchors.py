"""Anchors: where the chain of the audit trail stood at a moment, signed, outside the database.

Whoever rewrites the trail from a row on has to rewrite every anchor of after, too, which needs the
office's key and every copy that was taken elsewhere.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.kernel.text import Text
from feewatch.publication.signing import PublicKeys, SigningKey, read_signed

ANCHOR_FORMAT = "feewatch-anchor/1"
#: Beside the editions of a district: an anchor of each of them.
RECORD_FILE = "record.jsonl"


class Anchor(NamedTuple):
    """A link of the chain as a signed line names it."""

    line: int
    number: int
    hash: str
    at: str


def build_anchor(
    office: str, at: str, number: int, link: str, key: SigningKey, edition: Mapping[str, Any] | None
) -> bytes:
    """The signed line of a link; ``edition``: district, number and hash, where one goes out."""
    line: dict[str, Any] = {
        "format": ANCHOR_FORMAT, "office": office, "at": at, "number": number, "hash": link,
    }  # fmt: skip
    return key.sign(line | ({"edition": dict(edition)} if edition else {})) + b"\n"


def append_anchor(path: Path, line: bytes) -> None:
    """Add a line; what stands there is never changed."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read_anchors(content: bytes, keys: PublicKeys) -> Iterator[tuple[Anchor | None, int, Text]]:
    """Each line as an anchor, or None and what is wrong with it; with its place."""
    for place, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        document, fault = read_signed(raw, keys)
        if document is None or document.get("format") != ANCHOR_FORMAT:
            words = fault or Text(f"不是 {ANCHOR_FORMAT}", f"is no {ANCHOR_FORMAT}")
            yield None, place, words
        else:
            told = (document["number"], document["hash"], document["at"])
            yield Anchor(place, *told), place, Text("", "")


def has_edition(path: Path, district: str, number: int) -> bool:
    """Whether a file of anchors names an edition already."""
    if not path.is_file():
        return False
    lines = [json.loads(line) for line in path.read_bytes().splitlines() if line.endswith(b"}")]
    return any(
        (line.get("edition") or {}).get("number") == number
        and line["edition"].get("district") == district
        for line in lines
    )
