"""Files that people hand in: their bytes tell what they are, their names do no harm."""

import io
import zipfile

import pytest

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import (
    OFFICE_FILES,
    PICTURES_AND_PDF,
    KindTaken,
    harmless_name,
    read_proof,
    type_of,
)

TAKEN = KindTaken(
    "FILE", Text("文件", "a file"), {*PICTURES_AND_PDF, *OFFICE_FILES}, "PDF or DOCX", 1
)
PDF = b"%PDF-1.7 receipt"


def package(*parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        for part in parts:
            written.writestr(part, "x")
    return content.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")
XLSX = package("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PDF, "pdf"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (DOCX, "wordprocessingml.document"),
        (XLSX, "spreadsheetml.sheet"),
    ],
)
def test_the_bytes_tell_the_type(content, ending):
    assert (type_of(content) or "").endswith(ending)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90",
        b"<html>",
        b"PK\x03\x04 cut short",
        DOCX[:-10],
        package("a.txt"),
        package("word/document.xml"),  # no list of content types
        package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        package("[Content_Types].xml", "word/document.xml", *(f"p{n}" for n in range(2000))),
    ],
)
def test_what_is_no_known_type_is_refused(content):
    assert type_of(content) is None
    with pytest.raises(InvalidInputError) as refusal:
        read_proof(TAKEN, "a.pdf", content)
    assert refusal.value.code == "FILE-TYPE"
    assert refusal.value.text.zh == "文件须为 PDF 或 DOCX 文件"


def test_a_file_of_the_largest_size_is_taken_and_a_byte_more_is_not():
    most = PDF.ljust(1 << 20, b" ")
    assert read_proof(TAKEN, "a.pdf", most).content == most
    with pytest.raises(InvalidInputError) as refusal:
        read_proof(TAKEN, "a.pdf", most + b" ")
    assert refusal.value.code == "FILE-SIZE"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("凭证.pdf", "凭证.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(given, kept):
    assert harmless_name(given, "file") == kept
