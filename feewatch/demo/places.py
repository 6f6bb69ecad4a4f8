"""Campuses, premises found and clues received in the made-up district, drawn from its seed."""

from collections.abc import Iterable, Sequence
from random import Random

from feewatch.demo.model import AS_OF, FIRST_DAY, School
from feewatch.kernel.days import format_day

Row = Sequence[str]
_ROADS = ("东风街", "胜利街", "福寿街", "健康街", "民生街")
_STATES = ("无证无照", "无证无照", "有照无证", "有证无照", "证照齐全")
_DISPOSALS = ("待处置", "已补办", "已取缔", "已移送")
_SUBJECTS = ("反映超期收费", "反映退费难", "反映周末上学科类课", "反映无证办学", "反映不签合同")
_SOURCES = ("12345热线", "12391热线", "走访", "信访", "网络", "其他")
_PREMISES, _CLUES = 24, 18


def sites(rng: Random, schools: Sequence[School]) -> Iterable[Row]:
    """Every tenth school has a campus, every other of them in the district of another school."""
    yield ("统一社会信用代码", "教学点编号", "行政区划代码", "教学点名称", "地址", "启用日期")
    for number, school in enumerate(schools[::10]):
        district = school.district if number % 2 else rng.choice(schools).district
        address = f"虚构{rng.choice(_ROADS)}{rng.randint(1, 400)}号"
        yield (school.uscc, "JXD01", district, f"{school.name}第二教学点", address, "2025-09-01")


def premises(rng: Random, schools: Sequence[School]) -> Iterable[Row]:
    """Premises with and without papers; those with both are not disposed of."""
    yield ("premises_no", "district", "address", "found_on", "found_by", "name", "state",
           "disposal", "disposed_on")  # fmt: skip
    for number in range(1, _PREMISES + 1):
        found_on, state = rng.randint(FIRST_DAY, AS_OF - 40), rng.choice(_STATES)
        disposal = "待处置" if state == "证照齐全" else rng.choice(_DISPOSALS)
        disposed_on = "" if disposal == "待处置" else format_day(found_on + rng.randint(5, 39))
        yield (f"CS2026-{number:04d}", rng.choice(schools).district,
               f"虚构{rng.choice(_ROADS)}{rng.randint(1, 400)}号", format_day(found_on),
               "联合检查组", f"虚构托管班{number}" if rng.random() < 0.6 else "", state, disposal,
               disposed_on)  # fmt: skip


def clues(rng: Random, schools: Sequence[School]) -> Iterable[Row]:
    """Clues of whom nobody learns who told them; most name a school."""
    yield "线索编号", "接收日期", "来源", "行政区划代码", "主题", "统一社会信用代码"
    for number in range(1, _CLUES + 1):
        school = rng.choice(schools)
        received_on = format_day(rng.randint(FIRST_DAY, AS_OF - 1))
        yield (f"XS2026-{number:04d}", received_on, rng.choice(_SOURCES), school.district,
               rng.choice(_SUBJECTS), school.uscc if rng.random() < 0.7 else "")  # fmt: skip
