"""The publisher's page: what the next edition does and what holds it; recalls and corrections."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from feewatch.credit.lists import LISTS
from feewatch.kernel.clock import today
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import OFFICE
from feewatch.kernel.text import Text
from feewatch.services import timetable
from feewatch.services.lists import holds, publication, publisher, recalls, second_words
from feewatch.services.lists.press import Published
from feewatch.services.lists.recalls import Corrected
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import Room, installation, only, person
from feewatch.web.forms import read_field, read_reason
from feewatch.web.language import say
from feewatch.web.refused import form_on

room = Room("publication", __name__, may_enter=OFFICE, url_prefix="/desk/publication")
PUBLISHERS = frozenset(publication.PUBLISHERS)
SECONDERS = frozenset(second_words.SECONDERS)
ORDERERS = frozenset(second_words.ORDERERS)
#: Jobs by which the clock publishes.
_JOBS = ("publication", "corrections", "outbox")
_DONE = Text("已发布：{} 第 {} 期", "published: {} no. {}")
_FIRST = Text("已记为第一人，待另一人同意", "the first word; another person's is next")
_SAME = Text("{}：没有变化", "{}: nothing has changed")


@room.get("/")
def show() -> str:
    """What would be published today, and all that a publisher decides on."""
    app = installation()
    jobs = [state for state in timetable.read_timetable(app).jobs if state.job in _JOBS]
    return render_template(
        "regulator/publication.html",
        page=publisher.read_publisher_page(app, person.scope),
        jobs=jobs,
        holds=holds.list_holds(app, person.scope),
        deadlines=[each for each in recalls.list_deadlines(app, person.scope) if each.is_open],
        publishers=PUBLISHERS,
        seconders=SECONDERS,
        orderers=ORDERERS,
    )


@room.post("/publish")
@only(PUBLISHERS)
@form_on("publication.show")
def publish() -> Response:
    """Publish what the person saw: one district, or all of their scope."""
    seen = dict(pair.split(":", 1) for pair in request.form.getlist("seen") if ":" in pair)
    published = publication.publish_by(
        installation(), today(), actor=person.name, district=_district(), seen=seen
    )
    _tell(published)
    return redirect(url_for("publication.show"))


@room.post("/second")
@only(SECONDERS)
@form_on("publication.show")
def second() -> Response:
    """Agree to what waits in a district; with both words it is published at once."""
    app, actor = installation(), person.name
    given = second_words.give_second_word(
        app, actor=actor, reason=read_reason(), district=read_field("district", 6)
    )
    for district, (cut_off, is_whole) in given.items():
        if is_whole:
            _tell(publication.publish_given(app, cut_off, actor=actor, district=district))
        else:
            flash(say(_FIRST))
    return redirect(url_for("publication.show"))


@room.post("/order")
@only(ORDERERS)
@form_on("publication.show")
def order() -> Response:
    """Give the order that the clock publishes, or withdraw it."""
    is_given = read_field("order", 10) == "give"
    second_words.set_standing_order(
        installation(), actor=person.name, reason=read_reason(), is_given=is_given
    )
    flash(say(Text("已记录", "put on record")))
    return redirect(url_for("publication.show"))


@room.get("/recalls")
def listed_recalls() -> str:
    """Recalls and corrections with their deadlines, and the form of a recall."""
    app = installation()
    return render_template(
        "regulator/recalls.html",
        deadlines=recalls.list_deadlines(app, person.scope),
        latest=publisher.list_latest(app, person.scope),
        lists=LISTS,
        publishers=PUBLISHERS,
    )


@room.post("/recalls")
@only(PUBLISHERS)
@form_on("publication.listed_recalls")
def recall() -> Response:
    """Take an entry of the latest edition back, or the whole of it."""
    app, actor, reason = installation(), person.name, read_reason()
    district, what = read_field("district", 6), read_field("list", 20)
    if what == "edition":
        number = read_whole(read_field("number", 9))
        if number is None:
            raise InvalidInputError("NUMBER", "应为期号", "a number is wanted", field="number")
        done = recalls.recall_edition(app, district, number, actor=actor, reason=reason)
    else:
        done = recalls.recall_entry(
            app, district, what, read_field("entry").strip(), actor=actor, reason=reason,
            document=request.form.get("document", "").strip()[:120],
        )  # fmt: skip
    tell_correction(done)
    return redirect(url_for("publication.listed_recalls"))


@room.post(f"/recalls/<int(max={MAX_KEY}):key>")
@only(PUBLISHERS)
@form_on("publication.listed_recalls")
def lift(key: int) -> Response:
    """Let a recalled entry be listed again."""
    row = recalls.lift_recall(installation(), key, actor=person.name, reason=read_reason())
    flash(say(Text("已解除撤回：", "the recall is lifted: ")) + row["name"])
    return redirect(url_for("publication.listed_recalls"))


def tell_correction(corrected: Corrected) -> None:
    """Say what a correction came to, and what delays it."""
    _tell(corrected.published)
    if corrected.delayed is not None and not corrected.published:
        waits = Text("更正版次尚未发布：", "the correction edition waits: ")
        flash(say(waits) + say(corrected.delayed))


def _tell(published: Sequence[Published]) -> None:
    for edition in published:
        if edition.is_new and edition.document is not None:
            flash(say(_DONE).format(edition.district, edition.document["number"]))
        elif not edition.objections:
            flash(say(_SAME).format(edition.district))
        for objection in edition.objections:
            flash(f"{edition.district}: {say(objection.text)}")


def _district() -> str:
    return request.form.get("district", "")[:6]
