"""A refused form comes back as it was sent: its own page, what is wrong on top, the text kept.

The page on which the form stands is asked for once more, as a browser would, by the same person
and past the same guard. Into its answer go a summary that links to the field at fault, and the
values that were sent, but for passwords and files. Templates need nothing for this, and a view
only ``form_on``, where its form stands on a page of another address. A form that only asks (GET)
is treated alike: its page is opened without the value at fault, then without any.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Response, current_app, g, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from lxml import html
from lxml.html import HtmlElement
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from feewatch.kernel.text import Text
from feewatch.web.access import may_open
from feewatch.web.language import say, t

View = TypeVar("View", bound=Callable[..., object])
#: What is never sent back to a page.
_SECRET = frozenset({"csrf_token", "password", "old", "new", "again", "code"})
#: What buttons and hidden fields send, which nobody typed.
_UNTYPED = _SECRET | {"step", "act", "next", "entry"}
_UNFILLED = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})
#: Characters that no page can hold.
_UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]"
)
#: In the environment of a request by which the page of a refused form is opened.
_AGAIN = "feewatch.again"
Ways = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a form."""

    status: int
    code: str
    text: Text
    field: str  # the name of the field at fault, if it is one
    ways: Ways  # addresses to go on to, with their names


def form_on(endpoint: str) -> Callable[[View], View]:
    """The view of a form that stands on the page of an endpoint with the same arguments."""

    def declare(view: View) -> View:
        view.form_page = endpoint  # type: ignore[attr-defined]
        return view

    return declare


def show_again(wrong: Wrong) -> Response | None:
    """The page of the refused form with what is wrong; None where it has none that opens."""
    if request.environ.get(_AGAIN):
        return None
    if request.method == "POST" or g.get("user") is not None:
        generate_csrf()  # kept by this answer's session; the page takes it over
    shown: tuple[str, HtmlElement] | None = None
    for address in dict.fromkeys(
        _pages() if request.method == "POST" else _pages_of_question(wrong)
    ):
        page = _open(address)
        if page is None:
            continue
        form = _find_form(page, address)
        if form is not None:
            return _answer(page, address, wrong, form)
        shown = shown or (address, page)
    return _answer(shown[1], shown[0], wrong, None) if shown else None


def typed_texts() -> list[str]:
    """What a person typed into the form that was sent; empty where that may have been another."""
    return [
        text
        for name, values in _sent().lists()
        if name not in _UNTYPED
        for text in values
        if text.strip()
    ]


def page_of_form() -> str | None:
    """The address of the page on which the form stands, as far as it is known."""
    return next(_pages(), None)


def _pages() -> Iterator[str]:
    """Where the form may stand: the page it was sent from, the one declared, its own address."""
    if _is_from_here():
        parts = urlsplit(request.referrer or "")
        yield f"{parts.path}?{parts.query}" if parts.query else parts.path
    yield from _declared()
    yield request.path


def _declared() -> Iterator[str]:
    declared = getattr(current_app.view_functions.get(request.endpoint or ""), "form_page", None)
    if declared:
        try:
            yield url_for(declared, **(request.view_args or {}))
        except BuildError:  # not all pages want the same arguments
            yield url_for(declared)


def _pages_of_question(wrong: Wrong) -> Iterator[str]:
    """The pages of a form that only asks: the same without what is at fault, then bare."""
    good = [(name, value) for name, value in request.args.items(True) if name != wrong.field]
    for path in (*_declared(), request.path):
        if good and wrong.field:
            yield f"{path}?{urlencode(good)}"
        yield path


def _is_from_here() -> bool:
    parts = urlsplit(request.referrer or "")
    return (parts.scheme, parts.netloc) == (request.scheme, request.host)


def _is_own_form() -> bool:
    """Whether a page of this site sent the form, so that its values may be shown."""
    is_unchecked = not current_app.config.get("WTF_CSRF_ENABLED", True)
    return bool(g.get("csrf_valid")) or _is_from_here() or is_unchecked


def _sent() -> MultiDict[str, str]:
    if request.method != "POST":  # an address says no more than itself
        return MultiDict((name, _plain(value)) for name, value in request.args.items(multi=True))
    if not _is_own_form():
        return MultiDict()
    try:
        sent = request.form
    except HTTPException:  # too large to be read
        return MultiDict()
    return MultiDict((name, _plain(value)) for name, value in sent.items(multi=True))


def _plain(value: str) -> str:
    return _UNPRINTABLE.sub("", value)


def _open(address: str) -> HtmlElement | None:
    """The page of an address as it now answers; None where it opens for nobody, or not for them."""
    if not may_open(urlsplit(address).path):
        return None
    with current_app.test_request_context(
        address,
        base_url=request.root_url,
        headers={"Cookie": request.headers.get("Cookie", "")},
        environ_overrides={_AGAIN: True},
    ):
        answer = current_app.full_dispatch_request()
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return None
    return html.document_fromstring(answer.get_data(as_text=True))


def _find_form(page: HtmlElement, address: str) -> HtmlElement | None:
    """The form that was sent, among those of its page: the one with the same hidden values."""
    sent, method = _sent(), "post" if request.method == "POST" else "get"

    def likeness(form: HtmlElement) -> tuple[bool, int, int]:
        controls = list(_controls(page, form))
        hidden = [
            each
            for each in controls
            if each.get("type") == "hidden" and each.get("name") != "csrf_token"
        ]
        is_same = method == "get" or all(
            each.get("value", "") in sent.getlist(each.get("name")) for each in hidden
        )
        names = {each.get("name") for each in controls}
        return is_same, len(hidden), len(names & set(sent)) - len(names - set(sent))

    paths = {request.path} if method == "post" else {request.path, urlsplit(address).path}
    forms = [
        form
        for form in page.iter("form")
        if (form.get("method") or "get").lower() == method
        and urlsplit(urljoin(address, form.get("action") or "")).path in paths
    ]
    best = max(forms, key=likeness, default=None)
    return best if best is not None and likeness(best)[0] else None


def _controls(page: HtmlElement, form: HtmlElement) -> Iterator[HtmlElement]:
    """The fields of a form, also those that stand elsewhere on the page."""
    number = form.get("id")
    for each in page.iter("input", "select", "textarea"):
        owner = each.get("form")
        is_inside = owner is None and form in each.iterancestors("form")
        if each.get("name") and (is_inside or (owner is not None and owner == number)):
            yield each


def _answer(page: HtmlElement, address: str, wrong: Wrong, form: HtmlElement | None) -> Response:
    title = page.find(".//title")
    title.text = t("出错：", "Error: ") + (title.text or "")
    for each in page.xpath("//*[@autofocus]"):
        del each.attrib["autofocus"]  # the summary has it
    _anchor(page, address)
    label, field = "", None
    if form is not None:
        controls = list(_controls(page, form))
        for each in controls if _sent() else ():
            _fill(each)
        field = _field_at_fault(controls, wrong)
        if field is not None:
            label = _label(page, field)
            _mark(field, wrong.text)
    is_lost = form is None and request.method == "POST"
    _insert_summary(page, wrong, field, label, typed_texts() if is_lost else [])
    response = Response(html.tostring(page, encoding="unicode", doctype="<!doctype html>"))
    response.status_code = wrong.status
    return response


def _anchor(page: HtmlElement, address: str) -> None:
    """What the page says of its own address still means it at the address of the form."""
    for form in page.iter("form"):
        form.set("action", form.get("action") or address)
    for link in page.iter("a"):
        if (link.get("href") or "").startswith("?"):
            link.set("href", urljoin(address, link.get("href")))


def _fill(control: HtmlElement) -> None:
    name, kind = control.get("name"), control.get("type", "text")
    sent = _sent()
    if name in _SECRET or kind in _UNFILLED:
        return
    if control.tag == "select":
        for option in control.iter("option"):
            _set(option, "selected", option.get("value", option.text) in sent.getlist(name))
    elif kind in ("checkbox", "radio"):
        _set(control, "checked", control.get("value", "on") in sent.getlist(name))
    elif name in sent and control.tag == "textarea":
        control.text = "\n" + sent[name]  # a first line break is the page's
    elif name in sent:
        control.set("value", sent[name])
    else:
        return
    for details in control.iterancestors("details"):
        details.set("open", "")


def _set(element: HtmlElement, attribute: str, is_set: bool) -> None:
    if is_set:
        element.set(attribute, attribute)
    else:
        element.attrib.pop(attribute, None)


def _field_at_fault(controls: list[HtmlElement], wrong: Wrong) -> HtmlElement | None:
    """The field that is named; of bad input that names none, the first to be filled in."""
    shown = [each for each in controls if each.get("type") != "hidden"]
    named = [each for each in shown if each.get("name") == wrong.field]
    if not named and (wrong.status != 400 or request.method != "POST"):
        return None
    return next(iter(named or shown), None)


def _label(page: HtmlElement, field: HtmlElement) -> str:
    if field.get("aria-label"):
        return str(field.get("aria-label"))
    for label in page.iter("label"):
        if field.get("id") and label.get("for") == field.get("id"):
            return " ".join(label.text_content().split())
    return ""


def _mark(field: HtmlElement, text: Text) -> None:
    """The field says itself that it is at fault, and why."""
    if not field.get("id"):
        field.set("id", "field-at-fault")
    note = html.Element("span", {"class": "wrong", "id": "what-is-wrong"})
    note.text = say(text)
    field.set("aria-invalid", "true")
    field.set("aria-describedby", "what-is-wrong")
    field.addprevious(note)


def _insert_summary(
    page: HtmlElement, wrong: Wrong, field: HtmlElement | None, label: str, typed: list[str]
) -> None:
    text = render_template(
        "refusal.html",
        wrong=wrong,
        field_id=None if field is None else field.get("id"),
        label=label,
        typed=typed,
        is_question=request.method != "POST",
        has_files=any(file.filename for file in request.files.values()) if _sent() else False,
    )
    page.get_element_by_id("content").insert(0, html.fragment_fromstring(text))
