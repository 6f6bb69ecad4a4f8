"""Draws how something grows as an SVG: lines through measured points, both axes by powers of ten.

The same points give the same bytes. Letters are drawn by who shows the picture.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import NamedTuple
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 170, 40, 50
#: Told apart on paper without colour too: each has its own mark.
_COLOURS = ("#1b5e9b", "#b3541e", "#2f7d4f", "#7a3b8f", "#5c5c5c", "#a3222f")
_MARKS = ("circle", "square", "triangle", "diamond")

Point = tuple[float, float]  # both above 0


class Chart(NamedTuple):
    """What is drawn: points of each line by its name, and what the axes say."""

    title: str
    across: str
    up: str
    lines: Mapping[str, Sequence[Point]]


class _Axis(NamedTuple):
    """Whole powers of ten from the least to the most, on a stretch of the picture."""

    least: int
    most: int
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies."""
        share = (log10(value) - self.least) / (self.most - self.least)
        return self.begin + share * (self.end - self.begin)

    @property
    def decades(self) -> range:
        return range(self.least, self.most + 1)


def draw(chart: Chart) -> str:
    """The picture.

    Raises: ValueError where there is no point at all.
    """
    points = [point for line in chart.lines.values() for point in line]
    across = _axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    up = _axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#222">'
    )
    turned = f"translate(16 {(up.begin + up.end) / 2:.1f}) rotate(-90)"
    parts = [
        head,
        f"<title>{escape(chart.title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(_LEFT, 22, chart.title, "start", "14"),
        *_grid(across, up),
        _text((across.begin + across.end) / 2, _HEIGHT - 10, chart.across, "middle"),
        f'<g transform="{turned}">{_text(0, 0, chart.up, "middle")}</g>',
    ]
    for number, (name, line) in enumerate(chart.lines.items()):
        parts += _line(number, name, sorted(line), across, up)
    return "\n".join([*parts, "</svg>", ""])


def _axis(values: Sequence[float], begin: float, end: float) -> _Axis:
    least, most = floor(log10(min(values))), ceil(log10(max(values)))
    return _Axis(least, max(most, least + 1), begin, end)


def _grid(across: _Axis, up: _Axis) -> list[str]:
    parts = []
    for power in across.decades:
        x = across.at(10.0**power)
        parts.append(_stroke([(x, up.begin), (x, up.end)], "#ddd"))
        parts.append(_text(x, up.begin + 18, _power(power), "middle"))
    for power in up.decades:
        y = up.at(10.0**power)
        parts.append(_stroke([(across.begin, y), (across.end, y)], "#ddd"))
        parts.append(_text(across.begin - 8, y + 4, _power(power), "end"))
    return parts


def _line(number: int, name: str, line: Sequence[Point], across: _Axis, up: _Axis) -> list[str]:
    colour, mark = _COLOURS[number % len(_COLOURS)], _MARKS[number % len(_MARKS)]
    places = [(across.at(x), up.at(y)) for x, y in line]
    strokes = [_stroke(pair, colour, 2) for pair in pairwise(places)]
    marks = [_mark(mark, x, y, colour) for x, y in places]
    y = _TOP + 14 + 20 * number
    beside = across.end + 18
    words = _text(beside + 12, y + 4, name, "start")
    return [*strokes, *marks, _mark(mark, beside, y, colour), words]


def _stroke(places: Sequence[Point], colour: str, width: int = 1) -> str:
    (x1, y1), (x2, y2) = places
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def _mark(kind: str, x: float, y: float, colour: str) -> str:
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "triangle": ((0, -5), (5, 4), (-5, 4)),
        "diamond": ((0, -5), (5, 0), (0, 5), (-5, 0)),
    }[kind]
    told = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{told}" fill="{colour}"/>'


def _text(x: float, y: float, words: str, anchor: str, size: str = "12") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
        f"{escape(words)}</text>"
    )


def _power(power: int) -> str:
    """A power of ten as a person writes it."""
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
