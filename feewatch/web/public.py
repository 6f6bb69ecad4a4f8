"""The public's pages: what was published, and who is on the register. No log-in."""

from flask import Response, render_template, request, send_file

from feewatch.credit.lists import LISTS
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.errors import NotFoundError
from feewatch.services.lists import noticeboard
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import ANYONE, Room, installation
from feewatch.web.forms import read_choice, read_district, read_page, read_place, read_text

room = Room("public", __name__, may_enter=ANYONE, url_prefix="/")


@room.get("/")
def lists() -> str:
    """The current lists, or what a search over them finds."""
    text = read_text("text")
    edition = noticeboard.find_latest(installation(), read_district())
    found = noticeboard.search(installation(), text) if text else None
    if edition is None:
        latest = noticeboard.list_latest(installation())
        return render_template(
            "public/places.html", district=read_district(), latest=latest, text=text, found=found
        )
    chosen = read_choice("list", LISTS) or next(iter(edition.lists), "white")
    number, entries = read_page(), edition.lists.get(chosen, [])
    start = (number - 1) * PAGE_SIZE
    return render_template(
        "public/lists.html",
        edition=edition,
        text=text,
        found=found,
        chosen=chosen,
        page=Page(entries[start : start + PAGE_SIZE], len(entries), number),
    )


@room.get("/institutions/<uscc>")
def institution(uscc: str) -> str:
    """What the latest edition says about an institution."""
    if not is_credit_code(uscc):
        raise NotFoundError("CREDIT-CODE", "不是统一社会信用代码", "this is no credit code")
    app = installation()
    named = noticeboard.find_latest(app, read_district()) if "district" in request.args else None
    edition = named or noticeboard.find_edition_of(app, uscc)
    places = edition.list_places(uscc) if edition else []
    registered = noticeboard.find_registered_name(app, uscc)
    return render_template(
        "public/institution.html",
        edition=edition,
        uscc=uscc,
        places=places,
        name=places[0].entry["name"] if places else registered or "",
        is_registered=registered is not None,
    )


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
        latest=[] if district else noticeboard.list_latest(app),
        district=district,
    )


@room.get(f"/editions/<district>/<int(max={MAX_KEY}):number>")
def edition(district: str, number: int) -> str:
    """One edition with its files and what changed."""
    found = noticeboard.get_edition(installation(), district, number)
    return render_template("public/edition.html", edition=found)


# the addresses of files are the paths under the folder of editions, so that `feewatch verify`
# reads a site as it reads a folder
@room.get("/editions/<district>/<folder>/<name>")
def file(district: str, folder: str, name: str) -> Response:
    """A file of an edition, byte for byte."""
    path = noticeboard.get_file(installation(), district, folder, name)
    return send_file(path, as_attachment=True, download_name=f"{district}-{folder}-{name}")


@room.get("/editions/<district>/timestamp.json")
def timestamp(district: str) -> Response:
    """The signed word on which edition is the latest."""
    return send_file(noticeboard.get_timestamp(installation(), district))
