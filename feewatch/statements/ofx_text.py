"""The text of an OFX file, whose head often declares another encoding than that of its bytes."""

import re

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.sheets.encoding import decode

_HEAD = 4096
_WESTERN = ("cp1252", "latin-1")
_CODE_PAGES = {
    **dict.fromkeys(("1252", "WINDOWS-1252"), "cp1252"),
    **dict.fromkeys(("8859-1", "ISO-8859-1"), "latin-1"),
    **dict.fromkeys(("936", "54936", "GBK", "GB2312", "GB18030"), "gb18030"),
    **dict.fromkeys(("UTF-8", "UTF8", "65001"), "utf-8"),
}
#: Heads are known that stand all on one line, so the next key ends a value as a line does.
_CHARSET = re.compile(rb"CHARSET:\s*([\w-]+?)\s*(?:COMPRESSION|OLDFILEUID|NEWFILEUID|[\r\n<])")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_UTF8 = re.compile(rb"ENCODING:\s*UTF-8")
_XML_ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["']([\w-]+)["']""")


def decoded(content: bytes) -> tuple[str, list[Problem]] | Problem:
    """The text by what the bytes are; the encoding that the head declares settles only doubts."""
    head = content[:_HEAD].partition(b"<OFX>")[0]
    declared = _XML_ENCODING.search(head) or (None if _UTF8.search(head) else _CHARSET.search(head))
    name = declared[1].decode().upper() if declared else "UTF-8" if _UTF8.search(head) else ""
    codec = _CODE_PAGES.get(name, "")
    text = decode(content)
    if isinstance(text, str):
        encoding = _encoding_of(content)
        if content.isascii() or codec in ("", encoding):
            return text, []
        if encoding == "utf-8" or _is_chinese(content):
            return text, [_misdeclared(name)]
    elif codec not in _WESTERN:
        return text
    return _as_declared(content, name, codec, is_doubtful=isinstance(text, str))


def _encoding_of(content: bytes) -> str:
    """Which of the two encodings of Chinese text bytes are that are in one of them."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _is_chinese(content: bytes) -> bool:
    """Whether bytes that would be GB18030 are Chinese, and no accents of Western words.

    Chinese characters are pairs of high bytes, most of them of the common ones, which come first;
    an accent stands alone between letters, or beside one that would be a rare character.
    """
    runs = _HIGH_BYTES.findall(content)
    pairs = [run[at : at + 2] for run in runs for at in range(0, len(run) - 1, 2)]
    common = sum(1 for pair in pairs if 0xA1 <= pair[0] <= 0xD7)
    return all(len(run) % 2 == 0 for run in runs) and common * 2 > len(pairs)


def _misdeclared(name: str) -> Problem:
    text = Text(
        f"文件头声明编码 {name}，内容却是中文编码，按内容读取",
        f"declared as {name}, but the bytes are Chinese text and were read as such",
    )
    return Problem("OFX-CHARSET", text)


def _as_declared(
    content: bytes, name: str, codec: str, *, is_doubtful: bool
) -> tuple[str, list[Problem]] | Problem:
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode(codec)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        zh, en = f"文件头声明编码 {name}，内容却不是", f"declared as {name}, but it is not"
        return Problem("FILE-ENCODING", Text(zh, en), line=line)
    if "\0" in text:
        return Problem("FILE-NUL", Text("文件含有空字符（NUL）", "the file holds NUL characters"))
    if not is_doubtful:
        return text, []
    zh = f"文件头声明编码 {name}，文字却也像中文编码，摘要可能是乱码"
    en = f"declared as {name}, but it reads as Chinese too: texts may be garbled"
    return text, [Problem("OFX-CHARSET", Text(zh, en))]
