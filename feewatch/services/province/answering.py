"""退回更正, at the district: a signed request is taken in, worked on, and answered.

What came in changes nothing by itself. "Corrected" can be said only of an edition that is out and
in which the entry stands no more as it did.
"""

import json
from collections.abc import Mapping
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.messages import desk_sent_back
from feewatch.config import SuperiorOffice
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ConflictError, ForbiddenError, InvalidInputError
from feewatch.kernel.people import Scope
from feewatch.kernel.places import covers
from feewatch.kernel.text import Text
from feewatch.publication.correction_notes import (
    OUTCOMES,
    answer_document,
    read_request,
    require_public_reason,
)
from feewatch.publication.signing import sha256
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.lists.sources import handed_keys
from feewatch.services.messages import tell_office
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.province.asking import ASKERS, unknown_request
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.lists import correction_requests as requests
from feewatch.store.lists import editions
from feewatch.store.lists.editions import Edition
from feewatch.store.pages import PageRow

_TOLD = ("publisher", "officer")


def receive(app: App, content: bytes, *, actor: str, scope: Scope) -> PageRow:
    """The request as it is on record now; the same bytes again are taken once.

    Raises: InvalidInputError (signature, form, an entry that is none), ForbiddenError for an office
    that may not ask or a place outside, ConflictError for an edition that is not the office's own.
    """
    said = read_request(content, handed_keys(app.config, _superior(app, content)))
    _require_place(app, said, scope)
    entry = said["entry"]
    with app.database.transaction() as tx:
        edition = _edition(tx, said["district"], said["edition"]["number"])
        if edition is None or edition.sha256 != said["edition"]["sha256"]:
            raise ConflictError(
                "REQUEST-EDITION",
                f"第 {said['edition']['number']} 期不是本机关发布的那一版",
                f"edition {said['edition']['number']} is not the one that this office published",
            )
        if not _stands(edition, said["list"], entry):
            raise InvalidInputError(
                "REQUEST-ENTRY", "该期名单中没有这一条目", "the edition has no such entry"
            )
        key = requests.add(
            tx, direction=requests.IN, number=said["number"], asker=said["asker"],
            office=said["office"], district=said["district"], edition_number=edition.number,
            edition_sha256=edition.sha256, list=said["list"], uscc=entry["uscc"],
            name=entry["name"], document=entry["document"], reason=said["reason"],
            message=content.decode(), sha256=sha256(content), made_by=actor,
        )  # fmt: skip
        row = requests.find_by_number(tx, requests.IN, said["asker"], said["number"])
        assert row is not None
        if row.sha256 != sha256(content):
            raise ConflictError(
                "REQUEST-NUMBER",
                f"{said['number']} 已收到另一份",
                f"another request came under {said['number']}",
            )
        if key is not None:
            audit.record(
                tx, actor, "correction.received", row.number, asker=row.asker, list=row.list,
                edition=row.edition_number, uscc=row.uscc, sha256=row.sha256,
            )  # fmt: skip
            _tell(tx, row)
    return row


def answer(
    app: App, key: int, outcome: str, *, actor: str, reason: str, edition: int | None = None
) -> str:
    """The number of a request that was answered: corrected in an edition, or it stands.

    ``edition``: number of the edition that corrected it; without one the latest.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it was answered,
    or where that edition still holds the entry.
    """
    require_reason(reason)
    require_public_reason(reason)
    if outcome not in OUTCOMES:
        listed = ", ".join(OUTCOMES)
        raise InvalidInputError(
            "OUTCOME", f"结果须为 {listed}", f"the outcome is one of {listed}", field="outcome"
        )
    signer = get_signing_key(app)
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, ASKERS)
        row = requests.find(tx, person.scope, key)
        if row is None or row.direction != requests.IN:
            raise unknown_request(str(key))
        by = _correcting(tx, row, edition) if outcome == "corrected" else None
        message = signer.sign(
            answer_document(
                office=app.config.office.name, request=json.loads(row.message),
                request_sha256=row.sha256, issued_on=today(), outcome=outcome,
                edition=None if by is None else (by.number, by.sha256), reason=reason,
            )
        )  # fmt: skip
        is_new = requests.answer(
            tx, row.id, outcome=outcome, answer_number=None if by is None else by.number,
            answer_sha256=None if by is None else by.sha256, answer_reason=reason,
            answer=message.decode(), answered_by=person.name,
        )  # fmt: skip
        if not is_new:
            raise ConflictError("REQUEST-ANSWERED", "已经答复", "it was answered already")
        audit.record(
            tx, person.name, "correction.answer", row.number, outcome=outcome, reason=reason,
            edition=None if by is None else by.number,
        )  # fmt: skip
    return str(row.number)


def find_received(app: App, scope: Scope, number: str) -> PageRow:
    """A request that came in, by its number, for the office that asked.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        rows = [
            row
            for superior in app.config.gathering.superiors
            if (row := requests.find_by_number(tx, requests.IN, superior.district, number))
            and scope.sees(row.district, None)
        ]
    if not rows:
        raise unknown_request(number)
    return rows[0]


def describe(row: PageRow) -> dict[str, Any]:
    """A request for programs and terminals; ``answer`` is the signed document as a text."""
    names = (
        "id", "direction", "number", "asker", "office", "district", "edition_number", "list",
        "uscc", "name", "document", "reason", "sha256", "made_at", "pushed_at", "outcome",
        "answer_number", "answer_reason", "answered_at", "answer",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _superior(app: App, content: bytes) -> SuperiorOffice:
    """The office that a request says it is of; it only chooses the key that must fit."""
    try:
        asker = json.loads(content)["asker"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidInputError(
            "REQUEST-FORM", "不是约定的格式", "it has not the form agreed", field="file"
        ) from None
    for superior in app.config.gathering.superiors:
        if superior.district == asker:
            return superior
    raise ForbiddenError(
        "REQUEST-ASKER",
        "提出请求的机关不在配置 gathering.superiors 中",
        "the office that asks is not named under gathering.superiors",
    )


def _require_place(app: App, said: Mapping[str, Any], scope: Scope) -> None:
    """Nothing where a request is about a place of this office, below the one that asks."""
    district = said["district"]
    if (
        not covers(app.config.office.district, district)
        or not covers(said["asker"], district)
        or not scope.sees(district, None)
    ):
        raise ForbiddenError(
            "REQUEST-DISTRICT",
            f"{district} 不归本机关，或不归提出请求的机关",
            f"{district} is not this office's, or not below the office that asks",
        )


def _edition(tx: Transaction, district: str, number: int) -> Edition | None:
    heads = {head.number for head in editions.list_heads(tx, district)}
    return editions.get_edition(tx, district, number) if number in heads else None


def _stands(edition: Edition, name: str, entry: Mapping[str, Any]) -> bool:
    return any(
        (each["uscc"], each["name"], each.get("document", ""))
        == (entry["uscc"], entry["name"], entry["document"])
        for each in edition.read()["lists"].get(name, ())
    )


def _correcting(tx: Transaction, row: PageRow, number: int | None) -> Edition:
    """The edition in which the entry stands no more, later than the one asked about."""
    latest = editions.find_latest(tx, row.district)
    edition = latest if number is None else _edition(tx, row.district, number)
    if edition is None or edition.number <= row.edition_number:
        raise ConflictError(
            "REQUEST-NOT-YET",
            "更正后的版次尚未发布",
            "no edition after the one asked about is published yet",
        )
    entry = {"uscc": row.uscc, "name": row.name, "document": row.document}
    if _stands(edition, row.list, entry):
        raise ConflictError(
            "REQUEST-STANDS",
            f"第 {edition.number} 期中该条目仍在名单上",
            f"edition {edition.number} still holds the entry",
        )
    return edition


def _tell(tx: Transaction, row: PageRow) -> None:
    text = Text(
        f"{row.office}退回更正：{row.name}，第 {row.edition_number} 期",
        f"{row.office} asks that an entry of edition {row.edition_number} be corrected",
    )
    for role in _TOLD:
        tell_office(
            tx, district=row.district, role=role, kind="correction_asked", object=row.number,
            text=text, address=desk_sent_back(row.id),
        )  # fmt: skip
