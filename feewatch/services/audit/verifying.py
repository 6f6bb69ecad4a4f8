"""Whether all that is on record is as it was put there: chain, history, files, editions, anchors.

Reads one view of the database and changes nothing, so it works beside a serving office.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.errors import Refusal
from feewatch.kernel.text import Text
from feewatch.publication.anchors import RECORD_FILE, Anchor, read_anchors
from feewatch.publication.links import link_hash
from feewatch.publication.signing import PublicKeys, read_signed, sha256
from feewatch.publication.verification import ReadOnce, open_folder, verify_edition
from feewatch.services.audit.links import Fault, Walk
from feewatch.services.intake import rawfiles
from feewatch.services.lists.anchors import anchor_path
from feewatch.services.lists.keys import find_own_keys
from feewatch.store import covering, kept_files, trail
from feewatch.store.database import Transaction
from feewatch.store.lists import editions
from feewatch.store.lists.editions import Edition

#: Told what is looked at and how many of it are done.
Progress = Callable[[str, int], None]
_EVERY = 1_000


@dataclass
class RecordProof:
    """What was looked at, and what is wrong."""

    rows: int = 0
    head: int = 0
    hash: str = ""  # of the last link
    covered: int = 0
    files: int = 0
    editions: int = 0
    anchors: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """The form of the command."""
        counts = {name: value for name, value in vars(self).items() if isinstance(value, int)}
        return {
            "good": self.is_good,
            **counts,
            "faults": [fault.as_json() for fault in self.faults],
            "notes": [note.both() for note in self.notes],
        }


def verify(
    app: App, *, anchors: Path | None = None, progress: Progress = lambda *_: None
) -> RecordProof:
    """The proof of an installation; ``anchors``: a copy of the file of anchors kept elsewhere."""
    proof = RecordProof()
    keys = find_own_keys(app.config) or {}
    told = _read_all_anchors(app, anchors, keys, proof)
    with app.database.reading() as tx:
        _prove_chain(tx, told, proof, progress)
        gone = kept_files.list_gone(tx)
        files = {key: of for key, of in kept_files.list_files(tx).items() if key not in gone}
        issued = [
            row for each in editions.list_districts(tx) for row in editions.list_editions(tx, each)
        ]
    _prove_files(app, files, proof, progress)
    _note_gone(app, gone, proof)
    _prove_editions(app, issued, keys, proof, progress)
    return proof


def prove_chain(app: App) -> RecordProof:
    """The proof of the chain and the anchors alone, for a page: no history, no files."""
    proof = RecordProof()
    told = _read_all_anchors(app, None, find_own_keys(app.config) or {}, proof)
    with app.database.reading() as tx:
        _walk(tx, told, proof, lambda *_: None)
    return proof


def _prove_chain(
    tx: Transaction, told: dict[str, list[Anchor]], proof: RecordProof, progress: Progress
) -> None:
    walk = _walk(tx, told, proof, progress)
    for name in (*covering.HISTORY, *covering.KEPT, covering.STATEMENT):
        for fault in _compare(tx, name, walk, proof, progress):
            proof.faults.append(fault)


def _walk(
    tx: Transaction, told: dict[str, list[Anchor]], proof: RecordProof, progress: Progress
) -> Walk:
    walk = Walk(link_hash)
    walk.remember(anchor.number for anchors in told.values() for anchor in anchors)
    for row in trail.stream_links(tx):
        walk.take({**row})
        if walk.rows % _EVERY == 0:
            progress("audit", walk.rows)
    walk.end(trail.find_head(tx))
    for name, anchors in told.items():
        for anchor in anchors:
            walk.hold(anchor.number, anchor.hash, name)
            proof.anchors += 1
    proof.faults += walk.faults
    for key in trail.list_unlinked(tx):
        text = Text(f"审计记录 id {key} 不在链中", f"the audit row with id {key} is in no link")
        proof.faults.append(Fault("inserted", f"audit id {key}", text))
    proof.rows, (proof.head, proof.hash) = walk.rows, walk.last
    return walk


def _compare(
    tx: Transaction, name: str, walk: Walk, proof: RecordProof, progress: Progress
) -> Iterator[Fault]:
    """What stands in a covered table against what the chain says of it."""
    missing = dict(walk.covers[name])
    for done, (key, present) in enumerate(covering.hash_rows(tx, name), 1):
        if done % _EVERY == 0:
            progress(name, done)
        cover = missing.pop(str(key), None)
        if cover is None:
            text = Text("审计记录没有写入它的行", "no row of the trail tells that it was written")
            yield _of_row("inserted", name, key, text)
        elif cover.hash != present:
            words = Text(
                f"应为 {cover.hash}（审计第 {cover.number} 行），实为 {present}",
                f"it should hash to {cover.hash} (audit row {cover.number}), it is {present}",
            )
            yield _of_row("altered", name, key, words)
        proof.covered += 1
    for lost, cover in missing.items():
        words = Text(
            f"审计第 {cover.number} 行写入的记录已不存在",
            f"audit row {cover.number} wrote it, it is gone",
        )
        yield _of_row("removed", name, lost, words)


def _of_row(kind: str, name: str, key: Any, text: Text) -> Fault:
    place = f"{name} {key}"
    return Fault(kind, place, Text(f"{place}：{text.zh}", f"{place}: {text.en}"))


def _prove_files(app: App, files: dict[str, str], proof: RecordProof, progress: Progress) -> None:
    for done, (hashed, owner) in enumerate(sorted(files.items()), 1):
        proof.files = done
        if done % 50 == 0:
            progress("files", done)
        try:
            rawfiles.load(app, hashed)
        except Refusal as refusal:
            kind = "removed" if refusal.code.endswith("MISSING") else "altered"
            words = Text(f"{owner}：{refusal.text.zh}", f"{owner}: {refusal.text.en}")
            proof.faults.append(Fault(kind, f"file {hashed}", words))


def _note_gone(app: App, gone: Mapping[str, str], proof: RecordProof) -> None:
    """How many files were let go by rule; one that lies there all the same is a fault."""
    for hashed, mark in gone.items():
        if rawfiles.paths_of(app, hashed):
            words = Text(
                f"已由清除 {mark} 销毁，但仍在磁盘上", f"let go by {mark}, and still there"
            )
            proof.faults.append(_fault_of("unerased", f"file {hashed}", words))
    if gone:
        zh, en = f"{len(gone)} 个文件已依规清除，仅存哈希", f"{len(gone)} files were let go by rule"
        proof.notes.append(Text(zh, f"{en}: their hashes stay"))


def _prove_editions(
    app: App, issued: list[Edition], keys: PublicKeys, proof: RecordProof, progress: Progress
) -> None:
    for done, row in enumerate(issued, 1):
        proof.editions = done
        progress("editions", done)
        place, content = f"edition {row.district}/{row.number}", row.document.encode()
        document, fault = read_signed(content, keys)
        if document is None or sha256(content) != row.sha256:
            words = fault or Text("与记录的哈希不符", "has not the hash on record")
            proof.faults.append(_fault_of("altered", place, words))
        path = app.editions / row.district / str(row.number)
        if not path.is_dir():
            words = Text("磁盘上没有该期", "it does not lie on disk")
            proof.faults.append(_fault_of("removed", place, words))
            continue
        report = verify_edition(ReadOnce(open_folder(path)), keys, None)
        for wrong in report.faults:
            words = Text(f"{wrong.file}：{wrong.text.zh}", f"{wrong.file}: {wrong.text.en}")
            proof.faults.append(_fault_of("altered", place, words))
        if report.is_good and report.sha256 != row.sha256:
            words = Text("磁盘上是另一版", "another one lies on disk")
            proof.faults.append(_fault_of("altered", place, words))


def _fault_of(kind: str, place: str, words: Text) -> Fault:
    return Fault(kind, place, Text(f"{place}：{words.zh}", f"{place}: {words.en}"))


def _read_all_anchors(
    app: App, given: Path | None, keys: PublicKeys, proof: RecordProof
) -> dict[str, list[Anchor]]:
    paths = [given or anchor_path(app.config), *sorted(app.editions.glob(f"*/{RECORD_FILE}"))]
    told = {}
    for path in paths:
        if path.is_file():
            told[str(path)] = list(_read_anchors(path, keys, proof))
        elif path == paths[0]:
            proof.notes.append(Text(f"没有锚点文件 {path}", f"there is no file of anchors {path}"))
    if given is not None and not told.get(str(given)):  # against nothing nothing is proven
        words = Text("其中没有有效的锚点，无从核对", "holds no valid anchor to compare with")
        proof.faults.append(_fault_of("removed", str(given), words))
    return told


def _read_anchors(path: Path, keys: PublicKeys, proof: RecordProof) -> Iterator[Anchor]:
    for anchor, line, wrong in read_anchors(path.read_bytes(), keys):
        if anchor is None:
            place = f"{path} {line}"
            proof.faults.append(_fault_of("altered", place, wrong))
        else:
            yield anchor
