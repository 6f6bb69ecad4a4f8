"""All filled sheets of a workbook are opened, and a damaged one is refused whatever it raises."""

import io
import random
import zipfile

import openpyxl
import pytest

from feewatch.kernel.problems import Problem
from feewatch.sheets import workbooks
from feewatch.sheets.opening import Workbook, open_workbook


def saved(*sheets, hidden=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
        if number in hidden:
            sheet.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_every_visible_sheet_with_cells_is_given_in_its_order():
    content = saved([["字典"]], [], [[], ["b"]], [["c", 1e-05]], hidden=[1])
    assert [tuple(sheet) for sheet in open_workbook(content).sheets] == [
        ("表3", [[""], ["b"]]),
        ("表4", [["c", "0.00001"]]),
    ]


def test_formulas_are_those_of_the_sheet_that_is_asked_about():
    book = open_workbook(saved([["x", 1]], [["y", "=1+1"], ["z", "=1+2"]]))
    assert [book.formulas(sheet) for sheet in book.sheets] == [{}, {1: [1, 2]}]


def test_a_formula_sheet_whose_xml_breaks_off_is_damaged_not_raised():
    content = saved([["x", "=1+1"]])
    book = open_workbook(content)
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name in source.namelist():
            part = source.read(name)
            package.writestr(name, part[:-30] + b"<" if "sheet1" in name else part)
    broken = Workbook(
        book.sheets, False, target.getvalue(), frozenset(["xl/worksheets/sheet1.xml"])
    )
    assert broken.formulas(book.sheets[0]).code == "FILE-WORKBOOK"


def test_sheets_that_together_span_too_much_are_refused(monkeypatch):
    content = saved([["a"] * 10] * 10, [["b"] * 10] * 10)
    monkeypatch.setattr(workbooks, "MAX_CELLS", 200)
    assert isinstance(open_workbook(content), Workbook)
    monkeypatch.setattr(workbooks, "MAX_CELLS", 199)
    assert open_workbook(content).code == "WORKBOOK-EXTENT"


def cut_out(content, start, end):
    """Bytes lost on the way: the central directory points before the file."""
    return content[:start] + content[end:]


@pytest.mark.parametrize("lost", [1, 40, 2000])
def test_a_workbook_that_lost_bytes_on_the_way_is_refused(lost):
    content = saved([["a", "b"]] * 50)
    assert open_workbook(cut_out(content, 100, 100 + lost)).code in ("FILE-FORMAT", "FILE-WORKBOOK")


def spoilt(dice, content):
    """Some bytes changed, lost or doubled, at best in the directory, where offsets stand."""
    whole = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(whole))
        if dice.random() < 0.5:
            at = len(whole) - 1 - dice.randrange(min(len(whole), 900))
        match dice.randrange(4):
            case 0:
                whole[at] = dice.randrange(256)
            case 1:
                del whole[at : at + dice.randint(1, 60)]
            case 2:
                whole[at:at] = whole[at : at + dice.randint(1, 60)]
            case _:
                whole[at : at + 4] = dice.choice([b"\xff" * 4, b"\0" * 4, b"\0\0\0\x80"])
    return bytes(whole)


def test_whatever_is_spoilt_a_workbook_is_read_or_refused_with_a_code():
    dice = random.Random(8)
    content = saved([["账号", "金额", "公式"], ["6222", 1.5, "=B2"]] * 40, [["说明"]])
    answers = [open_workbook(spoilt(dice, content)) for _ in range(400)]
    refused = [answer.code for answer in answers if isinstance(answer, Problem)]
    assert len(refused) > 100
    assert set(refused) <= {"FILE-FORMAT", "FILE-WORKBOOK", "FILE-EMPTY", "WORKBOOK-EXTENT",
                            "WORKBOOK-SIZE", "XML-DOCTYPE"}  # fmt: skip
