"""The transparency file: one signed line an edition, each bound to the line before, only appended.

Whoever keeps a copy can hold it against another: an office that showed two editions of one number
to two readers has signed both lines. There is one file a district and one for the whole office.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.text import Text
from feewatch.publication.signing import PublicKeys, SigningKey, canonical, read_signed, sha256

CHAIN_FILE = "chain.jsonl"
CHAIN_FORMAT = "feewatch-chain/1"


class ChainEntry(NamedTuple):
    """An edition as the record has it."""

    district: str
    number: int
    cut_off: Day
    sha256: str


class EditionName(NamedTuple):
    """Which edition of which district."""

    district: str
    number: int


class ChainCopy(NamedTuple):
    """What a copy of the file says: the hash of each edition, in order, and what is wrong."""

    editions: dict[EditionName, str]
    faults: list[Text]


def extend_chain(path: Path, office: str, entries: Sequence[ChainEntry], key: SigningKey) -> None:
    """Append a line for each edition that has none; what stands there is never changed.

    Raises: ConflictError where a line names another edition than the record.
    """
    content = path.read_bytes() if path.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]  # a process killed in writing left less than a line
    lines = [json.loads(line) for line in whole.splitlines()]
    standing = {EditionName(line["district"], line["number"]): line for line in lines}
    for entry in entries:
        line = standing.get(EditionName(entry.district, entry.number))
        if line is not None and line["edition_sha256"] != entry.sha256:
            raise ConflictError(
                "CHAIN-DIFFERS",
                f"{path} 所记 {entry.district} 第 {entry.number} 期与本机记录不是同一版",
                f"{path}: edition {entry.number} of {entry.district} is another one on record",
            )
    missing = [each for each in entries if EditionName(each.district, each.number) not in standing]
    added = _lines(office, missing, line_hash(lines[-1]) if lines else None, key)
    if added or len(whole) != len(content):
        _append(path, len(whole), added)


def _lines(
    office: str, entries: Iterable[ChainEntry], previous: str | None, key: SigningKey
) -> bytes:
    content = b""
    for entry in entries:
        line = {
            "format": CHAIN_FORMAT,
            "office": office,
            "district": entry.district,
            "number": entry.number,
            "cut_off": format_day(entry.cut_off),
            "edition_sha256": entry.sha256,
            "previous": previous,
        }
        previous = line_hash(line)
        content += key.sign(line) + b"\n"
    return content


def line_hash(line: Mapping[str, Any]) -> str:
    """By which the next line names this one; a new signature, after a rotation, changes nothing."""
    return sha256(canonical({name: line[name] for name in line if name != "signatures"}))


def _append(path: Path, at: int, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.truncate(at)
        file.seek(at)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_chain(content: bytes, keys: PublicKeys) -> ChainCopy:
    """The editions that a copy of the file names up to its first fault, and that fault."""
    editions: dict[EditionName, str] = {}
    previous = None
    for place, raw in enumerate(content[: content.rfind(b"\n") + 1].split(b"\n")[:-1], 1):
        line, fault = read_signed(raw, keys)
        if line is not None:
            fault = _fault(line, previous, editions)
        if line is None or fault is not None:
            words = fault or Text("", "")
            at = Text(f"第 {place} 行：{words.zh}", f"line {place}: {words.en}")
            return ChainCopy(editions, [at])
        editions[EditionName(line["district"], line["number"])] = line["edition_sha256"]
        previous = line_hash(line)
    return ChainCopy(editions, [])


def _fault(
    line: Mapping[str, Any], previous: str | None, known: Mapping[EditionName, str]
) -> Text | None:
    if line.get("format") != CHAIN_FORMAT:
        return Text(f"不是 {CHAIN_FORMAT} 文件", f"is no {CHAIN_FORMAT} document")
    if line.get("previous") != previous:
        return Text("没有接上一行", "does not follow the line before")
    if EditionName(line["district"], line["number"]) in known:
        return Text("同一期记了两次", "names an edition a second time")
    return None


def first_fork(
    one: Mapping[EditionName, str], other: Mapping[EditionName, str]
) -> list[EditionName]:
    """The first edition of each district at which two copies part."""
    parted: dict[str, EditionName] = {}
    for name in sorted(one.keys() & other.keys()):
        if one[name] != other[name]:
            parted.setdefault(name.district, name)
    return list(parted.values())
