"""A visit written down in a file: where, when, what was seen; one TOML file, read strictly.

An inspector without the site hands it in by ``feewatch visit add``.
"""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from feewatch.kernel.days import FIRST_DAY, Day
from feewatch.kernel.problems import Problem
from feewatch.kernel.toml import Table, read_toml
from feewatch.rounds.checklists import RESULTS

EXAMPLE = """\
uscc = "52370702MJE0000017"        # 或 premises = "CS-0001" / an institution, or premises
on = 2026-07-15                    # 走访日 / the day of the visit
kind = "monthly"                   # monthly, unannounced, campaign, recheck
campaign = ""                      # 专项督导编号 / number of a campaign, if any
checklist = "wall-chart"           # 检查单，可不填 / a checklist, if one was worked through
note = "现场秩序良好"              # 走访情况；不写姓名、电话 / no names, no phones
photos = ["hall.jpg"]              # 与本文件同一文件夹 / beside this file

[[items]]
id = "1.1.1"
result = "fail"                    # ok, fail, none, unseen
note = "未公示收费标准"            # 不符合的须写明 / needed where it is not in order
photos = ["board.jpg"]
"""


class WrittenItem(NamedTuple):
    """What was said of an item, with the names of its photos."""

    id: str
    result: str
    note: str
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenVisit:
    """A visit as a file has it."""

    token: str  # of the bytes: the same file handed in again is the same visit
    on: Day
    kind: str
    uscc: str
    premises_no: str
    campaign: str
    checklist: str
    note: str
    photos: tuple[str, ...]
    items: tuple[WrittenItem, ...]


def read_visit_file(
    content: bytes, file: str, kinds: tuple[str, ...], faults: list[Problem]
) -> WrittenVisit | None:
    """The visit of a file; None, with its faults noted, where it is no TOML."""
    table = read_toml(content, file, faults)
    if table is None:
        return None
    visit = WrittenVisit(
        hashlib.sha256(content).hexdigest(),
        table.day("on", FIRST_DAY),
        table.choice("kind", kinds),
        table.text("uscc", required=False),
        table.text("premises", required=False),
        table.text("campaign", required=False),
        table.text("checklist", required=False),
        table.text("note", required=False),
        _photos(table),
        tuple(_item(each) for each in table.tables("items", required=False)),
    )
    if bool(visit.uscc) == bool(visit.premises_no):
        table.fault("uscc", "uscc 与 premises 填其一", "one of uscc and premises stands")
    ids = [item.id for item in visit.items]
    for twice in sorted({each for each in ids if ids.count(each) > 1}):
        table.fault("items", f"{twice} 出现多次", f"{twice} stands more than once")
    table.end()
    return visit


def _item(table: Table) -> WrittenItem:
    item = WrittenItem(
        table.filled("id"),
        table.choice("result", tuple(RESULTS)),
        table.text("note", required=False),
        _photos(table),
    )
    table.end()
    return item


def _photos(table: Table) -> tuple[str, ...]:
    """Names of files that lie beside the file; none leads elsewhere."""
    names = table.words("photos")
    for name in names:
        if "/" in name or "\\" in name or name in (".", ".."):
            table.fault(
                "photos",
                f"照片与本文件放在同一文件夹：{name}",
                f"a photo lies beside the file: {name}",
            )
    return names
