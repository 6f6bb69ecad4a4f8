"""Speed of one act for many: cases opened, papers made and served, institutions told.

A large world whose matters rest on contracts and bank rows of its own, so that each paper carries
facts, law and evidence as in an office.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from feewatch.bench.figures import Figure, Target
from feewatch.bench.large_world import COLUMNS, Rows, Size, list_schools
from feewatch.bench.timing import seconds_of
from feewatch.bootstrap import App
from feewatch.casework.endings import Ending
from feewatch.config import Config
from feewatch.engine.findings import Breach, Identity
from feewatch.founding import initialise
from feewatch.kernel.citation import Citation
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.text import Text
from feewatch.services.cases import serving_many
from feewatch.store import bulk
from feewatch.store.cases import alerts, matters
from feewatch.store.people import users

TITLE = Text("批量送达的速度", "Speed of serving many in one act")
_MATTERS = 10_000
_INSTITUTIONS = (2_000, 10_000)
_AS_OF: Day = parse_day("2026-07-31") or 0
_RULE = "FEE-CAP-5000"
_MOST_SECONDS = 300
_LAW = Citation(
    "教育部等六部门关于加强校外培训机构预收费监管工作的通知", "教监管函〔2021〕2号", "（二）",
    None, "2021-10-29", "V1",
)  # fmt: skip
_CURE = Text("退还超过部分", "refund what is above")
_TITLE = Text("单次收费超过 5,000 元", "one charge above 5,000 yuan")


def run(scale: float) -> Iterator[Figure]:
    """10,000 matters served in one act, of fewer institutions and of as many."""
    for institutions in _INSTITUTIONS:
        yield _serve(max(int(_MATTERS * scale), 1), max(int(institutions * scale), 1))


def _serve(count: int, institutions: int) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        app = initialise(Config(Path(folder)))
        keys = _make_matters(app, count, institutions)
        order = serving_many.ManyOrder("批量核实，限期整改")
        key = serving_many.begin(app, order, actor="officer", matters=keys)
        done = 0

        def work() -> None:
            nonlocal done
            done = sum(item.status == "done" for item in serving_many.work(app, key))

        seconds = seconds_of(work)
        app.database.dispose()
    assert done == institutions
    return Figure(
        _title(count, institutions),
        seconds, "s", Target("≤", _MOST_SECONDS),
        {"matters": count, "papers": institutions, "papers_per_second": done / seconds},
    )  # fmt: skip


def _make_matters(app: App, count: int, institutions: int) -> set[int]:
    """The keys of as many matters, spread over the institutions of a large world."""
    breaches: list[Breach] = []
    each = max(count // institutions, 1)
    size = Size(institutions, max(each, 2), 12, 60)

    def schools() -> Iterator[Rows]:
        for school in list_schools(size, _AS_OF - 1, checked_by="bench"):
            breaches.extend(_breaches(school, each))
            yield school

    with app.database.transaction() as tx:
        bulk.fill(tx, COLUMNS, schools())
        users.add(tx, "officer", "officer", None, None, "x")
    with app.database.transaction() as tx:
        alerts.reconcile(
            tx, as_of=_AS_OF, breaches=breaches, present={}, scope=None, rules=[_RULE],
            explain=lambda *_: Ending(_CURE),
        )  # fmt: skip
        return {row["id"] for row in matters.list_matters(tx)}


def _breaches(school: Rows, count: int) -> Iterator[Breach]:
    (institution,) = school["institution"]
    (fact,) = school["institution_fact"]
    contracts = [dict(zip(COLUMNS["contract"], row, strict=True)) for row in school["contract"]]
    files = [row[0] for row in school["source_file"]]
    entries = [dict(zip(COLUMNS["entry"], row, strict=True)) for row in school["entry"]]
    for contract, entry in zip(contracts[:count], entries[:count], strict=False):
        name, fee_fen = contract["contract_no"], contract["fee_fen"]
        words = f"{fee_fen / 100:,.2f} > 5,000.00"
        yield Breach(
            identity=Identity(_RULE, institution[1], "contract", name, _AS_OF - 30),
            institution_id=institution[0], institution_name=fact[3], district=fact[4],
            rule_version="1", authority="law", title=_TITLE, measured=fee_fen, limit=500_000,
            unit="fen", severity="orange", calculation=Text(words, words), basis=(_LAW,),
            evidence=(
                {"record": "contract", "id": name},
                {"file_sha256": files[0], "line": entry["line"]},
            ),
            cure=_CURE, cause=name, spell_days=None, amount_fen=fee_fen, historic=False,
            is_state=False,
        )  # fmt: skip


def _title(count: int, institutions: int) -> Text:
    return Text(
        f"{count} 个事项一次送达，{institutions} 家机构",
        f"{count} matters of {institutions} institutions served in one act",
    )
