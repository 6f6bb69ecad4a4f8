"""Old XLS workbooks for tests: a sheet of texts and numbers, as little of the format as can be.

One stream of records (BIFF8) in a container of sectors (OLE), as [MS-XLS] and [MS-CFB] have them.
"""

import struct
from collections.abc import Sequence

_SECTOR = 512
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
#: Shorter streams lie elsewhere in the container.
_SHORTEST = 4096


def old_workbook(name: str, rows: Sequence[Sequence[str | float | None]]) -> bytes:
    """The bytes of a workbook with one sheet."""
    return _container(_book(name, rows))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _beginning(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _text(text: str, length: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack(f"<{length}B", len(encoded) // 2, 1) + encoded


def _book(name: str, rows: Sequence[Sequence[str | float | None]]) -> bytes:
    pages = _record(0x0042, struct.pack("<H", 1200))
    end = _record(0x000A, b"")
    place = len(_beginning(5)) + len(pages)
    sheet_name = _text(name, "B")
    start = place + 4 + 6 + len(sheet_name) + len(end)
    sheets = _record(0x0085, struct.pack("<IBB", start, 0, 0) + sheet_name)
    return _beginning(5) + pages + sheets + end + _sheet(rows) + end


def _sheet(rows: Sequence[Sequence[str | float | None]]) -> bytes:
    width = max(map(len, rows), default=0)
    cells = [_record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))]
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            at = struct.pack("<HHH", line, column, 0)
            if isinstance(cell, str) and cell:
                cells.append(_record(0x0204, at + _text(cell[:4000], "H")))
            elif isinstance(cell, (int, float)):
                cells.append(_record(0x0203, at + struct.pack("<d", cell)))
    return _beginning(0x10) + b"".join(cells)


def _container(stream: bytes) -> bytes:
    padded = stream.ljust(max(_SHORTEST, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(padded) // _SECTOR
    tables = 1
    while tables * (_SECTOR // 4) < sectors + 1 + tables:
        tables += 1
    chain = [*range(1, sectors), _END, _END, *[_TABLE] * tables]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(tables * _SECTOR, b"\xff")
    places = [sectors + 1 + each for each in range(tables)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, tables, sectors, 0, _SHORTEST, _END, 0, _END, 0)
    head += struct.pack("<109I", *places, *[_FREE] * (109 - tables))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 0, len(padded))
    return head + padded + directory.ljust(_SECTOR, b"\0") + table


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    body = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1)
    body += struct.pack("<III", _FREE, _FREE, child) + bytes(36)
    return body + struct.pack("<IQ", start, size)
