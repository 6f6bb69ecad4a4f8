"""Bytes to text, strictly: byte-order mark, then UTF-8, then GB18030; never a silent guess."""

import codecs

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes) -> str | Problem:
    """The text of a file, or why it is none."""
    if not content.strip():
        return Problem("FILE-EMPTY", Text("文件是空的", "the file is empty"))
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _strict(content, (name,))
    return _strict(content, ("utf-8", "gb18030"))


def _strict(content: bytes, names: tuple[str, ...]) -> str | Problem:
    line = 1
    for name in names:
        try:
            text = content.decode(name)
        except UnicodeDecodeError as fault:
            line = content.count(b"\n", 0, fault.start) + 1
        else:
            return _without_nul(text)
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
