"""Recognises and reads the formats that need no layout: SWIFT, ISO 20022 and OFX messages."""

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.statements import camt, mt940, mt942, ofx
from feewatch.statements.lengths import bounded
from feewatch.statements.model import FileReading
from feewatch.statements.swift import has_tag

#: What ``--dialect`` may say beside the layouts of tables.
NAMES = (mt940.NAME, mt942.NAME, *camt.NAMES, ofx.NAME)

_SPREADSHEET_ML = "urn:schemas-microsoft-com:office:spreadsheet"
_HTML = ("<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<style", "<div")
_PROLOG = 65536


def is_ofx(content: bytes, name: str | None) -> bool:
    """Whether bytes are to be read as OFX, which declares its encoding itself."""
    return name == ofx.NAME or (name is None and ofx.is_ofx(content))


def is_message(text: str) -> bool:
    """Whether a text that begins so may be of one of these formats."""
    return text.lstrip()[:1] == "<" or has_tag(text, "20", "25", "25P")


def read_message(text: str, name: str | None) -> FileReading | None:
    """The statements of a text of one of these formats; None where it is of none.

    ``name``: the format, where the officer knows better than recognition.
    """
    reading = _read_message(text, name)
    return reading and bounded(reading)


def _read_message(text: str, name: str | None) -> FileReading | None:
    if name == mt940.NAME or (name is None and mt940.is_mt940(text)):
        return mt940.read_mt940(text)
    if name == mt942.NAME or (name is None and mt942.is_mt942(text)):
        return mt942.read_mt942(text)
    if name in camt.NAMES:
        return _read_camt(text, name)
    if text.lstrip()[:1] == "<":
        return _read_markup(text)
    if has_tag(text, "25") and has_tag(text, "34F") and has_tag(text, *mt940.BALANCES):
        zh, en = "MT940 与 MT942 混在一个文件里,请分开", "MT940 and MT942 in one file: split it"
        return refused("FILE-LAYOUT", zh, en)
    return None


def _read_camt(text: str, name: str) -> FileReading:
    version = camt.find_camt(text)
    if version not in (None, name):
        return refused("FILE-LAYOUT", f"文件是 {version},不是 {name}", f"{version}, and not {name}")
    return camt.read_camt(text, name)


def _read_markup(text: str) -> FileReading:
    """A camt message, or in words what else it is that a bank's site gave."""
    version = camt.find_camt(text)
    if version is not None:
        return camt.read_camt(text, version)
    start = text[:_PROLOG].lower()
    if _SPREADSHEET_ML in start:
        zh = "这是 SpreadsheetML(XML 表格 2003),不是 Excel 工作簿;请用 Excel 另存为 XLSX"
        return refused("FILE-SPREADSHEETML", zh, "SpreadsheetML: save it as XLSX in Excel")
    if start.lstrip("\ufeff \t\r\n").startswith(_HTML) or "<html" in start or "<table" in start:
        zh = "这是网页(HTML),不是 Excel 工作簿;请从网银导出 XLSX 或 CSV,或用 Excel 另存为 XLSX"
        return refused("FILE-HTML", zh, "a web page (HTML): export XLSX or CSV from the bank")
    if camt.has_doctype(text):
        return refused("XML-DOCTYPE", "XML 含 DOCTYPE,不予读取", "the XML holds a DOCTYPE")
    return refused("FILE-LAYOUT", "XML 不是 camt 对账单", "the XML is no camt statement")


def refused(code: str, zh: str, en: str) -> FileReading:
    """A file that no reader takes, and why."""
    return FileReading(None, (), (Problem(code, Text(zh, en)),))
