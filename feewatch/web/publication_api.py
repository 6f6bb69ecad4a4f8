"""Publication through the API: the next editions, publishing, recalls, holds, white conditions.

What only an administrator does (keys, secrets, a day to come) has no way here: they hold no token.
"""

from flask import Response, jsonify

from feewatch.credit.conditions import TITLES
from feewatch.kernel.clock import today
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.lists import (
    holds,
    publication,
    publisher,
    recalls,
    second_words,
    subscribers,
    white,
)
from feewatch.services.paging import PAGE_SIZE, Page
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web import self_reports_api
from feewatch.web.access import installation, needs, only, person
from feewatch.web.bodies import bad_body, read_body, read_number, read_why, read_word
from feewatch.web.forms import read_choice, read_page, read_place

#: The room of the API.
room = self_reports_api.room
_PUBLISHERS = frozenset(publication.PUBLISHERS)
_SECONDERS = frozenset(second_words.SECONDERS)
_MOST_NUMBER = 1_000_000


@room.get("/white")
def list_white() -> Response:
    """The conditions of the white list by institution: met, lacking, on hold until."""
    day = today()
    view = white.read_white(installation(), person.scope, day)
    places = white.choose_places(
        view, lacking=read_choice("lacking", TITLES), state=read_choice("state", white.STATES),
        district=read_place("district"),
    )  # fmt: skip
    number = read_page()
    page = Page(places[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], len(places), number)
    items = [white.white_json(place, day) for place in page.rows]
    return jsonify(items=items, page=page.number, pages=page.last, total=page.total)


@room.get("/holds")
def list_holds() -> Response:
    """White places on hold, those that are due first."""
    rows = holds.list_holds(installation(), person.scope)
    return jsonify(items=[holds.hold_json(row) for row in rows])


@room.post("/holds/<uscc>")
@needs("assess")
@only(frozenset(CASEWORKERS))
def decide_hold(uscc: str) -> Response:
    """Keep an institution on the white list, or let it leave with the next edition.

    ``waits``: the number under which keeping waits for a second officer, where the office wants it.
    """
    body = read_body()
    outcome, reason = read_word(body, "outcome", 10), read_why(body)
    _, number = holds.decide_hold(installation(), uscc, outcome, actor=person.name, reason=reason)
    return jsonify(uscc=uscc, outcome=outcome, waits=number)


@room.get("/next-editions")
@only(OFFICE)
def list_next_editions() -> Response:
    """What would be published today in the person's scope, and what holds it; nothing is."""
    page = publisher.read_publisher_page(installation(), person.scope)
    return jsonify(items=[publisher.preview_json(each) for each in page.districts])


@room.post("/next-editions")
@needs("publish")
@only(_PUBLISHERS)
def publish_editions() -> tuple[Response, int]:
    """Publish a district, or all of the person's scope: as they saw it, where ``seen`` says so."""
    body = read_body()
    seen = body.get("seen", {})
    if not isinstance(seen, dict) or not all(isinstance(each, str) for each in seen.values()):
        raise bad_body("seen")
    published = publication.publish_by(
        installation(), today(), actor=person.name, district=read_word(body, "district", 6),
        seen=seen,
    )  # fmt: skip
    return jsonify(items=[edition.as_json() for edition in published]), 201


@room.post("/next-editions/second-word")
@needs("publish")
@only(_SECONDERS)
def give_second_word() -> Response:
    """Agree to what waits for another person; with both words it is published at once."""
    body = read_body()
    app, actor = installation(), person.name
    given = second_words.give_second_word(
        app, actor=actor, reason=read_why(body), district=read_word(body, "district", 6)
    )
    published = [
        edition
        for district, (cut_off, is_whole) in given.items()
        if is_whole
        for edition in publication.publish_given(app, cut_off, actor=actor, district=district)
    ]
    waiting = [district for district, (_, is_whole) in given.items() if not is_whole]
    return jsonify(published=[each.as_json() for each in published], first_word=waiting)


@room.get("/recalls")
@only(OFFICE)
def list_recalls() -> Response:
    """Recalls and corrections with their deadlines, those that wait first."""
    rows = recalls.list_deadlines(installation(), person.scope)
    return jsonify(items=[recalls.deadline_json(each) for each in rows])


@room.post("/recalls")
@needs("publish")
@only(_PUBLISHERS)
def recall() -> tuple[Response, int]:
    """Take an entry of the latest edition back, or the whole of it."""
    body = read_body()
    number, entry = read_number(body, "edition", _MOST_NUMBER), read_word(body, "entry", 200)
    if (number is None) == (not entry):
        raise bad_body("edition")
    app, reason, district = installation(), read_why(body), read_word(body, "district", 6)
    if number is not None:
        done = recalls.recall_edition(app, district, number, actor=person.name, reason=reason)
    else:
        done = recalls.recall_entry(
            app, district, read_word(body, "list", 16), entry, actor=person.name, reason=reason,
            document=read_word(body, "document", 120),
        )  # fmt: skip
    return jsonify(done.as_json()), 201


@room.post(f"/recalls/<int(max={MAX_KEY}):key>/lift")
@needs("publish")
@only(_PUBLISHERS)
def lift_recall(key: int) -> Response:
    """Let a recalled entry be listed again, by another person than who recalled it."""
    reason = read_why(read_body())
    row = recalls.lift_recall(installation(), key, actor=person.name, reason=reason)
    return jsonify(id=key, name=row["name"])


@room.get("/subscribers")
@only(OFFICE)
def list_subscribers() -> Response:
    """Who editions are pushed to, and what each took last."""
    states = subscribers.list_subscribers(installation())
    return jsonify(items=[state.as_json() for state in states])


@room.post("/subscribers/<name>")
@needs("publish")
@only(_PUBLISHERS)
def steer_subscriber(name: str) -> Response:
    """Pause or resume a subscriber, or send it editions again."""
    body = read_body()
    app, actor, act, reason = (
        installation(),
        person.name,
        read_word(body, "act", 10),
        read_why(body),
    )
    count = 0
    if act == "pause":
        subscribers.pause(app, name, actor=actor, reason=reason)
    elif act == "resume":
        subscribers.resume(app, name, actor=actor, reason=reason)
    elif act == "replay":
        count = subscribers.replay(
            app, name, actor=actor, reason=reason, district=read_word(body, "district", 6) or None,
            first=read_number(body, "first", _MOST_NUMBER) or 1,
            last=read_number(body, "last", _MOST_NUMBER),
        )  # fmt: skip
    else:
        raise InvalidInputError("ACT", "没有这个操作", "there is no such act", field="act")
    return jsonify(name=name, act=act, editions=count)
