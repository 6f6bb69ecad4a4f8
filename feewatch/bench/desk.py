"""Speed of the pages people work from all day, in an office after a busy year.

A real ``feewatch serve`` answers on this machine; visits come from another process at a steady
pace. Beside the times stand the processor time and the statements of one request, measured in
this process: on a machine that does other work too, those tell more.
"""

import os
import tempfile
from collections.abc import Iterator
from itertools import cycle, repeat
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bench.desk_office import ALERTS, ENTRIES, open_office, prepare, size_of
from feewatch.bench.desk_visits import PAGES, Answer, Visit, list_kinds, list_visits, token_of
from feewatch.bench.desk_world import PASSWORD
from feewatch.bench.figures import Figure, Target
from feewatch.bench.served import pay_apart, percentile, served
from feewatch.bench.timing import cpu_seconds_of
from feewatch.bootstrap import App
from feewatch.kernel.text import Text
from feewatch.store.counting import counted
from feewatch.web.site import create_app

TITLE = Text("工作台各页的速度", "Speed of the desk's pages")
_RATE, _SECONDS = 20, 60
_MOST_MS = 150
_ROUNDS = 5
_TITLES = {
    "today": Text("今天", "Today"),
    "inbox": Text("待办事项", "Inbox"),
    "institution": Text("机构页", "An institution"),
    "own": Text("本机构", "Own status"),
}


class Cost(NamedTuple):
    """What a request of a kind costs by itself."""

    statements: int
    cpu_ms: float


def run(scale: float, folder: Path | None = None) -> Iterator[Figure]:
    """The 95th percentile of each page, and what failed. ``folder``: where the office is kept."""
    with tempfile.TemporaryDirectory() as passing:
        home = folder or Path(passing)
        codes = prepare(home, size_of(scale), int(ALERTS * scale))
        app = open_office(home)
        costs = _measure(app, codes)
        app.database.dispose()
        visits = list_visits(codes, max(int(_RATE * _SECONDS * scale), len(PAGES)))
        load = os.getloadavg()[0]
        with served(home) as site:
            pay_apart(site.port, list_kinds(codes), _RATE)  # templates, statements: translated once
            answers = pay_apart(site.port, visits, _RATE)
    for page in PAGES:
        yield _figure(page, answers, costs)
    errors = sum(answer.status != 200 for answer in answers)
    yield Figure(
        Text("出错的请求", "requests that failed"), errors, "requests", Target("≤", 0),
        {"requests": len(answers), "requests_per_second": _RATE, "load_before": load,
         "alerts": int(ALERTS * scale), "institutions": len(codes),
         "entries": int(ENTRIES * scale)},
    )  # fmt: skip


def _measure(app: App, codes: list[str]) -> dict[Visit, Cost]:
    """What a request of each kind costs, in this process and by its processor time."""
    site, costs, clients = create_app(app), {}, {}
    with counted(app.database) as asked:
        for visit in list_kinds(codes):
            if visit.who not in clients:
                clients[visit.who] = log_in_here(site.test_client(), visit.who)
            client, addresses = clients[visit.who], _addresses(visit, codes)

            def look(client: Any = client, addresses: Iterator[str] = addresses) -> None:
                address = next(addresses)
                assert client.get(address).status_code == 200, address

            look()  # what the first look alone costs (a visit begins, a book is read) is not asked
            before = asked.total
            seconds = [cpu_seconds_of(look) for _ in range(_ROUNDS)]
            statements = (asked.total - before) // _ROUNDS
            costs[visit] = Cost(statements, 1000 * sum(seconds) / _ROUNDS)
    return costs


def _addresses(visit: Visit, codes: list[str]) -> Iterator[str]:
    """What is looked at in turn: another institution each time, as one that was seen is kept."""
    if visit.page != "institution":
        return repeat(visit.address)
    others = codes if visit.address.endswith(codes[0]) else codes[::-1]
    return (f"/desk/institutions/{code}" for code in cycle(others))


def log_in_here(client: Any, who: str) -> Any:
    """A client of this process, with a person's session."""
    token = token_of(client.get("/account/login").text)
    form = {"name": who, "password": PASSWORD, "csrf_token": token}
    assert client.post("/account/login", data=form).status_code == 302
    return client


def _figure(page: str, answers: list[Answer], costs: dict[Visit, Cost]) -> Figure:
    times = sorted(1000 * answer.seconds for answer in answers if answer.page == page)
    kinds = {visit.kind: cost for visit, cost in costs.items() if visit.page == page}
    mean = sum(cost.cpu_ms for cost in kinds.values()) / len(kinds)
    title = _TITLES[page]
    return Figure(
        Text(f"{title.zh}：第 95 百分位", f"{title.en}: 95th percentile"),
        percentile(times, 95), "ms", Target("≤", _MOST_MS),
        {"p50_ms": percentile(times, 50), "p99_ms": percentile(times, 99),
         "requests": len(times), "cpu_ms": mean,
         "statements": max(cost.statements for cost in kinds.values()),
         **({f"cpu_ms_{kind}": cost.cpu_ms for kind, cost in kinds.items()}
            if len(kinds) > 1 else {})},
    )  # fmt: skip
