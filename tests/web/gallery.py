"""Every kind of page of a site in a real Chromium: found by its links, one a person."""

import shutil
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask
from waitress import create_server
from werkzeug.exceptions import HTTPException

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WIDTHS = {1440: 1000, 360: 780}
#: The levels of WCAG that a page must meet.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Milliseconds for a page where the machine does much else.
_PATIENCE = 120_000
_LINKS = "() => [...document.querySelectorAll('a[href]')].map(link => link.href)"
_RUN = "levels => axe.run(document, {runOnly: levels, resultTypes: ['violations']})"


class Visitor(NamedTuple):
    """Who looks: a role and how to log in; no name for the public."""

    role: str
    name: str = ""
    password: str = ""


@contextmanager
def served(site: Flask) -> Iterator[str]:
    """The address at which a site is served meanwhile."""
    server = create_server(site, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.trigger.pull_trigger(server.close)
        server.task_dispatcher.shutdown()
        thread.join(timeout=10)


def enter(page: Any, address: str, visitor: Visitor) -> None:
    """Log in, where the visitor is somebody."""
    page.goto(f"{address}/account/login")
    if visitor.name:
        page.fill("#name", visitor.name)
        page.fill("#password", visitor.password)
        page.click("main button")
        page.wait_for_selector(".who form", state="attached")


def pages(site: Flask, page: Any, address: str, visitor: Visitor) -> Iterator[str]:
    """The kinds of pages that links lead to, each as the browser stands on one of it."""
    enter(page, address, visitor)
    waiting, seen = deque([page.url, f"{address}/"]), set()
    while waiting:
        link = waiting.popleft()
        kind = kind_of(site, address, link)
        if kind is None or kind in seen:
            continue
        seen.add(kind)
        answer = page.context.request.get(link, timeout=_PATIENCE)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        page.goto(link, timeout=_PATIENCE)
        waiting.extend(page.evaluate(_LINKS))
        yield kind


def kind_of(site: Flask, address: str, link: str) -> str | None:
    """The endpoint of a link of the site; None where it leads elsewhere."""
    parts = urlsplit(link)
    if f"{parts.scheme}://{parts.netloc}" != address:
        return None
    try:
        endpoint, _ = site.url_map.bind("localhost").match(parts.path, method="GET")
    except HTTPException:
        return None
    return None if endpoint in ("account.language", "static") else str(endpoint)


def violations(page: Any) -> list[str]:
    """What axe-core finds against the levels of WCAG, each with the element it is about."""
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(source)  # past the policy of the page, which lets no foreign script in
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in page.evaluate(_RUN, LEVELS)["violations"]
        for node in fault["nodes"]
    ]
