"""退回更正 between offices: the signed request that an entry be looked at, and the signed answer.

Both are one document in canonical form, as editions are; neither changes a list.
"""

from collections.abc import Mapping
from typing import Any

from feewatch.credit.lists import LISTS
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.publication.signing import PublicKeys, read_signed
from feewatch.registry.personal import has_number_of_a_person

REQUEST_FORMAT = "feewatch-correction-request/1"
ANSWER_FORMAT = "feewatch-correction-answer/1"
#: What may come of a request.
OUTCOMES: dict[str, Text] = {
    "corrected": Text("已更正", "corrected"),
    "stands": Text("核实无误，维持", "it stands"),
}
#: No such document is larger.
MOST_BYTES = 64 * 1024
#: Of reasons, in characters.
REASON_MAX = 2000
_HASH = 64

#: The parts of a document, each with its kind and the most characters of a text.
_REQUEST: Mapping[str, int] = {
    "format": 60, "office": 200, "asker": 6, "district": 6, "number": 40, "issued_on": 10,
    "list": 16, "reason": REASON_MAX,
}  # fmt: skip
_ENTRY: Mapping[str, int] = {"uscc": 18, "name": 220, "document": 120}
_ANSWER: Mapping[str, int] = {
    "format": 60, "office": 200, "district": 6, "number": 40, "issued_on": 10,
    "request_sha256": _HASH, "outcome": 10, "reason": REASON_MAX,
}  # fmt: skip


def request_document(
    *, office: str, asker: str, district: str, number: str, issued_on: int, edition: int,
    edition_sha256: str, name: str, entry: Mapping[str, Any], reason: str,
) -> dict[str, Any]:  # fmt: skip
    """What an office asks of a district about an entry of the list ``name``; not yet signed."""
    return {
        "format": REQUEST_FORMAT, "office": office, "asker": asker, "district": district,
        "number": number, "issued_on": format_day(issued_on),
        "edition": {"number": edition, "sha256": edition_sha256}, "list": name,
        "entry": {part: str(entry.get(part, "")) for part in _ENTRY}, "reason": reason,
    }  # fmt: skip


def answer_document(
    *, office: str, request: Mapping[str, Any], request_sha256: str, issued_on: int, outcome: str,
    edition: tuple[int, str] | None, reason: str,
) -> dict[str, Any]:  # fmt: skip
    """What a district answers; ``edition``: number and hash of the one that corrected it."""
    return {
        "format": ANSWER_FORMAT, "office": office, "district": request["district"],
        "number": request["number"], "request_sha256": request_sha256,
        "issued_on": format_day(issued_on), "outcome": outcome,
        "edition": None if edition is None else {"number": edition[0], "sha256": edition[1]},
        "reason": reason,
    }  # fmt: skip


def read_request(content: bytes, keys: PublicKeys) -> dict[str, Any]:
    """A request that a trusted key signed, with the form of one.

    Raises: InvalidInputError: REQUEST-SIGNATURE, REQUEST-FORM.
    """
    document = _read(content, keys, REQUEST_FORMAT, _REQUEST, {"edition", "entry"})
    entry = document["entry"]
    _require(isinstance(entry, dict) and entry.keys() == _ENTRY.keys(), "entry")
    _texts(entry, _ENTRY)
    _require(_is_edition(document["edition"]), "edition")
    _require(document["list"] in LISTS, "list")
    _require(entry["uscc"] == "" or is_credit_code(entry["uscc"]), "uscc")
    _require(bool(entry["name"]), "name")
    return document


def read_answer(content: bytes, keys: PublicKeys) -> dict[str, Any]:
    """An answer that a trusted key signed, with the form of one.

    Raises: as ``read_request``.
    """
    document = _read(content, keys, ANSWER_FORMAT, _ANSWER, {"edition"})
    _require(document["outcome"] in OUTCOMES, "outcome")
    is_corrected = document["outcome"] == "corrected"
    fits = _is_edition(document["edition"]) if is_corrected else document["edition"] is None
    _require(fits, "edition")
    return document


def require_public_reason(reason: str) -> None:
    """Nothing where a reason may leave the office: short enough, and with no number of a person.

    Raises: InvalidInputError.
    """
    if len(reason) > REASON_MAX:
        raise InvalidInputError(
            "TOO-LONG",
            f"过长（至多 {REASON_MAX} 字）",
            f"longer than {REASON_MAX} characters",
            field="reason",
        )
    if has_number_of_a_person(reason):
        raise InvalidInputError(
            "REQUEST-PERSONAL",
            "理由含公民身份号码或电话号码，不得送出",
            "the reason holds a number of a person, which does not leave the office",
            field="reason",
        )


def _read(
    content: bytes, keys: PublicKeys, wanted: str, texts: Mapping[str, int], more: set[str]
) -> dict[str, Any]:
    _require(len(content) <= MOST_BYTES, "size")
    document, fault = read_signed(content, keys)
    if document is None:
        assert fault is not None
        raise InvalidInputError("REQUEST-SIGNATURE", *fault, field="file")
    _require(document.get("format") == wanted, "format")
    _require(document.keys() == {*texts, *more, "signatures"}, "parts")
    _texts(document, texts)
    _require(parse_day(document["issued_on"]) is not None, "issued_on")
    _require(not has_number_of_a_person(document["reason"]), "reason")
    return document


def _texts(part: Mapping[str, Any], most: Mapping[str, int]) -> None:
    for name, longest in most.items():
        _require(isinstance(part[name], str) and len(part[name]) <= longest, name)


def _is_edition(part: Any) -> bool:
    if not isinstance(part, dict) or part.keys() != {"number", "sha256"}:
        return False
    number, hashed = part["number"], part["sha256"]
    is_number = isinstance(number, int) and not isinstance(number, bool) and 1 <= number < 10**6
    return is_number and isinstance(hashed, str) and len(hashed) == _HASH


def _require(fits: bool, part: str) -> None:
    if not fits:
        raise InvalidInputError(
            "REQUEST-FORM",
            f"不是约定的格式：{part}",
            f"it has not the form agreed: {part}",
            field="file",
        )
