"""A person who follows every link and sends every form of a site that only asks."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from feewatch.kernel.people import DECIDERS
from feewatch.web.access import entry_of
from feewatch.web.on_record import PERSONAL

HOST = "http://localhost"
#: Where a text field must be filled and says nothing of what belongs there.
TYPED = "1"
#: What a template leaves in a page where it is written wrongly.
SLIPS = ("{{", "}}", "{%", "%}", "%d", "%s", "') %", "|yuan", "|length")


@dataclass
class Tally:
    """What a walk came to."""

    pages: int = 0
    files: int = 0
    offered: set[str] = field(default_factory=set)  # addresses
    opened: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)  # pages opened
    faults: list[str] = field(default_factory=list)


@dataclass
class Walk:
    """One person in one language."""

    site: Flask
    client: FlaskClient
    role: str  # "public" without log-in
    language: str  # "zh" or "en"
    #: How many pages of a kind, or with an argument, are opened; further links are taken for good.
    most: Callable[[str], int]
    #: What of a page's bytes the person may not read.
    leaks: Callable[[bytes], list[str]] = lambda _: []
    tally: Tally = field(default_factory=Tally)

    def go(self, starts: list[str]) -> Tally:
        """Open the pages that can be reached from the starts."""
        self.client.get(f"/account/language/{self.language}")
        waiting, seen = deque(starts), set(starts)
        opened: Counter[str] = Counter()
        titles: dict[str, set[str]] = defaultdict(set)
        while waiting:
            address = waiting.popleft()
            self.tally.offered.add(address)
            kind = self.kind_of(address)
            if kind is None:
                self.fault(address, "leads nowhere")
                continue
            if not is_due(kind, opened, self.most(kind)):
                continue
            for link, title in self.open(address, kind):
                if title is not None:
                    titles[title].add(page_of(address))
                elif link not in seen:
                    seen.add(link)
                    waiting.append(link)
        for title, pages in titles.items():
            if len(pages) > 1:
                self.fault(", ".join(sorted(pages)[:3]), f"{len(pages)} pages share {title!r}")
        return self.tally

    def open(self, address: str, kind: str) -> Iterator[tuple[str, str | None]]:
        """The links of a page as (address, None) and its title as ("", title)."""
        with self.client.get(address) as answer:
            yield from self.read(answer, address, kind)

    def read(
        self, answer: TestResponse, address: str, kind: str
    ) -> Iterator[tuple[str, str | None]]:
        """The same of what a page answered."""
        form = "?run" in kind or "&run" in kind  # typed values may be refused in words
        if answer.status_code >= 400 and not (form and answer.status_code == 400):
            self.fault(address, f"answers {answer.status_code}")
            return
        self.tally.kinds[kind] += 1
        self.tally.opened.add(address)
        if 300 <= answer.status_code < 400:
            yield plain(urljoin(HOST, answer.headers["Location"])), None
            return
        is_whole = self.role in DECIDERS and kind.partition("?")[0] in PERSONAL
        if not is_whole and (leaks := self.leaks(answer.data)):
            self.fault(address, f"shows {leaks[:5]}, which is not for {self.role}")
        is_published = urlsplit(address).path.endswith(".html")  # it stands alone: no page of ours
        is_saved = "attachment" in answer.headers.get("Content-Disposition", "")
        if answer.mimetype != "text/html" or is_saved or is_published:
            self.tally.files += 1
            if not answer.data:
                self.fault(address, "is an empty file")
            return
        self.tally.pages += 1
        page = html.document_fromstring(answer.data.decode())
        yield "", self.examine(address, page)
        yield from ((link, None) for link in self.links(address, page))

    def examine(self, address: str, page: HtmlElement) -> str:
        """The title; what is wrong with the head of the page is noted."""
        title = " ".join(page.findtext(".//title", "").split())
        own, dot, _ = title.rpartition(" · ")
        if not own or not dot:
            self.fault(address, f"has no title of its own: {title!r}")
        if len(page.findall(".//h1")) != 1:
            self.fault(address, f"has {len(page.findall('.//h1'))} h1")
        elif not page.find(".//h1").text_content().strip():
            self.fault(address, "has an empty h1")
        if page.get("lang") != {"zh": "zh-CN", "en": "en"}[self.language]:
            self.fault(address, f"is in {page.get('lang')}")
        for slip in SLIPS:
            if any(slip in text for text in page.xpath("//body//text()[not(ancestor::script)]")):
                self.fault(address, f"shows {slip!r}, which belongs to its template")
        ids = Counter(page.xpath("//@id"))
        doubled = [name for name, count in ids.items() if count > 1]
        if doubled:
            self.fault(address, f"has ids twice: {doubled[:3]}")
        for inner in page.xpath("//a[starts-with(@href, '#')]/@href"):
            if inner[1:] not in ids:
                self.fault(address, f"has no place {inner}")
        return title

    def links(self, address: str, page: HtmlElement) -> Iterator[str]:
        """Addresses that the page offers: links, its parts, forms that only ask."""
        for link in page.xpath("//a/@href | //link/@href | //script/@src | //img/@src"):
            whole = urljoin(urljoin(HOST, address), link)
            if whole.startswith(HOST) and "/account/language/" not in whole:
                yield plain(whole)
        for each in page.forms:
            target = plain(urljoin(urljoin(HOST, address), each.get("action") or ""))
            if each.get("method", "get").lower() == "post":
                self.may_post(address, target)
            else:
                yield from asked(target, each)

    def may_post(self, address: str, target: str) -> None:
        """Note a form that is offered to somebody who may not send it."""
        rules = self.site.url_map.bind("localhost")
        try:
            endpoint, _ = rules.match(urlsplit(target).path, method="POST")
        except HTTPException:
            self.fault(address, f"has a form that leads nowhere: {target}")
            return
        roles = entry_of(self.site, endpoint)
        if self.role not in roles and "anyone" not in roles:
            self.fault(address, f"offers a form that is not theirs: {target}")

    def kind_of(self, address: str) -> str | None:
        """Endpoint and names of the arguments, or None where nothing answers."""
        parts = urlsplit(address)
        try:
            endpoint, _ = self.site.url_map.bind("localhost").match(parts.path)
        except HTTPException:
            return None
        names = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
        return f"{endpoint}?{'&'.join(names)}" if names else str(endpoint)

    def fault(self, address: str, what: str) -> None:
        """Keep what is wrong."""
        self.tally.faults.append(f"{self.role} {self.language} {address} {what}")


def is_due(kind: str, opened: Counter[str], most: int) -> bool:
    """Whether a page of a kind is to be opened: while it, or an argument of it, is rare so far.

    Filters can be put together in thousands of ways; each is tried, not all together.
    """
    endpoint, _, names = kind.partition("?")
    tried = [f"{endpoint}?{name}" for name in names.split("&")] if names else [endpoint]
    due = any(opened[each] < most for each in tried)
    opened.update(tried if due else [])
    return due


def asked(target: str, form: HtmlElement) -> Iterator[str]:
    """What a form asks as it stands, and with each choice of each of its selects."""
    values: dict[str, str] = {}
    for each in form.xpath(".//input[@name] | .//textarea[@name]"):
        typed = TYPED if each.get("required") is not None else ""
        values[each.get("name")] = each.get("value") or typed
    chosen = {
        each.get("name"): [option.get("value", "") for option in each.xpath(".//option")]
        for each in form.xpath(".//select[@name]")
    }
    for name, choices in chosen.items():
        marked = form.xpath(f".//select[@name='{name}']/option[@selected]/@value")
        values[name] = (marked or choices or [""])[0]
    base = urlsplit(target).path
    yield f"{base}?{urlencode(values)}"
    for name, choices in chosen.items():
        yield from (f"{base}?{urlencode(values | {name: choice})}" for choice in choices)


def plain(address: str) -> str:
    """Path and query of an address of the site."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def page_of(address: str) -> str:
    """What must have a title of its own: the path, with the number of a further page."""
    parts = urlsplit(address)
    number = [pair for pair in parts.query.split("&") if pair.startswith("page=")]
    return parts.path + ("".join(f"?{pair}" for pair in number if pair != "page=1"))
