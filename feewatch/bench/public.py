"""Speed of the pages that anybody may open, with many districts published.

Editions are made by the product's own publication, pages are answered by a real ``feewatch serve``
on this machine, visits come from another process at a steady pace. Beside the times stand the
processor time and the statements of one request, measured in this process.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote

from feewatch.bench.desk_visits import Answer, Visit
from feewatch.bench.editions import all_covered, fill_office
from feewatch.bench.figures import Figure, Target
from feewatch.bench.served import pay_apart, percentile, served
from feewatch.bench.timing import cpu_seconds_of
from feewatch.bootstrap import App
from feewatch.config import load_config
from feewatch.founding import initialise
from feewatch.kernel.clock import today
from feewatch.kernel.text import Text
from feewatch.services.lists.publication import publish
from feewatch.store.counting import counted
from feewatch.store.lists import posted
from feewatch.web.site import create_app

TITLE = Text("公开页面的速度", "Speed of the public's pages")
_INSTITUTIONS, _DISTRICTS = 15_000, 150
_RATE, _SECONDS = 50, 60
_MOST_MS, _MOST_STATEMENTS, _MOST_KB = 30, 2, 60
_ROUNDS = 5
_CONFIG = """[office]
name = "基准测试教育厅"
district = "370000"

[web]
secure_cookies = false
"""
#: Page, and how often of so many it is opened: parents look for their school.
_SHARES = {
    "institution": 8, "lists": 3, "search": 2, "home": 2, "charge": 2, "refund": 1, "report": 1,
    "code": 1,
}  # fmt: skip
#: What a page makes a browser load at once; a picture below waits until it is scrolled to.
_LOADED = re.compile(r'<(?:link rel="(?:stylesheet|icon)"|script)[^>]*(?:href|src)="([^"]+)"')
_PACKED = {"Accept-Encoding": "gzip"}


class PublicCost(NamedTuple):
    """What a request of a page costs by itself."""

    statements: int
    cpu_ms: float
    kilobytes: float  # of the page itself, not packed
    loaded_kilobytes: float  # a first visit: the page and all that it loads, as sent


def run(scale: float) -> Iterator[Figure]:
    """The 95th percentile of all pages, the costs of each, and what failed."""
    institutions = max(int(_INSTITUTIONS * scale), 2)
    districts = min(max(int(_DISTRICTS * scale), 1), institutions)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "feewatch.toml").write_text(_CONFIG, encoding="utf-8")
        fill_office(home, institutions, districts)
        app = initialise(load_config(home / "feewatch.toml"))
        publish(app, today(), actor="bench", findings=all_covered, rule_book=lambda _: "bench")
        visits = _list_visits(app, max(int(_RATE * _SECONDS * scale), 2 * sum(_SHARES.values())))
        costs = _measure(app, visits)
        app.database.dispose()
        load = os.getloadavg()[0]
        with served(home) as site:
            pay_apart(
                site.port, visits[: 2 * sum(_SHARES.values())], _RATE
            )  # templates are translated
            answers = pay_apart(site.port, visits, _RATE)
    size = {"districts": float(districts), "institutions": float(institutions)}
    yield _times(answers, size | {"requests_per_second": _RATE, "load_before": load})
    yield from _costs(costs)
    failed = sum(answer.status != 200 for answer in answers)
    yield Figure(
        Text("出错的请求", "requests that failed"), failed, "requests", Target("≤", 0),
        {"requests": len(answers)},
    )  # fmt: skip


def _list_visits(app: App, number: int) -> list[Visit]:
    """As many visits by anybody, each to another institution or district."""
    rng = Random(13)  # noqa: S311 - no secret is made of it
    with app.database.reading() as tx:
        districts = sorted(posted.list_heads(tx))
        codes = [
            entry.uscc for district in districts for entry in posted.list_entries(tx, district)
        ]
    turns = cycle([page for page, share in _SHARES.items() for _ in range(share)])
    visits = []
    for _ in range(number):
        page, code, district = next(turns), rng.choice(codes), rng.choice(districts)
        address = {
            "institution": f"/institutions/{code}",
            "lists": f"/?district={district}",
            "search": f"/?text={quote(f'第{rng.randrange(1, len(codes) + 1)}培训学校')}",
            "home": "/",
            "charge": f"/charge?uscc={code}&stage=primary&lessons=40&fee=3000",
            "refund": f"/refund?uscc={code}&fee=3000&lessons=40&held=10",
            "report": f"/report?uscc={code}",
            "code": f"/institutions/{code}/qr.svg",
        }[page]
        visits.append(Visit(page, page, "", address))
    return visits


def _measure(app: App, visits: list[Visit]) -> dict[str, PublicCost]:
    """What a request of each page costs, in this process and by its processor time."""
    client, costs = create_app(app).test_client(), {}

    def fetch(address: str) -> bytes:
        packed: bytes = client.get(address, headers=_PACKED).data
        return packed

    for page in _SHARES:
        addresses = cycle([visit.address for visit in visits if visit.page == page])
        sizes: list[int] = []

        def look(addresses: Iterator[str] = addresses, sizes: list[int] = sizes) -> None:
            answer = client.get(next(addresses))
            assert answer.status_code == 200
            sizes.append(len(answer.data))

        look()  # what the first look alone costs (a template, the book) is not asked
        with counted(app.database) as asked:
            seconds = [cpu_seconds_of(look) for _ in range(_ROUNDS)]
        costs[page] = PublicCost(
            -(-asked.total // _ROUNDS), 1000 * sum(seconds) / _ROUNDS, max(sizes) / 1000,
            _first_visit(client.get(address := next(addresses)).text, address, fetch) / 1000,
        )  # fmt: skip
    return costs


def _first_visit(page: str, address: str, fetch: Callable[[str], bytes]) -> int:
    """Bytes as a browser is sent them that has nothing of the site yet."""
    return sum(len(fetch(each)) for each in (address, *set(_LOADED.findall(page))))


def _times(answers: list[Answer], size: dict[str, float]) -> Figure:
    times = sorted(1000 * answer.seconds for answer in answers)
    by_page = {
        f"p95_ms_{page}": percentile(
            sorted(1000 * answer.seconds for answer in answers if answer.page == page), 95
        )
        for page in _SHARES
    }
    middle = {"p50_ms": percentile(times, 50), "p99_ms": percentile(times, 99)}
    return Figure(
        Text("公开页面：第 95 百分位", "public pages: 95th percentile"),
        percentile(times, 95), "ms", Target("≤", _MOST_MS),
        {"requests": len(times)} | middle | by_page | size,
    )  # fmt: skip


def _costs(costs: dict[str, PublicCost]) -> Iterator[Figure]:
    yield Figure(
        Text("每个请求的 SQL 语句，最多的页面", "statements of a request, the page with most"),
        max(cost.statements for cost in costs.values()), "statements",
        Target("≤", _MOST_STATEMENTS),
        {f"statements_{page}": cost.statements for page, cost in costs.items()},
    )  # fmt: skip
    yield Figure(
        Text("每个请求的处理器时间，最多的页面", "processor time of a request, the page with most"),
        max(cost.cpu_ms for cost in costs.values()), "CPU ms", None,
        {f"cpu_ms_{page}": cost.cpu_ms for page, cost in costs.items()},
    )  # fmt: skip
    yield Figure(
        Text("页面大小，最大的页面", "weight of a page, the heaviest"),
        max(cost.kilobytes for cost in costs.values()), "kB", Target("≤", _MOST_KB),
        {f"kb_{page}": cost.kilobytes for page, cost in costs.items()},
    )  # fmt: skip
    yield Figure(
        Text("首次访问：页面及其所载，压缩后", "a first visit: the page and all it loads, packed"),
        max(cost.loaded_kilobytes for cost in costs.values()), "kB", Target("≤", _MOST_KB),
        {f"loaded_kb_{page}": cost.loaded_kilobytes for page, cost in costs.items()},
    )  # fmt: skip
