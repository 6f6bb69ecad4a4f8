"""What a camera wrote beside a picture leaves; the picture stays, and how it is turned."""

import struct
import zlib

import pytest

from feewatch.kernel.errors import InvalidInputError
from feewatch.rounds.photos import strip

PLACE = b"GPS 36.7069 N 119.1618 E"


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation=None):
    entries = [struct.pack("<HHII", 0x0100, 4, 1, 640)]
    if orientation:
        entries.append(struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0))
    tiff = b"II*\x00" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + b"\0" * 4
    return segment(0xE1, b"Exif\x00\x00" + tiff + PLACE)


HEAD = segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01" + b"abc")  # a small picture
TABLE, FRAME = segment(0xDB, bytes(65)), segment(0xC0, b"\x08\x00\x01\x00\x01\x01\x01\x11\x00")
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
END = b"\xff\xd9"


def jpeg(*beside):
    return b"\xff\xd8" + b"".join(beside) + TABLE + FRAME + SCAN + END


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*beside):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(beside) + data + chunk(b"IEND", b"")


def test_place_moment_and_comment_leave_a_jpeg_and_the_picture_stays():
    more = [HEAD, exif(), segment(0xED, b"Photoshop"), segment(0xFE, b"my comment")]
    kept = strip(jpeg(*more) + b"hung on behind")
    for gone in (PLACE, b"Exif", b"Photoshop", b"my comment", b"abc", b"hung on"):
        assert gone not in kept
    assert kept.endswith(TABLE + FRAME + SCAN + END)
    assert kept == strip(kept)


@pytest.mark.parametrize("turned", [3, 6, 8])
def test_how_a_jpeg_is_turned_is_all_that_is_told_of_it(turned):
    kept = strip(jpeg(exif(turned)))
    assert PLACE not in kept
    assert struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0) in kept
    assert kept == strip(kept)


def test_texts_and_exif_leave_a_png():
    kept = strip(png(chunk(b"eXIf", PLACE), chunk(b"tEXt", b"Author\0me"), chunk(b"iCCP", b"x")))
    assert kept == png()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8", jpeg()[:-2], jpeg()[:60], png()[:-6], b"%PDF-1.7", b"\xff\xd8\xff\xe1\x00"],
    ids=["nothing", "a head", "no end", "cut", "png cut", "pdf", "no length"],
)
def test_what_is_no_whole_picture_is_refused(content):
    with pytest.raises(InvalidInputError) as refused:
        strip(content)
    assert refused.value.code == "PHOTO-BROKEN"
