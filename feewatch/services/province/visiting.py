"""A visit to each source: its editions are gathered, requests go there, answers come back."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.publication.correction_notes import ANSWER_FORMAT, MOST_BYTES
from feewatch.services.lists.sources import get_source
from feewatch.services.province.answering import receive
from feewatch.services.province.asking import Exchange, exchange, take_answer
from feewatch.services.province.gathering import SourceRun, gather


class Visit(NamedTuple):
    """What one visit to a source came to."""

    run: SourceRun
    exchange: Exchange

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        fault = self.exchange.fault
        return self.run.as_json() | {
            "pushed": self.exchange.pushed, "answered": self.exchange.answered,
            "fault": None if fault is None else fault._asdict(),
        }  # fmt: skip


def visit(app: App, district: str = "", *, actor: str) -> Iterator[Visit]:
    """Each source in turn, or one; answers are taken after the editions that they name.

    Raises: NotFoundError for a district that is no source, InvalidInputError for a configuration
    that cannot be meant.
    """
    for run in gather(app, district, actor=actor):
        source = get_source(app.config, run.district)
        yield Visit(run, exchange(app, source, actor=actor))


def take(app: App, content: bytes, *, actor: str, scope: Scope) -> str:
    """The number of the request that came as a file, or that an answer in a file closes.

    Raises: as ``answering.receive`` and ``asking.take_answer``.
    """
    try:
        claimed = json.loads(content[: MOST_BYTES + 1])["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidInputError(
            "REQUEST-FORM", "不是约定的格式", "it has not the form agreed", field="file"
        ) from None
    if claimed == ANSWER_FORMAT:
        return take_answer(app, content, actor=actor)
    return str(receive(app, content, actor=actor, scope=scope).number)
