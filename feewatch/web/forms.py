"""What a request says, read strictly: too long or with control characters is refused."""

import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import request

from feewatch.casework.matters import AUTHORITIES
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import normalise
from feewatch.services.people.acting import require_reason
from feewatch.store.pages.inbox import STATUSES, Wanted
from feewatch.web.access import installation

#: More pages than any office turns over.
LAST_PAGE = 100_000
REASON_MAX = 2000
_LINE_BREAKS = frozenset("\r\n\t")


def refuse_control_characters() -> None:
    """Nothing, or a refusal of a request with characters that no person types.

    Raises: InvalidInputError.
    """
    values = [request.path, *request.args.values(), *request.args.keys()]
    if request.method == "POST" and request.blueprint != "api":  # its bodies are no forms
        values += [*request.form.values(), *request.form.keys()]
    if any(_is_control(character) for value in values for character in value):
        raise InvalidInputError(
            "CONTROL-CHARACTER", "请求中含控制字符", "the request holds control characters"
        )


def read_text(name: str, longest: int = 100) -> str:
    """A field of the address, normalised; empty where it is absent."""
    return _short(normalise(request.args.get(name, "")), name, longest)


def read_choice(name: str, allowed: Iterable[str], default: str = "") -> str:
    """A field of the address that is one of the words allowed; empty is always allowed."""
    value = request.args.get(name, default)
    if value and value not in allowed:
        raise InvalidInputError("CHOICE", f"{name} 的取值无效", f"{name} has no such value")
    return value


def read_wanted(status: str = "", *, historic: bool | None = None) -> Wanted:
    """What the address asks a list of matters or alerts for; defaults where it says nothing."""
    chosen = read_choice("historic", ("yes", "no"))
    return Wanted(
        severity=read_choice("severity", SEVERITIES),
        rule=read_text("rule", 40),
        authority=read_choice("authority", AUTHORITIES),
        status=read_choice("status", STATUSES, status),
        institution=read_text("institution"),
        district=read_text("district", 6),
        historic=chosen == "yes" if chosen else historic,
    )


def read_district() -> str:
    """The district asked for; the office's own where none is named."""
    return read_text("district", 6) or installation().config.office.district


def read_page() -> int:
    """The number of the page asked for, from 1."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    if not 1 <= number <= LAST_PAGE:
        raise InvalidInputError("PAGE", "页码无效", "there is no such page number")
    return number


def read_field(name: str, longest: int = 200) -> str:
    """A required field of a posted form, as typed.

    Raises: InvalidInputError where it is empty or too long.
    """
    value = request.form.get(name, "")
    if not value.strip():
        raise InvalidInputError("FIELD", f"请填写 {name}", f"{name} is required")
    return _short(value, name, longest)


def read_reason() -> str:
    """The reason a decision is taken, as it goes on record."""
    reason = request.form.get("reason", "").strip()
    require_reason(reason)
    return _short(reason, "reason", REASON_MAX)


def safe_next(address: str | None) -> str | None:
    """An address to go on to, if it is one of this site."""
    if not address or not address.startswith("/") or "\\" in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc or address.startswith("//") else address


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in _LINE_BREAKS


def _short(value: str, name: str, longest: int) -> str:
    if len(value) > longest:
        raise InvalidInputError(
            "TOO-LONG", f"{name} 过长（至多 {longest} 字）", f"{name} is longer than {longest}"
        )
    return value
