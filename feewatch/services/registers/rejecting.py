"""The bad rows of a register file: as a file to mend and import again, and kept on record."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.errors import UnavailableError
from feewatch.registry.reader import RegisterReading
from feewatch.registry.rejects import rejected_csv, rejected_xlsx
from feewatch.services.intake import rawfiles
from feewatch.sheets.tables import is_workbook


@dataclass(frozen=True)
class Rejects:
    """The bad rows of a file, as a file to mend and import again."""

    name: str
    content: bytes


#: Puts the bad rows where they can be fetched and says where; within the transaction, so that
#: rows are not skipped and lost.
KeepRejects = Callable[[Rejects], Path | None]


def rejects_of(reading: RegisterReading, data: bytes) -> Rejects:
    """The bad rows of a file, in the form that it has: a marked workbook, or CSV."""
    stem = Path(reading.file).stem
    if is_workbook(data):
        return Rejects(f"{stem}.rejected.xlsx", rejected_xlsx(reading, reading.faults))
    return Rejects(f"{stem}.rejected.csv", rejected_csv(reading, reading.faults))


def write_rejects(folder: Path, rejects: Rejects) -> Path:
    """Write the file of bad rows; where it lies.

    Raises: UnavailableError.
    """
    target = folder / rejects.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(rejects.content)
    except OSError as fault:
        raise UnavailableError(
            "REJECTS-UNWRITABLE", f"无法写入 {target}", f"cannot write {target}: {fault.strerror}"
        ) from None
    return target


def keep_rejects(app: App, rejects: Rejects) -> dict[str, str]:
    """Keep the bad rows, without what may be personal; name and hash of their file."""
    sha256 = hashlib.sha256(rejects.content).hexdigest()
    rawfiles.keep(app, sha256, rejects.content)
    return {"name": rejects.name, "sha256": sha256}
