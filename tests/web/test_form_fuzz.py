"""Every form and every upload of the site with what no person sends: refused in words, never a 500.

The town is copied first: what a form does in spite of everything is done to the copy.
"""

import io
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html

from feewatch.bootstrap import open_app
from feewatch.kernel import clock
from feewatch.services.demo import shown_at
from feewatch.web.site import create_app
from tests.web.test_hostile_arguments import pages
from tests.web.town import Town

HOSTILE = [
    "", "1e999999", "9" * 5000, "-1", "NaN", "9999-12-31", "0001-01-01", "\x00", "字" * 3000, "٣",
    "\u202e", "<script>", "=1+1", "../../etc", "2026-02-30",
    "null", "9" * 18, "' OR 1=1", "{{7*7}}",
]  # fmt: skip
#: Where time is short, every so-manieth page and one value a field.
EACH = 9


def spoilt_files() -> list[tuple[str, bytes]]:
    """Twenty files that are no good ones, under names that promise something."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 2_000_000)
        archive.writestr("[Content_Types].xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    return [
        ("a.csv", b""), ("b.csv", b"\0" * 1000), ("c.csv", b"\n" * 10_000), ("d.csv", b'"' * 1000),
        ("e.xlsx", b"PK\x03\x04"), ("f.xlsx", bomb.getvalue()),
        ("g.xls", b"\xd0\xcf\x11\xe0" * 200),
        ("h.xml", b"<?xml version='1.0'?><Document>" + b"<A>" * 5000), ("i.ofx", b"<OFX>" * 1000),
        ("j.sta", b":20:X\n:25:1\n:60F:C260101CNY" + b"9" * 5000), ("k.pdf", b"%PDF-1.7\n%%EOF"),
        ("l.png", b"\x89PNG\r\n\x1a\n"), ("m.jpg", b"\xff\xd8\xff"), ("n.csv", b"\xff\xfe" * 500),
        ("../../o.csv", b"a,b\n1,2\n"), ("\u202evsc.exe", b"MZ"), ("p" * 300 + ".csv", b"x"),
        ("q.docx", bomb.getvalue()), ("r.csv", ("contract_no,uscc\n" + "9" * 5000).encode()),
        ("s.csv", b"uscc,name\n=cmd|'/c calc'!A0,1e999999\n"),
    ]  # fmt: skip


@pytest.fixture
def copied(town: Town, tmp_path: Path) -> Iterator[Town]:
    app = town.demo.app
    shutil.copytree(app.config.folder, tmp_path / "home", symlinks=True)
    copy = open_app(replace(app.config, folder=tmp_path / "home"))
    site = create_app(copy)
    site.testing = False
    site.config["WTF_CSRF_ENABLED"] = False
    yield Town(replace(town.demo, app=copy), site)
    copy.database.dispose()


def forms_of(browser: FlaskClient, path: str) -> Iterator[html.FormElement]:
    with browser.get(path) as answer:
        if answer.status_code != 200 or answer.mimetype != "text/html":
            return
        page = html.document_fromstring(answer.text, base_url=f"http://localhost{path}")
    page.make_links_absolute()
    yield from (form for form in page.forms if form.method == "POST")


def fields_of(form: html.FormElement) -> dict[str, str]:
    """What the form would send as it stands; a box or button as if it were chosen."""
    fields = {name: value for name, value in form.form_values() if isinstance(value, str)}
    for control in form.iter("button", "input"):
        if control.get("name") and control.get("type") in ("submit", "checkbox", "radio", None):
            fields.setdefault(control.get("name"), control.get("value") or "1")
    return fields


def send(browser: FlaskClient, form: html.FormElement, fields: dict) -> None:
    action = (form.action or "").replace("http://localhost", "")
    if action.startswith(("/account/logout", "/account/password")):
        return
    has_files = any(isinstance(value, tuple) for value in fields.values())
    kind = "multipart/form-data" if has_files else None
    with browser.post(action, data=fields, content_type=kind) as answer:
        assert answer.status_code < 500, (action, {k: str(v)[:40] for k, v in fields.items()})


def check(town: Town, each: int, values: int) -> int:
    sent, seen = 0, set()
    for number, (path, browser) in enumerate(pages(town)):
        for form in forms_of(browser, path) if number % each == 0 else ():
            fields = fields_of(form)
            shape = ((form.action or "").rstrip("0123456789"), *sorted(fields))
            if shape in seen:
                continue
            seen.add(shape)
            uploads = [one.get("name") for one in form.iter("input") if one.get("type") == "file"]
            for place, name in enumerate(fields):
                for n in range(values):
                    send(browser, form, fields | {name: HOSTILE[(sent + place + n) % len(HOSTILE)]})
                    sent += 1
            for name in uploads:
                for file, content in spoilt_files()[:: 1 if values > 1 else 5]:
                    send(browser, form, fields | {name: (io.BytesIO(content), file)})
                    sent += 1
    return sent


def test_no_form_and_no_upload_stumbles(copied):
    with clock.fixed(shown_at()):
        assert check(copied, EACH, 1) > 10


@pytest.mark.long
def test_no_form_and_no_upload_stumbles_at_length(copied):
    with clock.fixed(shown_at()):
        assert check(copied, 1, len(HOSTILE)) > 1_000
