"""The rounds of the demonstration: two inspectors, visits of three months, one of them missed.

All through the services, each on its own day; the pictures are made up.
"""

import base64
import datetime as dt
from collections.abc import Callable, Sequence

from feewatch.bootstrap import App
from feewatch.kernel.clock import fixed
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.people import Scope
from feewatch.services.cases.places import list_premises
from feewatch.services.rounds import groups, meetings, pressing
from feewatch.services.rounds.campaigns import dispose, open_campaign
from feewatch.services.rounds.drawing import draw_visits, get_draw
from feewatch.services.rounds.files import get_checklist
from feewatch.services.rounds.inspectors import assign
from feewatch.services.rounds.visiting import ItemSaid, VisitGiven, read_photo, record_visit
from feewatch.store.pages.places import WantedPremises
from feewatch.store.rounds.meetings import MeetingItem

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
#: What meetings of the departments agreed: text, department, the day on which it was closed.
_MEETINGS = {
    "2026-05-20": (
        ("暑期学科类培训联合巡查方案", "市教育局", "2026-06-02"),
        ("预付卡与培训贷排查", "市市场监管局", "2026-06-10"),
    ),
    "2026-06-24": (("体育类机构审批移交", "市体育局", "2026-07-06"),),
    "2026-07-22": (
        ("无证场所取缔联合执法", "市公安局", "2026-07-29"),
        ("价格公示复查", "市市场监管局", ""),
    ),
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
    _meet(app, noon)
    _campaign(app, noon)
    with fixed(noon("2026-07-20")):
        _draw(app)
        key = pressing.press(
            app, chosen[0], pressing.LISTED, "潍双减办〔2026〕3号", actor="officer",
            reason="演示：多次督办整改缓慢",
        )  # fmt: skip
        pressing.press(
            app, chosen[1], pressing.CIRCULAR, "潍双减办〔2026〕4号", actor="officer",
            reason="演示：收费公示问题突出",
        )  # fmt: skip
        pressing.press(
            app, chosen[2], pressing.LISTED, "潍双减办〔2026〕5号", actor="officer",
            reason="演示：资金缺口较大",
        )  # fmt: skip
        last = _day("2026-08-31")
        groups.move(app, chosen[3], "focus", until=last, actor="officer", reason="演示：群体投诉")
    with fixed(noon("2026-07-30")):
        pressing.lift(app, key, "潍双减办〔2026〕6号", actor="officer", reason="演示：整改到位")


def _meet(app: App, noon: Callable[[str], dt.datetime]) -> None:
    for on, texts in _MEETINGS.items():
        due = _day(on) + 14
        with fixed(noon(on)):
            number = meetings.hold_meeting(
                app, "双减工作协调会议", _day(on), chair="市教育局", actor="officer",
                departments=["市教育局", "市市场监管局", "市体育局", "市公安局"],
                items=[MeetingItem(text, name, due) for text, name, _ in texts],
            )  # fmt: skip
        for n, (_, _, closed) in enumerate(texts, 1):
            if closed:
                with fixed(noon(closed)):
                    meetings.close_item(app, number, n, result="已办结（演示）", actor="officer")


def _campaign(app: App, noon: Callable[[str], dt.datetime]) -> None:
    """Premises without papers: visited, and some of them closed down."""
    wanted = WantedPremises(disposal="open")
    places = [
        row
        for row in list_premises(app, Scope(), wanted, 1).page.rows
        if row.state in ("no_licence", "no_business") and row.found_on <= _day("2026-07-01")
    ][:4]
    if not places:
        return
    with fixed(noon("2026-07-01")):
        number = open_campaign(
            app, "证照不全场所专项督导", "premises", "premises",
            (_day("2026-07-01"), _day("2026-07-31")), actor="officer",
            reason="演示：暑期专项", members=[row.premises_no for row in places],
        )  # fmt: skip
    checklist = get_checklist(app, "premises", _day("2026-07-01"))
    results = {item.id: ItemSaid("fail", "现场未出示") for item in checklist.items}
    for n, row in enumerate(places[:-1]):
        with fixed(noon("2026-07-08")):
            record_visit(
                app,
                VisitGiven(
                    f"demo-premises-visit-{n}", _day("2026-07-08"), "campaign",
                    premises_no=row.premises_no, checklist="premises",
                    version=checklist.version, results=results, campaign=number,
                ),
                actor="officer",
            )  # fmt: skip
        if n < 2:
            with fixed(noon("2026-07-16")):
                on = _day("2026-07-15")
                dispose(app, row.premises_no, "closed", on, actor="officer", reason="演示：取缔")


def _draw(app: App) -> None:
    """Two institutions by chance, one of them visited the same day."""
    number = draw_visits(app, 2, actor="officer", reason="演示：四不两直", seed="demo-rounds")
    uscc = get_draw(app, Scope(), number).draw.drawn[0]
    on = _day("2026-07-20")
    given = VisitGiven("demo-unannounced-visit", on, "unannounced", uscc, note="现场秩序正常")
    record_visit(app, given, actor="officer")


def _day(text: str) -> Day:
    day = parse_day(text)
    assert day is not None
    return day


def _visit(app: App, name: str, uscc: str, on: str, seen: tuple[str, str] | None) -> None:
    day = _day(on)
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
