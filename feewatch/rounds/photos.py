"""Photos as they are kept: what a camera wrote beside the picture is taken away.

Place, moment, device and comments leave; of a JPEG the way it is turned stays, for nobody could
read it otherwise. The picture itself is not decoded and not changed.
"""

import struct
from collections.abc import Iterator

from feewatch.kernel.errors import InvalidInputError

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_EXIF = b"Exif\x00\x00"
_APP0, _APP1, _APP14, _APP15 = 0xE0, 0xE1, 0xEE, 0xEF
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
#: Markers that stand alone, without a length.
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_ORIENTATION, _SHORT = 0x0112, 3
#: What of a PNG makes the picture.
_PICTURE = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"}
)


def strip(content: bytes) -> bytes:
    """A JPEG or PNG without what its camera wrote beside the picture.

    Raises: InvalidInputError where it is neither, or breaks off.
    """
    try:
        if content.startswith(_JPEG):
            return _strip_jpeg(content)
        if content.startswith(_PNG):
            return _strip_png(content)
    except (struct.error, IndexError):
        pass
    raise InvalidInputError(
        "PHOTO-BROKEN",
        "照片须为完整的 JPEG 或 PNG 文件",
        "a photo is a whole JPEG or PNG file",
        field="photo",
    )


def _strip_jpeg(content: bytes) -> bytes:
    parts, turned, has_end = [_JPEG], 1, False
    for marker, part, body in _segments(content):
        if marker == _APP1 and body.startswith(_EXIF):
            turned = _orientation(body[len(_EXIF) :]) or turned
        has_end |= marker == _END
        if marker == _APP0:
            parts.append(_plain_jfif(body))
        elif marker == _APP14 or not (_APP0 < marker <= _APP15 or marker == _COMMENT):
            parts.append(part)
    if not has_end:
        raise IndexError
    if turned != 1:
        parts.insert(1, _turned(turned))
    return b"".join(parts)


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, bytes with marker and length, body; a scan has its picture behind it."""
    at = len(_JPEG)
    while True:
        if content[at] != 0xFF:
            raise IndexError
        while content[at + 1] == 0xFF:  # markers may be filled up
            at += 1
        marker = content[at + 1]
        if marker == _END:
            yield marker, content[at : at + 2], b""
            return  # what hangs on behind the picture is no part of it
        if marker in _ALONE:
            yield marker, content[at : at + 2], b""
            at += 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise IndexError
        body = content[at + 4 : end]
        if marker == _SCAN:
            end = _end_of_scan(content, end)
        yield marker, content[at:end], body
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands; bytes of the picture that look like one are escaped."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError
        following = content[at + 1]
        if following and not 0xD0 <= following < 0xD8 and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2


def _plain_jfif(body: bytes) -> bytes:
    """The head of a JFIF file without the small picture that it may hold."""
    if not body.startswith(b"JFIF\x00") or len(body) < 14:
        return b""
    return b"\xff\xe0" + struct.pack(">H", 16) + body[:12] + b"\x00\x00"


def _orientation(tiff: bytes) -> int | None:
    """How the picture is turned, 1 to 8; None where that is not told."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return None
    (at,) = struct.unpack_from(f"{order}I", tiff, 4)
    if at + 2 > len(tiff):
        return None
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for n in range(min(count, 200)):
        place = at + 2 + 12 * n
        if place + 10 > len(tiff):
            return None
        tag, kind = struct.unpack_from(f"{order}HH", tiff, place)
        if tag == _ORIENTATION and kind == _SHORT:
            (value,) = struct.unpack_from(f"{order}H", tiff, place + 8)
            return int(value) if 1 <= value <= 8 else None
    return None


def _turned(value: int) -> bytes:
    """The one thing that is told of a picture: how it is turned."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, value, 0)
    tiff = b"MM\x00*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    body = _EXIF + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _strip_png(content: bytes) -> bytes:
    parts, at = [_PNG], len(_PNG)
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        end = at + 12 + length
        if end > len(content):
            raise IndexError
        kind = content[at + 4 : at + 8]
        if kind in _PICTURE:
            parts.append(content[at:end])
        if kind == b"IEND":
            return b"".join(parts)
        at = end
