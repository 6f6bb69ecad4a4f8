"""Which encoding a text is in, by strict trial: a mark, else UTF-8, else GB18030, else refused.

Nothing is guessed by likelihood: a wrong guess would change names and contract numbers silently.
"""

import codecs

from feewatch.statements.faults import Unreadable, unreadable

UTF8_MARK = b"\xef\xbb\xbf"
_GB18030_MARK = b"\x84\x31\x95\x33"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_STEP = 1 << 20


def encoding_of(content: bytes) -> str:
    """The Python name of the encoding in which the whole content is valid.

    Raises: Unreadable for NUL bytes and for anything but UTF-8 and GB18030.
    """
    if content.startswith(_UTF16_MARKS):
        raise unreadable(
            "ENCODING",
            "编码为 UTF-16,请另存为 UTF-8 或 GB18030",
            "UTF-16: save the file as UTF-8 or GB18030",
        )
    if b"\0" in content:
        raise unreadable(
            "NUL",
            "文件含空字节(NUL),已损坏",
            "the file holds a NUL byte: it is damaged",
            _line_at(content, content.index(b"\0")),
        )
    if content.startswith(UTF8_MARK):
        trials = ["utf-8-sig"]
    elif content.startswith(_GB18030_MARK):
        trials = ["gb18030"]
    else:
        trials = ["utf-8", "gb18030"]
    for encoding in trials:
        bad = _first_bad_byte(content, encoding)
        if bad is None:
            return encoding
    raise _undecodable(content, trials[-1])


def decode(content: bytes) -> str:
    """The text without its byte order mark.

    Raises: Unreadable as ``encoding_of``.
    """
    return content.decode(encoding_of(content)).removeprefix("\ufeff")


def _first_bad_byte(content: bytes, encoding: str) -> int | None:
    """Where decoding fails first; in steps, so that no second copy of a large file is made."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(content), _STEP):
        end = start + _STEP
        try:
            decoder.decode(content[start:end], final=end >= len(content))
        except UnicodeDecodeError as fault:
            return min(start + fault.start, len(content))
    return None


def _undecodable(content: bytes, encoding: str) -> Unreadable:
    return unreadable(
        "ENCODING",
        "既非 UTF-8 也非 GB18030 编码,请从网银重新导出",
        "neither UTF-8 nor GB18030 throughout: export it from the bank again",
        _line_at(content, _first_bad_byte(content, encoding) or 0),
    )


def _line_at(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1
