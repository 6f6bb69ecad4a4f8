"""The chart of escrow balance against the claims on it, as coordinates for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from feewatch.kernel.days import format_day
from feewatch.store.check.series import Point

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 84, 16, 16, 36
_STEPS = (1, 2, 5, 10)
_FEN_OF_10_000_YUAN = 1_000_000


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines as SVG paths, grid lines with their labels."""

    balance: str
    claims: str
    area: str  # under the claims
    grid: list[tuple[float, str]]  # height, label
    days: list[tuple[float, str]]  # distance from the left, label
    points: Sequence[Point]


def draw(points: Sequence[Point]) -> Chart | None:
    """The chart of at least two points, or None where nothing was ever paid or stated."""
    figures = [p.claims_fen for p in points]
    figures += [p.balance_fen for p in points if p.balance_fen is not None]
    if len(points) < 2 or max(figures) <= 0:
        return None
    ticks = _ticks(max(figures))
    first, days = points[0].day, points[-1].day - points[0].day

    def across(point: Point) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (point.day - first) / days, 1)

    def up(fen: int) -> float:
        share = max(0, fen) / ticks[-1]
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    claims = [(across(p), up(p.claims_fen)) for p in points]
    floor = HEIGHT - BOTTOM
    return Chart(
        balance=_path(
            [None if p.balance_fen is None else (across(p), up(p.balance_fen)) for p in points]
        ),
        claims=_path(list(claims)),
        area=f"{_path(list(claims))}L{claims[-1][0]} {floor}L{claims[0][0]} {floor}Z",
        grid=[(up(fen), f"{fen / _FEN_OF_10_000_YUAN:g}") for fen in ticks],
        days=[(across(p), format_day(p.day)[:7]) for p in points[:-1:3]],
        points=points,
    )


def _ticks(most: int) -> list[int]:
    """Five or fewer round heights from zero to above the largest figure."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size * 4 >= most:
                return [step * size * n for n in range(5)]
        size *= 10


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """A line that is broken where a point is unknown."""
    drawn, pen = "", "M"
    for point in points:
        if point is None:
            pen = "M"
        else:
            drawn, pen = f"{drawn}{pen}{point[0]} {point[1]}", "L"
    return drawn


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns side by side: rectangles with the series they belong to, grid lines, names below."""

    boxes: list[tuple[int, float, float, float, float]]  # series, x, y, width, height
    grid: list[tuple[float, str]]  # height, label
    names: list[tuple[float, str]]  # middle of a group, its name


def draw_columns(
    names: Sequence[str], series: Sequence[Sequence[int]], *, most: int | None = None
) -> Columns | None:
    """Groups of columns, one a name; None where there is nothing above zero."""
    highest = max((value for values in series for value in values), default=0)
    if not names or highest <= 0:
        return None
    ticks = _ticks(highest) if most is None else [most * n // 4 for n in range(5)]
    room = (WIDTH - LEFT - RIGHT) / len(names)
    wide = room * 0.7 / len(series)
    floor = HEIGHT - BOTTOM
    boxes = []
    for place, values in enumerate(series):
        for group, value in enumerate(values):
            tall = round((floor - TOP) * min(value, ticks[-1]) / ticks[-1], 1)
            x = round(LEFT + room * group + room * 0.15 + wide * place, 1)
            boxes.append((place, x, round(floor - tall, 1), round(wide * 0.92, 1), tall))
    grid = [(round(floor - (floor - TOP) * tick / ticks[-1], 1), f"{tick}") for tick in ticks]
    middles = [(round(LEFT + room * (group + 0.5), 1), name) for group, name in enumerate(names)]
    return Columns(boxes, grid, middles)
