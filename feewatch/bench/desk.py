"""Speed of the pages people work from all day, in an office after a busy year.

A real ``feewatch serve`` answers on this machine; visits come from another process at a steady
pace. Beside the times stand the processor time and the statements of one request, measured in
this process: on a machine that does other work too, those tell more.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from itertools import cycle, repeat
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bench.desk_visits import PAGES, Answer, Visit, list_kinds, list_visits, token_of
from feewatch.bench.desk_world import OFFICE, PASSWORD, make_world
from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import Size
from feewatch.bench.served import pay_apart, percentile, served
from feewatch.bench.timing import cpu_seconds_of
from feewatch.bootstrap import App, initialise
from feewatch.config import load_config
from feewatch.kernel.clock import today
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.text import Text
from feewatch.store.counting import counted
from feewatch.web.site import create_app

TITLE = Text("工作台各页的速度", "Speed of the desk's pages")
_ALERTS, _ENTRIES, _INSTITUTIONS = 100_000, 1_000_000, 2_000
_RATE, _SECONDS = 20, 60
_MOST_MS = 150
_ROUNDS = 5
_MADE = "desk-world.json"
_CONFIG = f"""[office]
name = "基准测试教育局"
district = "{OFFICE}"

[web]
secure_cookies = false
"""
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
        codes = _prepare(home, scale)
        app = initialise(load_config(home / "feewatch.toml"))
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
         "alerts": int(_ALERTS * scale), "institutions": len(codes),
         "entries": int(_ENTRIES * scale)},
    )  # fmt: skip


def _prepare(home: Path, scale: float) -> list[str]:
    """The credit codes of the office in a folder, which is made where the folder is empty.

    Raises: InvalidInputError where the folder holds something else.
    """
    size = Size.of_entries(int(_ENTRIES * scale), max(int(_INSTITUTIONS * scale), 2))
    made = home / _MADE
    if made.exists():
        known = json.loads(made.read_text(encoding="utf-8"))
        if known["size"] == list(size):
            codes: list[str] = known["codes"]
            return codes
    if home.exists() and any(home.iterdir()):
        raise InvalidInputError(
            "BENCH-FOLDER",
            f"{home} 已有其他内容，请给一个空文件夹",
            f"{home} holds something else: name an empty folder",
        )
    home.mkdir(parents=True, exist_ok=True)
    (home / "feewatch.toml").write_text(_CONFIG, encoding="utf-8")
    app = initialise(load_config(home / "feewatch.toml"))
    codes = make_world(app, size, int(_ALERTS * scale), today())
    app.database.dispose()
    made.write_text(json.dumps({"size": size, "codes": codes}), encoding="utf-8")
    return codes


def _measure(app: App, codes: list[str]) -> dict[Visit, Cost]:
    """What a request of each kind costs, in this process and by its processor time."""
    site, costs, clients = create_app(app), {}, {}
    with counted(app.database) as asked:
        for visit in list_kinds(codes):
            if visit.who not in clients:
                clients[visit.who] = _log_in(site.test_client(), visit.who)
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


def _log_in(client: Any, who: str) -> Any:
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
