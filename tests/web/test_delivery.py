"""What a page weighs on the wire, what is kept by browsers, and that no used style is lost."""

import gzip
import re

import pytest
from lxml import html

from feewatch.web import assets

PACKED = {"Accept-Encoding": "gzip"}
#: Everything that a public page asks for, together.
MOST_BYTES = 60_000


def parts_of(page):
    """Addresses of what a page asks for by itself."""
    return page.xpath("//link[@rel!='alternate']/@href | //script/@src | //img/@src")


@pytest.mark.parametrize(
    "address",
    ["/", "/?list=notice", "/?text=鲁智", "/institutions/52370702651728628K", "/editions",
     "/editions/370702/2", "/account/login"],
)  # fmt: skip
def test_a_public_page_weighs_under_60_kb_with_all_its_parts(visitor, address):
    answer = visitor.get(address, headers=PACKED)
    assert answer.headers["Content-Encoding"] == "gzip"
    page = html.document_fromstring(gzip.decompress(answer.data).decode())
    bytes_sent = [len(answer.data)]
    for part in parts_of(page):
        assert part.startswith("/static/") or part.endswith("/qr.svg")
        bytes_sent.append(len(visitor.get(part, headers=PACKED).data))
    assert len(bytes_sent) >= 3
    assert sum(bytes_sent) < MOST_BYTES


def test_parts_are_named_by_their_content_and_kept_for_good(visitor):
    page = html.document_fromstring(visitor.get("/").text)
    for part in parts_of(page):
        assert re.search(r"\.[0-9a-f]{10}\.\w+$", part)
        answer = visitor.get(part)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
    assert visitor.get("/static/site.0123456789.css").status_code == 404
    assert visitor.get("/static/site.css").headers["Cache-Control"] == "no-cache"


def test_a_packed_part_is_the_same_file(visitor):
    (sheet,) = html.document_fromstring(visitor.get("/").text).xpath("//link[@rel='stylesheet']")
    plain = visitor.get(sheet.get("href"))
    packed = visitor.get(sheet.get("href"), headers=PACKED)
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 15_000


def test_a_public_page_that_did_not_change_is_not_sent_again(visitor):
    first = visitor.get("/editions", headers=PACKED)
    assert first.headers["Cache-Control"] == "no-cache"
    again = visitor.get("/editions", headers={**PACKED, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    visitor.get("/account/language/en")
    english = visitor.get("/editions", headers={**PACKED, "If-None-Match": first.headers["ETag"]})
    assert english.status_code == 200


def test_a_page_of_a_person_is_neither_kept_nor_packed(as_user):
    for address in ("/desk/", "/"):
        answer = as_user("officer").get(address, headers=PACKED)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers
        assert "ETag" not in answer.headers


def test_files_of_an_edition_come_byte_for_byte(visitor):
    address = "/editions/370702/2/edition.json"
    with visitor.get(address, headers=PACKED) as packed, visitor.get(address) as plain:
        assert "Content-Encoding" not in packed.headers
        assert packed.data == plain.data


def test_no_class_of_a_template_loses_its_style():
    """Each class that a template names has in the cut sheet all the rules it has in the whole."""
    whole = assets._BOOTSTRAP.read_text(encoding="utf-8")
    sheet = assets.style_sheet()
    named = set()
    for path in assets._HERE.rglob("*.html"):
        for classes in re.findall(r'class="([^"]*)"', path.read_text(encoding="utf-8")):
            named |= set(re.findall(r"[A-Za-z][\w-]*", classes))
    styled = {name for name in named if re.search(rf"\.{name}[{{,:\s>]", whole)}
    assert {"btn", "btn-primary", "form-control", "form-select", "mb-3", "form-check"} <= styled
    for name in styled:
        alone = re.findall(rf"(?<=[}},])\.{name}(?=[,{{])", whole)
        assert len(re.findall(rf"(?<=[}},{{])\.{name}(?=[,{{])", sheet)) >= len(alone), name
    assert len(sheet) < len(whole) / 4


def test_rules_are_cut_by_their_classes():
    css = (
        "@charset 'x';:root{--a:1}a,.used:hover,.lost{b:c}.used .lost{d:e}"
        "@media (max-width:9px){.lost{f:g}.used{h:i}}@media print{.lost{j:k}}"
        "@keyframes turn{to{l:m}}:is(.used,.lost) p{n:o}"
    )
    cut = ":root{--a:1}a,.used:hover{b:c}@media (max-width:9px){.used{h:i}}"
    assert assets.cut(css, frozenset({"used"})) == cut
