"""Pieces of work that take long, on the site: how far one has come, stopped, asked for again.

A page that shows a result asks for it by ``result_of``; where it is not there yet the person sees
how far it has come, and the page asks again by itself.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from feewatch.kernel.people import CASEWORKERS, OFFICE
from feewatch.services.trials.computations import TITLES, computing_of, opened
from feewatch.services.trials.computing import Computing, OneAtATimeError, Piece
from feewatch.web.access import INSTITUTION, Room, person
from feewatch.web.refused import form_on

room = Room(
    "computing", __name__, may_enter=OFFICE | INSTITUTION | {"rule_editor", *CASEWORKERS},
    url_prefix="/computed",
)  # fmt: skip
#: The page of a piece that is not done asks again after so many seconds.
_AGAIN_SECONDS = 2


class NotDoneError(Exception):
    """The result is not there: the piece says why."""

    def __init__(self, piece: Piece, *, is_other: bool = False) -> None:
        """``is_other``: another question of the same person, which has to end first."""
        super().__init__(piece.state)
        self.piece, self.is_other = piece, is_other


def register(site: Flask) -> None:
    """Let pages of the site ask for what takes long."""
    site.extensions["feewatch.computing"] = computing_of(site.extensions["feewatch"])
    site.register_error_handler(NotDoneError, _show)


def computing() -> Computing:
    """The pieces of the installation that the site serves."""
    pieces: Computing = current_app.extensions["feewatch.computing"]
    return pieces


def result_of(kind: str, asked: Mapping[str, str], address: str) -> Any:
    """The result of a question of the person; ``address``: of the page that shows it.

    Raises: NotDoneError, and the refusal with which it ended.
    """
    pieces = computing()
    try:
        piece = pieces.wait(pieces.ask(person, kind, asked, address))
    except OneAtATimeError:
        live = next((each for each in pieces.list_of(person.id) if each.is_live), None)
        if live is None:  # it has ended this moment
            piece = pieces.wait(pieces.ask(person, kind, asked, address))
        else:
            raise NotDoneError(live, is_other=True) from None
    current_app.extensions["feewatch"].database.look_anew()  # others may have written meanwhile
    if piece.state not in ("done", "refused"):
        raise NotDoneError(piece)
    return opened(kind, pieces.result(piece))


def list_recent(kind: str) -> list[Piece]:
    """What the person asked for lately, of a kind."""
    return [piece for piece in computing().list_of(person.id) if piece.kind == kind]


@room.get("/<name>")
def show(name: str) -> Response:
    """How far a piece of one's own has come; one that is done leads to its result.

    Raises: NotDoneError.
    """
    piece = computing().get(person, name)
    if piece.state not in ("done", "refused"):
        raise NotDoneError(piece)
    return redirect(piece.address, 303)


@room.post("/<name>/stop")
@form_on("computing.show")
def stop(name: str) -> Response:
    """Stop a piece of one's own."""
    return redirect(computing().stop(person, name).address, 303)


@room.post("/<name>/again")
@form_on("computing.show")
def again(name: str) -> Response:
    """Ask again for a piece that was stopped or broken off."""
    return redirect(computing().forget(person, name).address, 303)


def _show(error: NotDoneError) -> tuple[str, int, dict[str, str]] | Response:
    piece = error.piece
    if request.method == "POST":  # a file was sent: the page that looks at it shows the rest
        return redirect(piece.address, 303)
    head = {"Refresh": str(_AGAIN_SECONDS)} if piece.is_live else {}
    page = render_template(
        "computing.html", piece=piece, title=TITLES[piece.kind], is_other=error.is_other
    )
    return page, 202, head
