"""Every kind of page that the site answers in an office after a busy year, and what each costs."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from feewatch.bench.desk import log_in_here
from feewatch.bench.desk_visits import Visit
from feewatch.bench.timing import cpu_seconds_of
from feewatch.bootstrap import App
from feewatch.store.counting import counted
from feewatch.store.tables import metadata
from feewatch.web.site import create_app

#: Who is asked for an address, one after the other: the first who may see the page looks at it.
_WHO = ("officer", "admin", "school1")
#: Long work that is no page: it is begun in a process of its own and looked for again.
_LEFT_OUT = ("/static/", "/api/v1/metrics")


class PageKind(NamedTuple):
    """A kind of page: who looks at which address, and the costs of a second look."""

    visit: Visit
    statements: int
    cpu_ms: float


def list_page_kinds(app: App, codes: Sequence[str]) -> list[PageKind]:
    """Each address of the site that can be made up from what is on file and answers 200."""
    site = create_app(app)
    clients = {who: log_in_here(site.test_client(), who) for who in _WHO}
    known = _known(app, codes)
    kinds = []
    with counted(app.database) as asked:
        for address in sorted(_addresses(site, known)):
            for who, client in clients.items():
                if client.get(address).status_code != 200:
                    continue
                before = asked.total
                seconds = cpu_seconds_of(partial(client.get, address))
                visit = Visit("other", address, who, address)
                kinds.append(PageKind(visit, asked.since(before), 1000 * seconds))
                break
    return kinds


def _known(app: App, codes: Sequence[str]) -> dict[str, Any]:
    """What addresses name, by the name under which they do."""
    columns = {
        "number": metadata.tables["case_file"].c.number,
        "matter_id": metadata.tables["matter"].c.id,
        "alert_id": metadata.tables["alert"].c.id,
    }
    with app.database.reading() as tx:
        first = {name: tx.scalar(column.table.select().with_only_columns(column).limit(1))
                 for name, column in columns.items()}  # fmt: skip
    return {"uscc": codes[0]} | {name: value for name, value in first.items() if value is not None}


def _addresses(site: Any, known: dict[str, Any]) -> Iterator[str]:
    with site.test_request_context():
        for rule in site.url_map.iter_rules():
            if "GET" not in rule.methods or rule.rule.startswith(_LEFT_OUT):
                continue
            if rule.arguments <= known.keys():
                values = {name: known[name] for name in rule.arguments}
                yield site.url_map.bind("").build(rule.endpoint, values)
