"""Bodies of the API, read strictly: one object of JSON, its files in base64."""

import base64
import binascii
import json
from typing import Any

from flask import request

from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.numbers import exact_decimal, exact_whole
from feewatch.services.corrections.vouchers import read_voucher
from feewatch.services.intake.attachments import MOST_AT_ONCE, read_attachments
from feewatch.services.intake.proofs import Proof
from feewatch.services.people.acting import require_reason
from feewatch.web.forms import (
    FORM_MOST_BYTES,
    REASON_MAX,
    limit_body,
    refuse_control_characters,
)

#: A paper of 11 MB as letters.
_FILE_MOST_BYTES = 15 * 1024 * 1024
Body = dict[str, Any]


def read_body(files: int = 0) -> Body:
    """The object of a request's body, which may hold so many files; its numbers are exact.

    Raises: InvalidInputError, RequestEntityTooLarge.
    """
    limit_body(FORM_MOST_BYTES + files * _FILE_MOST_BYTES)
    try:
        body = json.loads(
            request.get_data(cache=False),
            parse_float=exact_decimal, parse_int=exact_whole, parse_constant=_none,
        )  # fmt: skip
        refuse_control_characters(_strings(body))
    except (ValueError, RecursionError):
        raise bad_body("") from None
    if not isinstance(body, dict):
        raise bad_body("")
    return body


def read_word(body: Body, name: str, longest: int = REASON_MAX) -> str:
    """A text of the body, empty where it is absent.

    Raises: InvalidInputError.
    """
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise bad_body(name)
    return value.strip()


def read_why(body: Body) -> str:
    """The reason for which something is done, as it goes on record.

    Raises: InvalidInputError.
    """
    reason = read_word(body, "reason")
    require_reason(reason)
    return reason


def take_flag(body: Body, name: str) -> bool:
    """A yes or no, taken out of the body; no where it is absent.

    Raises: InvalidInputError.
    """
    value = body.pop(name, False)
    if not isinstance(value, bool):
        raise bad_body(name)
    return value


def read_body_day(body: Body, name: str) -> Day | None:
    """A day of the body; None where it is absent.

    Raises: InvalidInputError.
    """
    text = body.get(name)
    day = parse_day(text) if isinstance(text, str) else None
    if text is not None and day is None:
        raise bad_body(name)
    return day


def read_number(body: Body, name: str, most: int) -> int | None:
    """A whole number from 1 of the body; None where it is absent.

    Raises: InvalidInputError.
    """
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise bad_body(name)
    return value


def take_paper(body: Body, name: str) -> Proof | None:
    """A paper, ``{"name", "content"}``, taken out of the body; None where it is absent.

    Raises: InvalidInputError.
    """
    paper = body.pop(name, None)
    return None if paper is None else read_voucher(*_file(paper, name))


def take_files(body: Body) -> list[Proof]:
    """The attachments under ``files``, taken out of the body.

    Raises: InvalidInputError.
    """
    files = body.pop("files", [])
    if not isinstance(files, list) or len(files) > MOST_AT_ONCE:
        raise bad_body("files")
    return read_attachments(_file(file, "files") for file in files)


def bad_body(name: str) -> InvalidInputError:
    """The refusal of a body, or of one of its values."""
    return InvalidInputError(
        "BODY",
        f"请求体应为 JSON 对象{f'，{name} 的取值无效' if name else ''}",
        f"the body is an object of JSON{f'; {name} has no such value' if name else ''}",
        field=name,
    )


def _file(value: Any, name: str) -> tuple[str, bytes]:
    if not isinstance(value, dict) or not all(
        isinstance(value.get(part), str) for part in ("name", "content")
    ):
        raise bad_body(name)
    try:
        return value["name"], base64.b64decode(value["content"], validate=True)
    except (binascii.Error, ValueError):
        raise bad_body(name) from None


def _none(_: str) -> None:
    raise ValueError("no number of JSON")


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in (*value.keys(), *value.values()) for text in _strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    return [value] if isinstance(value, str) else []
