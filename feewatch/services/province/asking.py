"""退回更正, at the office above: an entry is sent back with a reason, and the answer taken in.

Asking moves no list: it opens work in the district, which alone corrects or lets it stand.
"""

import json
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.messages import desk_sent_back
from feewatch.config import DistrictSource
from feewatch.gateways.districts import DistrictSite
from feewatch.kernel.clock import today
from feewatch.kernel.days import date_of
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError, Refusal
from feewatch.kernel.people import Scope
from feewatch.kernel.text import Text
from feewatch.publication.correction_notes import (
    OUTCOMES,
    read_answer,
    request_document,
    require_public_reason,
)
from feewatch.publication.signing import sha256
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.lists.revocation import heed_revocations
from feewatch.services.lists.sources import get_source, handed_keys
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.province.gathering import open_site, place_of_source
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.lists import correction_requests as requests
from feewatch.store.pages import PageRow, PageRows
from feewatch.store.pages import gathered as pages
from feewatch.store.people import users

#: Who may send an entry back, and who answers at a district.
ASKERS = ("officer", "reviewer", "publisher")
_API = "api/v1/correction-requests"
_SHOWN = 200


class Exchange(NamedTuple):
    """What went to and came from the API of a district."""

    pushed: list[str]  # numbers
    answered: list[str]
    fault: Text | None  # why it ended early


def get_entry(app: App, scope: Scope, key: int) -> PageRow:
    """An entry of a newest edition that may be sent back.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        return _entry(tx, scope, key)


def find_entry_key(
    app: App, scope: Scope, district: str, name: str, who: str, document: str = ""
) -> int:
    """The key of the entry of a list that is about a credit code, or a name where it has none.

    Raises: NotFoundError, ConflictError where several are.
    """
    with app.database.reading() as tx:
        rows = [
            row.id
            for row in pages.list_entries(tx, scope, name, who, _SHOWN, 0)
            if row.district == district and document in ("", row.content.get("document", ""))
        ]
    if not rows:
        raise NotFoundError("ENTRY-UNKNOWN", "没有这一条目", "there is no such entry")
    if len(rows) > 1:
        raise ConflictError(
            "ENTRY-SEVERAL",
            f"有 {len(rows)} 条，请以 --document 指明文号",
            f"there are {len(rows)}: name the document with --document",
        )
    return int(rows[0])


def ask(app: App, key: int, *, actor: str, reason: str) -> int:
    """The key of the request that an entry of a newest edition be looked at; it is signed now.

    Raises: NotFoundError, ForbiddenError, InvalidInputError, ConflictError where it was asked and
    is open, UnavailableError without a key to sign with.
    """
    require_reason(reason)
    require_public_reason(reason)
    signer, office = get_signing_key(app), app.config.office
    with app.database.transaction() as tx:
        person = get_acting(tx, actor, ASKERS)
        entry = _entry(tx, person.scope, key)
        document = str(entry.content.get("document", ""))
        about = (entry.district, entry.list, entry.uscc, entry.name, document)
        same = requests.find_open_about(tx, *about)
        if same is not None:
            raise ConflictError(
                "REQUEST-OPEN", f"已退回，待答复：{same.number}", f"asked already: {same.number}"
            )
        edition = pages.find_edition(tx, entry.district, entry.number)
        assert edition is not None  # its entries are on record with it
        number = requests.next_number(tx, office.district, date_of(today()).year)
        message = signer.sign(
            request_document(
                office=office.name, asker=office.district, district=entry.district, number=number,
                issued_on=today(), edition=entry.number, edition_sha256=edition.sha256,
                name=entry.list, entry=entry.content, reason=reason,
            )
        )  # fmt: skip
        made = requests.add(
            tx, direction=requests.OUT, number=number, asker=office.district, office=office.name,
            district=entry.district, edition_number=entry.number, edition_sha256=edition.sha256,
            list=entry.list, uscc=entry.uscc, name=entry.name, document=document, reason=reason,
            message=message.decode(), sha256=sha256(message), made_by=person.name,
        )  # fmt: skip
        assert made is not None  # numbers are counted in this transaction
        audit.record(
            tx, person.name, "correction.ask", number, district=entry.district,
            edition=entry.number, list=entry.list, uscc=entry.uscc, reason=reason,
        )  # fmt: skip
    return made


def list_requests(app: App, scope: Scope) -> PageRows:
    """Requests made and received, open ones first."""
    with app.database.reading() as tx:
        return requests.list_requests(tx, scope, _SHOWN)


def get_request(app: App, scope: Scope, key: int) -> PageRow:
    """One of them.

    Raises: NotFoundError, also outside the scope.
    """
    with app.database.reading() as tx:
        row = requests.find(tx, scope, key)
    if row is None:
        raise unknown_request(str(key))
    return row


def is_listed_still(app: App, row: PageRow) -> bool:
    """Whether the entry of a request stands on its list in the newest edition gathered."""
    with app.database.reading() as tx:
        same = pages.list_of_codes(tx, Scope(row.district), [row.uscc])
    wanted = (row.list, row.name, row.document)
    return any((each.list, each.name, each.content.get("document", "")) == wanted for each in same)


def exchange(app: App, source: DistrictSource, *, actor: str) -> Exchange:
    """Push to a district's API what it was not given yet, and take in what it answered."""
    pushed: list[str] = []
    answered: list[str] = []
    site = open_site(app, source)
    with app.database.reading() as tx:
        rows = requests.list_open_out(tx, source.district)
    try:
        for row in rows if source.token_file else ():
            if row.pushed_at is None:
                _push(app, site, row)
                pushed.append(row.number)
            content = _find_answer(site, row.number)
            if content is not None:
                answered.append(take_answer(app, content, actor=actor))
    except Refusal as refusal:
        return Exchange(pushed, answered, refusal.text)
    return Exchange(pushed, answered, None)


def take_answer(app: App, content: bytes, *, actor: str) -> str:
    """The number of the request that an answer closes; the same answer again changes nothing.

    Raises: InvalidInputError, NotFoundError, ConflictError where it was answered otherwise, or
    names another edition than the one gathered under its number.
    """
    district = _claimed(content)
    source = get_source(app.config, district)
    beside = place_of_source(app, district) / "keys" / "revoked.json"
    revoked = beside.read_bytes() if beside.is_file() else None
    keys = heed_revocations(app.config, handed_keys(app.config, source), district, revoked)
    said = read_answer(content, keys)
    edition = said["edition"] or {"number": None, "sha256": None}
    with app.database.transaction() as tx:
        own = app.config.office.district
        row = requests.find_by_number(tx, requests.OUT, own, said["number"])
        if row is None or row.district != said["district"] or row.sha256 != said["request_sha256"]:
            raise unknown_request(said["number"])
        if edition["number"] is not None:
            _hold_against(tx, district, edition["number"], edition["sha256"])
        is_new = requests.answer(
            tx, row.id, outcome=said["outcome"], answer_number=edition["number"],
            answer_sha256=edition["sha256"], answer_reason=said["reason"],
            answer=content.decode(), answered_by=actor,
        )  # fmt: skip
        if not is_new:
            if row.answer == content.decode():
                return str(row.number)
            raise ConflictError(
                "REQUEST-ANSWERED",
                f"{row.number} 已有另一答复",
                f"{row.number} was answered otherwise",
            )
        audit.record(
            tx, actor, "correction.answered", row.number, outcome=said["outcome"],
            edition=edition["number"], sha256=sha256(content),
        )  # fmt: skip
        _tell_asker(tx, row, said["outcome"])
    return str(row.number)


def own_message(row: PageRow) -> bytes:
    """What this office signed of a request: the request it made, or the answer it gave.

    Raises: ConflictError where it has not answered yet.
    """
    content = row.message if row.direction == requests.OUT else row.answer
    if content is None:
        raise ConflictError("REQUEST-NO-ANSWER", "尚未答复", "it is not answered yet")
    return bytes(content.encode())


def unknown_request(number: str) -> NotFoundError:
    """That there is no such request, or not for this person."""
    return NotFoundError("REQUEST-UNKNOWN", f"没有更正请求 {number}", f"no request {number}")


def _entry(tx: Transaction, scope: Scope, key: int) -> PageRow:
    row = pages.find_entry(tx, scope, key)
    if row is None or not row.list:
        raise NotFoundError("ENTRY-UNKNOWN", "没有这一条目", "there is no such entry")
    return row


def _push(app: App, site: DistrictSite, row: PageRow) -> None:
    """Hand a request over; whatever came of it is kept.

    Raises: Refusal where the district did not take it.
    """
    fault: Refusal | None = None
    try:
        if site.send(_API, row.message.encode()) is None:
            raise NotFoundError("PUSH-NONE", "对方没有此接口", "the district has no such API")
    except Refusal as refusal:
        fault = refusal
    with app.database.transaction() as tx:
        requests.note_push(tx, row.id, None if fault is None else fault.text.both())
    if fault is not None:
        raise fault


def _find_answer(site: DistrictSite, number: str) -> bytes | None:
    content = site.read_own(f"{_API}/{number}")
    try:
        told = json.loads(content or b"{}")
        answer = told.get("answer")
    except (ValueError, AttributeError, RecursionError):
        answer = None
    return answer.encode() if isinstance(answer, str) else None


def _claimed(content: bytes) -> str:
    """The district that an answer says it is of; it only chooses the key that must fit."""
    try:
        return str(json.loads(content)["district"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InvalidInputError(
            "REQUEST-FORM", "不是约定的格式", "it has not the form agreed", field="file"
        ) from None


def _hold_against(tx: Transaction, district: str, number: int, hashed: str) -> None:
    """Nothing where an edition that was gathered is the one that an answer names."""
    known = pages.find_edition(tx, district, number)
    if known is not None and known.sha256 != hashed:
        raise ConflictError(
            "VERIFY-FORK",
            f"答复所称第 {number} 期与已汇集的不同",
            f"the edition {number} that the answer names is not the one that was gathered",
        )


def _tell_asker(tx: Transaction, row: PageRow, outcome: str) -> None:
    asker = users.find_by_name(tx, row.made_by)
    if asker is None:
        return
    said = OUTCOMES[outcome]
    text = Text(f"{row.number} 已答复：{said.zh}", f"{row.number} was answered: {said.en}")
    tell(
        tx, to_user=asker.id, kind="correction_answered", object=row.number, text=text,
        address=desk_sent_back(row.id),
    )  # fmt: skip
