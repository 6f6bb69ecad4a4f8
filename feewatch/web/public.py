"""The public's pages: what was published, and who is on the register. No log-in."""

import io

import segno
from flask import Response, render_template, request, send_file, url_for

from feewatch.credit.lists import LISTS
from feewatch.kernel.clock import today
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.errors import NotFoundError
from feewatch.publication.chain import CHAIN_FILE
from feewatch.publication.folder import LATEST
from feewatch.publication.page import words_on
from feewatch.publication.rendering import FEED_FILE, PAGE_FILE, WORKBOOK_FILE, csv_name
from feewatch.publication.signing import sha256
from feewatch.publication.verify_page import VERIFY_PAGE, script_source
from feewatch.services.lists import keys, noticeboard
from feewatch.services.public import board
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import ANYONE, Room, installation
from feewatch.web.forms import (
    is_place,
    read_choice,
    read_district,
    read_page,
    read_place,
    read_text,
)
from feewatch.web.labels import label
from feewatch.web.language import t

#: Of pages that stand alone: their own style, and nothing else.
_STANDALONE = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_MEDIA = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

room = Room("public", __name__, may_enter=ANYONE, url_prefix="/")


@room.get("/")
def lists() -> str:
    """The current lists, or what a search over them finds."""
    text, app, district = read_text("text"), installation(), read_district()
    known = board.read_posted(app, district)
    found = board.search(app, text) if text else None
    edition = next((each for each in known.districts if each.district == district), None)
    if edition is None:
        return render_template(
            "public/places.html", district=district, known=known, text=text, found=found
        )
    chosen = read_choice("list", LISTS) or next(iter(edition.counts), "white")
    return render_template(
        "public/lists.html",
        edition=edition,
        text=text,
        found=found,
        chosen=chosen,
        words=words_on({"meanings": edition.meanings}, chosen),
        page=board.page_entries(app, edition, chosen, read_page()) if found is None else None,
    )


@room.get("/institutions/<uscc>")
def institution(uscc: str) -> str:
    """What the latest edition says about an institution, and what its register tells."""
    return show_institution(uscc)


def show_institution(uscc: str, answer: bool | None = None) -> str:
    """The page of an institution; ``answer``: whether an account asked about is the right one.

    Raises: NotFoundError where it is no credit code.
    """
    if not is_credit_code(uscc):
        raise NotFoundError("CREDIT-CODE", "不是统一社会信用代码", "this is no credit code")
    named = read_district() if "district" in request.args else ""
    known = board.get_institution(installation(), uscc, named)
    return render_template("public/institution.html", known=known, answer=answer)


@room.get("/institutions/<uscc>/qr.svg")
def institution_code(uscc: str) -> Response:
    """The QR code of the page of an institution, to be put up where it teaches."""
    if not is_credit_code(uscc):
        raise NotFoundError("CREDIT-CODE", "不是统一社会信用代码", "this is no credit code")
    return _code(url_for("public.institution", uscc=uscc, _external=True))


@room.get(
    '/lists/<district>/<any("white", "black", "credit_red", "credit_black", "notice"):name>.svg'
)
def list_code(district: str, name: str) -> Response:
    """The QR code of a list of a district."""
    if not is_place(district):
        raise NotFoundError("PLACE", "不是区划代码", "this is no division code")
    return _code(url_for("public.lists", district=district, list=name, _external=True))


def _code(address: str) -> Response:
    picture = io.BytesIO()
    segno.make(address, micro=False, error="m").save(
        picture, kind="svg", border=4, scale=6, light="#fff", xmldecl=False
    )
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@room.get("/feed.atom")
def feed() -> Response:
    """The latest edition of every district as one Atom feed."""
    known = board.read_posted(installation())
    latest = sorted(known.districts, key=lambda each: each.published_at, reverse=True)
    text = render_template("public/feed.xml", latest=latest)
    return Response(text, mimetype="application/atom+xml")


@room.get("/editions")
def editions() -> str:
    """Every edition of a district, the newest first; the latest of each where none is named."""
    app, district = installation(), read_place("district")
    districts = noticeboard.list_districts(app)
    if not district and districts == [app.config.office.district]:
        district = app.config.office.district  # an office that publishes for itself alone
    return render_template(
        "public/editions.html",
        rows=noticeboard.list_editions(app, district) if district else [],
        known=None if district else board.read_posted(app),
        district=district,
    )


@room.get(f"/editions/<district>/<int(max={MAX_KEY}):number>")
def edition(district: str, number: int) -> str:
    """One edition with its files and what changed."""
    found = noticeboard.get_edition(installation(), district, number)
    return render_template(
        "public/edition.html", edition=found, downloads=_downloads(found),
        age_days=today() - found.head.cut_off,
    )  # fmt: skip


def _downloads(edition: noticeboard.PostedEdition) -> list[tuple[str, str]]:
    """What the files of an edition are to a reader, in the order of use, with their names."""
    named = {
        PAGE_FILE: t("打印版", "Page to print"),
        WORKBOOK_FILE: t("Excel 下载（全部名单）", "Excel, all lists"),
        **{csv_name(name): f"{label('list', name)} CSV" for name in edition.lists},
        FEED_FILE: t("订阅（Atom）", "Feed (Atom)"),
        "edition.json": t("全部内容（JSON）", "All content (JSON)"),
        "manifest.json": t("签名清单", "Signed manifest"),
    }
    present = set(edition.files)
    told = [(words, name) for name, words in named.items() if name in present]
    return told + [(name, name) for name in edition.files if name not in named]


# the addresses of files are the paths under the folder of editions, so that `feewatch verify`
# reads a site as it reads a folder
@room.get("/editions/<district>/<folder>/<name>")
def file(district: str, folder: str, name: str) -> Response:
    """A file of an edition, byte for byte as it was signed; its page opens, the rest is saved."""
    content = noticeboard.get_file(installation(), district, folder, name)
    if name == PAGE_FILE:
        answer = _sent(content, name)
        answer.headers["Content-Security-Policy"] = _STANDALONE
        return answer
    number = t("最新一期", "latest") if folder == LATEST else t("第 %s 期", "no. %s") % folder
    return _sent(content, name, f"{district} {number} {name}")


@room.get('/editions/<district>/<any("timestamp.json", "chain.jsonl", "record.jsonl"):name>')
def file_of_district(district: str, name: str) -> Response:
    """The signed word on which edition is the latest, the transparency file, the anchors."""
    return _sent(noticeboard.get_shared_file(installation(), name, district), name)


@room.get(f'/editions/<any("{VERIFY_PAGE}", "{CHAIN_FILE}"):name>')
def file_of_office(name: str) -> Response:
    """The page that verifies in the browser, and the transparency file of all districts."""
    answer = _sent(noticeboard.get_shared_file(installation(), name), name)
    if name == VERIFY_PAGE:
        policy = f"{_STANDALONE}; script-src {script_source()}; connect-src 'self'"
        answer.headers["Content-Security-Policy"] = policy
    return answer


def _sent(content: bytes, name: str, saved_as: str = "") -> Response:
    """Bytes as they are, never packed; under a name of their own where they are to be saved."""
    media = _MEDIA.get(name.rpartition(".")[2], "application/octet-stream")
    return send_file(
        io.BytesIO(content), media, as_attachment=bool(saved_as), download_name=saved_as or name,
        etag=sha256(content),
    )  # fmt: skip


@room.get('/editions/keys/<any("keys.json", "revoked.json"):listing>')
def key_list(listing: str) -> Response:
    """The signed list of keys, or of revoked ones, as it lies beside the editions."""
    path = keys.find_given_out(installation(), listing)
    if path is None:
        raise NotFoundError("FILE-UNKNOWN", f"没有文件 {listing}", f"no file {listing}")
    return _sent(path.read_bytes(), listing)
