"""Style sheets, scripts and pictures as they go over the wire: cut, packed, named by their content.

Of the installed Bootstrap only those rules are sent whose classes occur in a template or script of
this site; the site's own rules follow in the same file. Names hold a hash, so that browsers keep a
file for good and a new one is asked for at once. Made once, when the site is made.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import flask_bootstrap
from flask import Flask, Response, abort, request

_HERE = Path(__file__).parent
_FOLDER = _HERE / "static"
_BOOTSTRAP = (
    Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
)
_FOREVER = "public, max-age=31536000, immutable"
#: Smaller bodies gain nothing by packing.
PACKED_FROM = 600
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
#: Rules for a dark theme and for moving parts, of which the site has none.
_UNUSED_AT_RULES = ("@keyframes", "@-webkit-keyframes", "@font-face")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file ready to be sent."""

    name: str  # with the hash
    media: str
    content: bytes
    packed: bytes | None


def register(site: Flask) -> None:
    """Serve the files under ``static``; ``url_for("static", filename=…)`` gives hashed names."""
    site.add_url_rule("/static/<path:filename>", endpoint="static", view_func=_send)
    site.url_defaults(_name_by_content)


def _name_by_content(endpoint: str, values: dict[str, Any]) -> None:
    asset = assets().get(values.get("filename", "")) if endpoint == "static" else None
    if asset is not None:
        values["filename"] = asset.name


def _send(filename: str) -> Response:
    by_content = {asset.name: asset for asset in assets().values()}
    asset = by_content.get(filename) or assets().get(filename)
    if asset is None:
        abort(404)
    takes_packed = asset.packed is not None and request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if takes_packed else asset.content, mimetype=asset.media)
    response.headers["Cache-Control"] = _FOREVER if filename in by_content else "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if takes_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Every file by its plain name."""
    files = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.is_file()}
    files["site.css"] = style_sheet().encode()
    return {name: _make(name, content) for name, content in files.items()}


def style_sheet() -> str:
    """The used rules of Bootstrap, then the site's own."""
    own = (_FOLDER / "site.css").read_text(encoding="utf-8")
    bootstrap = _BOOTSTRAP.read_text(encoding="utf-8")
    return cut(bootstrap, used_words()) + squeeze(own)


def used_words() -> frozenset[str]:
    """Every word of the templates, scripts and views: what may be a class is among them."""
    files = [*_HERE.rglob("*.html"), *_HERE.rglob("*.js"), *_HERE.rglob("*.py")]
    return frozenset(
        word for path in files for word in _WORD.findall(path.read_text(encoding="utf-8"))
    )


def cut(css: str, words: frozenset[str]) -> str:
    """The rules of a minified style sheet whose classes are all among the words."""
    kept = []
    for head, body in _rules(_COMMENT.sub("", css)):
        if head.startswith(_UNUSED_AT_RULES):
            continue
        if head.startswith("@media"):
            inner = cut(body, words)
            if inner:
                kept.append(f"{head}{{{inner}}}")
            continue
        selectors = [each for each in _selectors(head) if _is_used(each, words)]
        if selectors:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def squeeze(css: str) -> str:
    """A style sheet without comments and white space that says nothing."""
    text = re.sub(r"\s+", " ", _COMMENT.sub("", css))
    return re.sub(r"\s*([{};,])\s*", r"\1", text).replace(";}", "}").strip()


def _is_used(selector: str, words: frozenset[str]) -> bool:
    if "data-bs-theme=dark" in selector:
        return False
    return all(name in words for name in _CLASS.findall(selector))


def _selectors(head: str) -> list[str]:
    """The selectors of a rule; a comma inside brackets parts none."""
    return re.split(r",(?![^()\[\]]*[)\]])", head)


def _rules(css: str) -> list[tuple[str, str]]:
    """What stands before the braces of each rule, and what between them."""
    rules, at, size = [], 0, len(css)
    while (begin := css.find("{", at)) != -1:
        depth, end = 1, begin + 1
        while depth and end < size:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        head = css[at:begin].rpartition(";")[2].strip()  # @charset and @import end in one
        rules.append((head, css[begin + 1 : end - 1]))
        at = end
    return rules


def _make(name: str, content: bytes) -> Asset:
    stem, _, kind = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:10]
    media = mimetypes.types_map.get(f".{kind}", "application/octet-stream")
    packed = gzip.compress(content, 9, mtime=0) if len(content) > PACKED_FROM else None
    return Asset(f"{stem}.{digest}.{kind}", media, content, packed)
