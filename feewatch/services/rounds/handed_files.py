"""Visits handed in as files, with the photos that lie beside them."""

from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import refuse_faults
from feewatch.rounds.visit_file import WrittenVisit, read_visit_file
from feewatch.services.rounds.files import get_checklist
from feewatch.services.rounds.visiting import (
    KINDS,
    MOST_MB,
    ItemSaid,
    Photo,
    VisitGiven,
    VisitKept,
    read_photo,
    record_visit,
)


def record_visit_file(app: App, path: Path, *, actor: str) -> VisitKept:
    """Put the visit of a file on record, once however often the file is handed in.

    Raises: InvalidInputError listing every fault of the file, or as ``record_visit``.
    """
    faults: list[Problem] = []
    written = read_visit_file(path.read_bytes(), path.name, tuple(KINDS), faults)
    refuse_faults("VISIT-FILE", Text("走访文件有误", "the file of the visit has faults"), faults)
    assert written is not None
    chosen = get_checklist(app, written.checklist, written.on) if written.checklist else None
    given = VisitGiven(
        written.token,
        written.on,
        written.kind,
        written.uscc,
        written.premises_no,
        checklist=written.checklist,
        version=chosen.version if chosen else "",
        results={item.id: ItemSaid(item.result, item.note) for item in written.items},
        note=written.note,
        photos=_photos(path.parent, written),
        campaign=written.campaign,
    )
    return record_visit(app, given, actor=actor)


def _photos(folder: Path, written: WrittenVisit) -> list[Photo]:
    named = [("", name) for name in written.photos]
    named += [(item.id, name) for item in written.items for name in item.photos]
    return [read_photo(item, name, _read(folder / name)) for item, name in named]


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise InvalidInputError("PHOTO", f"没有照片 {path.name}", f"there is no photo {path.name}")
    if path.stat().st_size > MOST_MB * 1024 * 1024:
        raise InvalidInputError(
            "PHOTO", f"{path.name} 超过 {MOST_MB} MB", f"{path.name} is over {MOST_MB} MB"
        )
    return path.read_bytes()
