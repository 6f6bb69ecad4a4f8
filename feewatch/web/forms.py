"""What a request says, read strictly: too long or with control characters is refused."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge
from werkzeug.sansio.utils import host_is_trusted

from feewatch.casework.cases import CONFIRMED_STEPS
from feewatch.casework.matters import AUTHORITIES
from feewatch.engine.findings import SEVERITIES
from feewatch.kernel.days import (
    FIRST_DAY,
    JUDGED_FROM,
    JUDGED_TO,
    LAST_DAY,
    Day,
    format_day,
    parse_day,
    parse_month,
)
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.text import normalise
from feewatch.services.people.acting import require_reason
from feewatch.store.pages.inbox import STATUSES, Wanted
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.access import installation

#: More pages than any office turns over.
LAST_PAGE = 100_000
REASON_MAX = 2000
_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
_PLACE = re.compile("[0-9]{6}")
#: A form without a file is typed by a person.
FORM_MOST_BYTES = 512 * 1024
#: Of a form that names all matters it is about, and of an address.
_MOST_FIELDS, _MOST_ARGUMENTS = 10_200, 200
#: Control characters but for tabs and line breaks, and halves of surrogate pairs.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def refuse_host() -> None:
    """Nothing, or a refusal of a request for a name that is not this site's.

    Addresses that an answer spells out in full begin with the name that was asked for.

    Raises: InvalidInputError.
    """
    web = installation().config.web
    if not host_is_trusted(request.host, [*_THIS_MACHINE, web.host, *web.hosts]):
        raise InvalidInputError(
            "HOST",
            "本站不以此名称提供服务；名称在配置 [web] hosts 中登记",
            "the site does not answer under this name; names are listed in [web] hosts",
        )


def refuse_address() -> None:
    """Nothing, or a refusal of an address with characters that no person types.

    Raises: InvalidInputError.
    """
    texts = [text for pair in request.args.items(multi=True) for text in pair]
    if len(texts) > 2 * _MOST_ARGUMENTS:
        raise RequestURITooLarge
    refuse_control_characters([request.path, *texts])


def refuse_form() -> None:
    """The same of a posted form; comes after the guard, so that no stranger's form is read.

    Raises: InvalidInputError, RequestEntityTooLarge.
    """
    if request.method != "POST" or request.blueprint == "api":  # its bodies are no forms
        return
    if request.mimetype != "multipart/form-data" or g.get("user") is None:
        limit_body()  # the parts of the others have limits of their own
    texts = [text for pair in request.form.items(multi=True) for text in pair]
    if len(texts) > 2 * _MOST_FIELDS:
        raise RequestEntityTooLarge
    refuse_control_characters(texts)


def limit_body(most_bytes: int = FORM_MOST_BYTES) -> None:
    """Let the body of the request be no longer than this, by default what a person types."""
    request.max_content_length = min(most_bytes, request.max_content_length or 0)


def refuse_control_characters(values: Iterable[str]) -> None:
    """Nothing, or a refusal of texts with characters that no person types.

    Raises: InvalidInputError.
    """
    if any(_CONTROL.search(value) for value in values):
        raise InvalidInputError(
            "CONTROL-CHARACTER", "请求中含控制字符", "the request holds control characters"
        )


def read_text(name: str, longest: int = 100) -> str:
    """A field of the address, normalised; empty where it is absent."""
    return normalise(_short(request.args.get(name, ""), name, longest))


def read_choice(name: str, allowed: Iterable[str], default: str = "") -> str:
    """A field of the address that is one of the words allowed; empty is always allowed."""
    value = request.args.get(name, default)
    if value and value not in allowed:
        raise InvalidInputError("CHOICE", "没有这个选项", "there is no such choice", field=name)
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
        district=read_place("district"),
        historic=chosen == "yes" if chosen else historic,
    )


def read_day(name: str) -> Day | None:
    """A day of the address as of which something can be judged, None where it is absent."""
    text = request.args.get(name)
    if text is None:
        return None
    day = parse_day(text)
    if day is None:
        raise InvalidInputError(
            "DAY", "不是日期（年-月-日）", "this is no day YYYY-MM-DD", field=name
        )
    if not JUDGED_FROM <= day <= JUDGED_TO:
        first, last = format_day(JUDGED_FROM), format_day(JUDGED_TO)
        raise InvalidInputError(
            "DAY-RANGE",
            f"日期应在 {first} 与 {last} 之间",
            f"the day lies between {first} and {last}",
            field=name,
        )
    return day


def read_day_if_typed(name: str) -> Day | None:
    """The same of a field of a form that may be left empty."""
    return read_day(name) if request.args.get(name) else None


def read_days(name: str) -> tuple[Day, Day] | None:
    """The range of a posted form, of which either end may be left open; None where both are.

    Raises: InvalidInputError.
    """
    ends = [
        _posted_day(f"{name}_{end}", default)
        for end, default in (("from", FIRST_DAY), ("to", LAST_DAY))
    ]
    first, last = ends
    if (first, last) == (FIRST_DAY, LAST_DAY):
        return None
    if first > last:
        raise InvalidInputError(
            "DAYS", "起始日晚于截止日", "the first day lies after the last", field=f"{name}_from"
        )
    return first, last


def _posted_day(name: str, default: Day) -> Day:
    text = request.form.get(name, "").strip()[:20]
    day = parse_day(text) if text else default
    if day is None:
        raise InvalidInputError("DAY", "请填写日期", "give a day", field=name)
    return day


def read_month(name: str, default: str) -> str:
    """A month ``YYYY-MM`` of the address as typed; what is none is refused by who reads it."""
    return request.args.get(name, "")[:20] or default


def read_month_span(name: str) -> tuple[Day, Day] | None:
    """The days of a month of the address; None where it is absent or empty.

    Raises: InvalidInputError.
    """
    text = request.args.get(name, "")
    days = parse_month(text) if text else None
    if text and days is None:
        raise InvalidInputError("MONTH", "月份应为 YYYY-MM", "a month is YYYY-MM", field=name)
    return days


def read_district() -> str:
    """The district asked for; the office's own where none is named."""
    return read_place("district") or installation().config.office.district


def read_place(name: str) -> str:
    """A division code of the address; empty where it is absent."""
    code = request.args.get(name, "")
    if code and not _PLACE.fullmatch(code):
        raise InvalidInputError(
            "PLACE",
            "应为六位行政区划代码",
            "this is a division code of six digits",
            field=name,
        )
    return code


def is_place(text: str) -> bool:
    """Whether a text is a division code."""
    return _PLACE.fullmatch(text) is not None


def read_number(name: str, least: int, most: int) -> int | None:
    """A whole number of the address; None where it is absent or empty.

    Raises: InvalidInputError.
    """
    text = request.args.get(name, "").strip()
    number = read_whole(text, most) if text else None
    if text and (number is None or number < least):
        raise InvalidInputError(
            "NUMBER", f"应为 {least} 至 {most} 的整数",
            f"a whole number from {least} to {most}", field=name,
        )  # fmt: skip
    return number


def read_yuan(name: str) -> int | None:
    """Fen of an amount in yuan of the address; None where it is absent or empty.

    Raises: InvalidInputError.
    """
    text = request.args.get(name, "").strip()
    fen = parse_yuan(text) if text else None
    if text and (fen is None or fen < 0):
        raise InvalidInputError(
            "YUAN", "应为金额（元），至多两位小数", "an amount in yuan with at most two decimals",
            field=name,
        )  # fmt: skip
    return fen


def read_page() -> int:
    """The number of the page asked for, from 1."""
    number = read_whole(request.args.get("page", "1"), LAST_PAGE)
    if not number:
        raise InvalidInputError("PAGE", "页码无效", "there is no such page number", field="page")
    return number


def read_field(name: str, longest: int = 200) -> str:
    """A required field of a posted form, as typed.

    Raises: InvalidInputError where it is empty or too long.
    """
    value = request.form.get(name, "")
    if not value.strip():
        raise InvalidInputError("FIELD", "必须填写", "this must be filled in", field=name)
    return _short(value, name, longest)


def read_form_day(name: str) -> Day | None:
    """A day of a posted form; None where the field is empty.

    Raises: InvalidInputError.
    """
    text = request.form.get(name, "")
    day = parse_day(text) if text else None
    if text and day is None:
        raise InvalidInputError("DAY", "须为日期", "this must be a day", field=name)
    return day


def read_form_key(name: str) -> int | None:
    """The key that a posted form has chosen; None where the field is absent, empty or 0.

    Raises: InvalidInputError.
    """
    text = request.form.get(name, "")
    key = read_whole(text, MAX_KEY) if text else 0
    if key is None:
        raise InvalidInputError("KEY", "编号无效", "there is no such number", field=name)
    return key or None


def read_reason() -> str:
    """The reason a decision is taken, as it goes on record."""
    reason = request.form.get("reason", "").strip()
    require_reason(reason)
    return _short(reason, "reason", REASON_MAX)


def require_confirmation(step: str) -> None:
    """Nothing, or a refusal of a step that ends something and was not confirmed by its tick.

    Raises: InvalidInputError.
    """
    if step in CONFIRMED_STEPS and "confirm" not in request.form:
        raise InvalidInputError("CONFIRM", "请勾选确认", "confirm it by the tick", field="confirm")


def safe_next(address: str | None) -> str | None:
    """An address to go on to, if it is one of this site."""
    if not address or not address.startswith("/") or "\\" in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc or address.startswith("//") else address


def _short(value: str, name: str, longest: int) -> str:
    if len(value) > longest:
        raise InvalidInputError(
            "TOO-LONG",
            f"过长（至多 {longest} 字）",
            f"longer than {longest} characters",
            field=name,
        )
    return value
