"""What a person was told, and which of it they have not read."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from feewatch.services import messages
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import EVERYBODY, Room, installation, person
from feewatch.web.forms import read_page
from feewatch.web.language import t
from feewatch.web.refused import form_on

room = Room("messages", __name__, may_enter=EVERYBODY, url_prefix="/messages")


@room.get("/")
def listed() -> str:
    """What the person was told, the latest first."""
    page = messages.list_messages(installation(), person, read_page())
    return render_template("messages.html", page=page)


@room.post(f"/<int(max={MAX_KEY}):key>")
@form_on("messages.listed")
def opened(key: int) -> Response:
    """Go on to the page that has more; the message is read from now on."""
    return redirect(messages.open_message(installation(), person, key).address)


@room.post("/read")
@form_on("messages.listed")
def read_all() -> Response:
    """Let all of it be read."""
    messages.mark_all_read(installation(), person)
    flash(t("全部消息已标为已读", "all messages are marked as read"))
    return redirect(url_for("messages.listed"))
