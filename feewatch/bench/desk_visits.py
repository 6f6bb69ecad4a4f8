"""Who looks at which page of the desk, and the visits themselves over HTTP at a steady pace.

A visit that brings something along is a form of a person, or a file of a program.
"""

import http.client
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import count, cycle
from random import Random
from typing import NamedTuple
from urllib.parse import quote, urlencode

from feewatch.bench.desk_world import PASSWORD, SCHOOLS

#: People at a time whose pages may be on the way.
WORKERS = 24
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PAGES = ("today", "inbox", "institution", "own")
#: What officers ask the inbox for, each kind in its turn.
_INBOX = {
    "by_institution": "/desk/",
    "by_rule": "/desk/?by=rule",
    "one_by_one": "/desk/?by=none",
    "red": "/desk/?severity=red&sort=sum",
    "in_case": "/desk/?status=in_case&sort=due",
    "far_page": "/desk/?page=40",
    "search_name": f"/desk/?text={quote('第77培训学校')}",
    "search_contract": "/desk/?text=HT0007700003",
    "mine": "/desk/?owner=officer&sort=age",
}


class Visit(NamedTuple):
    """One look: which page, in which of its kinds, by whom."""

    page: str
    kind: str
    who: str  # empty: anybody, without a log-in
    address: str
    brings: str = ""  # the fields of a form, or the content of a file: sent by POST


class Answer(NamedTuple):
    """What a visit brought; seconds count from the moment at which it was due."""

    page: str
    status: int
    seconds: float


def list_kinds(codes: Sequence[str]) -> list[Visit]:
    """One visit of each kind."""
    kinds = [Visit("today", who, who, "/desk/today") for who in ("officer", "reviewer", "head")]
    kinds.append(Visit("today", "clerk", "clerk", "/desk/today"))
    kinds += [Visit("inbox", kind, "officer", address) for kind, address in _INBOX.items()]
    kinds.append(Visit("inbox", "clerk", "clerk", "/desk/"))
    kinds += [
        Visit("institution", "officer", "officer", f"/desk/institutions/{code}")
        for code in (codes[0], codes[-1])
    ]
    return [*kinds, Visit("own", "own", "school1", "/own/")]


def list_visits(codes: Sequence[str], number: int) -> list[Visit]:
    """As many visits, the pages by turns and of each page its kinds by turns."""
    rng = Random(11)  # noqa: S311 - no secret is made of it
    by_page = {
        page: cycle([visit for visit in list_kinds(codes) if visit.page == page]) for page in PAGES
    }
    visits = []
    for place in range(number):
        visit = next(by_page[PAGES[place % len(PAGES)]])
        if visit.page == "institution":
            visit = visit._replace(address=f"/desk/institutions/{rng.choice(codes)}")
        if visit.page == "own":
            visit = visit._replace(
                who=f"school{1 + place // len(PAGES) % min(SCHOOLS, len(codes))}"
            )
        visits.append(visit)
    return visits


def token_of(page: str) -> str:
    """The word by which a form is known to come from the site."""
    match = _TOKEN.search(page)
    assert match is not None  # every form has one
    return match[1]


class LogIn(NamedTuple):
    """What goes along with the requests of a person or a program."""

    head: dict[str, str]
    form: str = ""  # what a form brings along, of persons

    def body(self, visit: Visit) -> str | None:
        """What is sent; None where nothing is brought."""
        return f"{visit.brings}&{self.form}" if self.form and visit.brings else visit.brings or None


def log_in(
    port: int, visits: Sequence[Visit], tokens: Mapping[str, str] | None = None
) -> dict[str, LogIn]:
    """Who pays these visits, by name; ``tokens``: of the programs among them."""
    programs = tokens or {}
    people = {visit.who for visit in visits if visit.who} - {*programs}
    known = {"": LogIn({})} | {who: _log_in(port, who) for who in sorted(people)}
    return known | {
        who: LogIn({"Authorization": f"Bearer {word}"}) for who, word in programs.items()
    }


def pay(
    port: int, visits: Sequence[Visit], rate: float, known: Mapping[str, LogIn],
    clients: int = WORKERS,
) -> list[Answer]:  # fmt: skip
    """All visits, so many a second; a late answer does not hold the next visits back.

    ``rate``: infinite, where so many ``clients`` are to ask as fast as they are answered.
    """
    places, answers, started = count(), [], time.perf_counter()
    lock = threading.Lock()

    def due() -> Iterator[tuple[float, Visit]]:
        while True:
            with lock:
                place = next(places)
            if place >= len(visits):
                return
            yield started + place / rate, visits[place]

    def work() -> None:
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for moment, visit in due():
            time.sleep(max(moment - time.perf_counter(), 0))
            who = known[visit.who]
            body = who.body(visit)
            head = who.head | (_FORM if who.form and body else {})
            status = status_of(site, visit.address, body, head)
            answers.append(Answer(visit.page, status, time.perf_counter() - moment))
        site.close()

    workers = [threading.Thread(target=work) for _ in range(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers


def status_of(
    site: http.client.HTTPConnection, address: str, body: str | None, head: Mapping[str, str]
) -> int:
    """What is answered to a request, which brings something along or not; 0: nothing is."""
    try:
        way = "GET" if body is None else "POST"
        site.request(way, address, body=body and body.encode(), headers=head)
        reply = site.getresponse()
        reply.read()
    except OSError:
        site.close()
        return 0
    return reply.status


def _log_in(port: int, who: str) -> LogIn:
    """A person's session, and the word that goes along with its forms."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as site:
        site.request("GET", "/account/login")
        reply = site.getresponse()
        page, cookie = reply.read().decode(), _cookie(reply)
        form = urlencode({"name": who, "password": PASSWORD, "csrf_token": token_of(page)})
        site.request("POST", "/account/login", body=form, headers=_FORM | {"Cookie": cookie})
        reply = site.getresponse()
        reply.read()
        assert reply.status == 302  # the world's people have this password
        head = {"Cookie": _cookie(reply)}
        site.request("GET", "/account/password", headers=head)
        reply = site.getresponse()
        token = urlencode({"csrf_token": token_of(reply.read().decode())})
        # the session has known the word of its forms since this page alone
        return LogIn({"Cookie": _cookie(reply) or head["Cookie"]}, token)


def _cookie(reply: http.client.HTTPResponse) -> str:
    return (reply.getheader("Set-Cookie") or "").partition(";")[0]
