"""The rounds of the demonstration: two inspectors, visits of three months, one of them missed.

All through the services, each on its own day; the pictures are made up.
"""

import base64
import datetime as dt
from collections.abc import Callable, Sequence

from feewatch.bootstrap import App
from feewatch.kernel.clock import fixed
from feewatch.kernel.days import parse_day
from feewatch.services.rounds.files import get_checklist
from feewatch.services.rounds.inspectors import assign
from feewatch.services.rounds.visiting import ItemSaid, VisitGiven, read_photo, record_visit

CHECKLIST = "wall-chart"
#: So many institutions are an inspector's.
_EACH = 5
#: Days of visits; the second inspector leaves out the last institution in the month of June.
_VISITS = ("2026-05-12", "2026-06-09", "2026-07-14")
_MISSED = ("inspector2", _EACH - 1, "2026-06-09")
#: Item and what was seen, by inspector, place among the institutions, and day.
_FOUND = {
    ("inspector", 0, "2026-06-09"): ("2.1.1", "后门疏散通道堆放纸箱"),
    ("inspector", 1, "2026-07-14"): ("1.4.2", "前台贴有个人收款码"),
    ("inspector2", 2, "2026-07-14"): ("1.2.1", "收费公示牌未更新"),
}
#: A picture of one point.
_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_rounds(app: App, usccs: Sequence[str], noon: Callable[[str], dt.datetime]) -> None:
    """Two inspectors with institutions of their own, and what they visited."""
    chosen = sorted(usccs)
    own = {"inspector": chosen[:_EACH], "inspector2": chosen[_EACH : 2 * _EACH]}
    with fixed(noon("2026-05-01")):
        for name, institutions in own.items():
            assign(app, name, institutions, actor="officer", reason="演示：分片包干")
    for on in _VISITS:
        for name, institutions in own.items():
            with fixed(noon(on)):
                for place, uscc in enumerate(institutions):
                    if (name, place, on) != _MISSED:
                        _visit(app, name, uscc, on, _FOUND.get((name, place, on)))


def _visit(app: App, name: str, uscc: str, on: str, seen: tuple[str, str] | None) -> None:
    day = parse_day(on)
    assert day is not None
    checklist = get_checklist(app, CHECKLIST, day)
    results = {item.id: ItemSaid("ok") for item in checklist.items}
    photos = [read_photo("", "门头.png", _PICTURE)]
    if seen is not None:
        item, note = seen
        results[item] = ItemSaid("fail", note)
        photos.append(read_photo(item, "现场.png", _PICTURE))
    record_visit(
        app,
        VisitGiven(
            f"demo-{name}-{uscc}-{on}"[:64], day, uscc=uscc, checklist=CHECKLIST,
            version=checklist.version, results=results, note="月度走访", photos=photos,
        ),
        actor=name,
    )  # fmt: skip
