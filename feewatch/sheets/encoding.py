"""Bytes to text, strictly: byte-order mark, UTF-8, GB18030, or UTF-16; never a silent guess."""

import codecs
import unicodedata

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

#: Stands at the end of a text whose last character is cut in two.
CUT = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UTF16 = ("utf-16-le", "utf-16-be")
#: So much of a text shows which way round its bytes are.
_ENOUGH = 4096
#: Nobody writes these; bytes taken in the wrong order soon give one: a line's end becomes U+0A00.
_UNWRITTEN = ("Cn", "Co", "Cs", "Cc")


def decode(content: bytes) -> str | Problem:
    """The text of a file without its byte-order mark, or why it is none."""
    names: tuple[str, ...] = ("utf-8", "gb18030")
    for mark, name in _MARKS:
        if content.startswith(mark):
            content, names = content[len(mark) :], (name,)
            break
    else:
        if b"\0" in content:
            names = _unmarked_utf16(content) or names
    if not content.strip():
        return Problem("FILE-EMPTY", Text("文件是空的", "the file is empty"))
    return _strict(content, names)


def _unmarked_utf16(content: bytes) -> tuple[str, ...]:
    """The one UTF-16 in which the beginning of a file reads as lines of text, if there is one."""
    top = content[:_ENOUGH]
    fitting = tuple(name for name in _UTF16 if _reads_as_lines(top[: len(top) // 2 * 2], name))
    return fitting if len(fitting) == 1 else ()


def _reads_as_lines(top: bytes, name: str) -> bool:
    text = codecs.getincrementaldecoder(name)("replace").decode(top)
    return "\n" in text and not any(
        unicodedata.category(character) in _UNWRITTEN and character not in "\t\r\n"
        for character in set(text)
    )


def _strict(content: bytes, names: tuple[str, ...]) -> str | Problem:
    line, fallback = 1, None
    for name in names:
        decoder = codecs.getincrementaldecoder(name)()
        try:
            text = decoder.decode(content)
        except UnicodeDecodeError as fault:
            # the encoding that holds furthest is the likeliest one
            line = max(line, content.count(b"\n", 0, fault.start) + 1)
            continue
        if not decoder.getstate()[0]:
            return _without_nul(text)
        # a lone first byte at the end is another encoding as likely as a cut
        fallback = text + CUT
        if not text.isascii():
            break
    if fallback is not None:
        return _without_nul(fallback)
    return Problem(
        "FILE-ENCODING",
        Text(
            "文字编码不是 UTF-8、GB18030 或 UTF-16，请重新导出，或另存为 UTF-8",
            "the text is neither UTF-8 nor GB18030 nor UTF-16: export it anew, or save it as UTF-8",
        ),
        line=line,
    )


def _without_nul(text: str) -> str | Problem:
    if "\0" not in text:
        return text
    return Problem(
        "FILE-NUL",
        Text(
            "文件含有空字符（NUL），可能已损坏", "the file holds NUL characters: it may be damaged"
        ),
        line=text.count("\n", 0, text.index("\0")) + 1,
    )
