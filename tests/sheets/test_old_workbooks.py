"""Old XLS workbooks that would bring their reader down are refused, and nothing is printed."""

import struct

import pytest

from feewatch.sheets.old_workbooks import read_sheets
from feewatch.sheets.workbooks import BookSheets

SECTOR = 512


@pytest.fixture
def sound(shared):
    return next((shared / "samples/double-entry-generator/example/ccb").glob("*.xls")).read_bytes()


def circular(content):
    """The directory's chain of sectors leads back to where it began."""
    (table,), (directory,) = (struct.unpack_from("<I", content, at) for at in (76, 48))
    spoilt = bytearray(content)
    struct.pack_into("<I", spoilt, (table + 1) * SECTOR + 4 * directory, directory)
    return bytes(spoilt)


def test_a_sound_one_is_read(sound):
    (sheet,) = read_sheets(sound).filled
    assert len(sheet.rows) > 5


def test_one_that_fills_the_memory_is_refused(sound, capfd):
    assert read_sheets(circular(sound)).code == "FILE-WORKBOOK"
    assert capfd.readouterr() == ("", "")


def test_one_cut_off_anywhere_is_refused_without_a_word(sound, capfd):
    for end in (len(sound) - 1, len(sound) - 2 * SECTOR + 3, len(sound) // 2 + 1, 700, 513):
        found = read_sheets(sound[:end])
        assert isinstance(found, BookSheets) or found.code == "FILE-WORKBOOK"
    assert capfd.readouterr() == ("", "")
