"""Bytes to text, strictly: byte-order mark, then UTF-8, then GB18030; never a silent guess."""

import codecs

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


def decode(content: bytes) -> str | Problem:
    """The text of a file without its byte-order mark, or why it is none."""
    names: tuple[str, ...] = ("utf-8", "gb18030")
    for mark, name in _MARKS:
        if content.startswith(mark):
            content, names = content[len(mark) :], (name,)
            break
    if not content.strip():
        return Problem("FILE-EMPTY", Text("文件是空的", "the file is empty"))
    return _strict(content, names)


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
            "文字编码既不是 UTF-8 也不是 GB18030,请从网银重新导出",
            "the text is neither UTF-8 nor GB18030: export it anew from the bank",
        ),
        line=line,
    )


def _without_nul(text: str) -> str | Problem:
    if "\0" not in text:
        return text
    return Problem(
        "FILE-NUL",
        Text("文件含有空字符(NUL),可能已损坏", "the file holds NUL characters: it may be damaged"),
        line=text.count("\n", 0, text.index("\0")) + 1,
    )
