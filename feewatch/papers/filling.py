"""A DOCX template with named places, ``{{文号}}``, and what comes of filling it.

Word cuts a text into runs wherever somebody typed, so a place may lie in several of them: it is
looked for in the text of its paragraph. A table row with a place of a list, else a paragraph with
one, is repeated for each item; a paragraph whose places are all empty is left out, and a table of
which only the head would be left. A template is taken apart once into texts and places; filling it
puts texts together. Equal content gives equal bytes: no clock is read, parts keep their order and
bear one fixed time.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.papers.fields import NAMES

Fields = Mapping[str, str]
Lists = Mapping[str, Sequence[Mapping[str, str]]]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_CORE = "docProps/core.xml"
#: An honest template unpacked is far smaller.
MOST_BYTES = 20 * 1024 * 1024
#: What XML cannot hold, and must not reach a document from a register.
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
#: Around what stands for a place while a part is taken apart; no text has these characters.
_OPEN, _SHUT = "\ufdd0", "\ufdd1"
_TOKEN = re.compile(f"{_OPEN}([FLPTE])([^{_SHUT}]*){_SHUT}")
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


class TemplateError(Exception):
    """Carries everything that is wrong with a template."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message.both() for problem in problems))
        self.problems = list(problems)


class _Place(NamedTuple):
    """Where a value is put."""

    name: str


@dataclass
class _Block:
    """A stretch of a part: texts, places (``F``), and blocks that come often, once or not."""

    kind: str = "P"  # L for each item of a list; P unless all places are empty; T unless all lists
    names: tuple[str, ...] = ()
    inner: "list[str | _Place | _Block]" = field(default_factory=list)


class Template:
    """A template, read and looked through once and filled any number of times."""

    def __init__(self, name: str, content: bytes) -> None:
        """Raises: TemplateError naming every unknown place and what else is wrong."""
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._parts = _unpack(name, content)
        roots = {
            part: _parse(name, data)
            for part, data in self._parts.items()
            if _FILLED.fullmatch(part)
        }
        problems = [problem for root in roots.values() for problem in _list_faults(name, root)]
        if "word/document.xml" not in roots:
            problems.append(_unreadable(name))
        if problems:
            raise TemplateError(problems)
        self._blocks = {part: (_take_apart(root), root.prefix) for part, root in roots.items()}

    def fill(self, fields: Fields, lists: Lists, core: Fields) -> bytes:
        """The document as DOCX; ``core``: title, author and day (ISO) of its properties."""
        parts = dict(self._parts)
        if _CORE in parts:  # where a template has none, nothing may refer to it
            parts[_CORE] = _core(core)
        for part, (block, prefix) in self._blocks.items():
            text = "".join(_Filler(lists, prefix).write(block, fields))
            parts[part] = (_XML_HEAD + text).encode()
        return pack(parts)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A DOCX package of its parts; the same parts give the same bytes."""
    out = io.BytesIO()
    names = sorted(parts, key=lambda name: (name != "[Content_Types].xml", name))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in names:
            member = zipfile.ZipInfo(name, _FIXED_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            package.writestr(member, parts[name])
    return out.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """The parts of a DOCX package, without its picture for file lists.

    Raises: ValueError where it is none, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(part.file_size for part in package.infolist()) > MOST_BYTES:
                raise ValueError("too large")
            return {
                part.filename: package.read(part)
                for part in package.infolist()
                if not part.is_dir()
            }
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError) as fault:
        raise ValueError(str(fault)) from None


def parse(data: bytes) -> Any:
    """The root of a part, nothing outside it read.

    Raises: ValueError where it is no XML, or has a document type.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        raise ValueError(str(fault)) from None
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise ValueError("document type")
    return root


def texts_of(paragraph: Any) -> list[Any]:
    """The text nodes of a paragraph itself, not of a box that hangs in it."""
    return [
        node
        for node in paragraph.iter(f"{W}t")
        if next(node.iterancestors(f"{W}p"), None) is paragraph
    ]


def _unpack(name: str, content: bytes) -> dict[str, bytes]:
    try:
        return unpack(content)
    except ValueError:
        raise TemplateError([_unreadable(name)]) from None


def _parse(name: str, data: bytes) -> Any:
    try:
        return parse(data)
    except ValueError:
        raise TemplateError([_unreadable(name)]) from None


def _unreadable(name: str) -> Problem:
    text = Text("不是可读的 DOCX 文件", "no readable DOCX file")
    return Problem("PAPER-TEMPLATE", text, file=name)


def _list_faults(name: str, root: Any) -> Iterator[Problem]:
    for paragraph in root.iter(f"{W}p"):
        text = _text(paragraph)
        for place in _PLACE.findall(text):
            if place not in NAMES:
                words = Text(f"模板中有未知的占位符 {place}", f"unknown placeholder {place}")
                yield Problem("PAPER-PLACEHOLDER", words, file=name, column=place)
        rest = _PLACE.sub("", text)
        if "{{" in rest or "}}" in rest:
            words = Text(
                f"占位符的括号未成对：{text[:40]}", f"braces that are no pair: {text[:40]}"
            )
            yield Problem("PAPER-PLACEHOLDER", words, file=name)


def _text(paragraph: Any) -> str:
    return "".join(node.text or "" for node in texts_of(paragraph))


def _take_apart(root: Any) -> _Block:
    """A part as texts and places."""
    by_paragraph = {}
    for paragraph in root.iter(f"{W}p"):
        names = [NAMES[place] for place in _PLACE.findall(_text(paragraph))]
        if names:
            by_paragraph[paragraph] = names
    holders: dict[Any, str] = {}
    for paragraph, names in by_paragraph.items():
        wanted = [name.partition(".")[0] for name in names if "." in name]
        if wanted:
            row = next(paragraph.iterancestors(f"{W}tr"), None)
            holders.setdefault(paragraph if row is None else row, wanted[0])
        _mark_places(paragraph)
    for table in root.iter(f"{W}tbl"):
        rows = table.findall(f"{W}tr")
        lists = [holders[row] for row in rows if row in holders]
        if lists and len(rows) - len(lists) <= 1 and table.getparent().tag != f"{W}tc":
            _wrap(table, f"T{','.join(lists)}")
    for holder, name in holders.items():
        _wrap(holder, f"L{name}")
    for paragraph, names in by_paragraph.items():
        if _may_go(paragraph):
            _wrap(paragraph, f"P{','.join(names)}")
    return _read_tokens(etree.tostring(root, encoding="unicode"))


def _mark_places(paragraph: Any) -> None:
    """Put each place of a paragraph into one text node, between the two characters."""
    nodes = texts_of(paragraph)
    for match in reversed(list(_PLACE.finditer(_text(paragraph)))):
        _replace(nodes, match.start(), match.end(), f"{_OPEN}F{NAMES[match[1]]}{_SHUT}")


def _replace(nodes: Sequence[Any], start: int, end: int, word: str) -> None:
    """Put a word in the place of characters that may lie in several nodes."""
    at = 0
    for node in nodes:
        text = node.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        if first < last:
            node.text = text[:first] + word + text[last:]
            node.set(_SPACE, "preserve")
            word = ""
        at += len(text)


def _may_go(paragraph: Any) -> bool:
    """Whether a paragraph may be left out: a cell or a part must keep its last one."""
    parent = paragraph.getparent()
    has_section = paragraph.find(f"{W}pPr/{W}sectPr") is not None
    return not has_section and len(parent.findall(f"{W}p")) > 1


def _wrap(element: Any, token: str) -> None:
    """Put a token before an element and its end behind it, outside what was put there before."""
    before, parent = element.getprevious(), element.getparent()
    head, end = f"{_OPEN}{token}{_SHUT}", f"{_OPEN}E{_SHUT}"
    if before is None:
        parent.text = (parent.text or "") + head
    else:
        before.tail = (before.tail or "") + head
    element.tail = end + (element.tail or "")


def _read_tokens(text: str) -> _Block:
    """The blocks of a text in which tokens stand."""
    stack = [_Block()]
    at = 0
    for token in _TOKEN.finditer(text):
        stack[-1].inner.append(text[at : token.start()])
        at = token.end()
        kind, names = token[1], token[2]
        if kind == "F":
            stack[-1].inner.append(_Place(names))
        elif kind == "E":
            stack.pop()
        else:
            block = _Block(kind, tuple(names.split(",")))
            stack[-1].inner.append(block)
            stack.append(block)
    stack[-1].inner.append(text[at:])
    (whole,) = stack
    return whole


class _Filler:
    """Puts a part together again."""

    def __init__(self, lists: Lists, prefix: str | None) -> None:
        self._lists = lists
        tag = f"{prefix}:" if prefix else ""
        self._break = f'</{tag}t><{tag}br/><{tag}t xml:space="preserve">'

    def write(self, block: _Block, values: Fields) -> Iterator[str]:
        """The texts of a block."""
        if block.kind == "T" and not any(self._lists.get(name) for name in block.names):
            return
        if block.kind == "P" and block.names and not any(map(values.get, block.names)):
            return
        if block.kind != "L":
            yield from self._write_inner(block, values)
            return
        (name,) = block.names
        for item in self._lists.get(name, ()):
            inner = {f"{name}.{column}": value for column, value in item.items()}
            yield from self._write_inner(block, {**values, **inner})

    def _write_inner(self, block: _Block, values: Fields) -> Iterator[str]:
        for piece in block.inner:
            if isinstance(piece, str):
                yield piece
            elif isinstance(piece, _Block):
                yield from self.write(piece, values)
            else:
                yield self._escape(values.get(piece.name, ""))

    def _escape(self, text: str) -> str:
        return escape(_clean(text)).replace("\n", self._break)


def _clean(text: str) -> str:
    """A text from a register as a document can hold it."""
    return _NO_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _core(core: Fields) -> bytes:
    moment = f"{core['day']}T00:00:00Z"
    title, author = escape(_clean(core["title"])), escape(_clean(core["author"]))
    return (
        f"{_XML_HEAD}<cp:coreProperties"
        ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified>'
        "</cp:coreProperties>"
    ).encode()
