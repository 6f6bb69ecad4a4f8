"""No file stops another: whatever a reader stumbles on refuses that file and is put on record."""

import io
import logging
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from feewatch.config import Config
from feewatch.logs import ReaderLog
from feewatch.statements.reading import read


class Failing(list):
    """Layouts at which any reader fails."""

    def __iter__(self):
        raise RuntimeError("a fault of the program")


def test_a_fault_of_the_program_refuses_the_file_and_leaves_a_trace(caplog):
    with caplog.at_level(logging.ERROR):
        found = read(b"a,b\n1,2\n", "one.csv", Failing())
    assert [(each.code, each.file) for each in found.problems] == [("FILE-READER", "one.csv")]
    assert found.statements == ()
    assert "a fault of the program" in caplog.text
    assert "Traceback" in caplog.text


def test_a_fault_of_the_disk_is_raised_and_never_told_of_the_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "gone.csv", "gone.csv", [])


def test_only_its_owner_reads_the_log_of_the_readers(tmp_path):
    log = ReaderLog(Config(folder=tmp_path))
    log.emit(logging.LogRecord("x", logging.ERROR, "x.py", 1, "told", None, None))
    log.close()
    path = Path(log.baseFilename)
    assert path.read_text(encoding="utf-8").endswith("}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def workbook_with_wrong_offsets(shift):
    """A package whose list of parts says that all of them stand elsewhere."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    content = bytearray(target.getvalue())
    end = content.rfind(b"PK\x05\x06")
    (at,) = struct.unpack_from("<I", content, end + 16)
    struct.pack_into("<I", content, end + 16, at + shift)
    return bytes(content)


@pytest.mark.parametrize("shift", [-60, -7, 7, 60, 400])
def test_a_workbook_whose_parts_stand_elsewhere_is_refused(reading, shift):
    found = reading(workbook_with_wrong_offsets(shift))
    assert found.statements == ()
    assert found.problems[0].code in ("FILE-FORMAT", "FILE-WORKBOOK")
