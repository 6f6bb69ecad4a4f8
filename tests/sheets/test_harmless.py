"""Workbooks made to harm: each is refused within a second, without memory growing."""

import io
import json
import subprocess
import sys
import zipfile

import openpyxl
import pytest

from feewatch.kernel.problems import Problem
from feewatch.sheets.harmless import (
    MAX_CELLS,
    MAX_OLE_BYTES,
    OLE_MAGIC,
    look_through,
)

HEAD = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
FOOT = "</sheetData></worksheet>"
STRINGS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
VALUE = "<v>1</v></c></row>"


def package(sheet, name="xl/worksheets/sheet1.xml", **more):
    """A workbook with another part in place of its sheet."""
    out, plain = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, sheet)
        for part, content in more.items():
            new.writestr(part.replace("__", "/"), content)
    return out.getvalue()


def code(data):
    fault = look_through(data)
    return fault.code if isinstance(fault, Problem) else None


def sheet(*rows):
    return package(HEAD + "".join(rows) + FOOT)


FAR = {
    "one cell in the corner": f'<row r="1048576"><c r="XFD1048576">{VALUE}',
    "single quotes": f"<row r='1048576'><c r='XFD1048576'>{VALUE}",
    "another attribute first": f'<row r="9" x=">"><c s=">" r="XFD1048576">{VALUE}',
    "spaces": f'<row r="9"><c  r = "XFD1048576">{VALUE}',
    "a line break": f'<row r="9"><c\nr="XFD1048576">{VALUE}',
    "small letters": f'<row r="9"><c r="xfd1048576">{VALUE}',
    "a character reference": f'<row r="9"><c r="&#88;FD1048576">{VALUE}',
    "a prefix": '<x:row r="9"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    "a far row of cells without positions": f'<row r="1048576"><c/><c/><c/><c/><c>{VALUE}',
    "no positions at all": (
        f"<row>{'<c><v>1</v></c>' * 3000}</row>" + "<row><c><v>1</v></c></row>" * 3000
    ),
    "a tag of two megabytes": f'<row r="9"><c s="{"y" * 2_100_000}" r="XFD1048576">{VALUE}',
    "a row number that wraps around": f'<row r="99999999999"><c r="A99999999999">{VALUE}',
    "more letters than columns have": f'<row r="9"><c r="ZZZZZZ9">{VALUE}',
    "wide and long apart": f'<row r="1"><c r="XFD1">{VALUE}<row r="99999"><c r="A99999">{VALUE}',
}


@pytest.mark.parametrize("rows", FAR.values(), ids=FAR)
def test_a_sheet_that_would_fill_the_memory_is_refused_however_it_is_written(rows):
    assert code(sheet(rows)) == "WORKBOOK-EXTENT"


def test_the_dimension_is_not_believed():
    lie = HEAD.replace("<sheetData>", '<dimension ref="A1:B2"/><sheetData>')
    corner = FAR["one cell in the corner"]
    assert code(package(lie + corner + FOOT)) == "WORKBOOK-EXTENT"


def test_the_limit_lies_at_rows_by_columns():
    def to(row):
        return sheet(f'<row r="1"><c r="E1">{VALUE}', f'<row r="{row}"><c r="A{row}">{VALUE}')

    assert code(to(MAX_CELLS // 5)) is None
    assert code(to(MAX_CELLS // 5 + 1)) == "WORKBOOK-EXTENT"


def test_a_far_row_among_many_columns_counts_though_its_number_is_short():
    row = f'<row r="90000"><c r="A90000">{VALUE}'
    assert code(sheet(f'<row r="1"><c r="AX1">{VALUE}', row)) is None
    assert code(sheet(f'<row r="1"><c r="BD1">{VALUE}', row)) == "WORKBOOK-EXTENT"


def test_an_honest_workbook_passes_whatever_else_it_holds():
    noise = bytes(range(256)) * 10_000
    picture = {"xl__media__image1.png": noise, "docProps__custom.xml": "<a:custom:c/>"}
    assert code(package(f'{HEAD}<row r="1"><c r="A1">{VALUE}{FOOT}', **picture)) is None


def test_texts_that_cells_share_are_counted_too():
    strings = package(STRINGS + "<si/>" * (MAX_CELLS + 1) + "</sst>", "xl/sharedStrings.xml")
    assert code(strings) in ("WORKBOOK-EXTENT", "WORKBOOK-SIZE")


def test_a_bomb_is_refused_by_what_it_declares_and_by_what_it_is():
    bomb = package(HEAD + " " * 60_000_000 + FOOT)
    assert code(bomb) == "WORKBOOK-SIZE"
    declared = 60_000_000 + len(HEAD + FOOT)
    lie = bomb.replace(declared.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lie != bomb
    assert code(lie) == "WORKBOOK-SIZE"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (package(f"<!DOCTYPE a [<!ENTITY b 'c'>]>{HEAD}{FOOT}"), "XML-DOCTYPE"),
        (package((HEAD + FOOT).encode("utf-16")), "FILE-FORMAT"),
        (package(HEAD + FOOT, **{"content.xml": "<office/>"}), "FILE-FORMAT"),
        (package(HEAD + "<c", **{"xl__x.xml": "<x:sheetData><x:c>"}), "FILE-FORMAT"),
        (package(HEAD + FOOT)[:-40], "FILE-FORMAT"),
        (b"PK\x03\x04", "FILE-FORMAT"),
        (OLE_MAGIC + b"\0" * 100, None),
        (OLE_MAGIC + b"\0" * MAX_OLE_BYTES, "WORKBOOK-SIZE"),
    ],
)
def test_what_is_no_workbook_of_this_kind_is_told_apart(data, expected):
    assert code(data) == expected


LIMITED = """
import json, resource, sys, time
from feewatch.registry.kinds import KINDS
from feewatch.registry.reader import read_register
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
now = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (now + 200_000_000, now + 200_000_000))
data, start = sys.stdin.buffer.read(), time.process_time()
reading = read_register(KINDS["contracts"], data, "a.xlsx")
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(json.dumps([reading.refused[0].code, time.process_time() - start, grown]))
"""


@pytest.mark.parametrize(
    "data",
    [sheet(FAR["one cell in the corner"]), package(HEAD + " " * 200_000_000 + FOOT)],
    ids=["corner", "bomb"],
)
def test_the_register_reader_refuses_within_a_second_and_without_memory(data):
    done = subprocess.run([sys.executable, "-c", LIMITED], input=data, capture_output=True)
    found, seconds, grown_mb = json.loads(done.stdout or done.stderr)
    assert found in ("WORKBOOK-EXTENT", "WORKBOOK-SIZE")
    assert seconds < 1
    assert grown_mb < 50


def cells(columns, *rows):
    """Rows of so many cells each, written as all common programs write them."""
    return [
        f'<row r="{row}">'
        + "".join(f'<c r="{chr(64 + at)}{row}"><v>1</v></c>' for at in range(1, columns + 1))
        + "</row>"
        for row in rows
    ]


@pytest.mark.parametrize(
    ("columns", "last", "expected"),
    [
        (5, 999_999, None),
        (5, 1_000_001, "WORKBOOK-EXTENT"),
        (12, 416_666, None),
        (12, 416_667, "WORKBOOK-EXTENT"),
    ],
)
def test_plain_rows_far_down_are_counted_to_the_row(columns, last, expected):
    near = range(1, 9_000)  # a megabyte of them, before the far ones come
    assert code(sheet(*cells(columns, *near), *cells(columns, 100_001, last))) == expected


@pytest.mark.parametrize(("column", "expected"), [("AS", None), ("AT", "WORKBOOK-EXTENT")])
def test_one_wide_row_after_many_far_ones_is_counted_to_the_column(column, expected):
    far = cells(12, *range(100_001, 109_000))  # 45 columns of 108,999 rows are allowed
    wide = f'<row r="2"><c r="{column}2"><v>1</v></c></row>'
    assert code(sheet(*far, wide)) == expected


def test_the_parts_that_may_hold_formulas_are_told():
    plain = '<row r="1"><c r="A1"><v>1</v></c></row>'
    computed = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'
    prefixed = '<x:row r="1"><x:c r="A1"><x:f>1+1</x:f></x:c></x:row>'
    assert look_through(sheet(plain)) == frozenset()
    for one in (computed, prefixed):
        assert look_through(sheet(plain, one)) == {"xl/worksheets/sheet1.xml"}
